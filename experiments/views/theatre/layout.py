"""Where people stand when a network is drawn: friends near each other, everybody apart; the same picture every time."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components, dijkstra

from simulator.compiled import compiled

ROUNDS = 100
"""Each takes every pair of people once: 12 ms for 2,000."""
GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))
_PULL = 20.0
PIVOTS = 40

Places = NDArray[np.float64]


def lay_out(starts: NDArray[np.int64], friends: NDArray[np.int32]) -> Places:
    """Places of the people of a network, each coordinate from 0 to 1, shape (n, 2).

    Distances from a few people lay the network out as a whole (pivot MDS, Brandes & Pich 2007); then forces spread
    people evenly (Fruchterman & Reingold 1991), with a pull to the middle that keeps in sight what is not linked.

    Args:
        starts: Where each person's friends begin, shape (n + 1,).
        friends: The friends of person 0, then those of person 1, ...; every link stands there both ways.
    """
    n = len(starts) - 1
    if len(friends) == 0:
        return _framed(disc(n))
    begin = _by_distance(starts, friends) + 0.01 * disc(n)  # nobody stands exactly where another one does
    return _framed(_settled(0.5 * begin, starts, friends.astype(np.int64), ROUNDS))


def disc(n: int) -> Places:
    """`n` places spread evenly over a disc of radius 1, as the seeds of a sunflower."""
    radius, angle = np.sqrt((np.arange(n) + 0.5) / max(n, 1)), GOLDEN_ANGLE * np.arange(n)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _by_distance(starts: NDArray[np.int64], friends: NDArray[np.int32]) -> Places:
    """Pivot MDS: places whose distances are like the steps between people, as seen from a few of them far apart.

    That is of the largest connected part; the others stand on a circle around it.
    """
    n = len(starts) - 1
    links: Any = sp.csr_array((np.ones(len(friends)), friends.astype(np.int64), starts), shape=(n, n))
    _, parts = connected_components(links)
    inside = parts == np.argmax(np.bincount(parts))
    nearest, steps = np.where(inside, np.inf, -1.0), np.empty((n, min(PIVOTS, int(np.count_nonzero(inside)))))
    for column in steps.T:
        column[:] = dijkstra(links, unweighted=True, indices=[int(np.argmax(nearest))])[0]
        nearest = np.minimum(nearest, column)
    squares = steps[inside] ** 2
    centred = squares.mean(axis=0) + squares.mean(axis=1, keepdims=True) - squares - squares.mean()
    _, directions = np.linalg.eigh(centred.T @ centred)
    centre = centred @ directions[:, :-3:-1]
    places = np.column_stack([np.cos(GOLDEN_ANGLE * parts), np.sin(GOLDEN_ANGLE * parts)])
    places[inside] = centre / max(np.abs(centre).max(), 1e-9)
    return places


def _framed(places: Places) -> Places:
    """The places moved and stretched to fill the unit square; those far out are drawn in towards its edge."""
    if len(places) == 0:
        return places
    low, high = np.quantile(places, [0.01, 0.99], axis=0)
    out = (2.0 * places - low - high) / np.maximum(high - low, 1e-9)
    return np.asarray(0.5 + 0.5 * out / (1.0 + np.abs(out) ** 10) ** 0.1)


@compiled
def _settled(places: Places, starts: NDArray[np.int64], friends: NDArray[np.int64], rounds: int) -> Places:
    """The places after so many rounds of repulsion between all, attraction between friends and a pull to the middle."""
    n = len(places)
    spacing = 1.0 / np.sqrt(n)
    force = np.empty((n, 2))
    for done in range(rounds):
        longest = 0.1 * (1.0 - done / rounds) ** 2 + 0.0005
        force[:] = 0.0
        for i in range(n):
            for j in range(i):
                x, y = places[i, 0] - places[j, 0], places[i, 1] - places[j, 1]
                push = spacing * spacing / (x * x + y * y + 1e-9)
                force[i, 0] += x * push
                force[i, 1] += y * push
                force[j, 0] -= x * push
                force[j, 1] -= y * push
            for tie in range(starts[i], starts[i + 1]):
                x, y = places[i, 0] - places[friends[tie], 0], places[i, 1] - places[friends[tie], 1]
                attraction = np.sqrt(x * x + y * y) / spacing
                force[i, 0] -= x * attraction
                force[i, 1] -= y * attraction
            inward = _PULL * spacing * np.sqrt(places[i, 0] ** 2 + places[i, 1] ** 2)
            force[i, 0] -= places[i, 0] * inward
            force[i, 1] -= places[i, 1] * inward
        for i in range(n):
            length = np.sqrt(force[i, 0] ** 2 + force[i, 1] ** 2) + 1e-12
            step = min(length, longest) / length
            places[i, 0] += force[i, 0] * step
            places[i, 1] += force[i, 1] * step
    return places
