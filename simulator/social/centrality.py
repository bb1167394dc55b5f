"""How people stand in the social network: who lies between others, who joins circles that hardly know each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from simulator.draws import ALWAYS, Draws, Floats, decision
from simulator.social.graph import Graph, Network

PIVOT = decision("social.pivot")
_BATCH = 8
"""Pivots handled at once."""
_BLOCK = 500
"""People handled at once."""


def betweenness(network: Network, draws: Draws, n_pivots: int = 32, horizon: int = 6) -> Floats:
    """How often each person lies on shortest paths, an estimate from some people as ends; shape (n,).

    Brandes's (2001) sums over shortest paths from pivots, drawn with replacement (Brandes & Pich 2007), and only along
    paths of `horizon` links at most (Borgatti & Everett 2006), since recommendations do not travel further. With no
    more people than pivots each is one, and the sums are exact; where everybody knows everybody they are 0.
    """
    if not isinstance(network, Graph):
        return np.zeros(network.n)
    n, links = network.n, _links(network)
    pivots = np.arange(n)
    if n > n_pivots:
        pivots = (draws.uniform(PIVOT, ALWAYS, np.arange(n_pivots)) * n).astype(np.intp)
    total = np.zeros(n)
    for start in range(0, len(pivots), _BATCH):
        total += _dependencies(links, pivots[start : start + _BATCH], horizon)
    return total


def _dependencies(links: sp.csr_array[Any], pivots: NDArray[np.intp], horizon: int) -> Floats:
    """Sum over pivots of the share of their shortest paths to others that pass through each person, shape (n,)."""
    column = np.arange(len(pivots))
    front = np.zeros((links.shape[0], len(pivots)))
    front[pivots, column] = 1
    fronts, is_reached = [front], front > 0
    while len(fronts) <= horizon and front.any():  # one link further: how many shortest paths lead to each person
        front = np.where(is_reached, 0.0, links @ front)
        is_reached |= front > 0
        fronts.append(front)
    depends = np.zeros_like(front)
    for nearer, further in zip(fronts[-2::-1], fronts[:0:-1], strict=True):
        share = np.divide(1 + depends, further, out=np.zeros_like(further), where=further > 0)
        depends += nearer * (links @ share)
    depends[pivots, column] = 0
    return np.asarray(depends.sum(axis=1))


def local_bridges(network: Network) -> NDArray[np.int64]:
    """Ties of each person to somebody with whom there is no friend in common (Granovetter 1973), shape (n,).

    Such ties join circles. Where everybody knows everybody there are none.
    """
    if not isinstance(network, Graph):
        return np.zeros(network.n, dtype=np.int64)
    links, bridges = _links(network), network.degrees.astype(np.int64)
    for first in range(0, network.n, _BLOCK):
        own = links[first : first + _BLOCK]
        has_common = sp.csr_array((own @ links).multiply(own))
        bridges[first : first + _BLOCK] -= np.diff(has_common.indptr)
    return bridges


def _links(graph: Graph) -> sp.csr_array[Any]:
    """The links as a table of people × people, each of them 1."""
    starts = graph.starts.astype(sp.get_index_dtype(maxval=len(graph.friends)))
    return sp.csr_array((np.ones(len(graph.friends)), graph.friends, starts), shape=(graph.n, graph.n))
