"""Clusters of a network: people who are mostly each other's friends, so that a whole circle can be treated alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import compiled
from simulator.draws import ALWAYS, Draws, decision
from simulator.social.graph import Graph, Network

ORDER = decision("social.cluster")
MOST_ROUNDS = 20
"""Most people settle within five."""


def clusters(network: Network, at_most: int, draws: Draws) -> NDArray[np.int64]:
    """The cluster of each person, shape (n,), numbered in the order of their first members.

    Label propagation in bounded clusters (Meyerhenke, Sanders & Schulz 2014): at first everybody is a cluster of their
    own, named by their row. In the order of a lot, the same in every round, each person goes to the cluster that holds
    most of their friends, among those with room and their own; on equal numbers they stay or go to the smallest name.
    Where everybody knows everybody any clusters are as good: those of neighbouring rows.

    Args:
        network: Who is whose friend.
        at_most: Most members of a cluster.
        draws: The luck of the run.
    """
    if not isinstance(network, Graph):
        return np.arange(network.n) // at_most
    order = np.argsort(draws.uniform(ORDER, ALWAYS, np.arange(network.n)), kind="stable")
    names = _propagate(order, network.starts, network.friends, at_most)
    _, first, number = np.unique(names, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[number]


@compiled
def _propagate(
    order: NDArray[np.intp], starts: NDArray[np.int64], friends: NDArray[np.int32], at_most: int
) -> NDArray[np.int64]:
    """The name of each person's cluster, shape (n,)."""
    name = np.arange(len(order))
    size = np.ones(len(order), np.int64)
    n_friends = np.zeros(len(order), np.int64)  # of the person at hand, by cluster
    for _ in range(MOST_ROUNDS):
        has_moved = False
        for who in order:
            mine = friends[starts[who] : starts[who + 1]]
            for friend in mine:
                n_friends[name[friend]] += 1
            best = own = name[who]
            for friend in mine:
                other = name[friend]
                if size[other] >= at_most or other == own:
                    continue
                more = n_friends[other] - n_friends[best]
                if more > 0 or (more == 0 and best != own and other < best):
                    best = other
            for friend in mine:
                n_friends[name[friend]] = 0
            if best != own:
                size[own] -= 1
                size[best] += 1
                name[who] = best
                has_moved = True
        if not has_moved:
            break
    return name
