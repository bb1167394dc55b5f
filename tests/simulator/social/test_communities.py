"""Communities: their sizes, how they mix, and tastes that decide who is in which."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.draws import Draws
from simulator.social.graph import Graph
from simulator.social.networks import SocialSettings, build
from tests.simulator.social.networks import network


def outside_fraction(graph: Graph) -> float:
    a, b = graph.ties(np.arange(graph.n))
    assert graph.communities is not None
    return float((graph.communities[a] != graph.communities[b]).mean())


@pytest.mark.parametrize("mixing", [0.0, 0.1, 0.6, 1.0])
def test_communities_are_equal_and_mix_as_asked(mixing: float):
    n, n_communities = 20_000, 7
    graph = network(n, kind="communities", n_communities=n_communities, mixing_fraction=mixing)
    assert graph.communities is not None
    assert set(np.bincount(graph.communities, minlength=n_communities)) <= {n // 7, n // 7 + 1}
    error = np.sqrt(mixing * (1 - mixing) / graph.n_links)
    assert outside_fraction(graph) == pytest.approx(mixing, abs=5 * error)
    # Everybody has the same chances: degrees are Poisson here too.
    assert graph.degrees.var() == pytest.approx(10, abs=5 * np.sqrt((10 + 2 * 10**2) / n) + 0.05)


def test_small_dense_communities_reach_their_degree():
    graph = network(3_000, kind="communities", n_communities=300, degree=8, mixing_fraction=0.25)
    assert graph.degrees.mean() == pytest.approx(8, abs=5 * np.sqrt(2 * 8 / 3_000))
    assert outside_fraction(graph) == pytest.approx(0.25, abs=0.015)


def test_links_leaving_a_community_reach_every_other_equally():
    graph = network(20_000, kind="communities", n_communities=5, mixing_fraction=0.5)
    a, b = graph.ties(np.arange(graph.n))
    assert graph.communities is not None
    table = np.zeros((5, 5))
    np.add.at(table, (graph.communities[a], graph.communities[b]), 0.5)  # each link is seen from both ends
    between = table[np.triu_indices(5, k=1)] * 2
    assert np.abs(between - between.mean()).max() < 5 * np.sqrt(between.mean())


def test_taste_decides_the_community_as_far_as_asked():
    n = 10_000
    taste = np.random.default_rng(4).normal(size=(n, 3))
    quantile = np.argsort(np.argsort(taste[:, 0])) * 20 // n

    def agreement(homophily: float) -> float:
        graph = network(n, taste=taste, kind="communities", taste_homophily=homophily)
        assert graph.communities is not None
        return float((np.abs(graph.communities - quantile) <= 1).mean())

    by_chance = (20 * 3 - 2) / 20**2
    assert agreement(0.0) == pytest.approx(by_chance, abs=5 * np.sqrt(by_chance / n))
    assert agreement(0.5) == pytest.approx(0.5 + 0.5 * by_chance, abs=0.03)
    assert agreement(1.0) == 1.0


def test_friends_share_tastes_only_with_homophily():
    taste = np.random.default_rng(4).normal(size=(10_000, 2))

    def likeness(homophily: float) -> float:
        graph = network(10_000, taste=taste, kind="communities", taste_homophily=homophily)
        a, b = graph.ties(np.arange(graph.n))
        return float(np.corrcoef(taste[a, 0], taste[b, 0])[0, 1])

    assert abs(likeness(0.0)) < 0.03
    assert 0.1 < likeness(0.5) < likeness(1.0)
    assert likeness(1.0) > 0.8


def test_communities_without_homophily_need_no_tastes():
    graph = build(SocialSettings(kind="communities", taste_homophily=0.0), 1_000, Draws(1))
    assert graph.communities is not None
    assert graph.communities.dtype == np.int16
    assert network(100, kind="ring").communities is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"n_communities": 20},
            "ask for 9 friends inside the community; social.n_communities=20 of 100 people leave 4",
        ),
        ({"n_communities": 1}, "ask for 1 friends outside the community; social.n_communities=1 of 100 people leave 0"),
        ({"n_communities": 300}, "social.n_communities=300 of 100 people leave 0"),
    ],
)
def test_communities_too_small_or_too_large_for_their_links_are_refused(settings: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        network(100, kind="communities", **settings)


@pytest.mark.parametrize(
    ("taste", "got"), [(None, "none"), (np.zeros((9, 2)), r"shape \(9, 2\)"), (np.zeros(100), r"shape \(100,\)")]
)
def test_homophily_without_fitting_tastes_is_refused(taste: NDArray[np.float64] | None, got: str):
    with pytest.raises(ValueError, match=f"taste_homophily=0.5 needs the tastes of 100 consumers, got {got}"):
        build(SocialSettings(kind="communities", n_communities=4), 100, Draws(1), taste)
