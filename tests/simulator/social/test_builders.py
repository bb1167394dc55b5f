"""Every network has the properties its authors proved or published, from addressed draws alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError
from scipy import stats

from simulator.draws import Draws
from simulator.social.builders import USED_BY, Kind, SocialSettings, build
from simulator.social.graph import CompleteGraph, Graph, Network

STORED = [kind for kind in get_args(Kind) if kind not in ("complete", "edge_list")]


def network(n: int, seed: int = 1, taste: NDArray[np.float64] | None = None, **settings: Any) -> Graph:
    if settings.get("kind") == "communities" and taste is None:
        taste = np.random.default_rng(seed).normal(size=(n, 3))
    graph = build(SocialSettings(**settings), n, Draws(seed), taste)
    assert isinstance(graph, Graph)
    return graph


def links_of(graph: Network) -> set[tuple[int, int]]:
    a, b = graph.ties(np.arange(graph.n))
    return {(int(i), int(j)) for i, j in zip(a, b, strict=True) if i < j}


def outside_fraction(graph: Graph) -> float:
    a, b = graph.ties(np.arange(graph.n))
    assert graph.communities is not None
    return float((graph.communities[a] != graph.communities[b]).mean())


# --- every kind -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", STORED)
def test_ties_are_mutual_distinct_and_never_with_oneself(kind: Kind):
    graph = network(2_000, kind=kind)
    a, b = graph.ties(np.arange(graph.n))
    ties = set(zip(a.tolist(), b.tolist(), strict=True))
    assert len(ties) == len(a) == 2 * graph.n_links > 0
    assert ties == {(j, i) for i, j in ties}
    assert all(i != j for i, j in ties)


@pytest.mark.parametrize("kind", STORED)
def test_one_seed_gives_one_network_and_another_seed_another(kind: Kind):
    taste = np.random.default_rng(0).normal(size=(2_000, 2))
    first, again, other = (network(2_000, seed, taste, kind=kind) for seed in (1, 1, 2))
    assert np.array_equal(first.friends, again.friends)
    assert np.array_equal(first.starts, again.starts)
    assert not np.array_equal(first.friends, other.friends)


@pytest.mark.parametrize("kind", STORED)
@pytest.mark.parametrize("degree", [4, 10])
def test_the_mean_degree_is_as_asked(kind: Kind, degree: int):
    n = 20_000
    mean = network(n, kind=kind, degree=degree).degrees.mean()
    # Poisson numbers of links and power-law degrees vary; repeats cost at most a fraction of a percent.
    assert mean == pytest.approx(degree, rel=0.06 if kind == "power_law" else 0.015)


@pytest.mark.parametrize("kind", STORED)
def test_the_smallest_population_works_and_a_smaller_one_is_refused(kind: Kind):
    settings: dict[str, Any] = {"kind": kind, "degree": 2.0}
    if kind == "communities":
        settings |= {"n_communities": 1, "mixing_fraction": 0.0}
    assert network(4, **settings).n == 4
    with pytest.raises(ValueError, match=r"social\.degree=2 must be below 2, the others among 3 consumers"):
        network(3, **settings)


def test_the_strength_of_a_tie_belongs_to_the_pair():
    few, many = network(500, kind="ring", degree=4), network(500, kind="ring", degree=12)
    for i in range(500):
        common = set(few.friends_of(i).tolist())
        assert [j for j in many.friends_of(i).tolist() if j in common] == few.friends_of(i).tolist()


# --- each kind --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "degree"), [(30, 2), (31, 6), (12, 10)])
def test_ring_neighbours_are_exactly_the_nearest(n: int, degree: int):
    graph = network(n, kind="ring", degree=degree)
    near = [step for step in range(-degree // 2, degree // 2 + 1) if step]
    for i in range(n):
        assert set(graph.friends_of(i).tolist()) == {(i + step) % n for step in near}


def test_a_small_world_that_rewires_nothing_is_the_ring():
    assert links_of(network(300, rewire_fraction=0.0)) == links_of(network(300, kind="ring"))


@pytest.mark.parametrize("fraction", [0.03, 0.1, 0.5])
def test_small_world_has_the_clustering_and_degrees_of_watts_and_strogatz(fraction: float):
    n, degree = 10_000, 10
    ours = network(n, rewire_fraction=fraction)
    theirs = nx.watts_strogatz_graph(n, degree, fraction, seed=1)

    # Barrat & Weigt 2000: C(p) = C(0) (1-p)^3 up to terms of order 1/n. Bound: five standard errors of a mean of
    # local coefficients, whose spread is below .15.
    clustering = ours.describe()["clustering"]
    assert clustering == pytest.approx(2 / 3 * (1 - fraction) ** 3, abs=5 * 0.15 / np.sqrt(n) + 2 * degree / n)
    assert clustering == pytest.approx(nx.average_clustering(theirs), abs=2 * 5 * 0.15 / np.sqrt(n))
    # A degree is half kept links and ends of others' links: Binomial(k/2, 1-p) + Poisson(kp/2), plus k/2.
    variance = degree / 2 * fraction * (1 - fraction) + degree / 2 * fraction
    assert ours.degrees.var() == pytest.approx(variance, rel=0.1)
    assert np.var([d for _, d in theirs.degree()]) == pytest.approx(ours.degrees.var(), rel=0.1)
    # Rewired links that repeat another are dropped: about fraction * degree² / 2, whatever n.
    assert n * degree / 2 - ours.n_links <= stats.poisson.ppf(0.9999, fraction * degree**2 / 2)


def test_rewiring_more_moves_more_links_and_leaves_the_moved_ones_where_they_went():
    ring, some, more = (links_of(network(2_000, rewire_fraction=p)) for p in (0.0, 0.1, 0.3))
    assert len(some - ring) == pytest.approx(0.1 * len(ring), rel=0.15)
    assert some - ring <= more - ring


def test_scale_free_degrees_follow_the_exact_law_of_preferential_attachment():
    n, half = 100_000, 5
    degrees = network(n, kind="scale_free").degrees
    # P(degree ≥ k) = m(m+1) / (k(k+1)) (Dorogovtsev, Mendes & Samukhin 2000), for large n.
    for k in (6, 10, 20, 50, 100):
        expected = n * half * (half + 1) / (k * (k + 1))
        assert (degrees >= k).sum() == pytest.approx(expected, abs=5 * np.sqrt(expected) + 0.01 * expected)
    tail = degrees[degrees >= 30]
    exponent = 1 + len(tail) / np.log(tail / 29.5).sum()  # Clauset, Shalizi & Newman 2009, eq. 3.7
    assert exponent == pytest.approx(3, abs=5 * 2 / np.sqrt(len(tail)) + 0.05)
    assert degrees[:100].mean() > 20 * degrees.mean()  # the first are the hubs


def test_scale_free_has_the_degrees_of_networkx():
    ours = np.concatenate([network(5_000, seed, kind="scale_free", degree=6).degrees for seed in range(4)])
    theirs = [d for seed in range(4) for _, d in nx.barabasi_albert_graph(5_000, 3, seed=seed).degree()]
    assert np.percentile(ours, [10, 50, 90, 99]) == pytest.approx(np.percentile(theirs, [10, 50, 90, 99]), rel=0.1)


def test_later_people_do_not_change_who_knew_whom_before():
    before = links_of(network(1_000, kind="scale_free"))
    after = links_of(network(1_500, kind="scale_free"))
    assert before == {(i, j) for i, j in after if j < 1_000}


@pytest.mark.parametrize("exponent", [2.2, 2.5, 3.5])
def test_power_law_degrees_have_the_exponent_and_the_cut_off(exponent: float):
    n, degree = 100_000, 10.0
    degrees = network(n, kind="power_law", degree=degree, exponent=exponent).degrees
    highest = np.sqrt(degree * n)
    assert degrees.max() <= highest + 1
    # Maximum likelihood of a power law between 20 and a fifth of the cut-off, by the ratio of two tail counts.
    low, middle, high = 20.0, 60.0, highest / 5
    n_low, n_high = ((degrees >= low) & (degrees < middle)).sum(), ((degrees >= middle) & (degrees < high)).sum()
    a = 1 - exponent
    expected = (middle**a - high**a) / (low**a - high**a)
    share, n_tail = n_high / (n_low + n_high), n_low + n_high
    assert share == pytest.approx(expected, abs=5 * np.sqrt(expected * (1 - expected) / n_tail) + 0.05 * expected)


def test_random_degrees_are_poisson():
    n, degree = 50_000, 4.0
    degrees = network(n, kind="random", degree=degree).degrees
    assert degrees.mean() == pytest.approx(degree, abs=5 * np.sqrt(2 * degree / n))
    assert degrees.var() == pytest.approx(degree, abs=5 * np.sqrt((degree + 2 * degree**2) / n))
    observed = np.bincount(np.minimum(degrees, 12), minlength=13)
    expected = n * np.append(stats.poisson.pmf(np.arange(12), degree), stats.poisson.sf(11, degree))
    assert stats.chisquare(observed, expected).pvalue > 1e-4


def test_random_networks_link_every_pair_equally_often_even_when_dense():
    n, degree, n_seeds = 5, 3.0, 2_000
    counts: dict[tuple[int, int], int] = {}
    for seed in range(n_seeds):
        for pair in links_of(network(n, seed, kind="random", degree=degree)):
            counts[pair] = counts.get(pair, 0) + 1
    p = degree / (n - 1)
    assert len(counts) == n * (n - 1) // 2
    for count in counts.values():
        assert count / n_seeds == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / n_seeds))


@pytest.mark.parametrize("degree", [0.5, 2.0])
def test_a_random_network_below_mean_degree_one_falls_to_pieces(degree: float):
    largest = network(20_000, kind="random", degree=degree).describe()["largest_component"]
    assert largest is not None
    assert (largest > 10_000) == (degree > 1)  # Erdős & Rényi 1960: a giant component appears at 1


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


def test_the_complete_network_stores_no_links():
    graph = build(SocialSettings(kind="complete"), 1_000, Draws(1))
    assert isinstance(graph, CompleteGraph)
    assert graph.n_links == 499_500


def test_an_edge_list_is_built_as_it_stands(tmp_path: Path):
    path = tmp_path / "friends.csv"
    path.write_text("10,20,1\n20,30,5\n10,30,3\n")
    graph = build(SocialSettings(kind="edge_list", path=str(path)), 3, Draws(1))
    assert [graph.friends_of(i).tolist() for i in range(3)] == [[2, 1], [2, 0], [1, 0]]
    with pytest.raises(ValueError, match=r"friends\.csv has 3 people, so consumers\.n must be 3, not 4"):
        build(SocialSettings(kind="edge_list", path=str(path)), 4, Draws(1))


def test_ties_of_an_edge_list_without_weights_have_drawn_strengths(tmp_path: Path):
    path = tmp_path / "star.txt"
    path.write_text("".join(f"0 {i}\n" for i in range(1, 50)))
    settings = SocialSettings(kind="edge_list", path=str(path))
    first, again, other = (build(settings, 50, Draws(seed)).friends_of(0).tolist() for seed in (1, 1, 2))
    assert first == again != other
    assert sorted(first) == list(range(1, 50)) != first


# --- settings ---------------------------------------------------------------------------------------------------------


def test_every_kind_and_every_setting_is_in_the_table_of_uses():
    assert set(USED_BY) == set(get_args(Kind))
    assert {name for names in USED_BY.values() for name in names} == set(SocialSettings.model_fields) - {"kind"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"kind": "ring", "rewire_fraction": 0.2},
            "social.rewire_fraction=0.2 is used only with social.kind=small_world",
        ),
        ({"exponent": 3.0}, "social.exponent=3.0 is used only with social.kind=power_law, not small_world"),
        (
            {"kind": "complete", "degree": 4},
            "social.degree=4.0 is used only with social.kind=small_world or scale_free or",
        ),
        ({"kind": "random", "path": "a.txt"}, "social.path=a.txt is used only with social.kind=edge_list, not random"),
        ({"kind": "edge_list"}, "social.kind=edge_list needs social.path"),
        ({"kind": "ring", "degree": 5}, "social.degree=5 must be an even number with social.kind=ring"),
        ({"kind": "scale_free", "degree": 2.5}, "social.degree=2.5 must be an even number with social.kind=scale_free"),
        ({"degree": 0}, "greater than 0"),
        ({"kind": "power_law", "exponent": 2.0}, "greater than 2"),
        ({"kind": "communities", "mixing_fraction": 1.1}, "less than or equal to 1"),
        ({"kind": "smallworld"}, "'small_world', 'scale_free'"),
        ({"degrees": 4}, "degrees"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, Any], message: str):
    with pytest.raises(ValidationError) as refused:
        SocialSettings(**settings)
    assert message in str(refused.value)


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
