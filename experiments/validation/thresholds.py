"""Adoption by thresholds: global cascades between Watts's two mean degrees only (A6)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.stats import poisson

from experiments.validation.adoption import QUIET
from experiments.validation.target import Ask, Case, Finding, Found, Judgement, Line, Panel, Target, Worlds, equal
from simulator import Market, Scenario

GLOBAL = 0.02
"""A cascade is global if it takes in so much of the population; at the lower end of the window they begin small."""
WINDOWS = {0.18: (1.02, 5.77), 0.10: (1.00, 13.66)}
"""Threshold → the mean degrees between which there are any."""


def cascade_window(threshold: float) -> tuple[float, float]:
    """Mean degrees of a Poisson network between which global cascades are possible (Watts 2002).

    Those who give way to a single friend have at most K = 1/threshold friends; they percolate where
    Σ k(k - 1)·P(k) over k ≤ K exceeds the mean degree z, that is where z·P(Poisson(z) ≤ K - 2) > 1.
    """
    at_most = int(1 / threshold)

    def above_one(z: float) -> float:
        return float(z * poisson.cdf(at_most - 2, z)) - 1

    top = max(np.linspace(0.5, 20, 200), key=above_one)
    return float(brentq(above_one, 0.5, top)), float(brentq(above_one, top, 40))


def cascade(seed: int, threshold: float, degree: float, n: int, n_first: int) -> Found:
    """The share that joins in a world after a few people have at the start."""
    settings = {
        **QUIET,
        "days": 250,
        "consumers.n": n,
        "consumers.prospect_fraction": 1 - n_first / n,
        "joining.innovation": 0.0,
        "joining.imitation": 1e9,  # who is past the threshold joins the next day
        "joining.threshold": threshold,
        "social.kind": "random",
        "social.degree": degree,
    }
    market = Market(Scenario(), rng=seed, **settings)
    market.step()
    while market.running and market.today["joins"]:
        market.step()
    return {"share": float((market.columns["joined_day"] >= 0).mean())}


def _plan(ask: Ask) -> dict[str, Case]:
    """Few people start them, so the window is sharp but for a margin, which shrinks with the population."""
    n, n_first, margin = ask.pick((6_000, 4, 1.2), (100_000, 8, 1.08))
    cases = {}
    for threshold in WINDOWS:
        low, high = cascade_window(threshold)
        for degree in (low / margin, low * margin, (low + high) / 2, high / margin, high * margin):
            arguments = {"threshold": threshold, "degree": degree, "n": n, "n_first": n_first}
            cases[f"φ = {threshold}, z = {degree:.2f}"] = Case(4, arguments)
    return cases


def _judge(ask: Ask, worlds: Worlds) -> Judgement:
    findings = []
    for threshold, window in WINDOWS.items():
        for end, ours, published in zip(("lower", "upper"), cascade_window(threshold), window, strict=True):
            what = f"φ = {threshold}: {end} end of the window that is tried from both sides"
            findings.append(equal(what, published, ours, 0.01, "digits published"))
    lines: dict[float, list[tuple[float, float]]] = {threshold: [] for threshold in WINDOWS}
    for name, case in worlds.cases.items():
        low, high = cascade_window(case.arguments["threshold"])
        is_inside = low < case.arguments["degree"] < high
        largest = float(worlds.of(name, "share").max())
        where = "above" if is_inside else "below"
        why = f"{where} {GLOBAL}: {'inside' if is_inside else 'outside'} the window; largest of {case.worlds} worlds"
        met = (largest > GLOBAL) == is_inside
        findings.append(Finding(f"{name}: largest cascade", float(is_inside), largest, basis=why, is_met=met))
        lines[case.arguments["threshold"]].append((case.arguments["degree"], largest))
    panels = [
        Panel(
            f"threshold {threshold}",
            "mean degree",
            "largest cascade, share of all",
            [
                Line("market", *zip(*points, strict=True)),  # type: ignore[arg-type]
                *(Line("window", [end, end], [0.0, 1.0], True) for end in WINDOWS[threshold]),
            ],
        )
        for threshold, points in lines.items()
    ]
    return Judgement(findings, panels)


A6 = Target("A6", "Global cascades under thresholds", "Watts 2002", _plan, cascade, _judge)
