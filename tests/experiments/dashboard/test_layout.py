"""Where people stand when their network is drawn."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from experiments.dashboard import layout
from simulator.draws import Draws
from simulator.social.graph import Network
from simulator.social.networks import Kind, SocialSettings, build

N = 240
KINDS = [kind for kind in get_args(Kind) if kind != "edge_list"]


def network(kind: Kind) -> Network:
    extra = {"n_communities": 6, "taste_homophily": 0.0} if kind == "communities" else {}
    return build(SocialSettings(kind=kind, **extra), N, Draws(3))


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_has_a_place_of_their_own_inside_the_circle_and_always_the_same(kind: Kind) -> None:
    places = layout.place(network(kind), kind)
    assert places.shape == (N, 2)
    assert np.hypot(*places.T).max() <= 1.0
    gaps = np.hypot(*(places[:, None] - places[None, :]).T) + 9.0 * np.eye(N)
    assert gaps.min() > 0.25 / np.sqrt(N), "two people stand on top of each other"
    assert np.array_equal(places, layout.place(network(kind), kind))


def test_the_best_connected_stand_in_the_middle() -> None:
    hubs = network("scale_free")
    distance = np.hypot(*layout.place(hubs, "scale_free").T)
    assert np.all(np.diff(hubs.degrees[np.argsort(distance)].astype(int)) <= 0)


def test_neighbours_on_a_ring_stand_near_each_other() -> None:
    places = layout.place(network("ring"), "ring")
    across = np.linalg.norm(places - np.roll(places, 1, axis=0), axis=1)
    opposite = np.linalg.norm(places - np.roll(places, N // 2, axis=0), axis=1)
    assert across.max() < opposite.min()


def test_a_community_stands_together() -> None:
    village = network("communities")
    places = layout.place(village, "communities")
    assert village.communities is not None
    centres = np.array([places[village.communities == c].mean(axis=0) for c in range(6)])
    nearest = np.linalg.norm(places[:, None] - centres[None], axis=2).argmin(axis=1)
    assert np.array_equal(nearest, village.communities)


def test_each_link_is_drawn_once_unless_everybody_knows_everybody() -> None:
    ring = network("ring")
    pairs = layout.links(ring, "ring")
    assert len(pairs) == ring.n_links == len(np.unique(pairs, axis=0))
    assert np.all(pairs[:, 0] < pairs[:, 1])
    assert len(layout.links(network("complete"), "complete")) == 0


def test_of_very_many_links_some_are_drawn() -> None:
    crowd = build(SocialSettings(kind="ring", degree=80), 1000, Draws(1))
    n_drawn = len(layout.links(crowd, "ring"))
    assert layout.MOST_LINKS / 2 < n_drawn <= layout.MOST_LINKS
