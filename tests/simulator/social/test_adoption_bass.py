"""Adoption without marketing follows Bass: complete network, ring, and what lies between (TARGETS A1 to A3)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t as student

from simulator import Market, Scenario
from tests.simulator.social.quiet import QUIET

P, Q = 0.03, 0.38
"""Bass's p and q of TARGETS A1, per year."""

PEAK = np.log(Q / P) / (P + Q)
DAYS_PER_YEAR = 365
TEN_YEARS = 10 * DAYS_PER_YEAR
ERRORS = 4
"""Standard errors that a fixed seed may be off; one test in 16,000 would be by chance."""

Curve = NDArray[np.float64]

BASS: dict[str, Any] = {**QUIET, "days": TEN_YEARS, "joining.innovation": P, "joining.imitation": Q}
TEN_TIMES_AS_FAST: dict[str, Any] = {
    **BASS,
    "days": TEN_YEARS // 10,
    "joining.innovation": 10 * P,
    "joining.imitation": 10 * Q,
}
COMPLETE = {"social.kind": "complete"}
RING = {"social.kind": "ring", "social.degree": 2}


def joined_days(settings: dict[str, Any], seed: int) -> NDArray[np.int16]:
    """Day of joining of everybody in a finished market, -1 for those who have not."""
    return np.array(Market(Scenario(), rng=seed, **settings).run().columns["joined_day"])


def curve(days: NDArray[np.int16], n_days: int) -> Curve:
    """F, the share of all that has joined, after each day; shape (n_days,)."""
    return np.cumsum(np.bincount(days[days >= 0], minlength=n_days)[:n_days]) / len(days)


def bass(years: Any) -> Any:
    """F(t) of Bass 1969."""
    decayed = np.exp(-(P + Q) * np.asarray(years))
    return (1 - decayed) / (1 + Q / P * decayed)


def ring(years: Any) -> Any:
    """F(t) on a ring with q/2 from either neighbour (Fibich & Gibori 2010)."""
    t = np.asarray(years)
    return 1 - np.exp(-(P + Q) * t + Q * (1 - np.exp(-P * t)) / P)


def pairs(years: Any) -> Any:
    """F(t) where everybody has one friend only: 1 - P(neither) - P(only the friend)."""
    t = np.asarray(years)
    return 1 - np.exp(-2 * P * t) - P * (np.exp(-2 * P * t) - np.exp(-(P + Q) * t)) / (Q - P)


def chance_curves(n: int, n_runs: int) -> Curve:
    """What n people, each with the hazard of the day, can be expected to do: runs of their number alone, by day."""
    rng = np.random.default_rng(1)
    joined = np.zeros(n_runs, dtype=np.int64)
    curves = np.empty((n_runs, TEN_YEARS))
    for day in range(TEN_YEARS):
        hazard = -np.expm1(-(P + Q * joined / (n - 1)) / DAYS_PER_YEAR)
        joined += rng.binomial(n - joined, hazard)
        curves[:, day] = joined / n
    return curves


def peak(shares: Curve) -> float:
    """The year of fastest joining: the vertex of a parabola through the joins of each day within two years of it.

    Bass's density is symmetric about its peak, so that this is unbiased in his curve.
    """
    days = np.arange(TEN_YEARS)
    near = np.abs((days + 0.5) / DAYS_PER_YEAR - PEAK) < 2
    years = (days[near] + 0.5) / DAYS_PER_YEAR - PEAK
    a, b, _ = np.polyfit(years, np.diff(shares, prepend=0)[near], 2)
    return float(PEAK - b / (2 * a))


# Bass in the complete graph (A1)


def test_the_formulas_give_the_numbers_of_the_targets() -> None:
    assert bass(10) == pytest.approx(0.8128, abs=5e-5)
    assert pytest.approx(6.19, abs=5e-3) == PEAK
    assert ring(10) == pytest.approx(0.5583, abs=5e-5)
    assert pairs(10) == pytest.approx(0.4056, abs=5e-5)


def test_daily_steps_hardly_bias_it() -> None:
    """F by days without chance; steps that were a tenth as many would be off by ten times as much."""
    share = 0.0
    for _ in range(TEN_YEARS):
        share += (1 - share) * -np.expm1(-(P + Q * share) / DAYS_PER_YEAR)
    assert share == pytest.approx(0.8126, abs=5e-5)


def check_bass(n: int, seeds: range) -> None:
    expected = chance_curves(n, 200)
    found = np.array([curve(joined_days({**BASS, **COMPLETE, "consumers.n": n}, seed), TEN_YEARS) for seed in seeds])
    ends = np.arange(1, 11) * DAYS_PER_YEAR - 1
    errors = expected[:, ends].std(axis=0, ddof=1) / np.sqrt(len(seeds))
    bias = 3e-4 + 3 / n  # of the day's step, and of people being whole
    off = found[:, ends].mean(axis=0) - bass(np.arange(1, 11))
    assert (np.abs(off) <= ERRORS * errors + bias).all(), (off, errors)
    error = np.std([peak(c) for c in expected], ddof=1) / np.sqrt(len(seeds))
    assert abs(np.mean([peak(c) for c in found]) - PEAK) <= ERRORS * error, (peak(found[0]), error)


def test_in_the_complete_graph_adoption_follows_bass() -> None:
    check_bass(4_000, range(2))


@pytest.mark.slow
def test_in_the_complete_graph_adoption_follows_bass_closely() -> None:
    """The error of F(10) is a thousandth."""
    check_bass(200_000, range(4))


# The ring, and what lies between (A2, A3)


def ring_error(days: NDArray[np.int16], by_day: int) -> float:
    """Standard error of the share who joined by a day: from arcs of the ring, which hardly know each other."""
    arcs = np.array_split((days >= 0) & (days < by_day), 50)
    return float(np.std([arc.mean() for arc in arcs], ddof=1) / np.sqrt(len(arcs)))


@pytest.mark.parametrize("n", [10_000, pytest.param(400_000, marks=pytest.mark.slow)])
def test_on_the_ring_it_follows_fibich_and_gibori(n: int) -> None:
    days = joined_days({**BASS, **RING, "consumers.n": n}, 1)
    found = curve(days, TEN_YEARS)
    for year in range(1, 11):
        error = ring_error(days, year * DAYS_PER_YEAR)
        assert found[year * DAYS_PER_YEAR - 1] == pytest.approx(ring(year), abs=ERRORS * error + 3e-4), year


REGULAR: dict[str, Callable[[], nx.Graph]] = {
    "random, of degree 3": lambda: nx.random_regular_graph(3, 2_000, seed=1),
    "torus": lambda: nx.grid_2d_graph(40, 50, periodic=True),
}


def write_links(graph: nx.Graph, path: Path) -> dict[str, Any]:
    links = nx.convert_node_labels_to_integers(graph).edges
    path.write_text("\n".join(f"{a} {b}" for a, b in links), encoding="utf-8")
    return {"social.kind": "edge_list", "social.path": str(path)}


def decade(network: dict[str, Any]) -> tuple[Curve, Curve]:
    """Mean share after each year over eight worlds in fast motion, and its standard error; both of shape (10,)."""
    days = TEN_TIMES_AS_FAST["days"]
    ends = np.linspace(0, days, 11)[1:].astype(int) - 1
    settings = {"consumers.n": 2_000, **TEN_TIMES_AS_FAST, **network}
    found = np.array([curve(joined_days(settings, seed), days)[ends] for seed in range(8)])
    return found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(len(found))


def allowed(*errors: Curve) -> Curve:
    """How far a difference of means over eight worlds may be off."""
    worst: Curve = student.ppf(1 - 3e-5, 7) * np.sqrt(sum(error**2 for error in errors))
    return worst


@pytest.fixture(scope="module")
def slowest() -> tuple[Curve, Curve]:
    return decade(RING)


@pytest.fixture(scope="module")
def fastest() -> tuple[Curve, Curve]:
    return decade(COMPLETE)


@pytest.mark.parametrize("name", [*REGULAR, "ring, of degree 4"])
def test_connected_regular_networks_lie_between_ring_and_complete(
    tmp_path: Path, slowest: tuple[Curve, Curve], fastest: tuple[Curve, Curve], name: str
) -> None:
    """Fibich & Gibori 2010; each neighbour gives q over the degree."""
    if name in REGULAR:
        network = write_links(REGULAR[name](), tmp_path / "links.txt")
    else:
        network = {"social.kind": "ring", "social.degree": int(name.split()[-1])}
    (low, low_error), (found, error), (high, high_error) = slowest, decade(network), fastest
    assert (found - low >= -allowed(low_error, error)).all()
    assert (high - found >= -allowed(high_error, error)).all()


def test_pairs_stay_below_the_ring(tmp_path: Path, slowest: tuple[Curve, Curve]) -> None:
    """The ring bounds connected networks only."""
    found, error = decade(write_links(nx.from_edgelist((2 * i, 2 * i + 1) for i in range(1_000)), tmp_path / "links"))
    assert (np.abs(found - pairs(np.arange(1, 11))) <= allowed(error) + 3e-3).all()
    assert slowest[0][-1] - found[-1] > 0.1


def test_people_without_friends_join_by_themselves_only() -> None:
    alone = {"social.kind": "random", "social.degree": 1e-6, "consumers.n": 2_000}
    found, error = decade(alone)
    assert (np.abs(found - (1 - np.exp(-P * np.arange(1, 11)))) <= allowed(error)).all()
