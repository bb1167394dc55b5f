"""Randomised responses have the error of theory (A11)."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.validation.target import Ask, Case, Found, Judgement, Line, Panel, Target, Worlds, value_near
from simulator import Market, Scenario

BROWSED: dict[str, Any] = {
    "days": 30,
    "burn_in_days": 5,
    "post_days": 8,
    "waves_per_day": 4,
    "consumers.n": 300,
    "needs.rate": 0.4,
    "social.degree": 6,
    "merchants.n_categories": 2,
    "merchants.cohorts": {"small": {"count": 3, "products_each": 2}, "large": {"count": 1, "products_each": 4}},
    "platform.slate_size": 4,
    "privacy.collection": "browsing",
    "privacy.leaks.hazard": 0.0,
}
EPSILONS = (0.5, 1.0, 3.0)


def told_and_true(market: Market) -> tuple[Any, Any, Any]:
    """For each day and product with looks: clicks as policies see them, true clicks, and looks."""
    told = [np.zeros(len(market.products))]
    while market.running:
        market.step()
        told.append(market.observe().n_clicked.copy())
    exposures = market.log.frame("exposures")
    n, true = (exposures[name].to_numpy() for name in ("n_examined", "n_clicked"))
    seen = n > 0
    return np.diff(told, axis=0).ravel()[seen], true[seen], n[seen]


def variance(epsilon: float) -> float:
    """Of a share estimated from one randomised response: e^ε/(e^ε − 1)²."""
    return float(np.exp(epsilon) / (np.exp(epsilon) - 1) ** 2)


def errors(seed: int, epsilon: float, n: int) -> Found:
    """Errors of the estimated click rates, in standard deviations of theory: mean, mean square, and its own error."""
    settings = {**BROWSED, "consumers.n": n, "privacy.noise.epsilon": epsilon}
    told, true, looks = told_and_true(Market(Scenario().replace(**settings), rng=seed))
    z = (told / looks - true / looks) / np.sqrt(variance(epsilon) / looks)
    pq = np.exp(epsilon) / (1 + np.exp(epsilon)) ** 2
    of_squares = 2 + (1 - 6 * pq) / (looks * pq)  # variance of z², z a binomial count in standard units
    error = float(np.sqrt(of_squares.sum()) / len(z))
    return {"n": len(z), "mean": float(z.mean()), "square": float((z**2).mean()), "error": error}


def _judge(ask: Ask, worlds: Worlds) -> Judgement:
    findings, ours = [], []
    for epsilon in EPSILONS:
        found = worlds.found[f"{epsilon}"]
        n, law = sum(f["n"] for f in found), variance(epsilon)
        mean = sum(f["n"] * f["mean"] for f in found) / n
        square = sum(f["n"] * f["square"] for f in found) / n
        error = float(np.sqrt(sum((f["n"] * f["error"]) ** 2 for f in found))) / n
        why = f"4 standard errors of {n:,} estimates"
        findings.append(value_near(f"ε = {epsilon}: n · variance of a share", law, law * square, law * error, 0.0, why))
        findings.append(value_near(f"ε = {epsilon}: bias, standard deviations", 0.0, mean, 1 / np.sqrt(n), 0.0, why))
        ours.append(law * square)
    fine = np.linspace(0.4, 3.2, 60)
    lines = [
        Line("e^ε/(e^ε − 1)²", fine.tolist(), [variance(e) for e in fine], True),
        Line("market", list(EPSILONS), ours),
    ]
    return Judgement(findings, [Panel("", "ε", "n · variance", lines, is_log=True)])


A11 = Target(
    "A11",
    "Randomised response",
    "Warner 1965",
    lambda ask: {f"{e}": Case(ask.pick(1, 8), {"epsilon": e, "n": ask.pick(300, 1000)}) for e in EPSILONS},
    errors,
    _judge,
)
