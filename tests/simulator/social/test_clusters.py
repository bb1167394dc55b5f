"""Clusters of a network, and a mechanic's reach by cluster or cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import Market, Scenario, SettingsError
from simulator.draws import ALWAYS, Draws
from simulator.social.clusters import ORDER, clusters
from simulator.social.graph import Graph
from simulator.social.networks import SocialSettings, build


def by_hand(graph: Graph, at_most: int, draws: Draws) -> list[int]:
    """The rule of `simulator/README.md`, slowly."""
    everybody = range(graph.n)
    lot = draws.uniform(ORDER, ALWAYS, np.arange(graph.n))
    name = list(everybody)
    for _ in range(20):
        before = list(name)
        for who in sorted(everybody, key=lambda i: (lot[i], i)):
            own, held = name[who], [name[friend] for friend in graph.friends_of(who)]
            open_to = {own} | {other for other in held if name.count(other) < at_most}
            most = max(held.count(other) for other in open_to)
            best = [other for other in open_to if held.count(other) == most]
            name[who] = own if own in best else min(best)
        if name == before:
            break
    numbers: dict[int, int] = {}
    return [numbers.setdefault(n, len(numbers)) for n in name]


@pytest.mark.parametrize("kind", ["small_world", "scale_free", "random", "communities"])
@pytest.mark.parametrize("at_most", [2, 15])
def test_they_follow_the_written_rule(kind: Any, at_most: int) -> None:
    draws = Draws(3)
    own = {"n_communities": 5, "taste_homophily": 0.0} if kind == "communities" else {}
    graph = build(SocialSettings(kind=kind, degree=4, **own), 150, draws)
    assert isinstance(graph, Graph)
    assert clusters(graph, at_most, draws).tolist() == by_hand(graph, at_most, draws)


def test_two_circles_with_one_link_between_them_are_two_clusters() -> None:
    circle = [(a, b) for a in range(6) for b in range(a)]
    links = np.array([*circle, *[(a + 6, b + 6) for a, b in circle], (0, 6)])
    found = clusters(Graph.from_links(12, links[:, 0], links[:, 1], np.arange(len(links))), 100, Draws(1))
    assert found.tolist() == [0] * 6 + [1] * 6


def test_friends_are_mostly_in_one_cluster_where_there_are_circles() -> None:
    draws = Draws(0)
    graph = build(SocialSettings(), 5000, draws)
    assert isinstance(graph, Graph)
    found = clusters(graph, 100, draws)
    assert np.bincount(found).max() <= 100
    person, friend = graph.ties(np.arange(graph.n))
    assert (found[person] == found[friend]).mean() > 0.6
    assert (found[person] == np.random.default_rng(0).permutation(found)[friend]).mean() < 0.05


def test_where_everybody_knows_everybody_neighbouring_rows_are_clusters() -> None:
    network = build(SocialSettings(kind="complete"), 10, Draws(0))
    assert clusters(network, 4, Draws(0)).tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]


@pytest.mark.parametrize(("by", "size"), [("cluster", 40), ("cell", 50)])
def test_reach_takes_whole_clusters_or_cells(new_market: Any, by: str, size: int) -> None:
    settings = {"enabled": True, "reach": 0.5, "reach_by": by, "cell_size": 50}
    if by == "cluster":
        settings["cluster_size"] = size
    mechanic = new_market({f"mechanics.group_buying.{k}": v for k, v in settings.items()}).mechanics[0]
    for unit in np.unique(mechanic.reach_unit):
        assert len(set(mechanic.in_reach[mechanic.reach_unit == unit])) == 1
    assert 0 < mechanic.in_reach.mean() < 1
    assert np.bincount(mechanic.reach_unit).max() <= size


def test_by_consumer_or_with_everybody_in_reach_it_is_no_other_market() -> None:
    def scenario(**block: Any) -> Scenario:
        changes = {"enabled": True, **block}
        return Scenario().replace(**{f"mechanics.group_buying.{key}": value for key, value in changes.items()})

    assert "reach_by" not in scenario().active()["mechanics"]["group_buying"]
    assert scenario(reach_by="cluster", cluster_size=9).hash == scenario().hash
    assert scenario(reach=0.5, cluster_size=9).hash == scenario(reach=0.5).hash
    assert scenario(reach=0.5, reach_by="cell").hash != scenario(reach=0.5).hash
    assert Market(scenario(reach=0.5), **{"consumers.n": 50}).mechanics[0].reach_unit.tolist() == list(range(50))


def test_cells_are_asked_of_a_mechanic_without_them() -> None:
    with pytest.raises(SettingsError, match=r"mechanics\.coupons: reach_by=cell: this mechanic has no cells"):
        Scenario().replace(**{"mechanics.coupons.reach_by": "cell"})
