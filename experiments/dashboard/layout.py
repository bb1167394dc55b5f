"""Where people stand when their network is drawn: by closed formulas, so that a network always looks the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

from simulator.draws import Floats
from simulator.social.graph import Network
from simulator.social.networks import Kind

GOLDEN_TURN = (3.0 - np.sqrt(5.0)) / 2.0
"""Share of a turn between neighbours on a sunflower, which leaves neither gaps nor rays (Vogel 1979)."""
INNER_RADIUS = 0.55
"""Of the ring on which people with neighbours stand; the outer radius is 1."""
MOST_LINKS = 12_000
"""Links drawn at most: more of them are one grey area."""


def place(network: Network, kind: Kind) -> Floats:
    """A place for everybody inside the unit circle, shape (n, 2).

    Where friends are neighbours in a row, the row is a ring; communities are discs of their own; in every other
    network those with the most friends stand in the middle.
    """
    if kind in ("ring", "small_world"):
        return _ring(network.n)
    if network.communities is not None:
        return _communities(network.communities)
    rank = np.empty(network.n, dtype=np.intp)
    rank[np.argsort(-network.degrees.astype(np.int64), kind="stable")] = np.arange(network.n)
    return _sunflower(network.n)[rank]


def links(network: Network, kind: Kind) -> NDArray[np.int32]:
    """The links to draw, each pair once, shape (n_links, 2); none where everybody is everybody's friend."""
    if kind == "complete":
        return np.zeros((0, 2), dtype=np.int32)
    person, friend = network.ties(np.arange(network.n))
    once = person < friend
    pairs = np.column_stack([person[once], friend[once]]).astype(np.int32)
    return pairs[:: -(-len(pairs) // MOST_LINKS) or 1]


def _sunflower(n: int) -> Floats:
    """n places that fill the unit circle evenly, from the middle outwards."""
    number = np.arange(n) + 0.5
    return _at(np.sqrt(number / n), number * GOLDEN_TURN)


def _ring(n: int) -> Floats:
    """n places around a broad ring, so that neighbours in the row are near each other but not on top."""
    number = np.arange(n)
    across = (number * GOLDEN_TURN) % 1.0
    return _at(np.sqrt(INNER_RADIUS**2 + across * (1.0 - INNER_RADIUS**2)), number / n)


def _communities(community: NDArray[np.int16]) -> Floats:
    """A small sunflower for each community, on a large one, as large as they can be without touching."""
    sizes = np.bincount(community)
    if len(sizes) == 1:
        return _sunflower(len(community))
    centres = _sunflower(len(sizes))
    radius = 0.45 * pdist(centres).min()
    places = np.empty((len(community), 2))
    for number, size in enumerate(sizes):
        places[community == number] = centres[number] + radius * _sunflower(int(size))
    return np.asarray(places / (1.0 + radius))


def _at(radius: Floats, turns: Floats) -> Floats:
    """Points at these distances from the middle, `turns` around it from the top."""
    angle = 2.0 * np.pi * turns
    return np.column_stack([radius * np.sin(angle), -radius * np.cos(angle)])
