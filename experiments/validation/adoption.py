"""Adoption without marketing follows Bass: complete network, ring, and what lies between (A1 to A3)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from experiments.validation.target import (
    CHANCE,
    Ask,
    Case,
    Finding,
    Floats,
    Found,
    Judgement,
    Line,
    Panel,
    Target,
    Worlds,
    mean_near,
    value_near,
)
from simulator import Market, Scenario

P, Q = 0.03, 0.38
"""Bass's p and q, per year."""
PEAK = float(np.log(Q / P) / (P + Q))
DAYS_PER_YEAR = 365
TEN_YEARS = 10 * DAYS_PER_YEAR
YEARS = np.arange(1, 11)
STEP = 3e-4
"""Bias left with daily steps (.8126 instead of .8128), with room; a tenth as many steps have ten times as much."""

QUIET: dict[str, Any] = {
    "burn_in_days": 1,
    "post_days": 1,
    "waves_per_day": 1,
    "consumers.prospect_fraction": 1.0,
    "consumers.taste_dimensions": 1,
    "needs.rate": 1e-9,
    "merchants.n_categories": 1,
    "merchants.cohorts": {"one": {"count": 1, "products_each": 1}},
}
"""Nobody needs anything: prospects join by themselves only, by the ordinary day."""
COMPLETE = {"social.kind": "complete"}
RING = {"social.kind": "ring", "social.degree": 2}
N_ARCS = 50


def decade(speed: int) -> dict[str, Any]:
    """Settings of ten years, passing `speed` times as fast; so many times larger is the bias of daily steps."""
    rates = {"joining.innovation": P * speed, "joining.imitation": Q * speed}
    return {**QUIET, "days": TEN_YEARS // speed, **rates}


def ends_of_years(speed: int) -> NDArray[np.intp]:
    """The last day of each of ten years, shape (10,)."""
    return np.rint(YEARS * DAYS_PER_YEAR / speed).astype(np.intp) - 1


def joined_days(settings: dict[str, Any], seed: int) -> NDArray[np.int16]:
    """Day of joining of everybody in a finished market, -1 for those who have not."""
    return np.array(Market(Scenario(), rng=seed, **settings).run().columns["joined_day"])


def curve(days: NDArray[np.int16], n_days: int) -> Floats:
    """F, the share of all that has joined, after each day; shape (n_days,)."""
    return np.cumsum(np.bincount(days[days >= 0], minlength=n_days)[:n_days]) / len(days)


def bass(years: Any, p: float = P, q: float = Q) -> Any:
    """F(t) of Bass 1969."""
    decayed = np.exp(-(p + q) * np.asarray(years))
    return (1 - decayed) / (1 + q / p * decayed)


def ring(years: Any) -> Any:
    """F(t) on a ring with q/2 from either neighbour (Fibich & Gibori 2010)."""
    t = np.asarray(years)
    return 1 - np.exp(-(P + Q) * t + Q * (1 - np.exp(-P * t)) / P)


def pairs(years: Any) -> Any:
    """F(t) where everybody has one friend only: 1 - P(neither) - P(only the friend)."""
    t = np.asarray(years)
    return 1 - np.exp(-2 * P * t) - P * (np.exp(-2 * P * t) - np.exp(-(P + Q) * t)) / (Q - P)


def chance_curves(n: int, n_runs: int, speed: int) -> Floats:
    """What n people, each with the hazard of the day, can be expected to do: runs of their number alone, by day."""
    rng = np.random.default_rng(1)
    joined = np.zeros(n_runs, dtype=np.int64)
    curves = np.empty((n_runs, TEN_YEARS // speed))
    for day in range(curves.shape[1]):
        hazard = -np.expm1(-(P + Q * joined / (n - 1)) * speed / DAYS_PER_YEAR)
        joined += rng.binomial(n - joined, hazard)
        curves[:, day] = joined / n
    return curves


def peak(shares: Floats) -> float:
    """The year of fastest joining: the vertex of a parabola through the joins of each day within two years of it.

    Bass's density is symmetric about its peak, so that this is unbiased in his curve.
    """
    years = 10 * (np.arange(len(shares)) + 0.5) / len(shares) - PEAK
    near = np.abs(years) < 2
    a, b, _ = np.polyfit(years[near], np.diff(shares, prepend=0)[near], 2)
    return float(PEAK - b / (2 * a))


# The complete graph (A1)


def _measure_complete(seed: int, n: int, speed: int) -> Found:
    settings = {**decade(speed), **COMPLETE, "consumers.n": n}
    found = curve(joined_days(settings, seed), settings["days"])
    return {"years": found[ends_of_years(speed)].tolist(), "peak": peak(found)}


def _judge_complete(ask: Ask, worlds: Worlds) -> Judgement:
    """The error is that of as many people with the same hazard, whose number alone is simulated."""
    case = worlds.cases["complete"]
    n, speed = case.arguments["n"], case.arguments["speed"]
    chance = chance_curves(n, 200, speed)
    errors = chance[:, ends_of_years(speed)].std(axis=0, ddof=1) / np.sqrt(case.worlds)
    years = worlds.of("complete", "years").mean(axis=0)
    bias = STEP * speed + 3 / n
    why = f"4 standard errors of {n:,} × {case.worlds} people with Bass's hazard; daily steps, whole people"
    findings = [
        value_near(f"F({year})", float(bass(year)), years[year - 1], errors[year - 1], bias, why) for year in YEARS
    ]
    error = float(np.std([peak(c) for c in chance], ddof=1) / np.sqrt(case.worlds))
    late = speed / DAYS_PER_YEAR  # who joins on a day does so at some time in it
    why = "4 standard errors of the same; a day"
    findings.append(value_near("peak, years", PEAK, float(worlds.of("complete", "peak").mean()), error, late, why))
    fine = np.linspace(0, 10, 101)
    lines = [Line("Bass", fine.tolist(), bass(fine).tolist(), True), Line("market", YEARS.tolist(), years.tolist())]
    return Judgement(findings, [Panel("", "years", "share that has joined", lines)])


def _plan_complete(ask: Ask) -> dict[str, Case]:
    return {"complete": ask.pick(Case(1, {"n": 50_000, "speed": 10}), Case(1, {"n": 100_000, "speed": 1}))}


A1 = Target("A1", "Bass in the complete graph", "Bass 1969", _plan_complete, _measure_complete, _judge_complete)

# The ring (A2)


def _measure_ring(seed: int, n: int, speed: int) -> Found:
    days = joined_days({**decade(speed), **RING, "consumers.n": n}, seed)
    arcs = [np.array_split((days >= 0) & (days <= end), N_ARCS) for end in ends_of_years(speed)]
    return {"arcs": [[float(arc.mean()) for arc in year] for year in arcs]}


def _judge_ring(ask: Ask, worlds: Worlds) -> Judgement:
    """Arcs of the ring hardly know each other, so their spread gives the error of their mean."""
    arcs = worlds.of("ring", "arcs")[0]  # (10, N_ARCS)
    n, speed = (worlds.cases["ring"].arguments[name] for name in ("n", "speed"))
    why = f"t over {N_ARCS} arcs of a ring of {n:,}; daily steps"
    findings = [mean_near(f"F({year})", float(ring(year)), arcs[year - 1], STEP * speed, why) for year in YEARS]
    fine = np.linspace(0, 10, 101)
    lines = [
        Line("Fibich & Gibori", fine.tolist(), ring(fine).tolist(), True),
        Line("market", YEARS.tolist(), arcs.mean(axis=1).tolist()),
    ]
    return Judgement(findings, [Panel("", "years", "share that has joined", lines)])


def _plan_ring(ask: Ask) -> dict[str, Case]:
    return {"ring": Case(1, ask.pick({"n": 50_000, "speed": 10}, {"n": 100_000, "speed": 1}))}


A2 = Target("A2", "Bass on the ring", "Fibich & Gibori 2010", _plan_ring, _measure_ring, _judge_ring)

# What lies between (A3), and what does not

GRAPHS: dict[str, Callable[[int], nx.Graph]] = {
    "random, of degree 3": lambda n: nx.random_regular_graph(3, n, seed=1),
    "torus": lambda n: nx.grid_2d_graph(n // 50, 50, periodic=True),
    "pairs": lambda n: nx.from_edgelist((2 * i, 2 * i + 1) for i in range(n // 2)),
}
BUILT: dict[str, dict[str, Any]] = {
    "ring": RING,
    "ring, of degree 4": {"social.kind": "ring", "social.degree": 4},
    "complete": COMPLETE,
    "nobody": {"social.kind": "random", "social.degree": 1e-6},
}
REGULAR = ("random, of degree 3", "torus", "ring, of degree 4")


def _measure_between(seed: int, network: str, n: int, speed: int) -> Found:
    """F after each year."""
    with tempfile.TemporaryDirectory() as folder:
        links = BUILT[network] if network in BUILT else write_links(GRAPHS[network](n), Path(folder) / "links.txt")
        settings = {"consumers.n": n, **decade(speed), **links}
        return {"years": curve(joined_days(settings, seed), settings["days"])[ends_of_years(speed)].tolist()}


def write_links(graph: nx.Graph, path: Path) -> dict[str, Any]:
    """Write a network to a file; the settings that read it."""
    links = nx.convert_node_labels_to_integers(graph).edges
    path.write_text("\n".join(f"{a} {b}" for a, b in links), encoding="utf-8")
    return {"social.kind": "edge_list", "social.path": str(path)}


def _judge_between(ask: Ask, worlds: Worlds) -> Judgement:
    decades = {name: worlds.of(name, "years") for name in worlds.cases}
    findings = []
    for name in REGULAR:
        findings.append(_not_below(f"{name}: least F − F of the ring", decades[name], decades["ring"]))
        findings.append(_not_below(f"{name}: least F of the complete − F", decades["complete"], decades[name]))
    bias = STEP * worlds.cases["ring"].arguments["speed"]
    for name, law in (("pairs", pairs), ("nobody", lambda t: 1 - np.exp(-P * np.asarray(t)))):
        findings.append(mean_near(f"{name}: F(10)", float(law(10)), decades[name][:, -1], bias))
    gap = float(decades["ring"][:, -1].mean() - decades["pairs"][:, -1].mean())
    what, apart = "pairs stay below the ring by", float(ring(10) - pairs(10))
    findings.append(Finding(what, apart, gap, basis="above .1: the bound is for connected networks", is_met=gap > 0.1))
    lines = [
        Line(name, YEARS.tolist(), decades[name].mean(axis=0).tolist())
        for name in ("complete", *REGULAR, "ring", "pairs", "nobody")
    ]
    return Judgement(findings, [Panel("", "years", "share that has joined", lines)])


def _not_below(what: str, high: Floats, low: Floats) -> Finding:
    """Whether one curve lies nowhere below another, as far as both are known; at the year where this is least sure."""
    gap = high.mean(axis=0) - low.mean(axis=0)
    error = np.sqrt((high.var(axis=0, ddof=1) + low.var(axis=0, ddof=1)) / len(high))
    allowed = float(student.ppf(1 - CHANCE / 2, len(high) - 1)) * error
    at = int(np.argmin(gap / np.maximum(error, 1e-12)))
    half = float(student.ppf(0.975, len(high) - 1)) * error[at]
    met = bool((gap >= -allowed).all())
    why = f"not below 0; t over {len(high)} worlds at each year"
    return Finding(what, 0.0, gap[at], gap[at] - half, gap[at] + half, allowed[at], why, met)


def _plan_between(ask: Ask) -> dict[str, Case]:
    common = ask.pick({"n": 2_000, "speed": 73}, {"n": 10_000, "speed": 10})
    return {name: Case(ask.pick(6, 8), {"network": name, **common}) for name in (*BUILT, *GRAPHS)}


A3 = Target(
    "A3",
    "Regular networks lie between ring and complete graph",
    "Fibich & Gibori 2010",
    _plan_between,
    _measure_between,
    _judge_between,
)
