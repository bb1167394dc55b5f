"""Networks of every kind: ties, seeds and degrees as asked, the stored and the complete one, and their settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import ValidationError

from simulator.draws import Draws
from simulator.social.graph import CompleteGraph
from simulator.social.networks import USED_BY, Kind, SocialSettings, build
from tests.simulator.social.networks import network

STORED = [kind for kind in get_args(Kind) if kind not in ("complete", "edge_list")]


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


# --- the complete network and edge lists ------------------------------------------------------------------------------


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
