"""How many helpers it takes to cut a price down (A9)."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.validation.target import Ask, Case, Finding, Found, Judgement, Line, Panel, Target, Worlds
from simulator import Market, Scenario
from simulator.records.events.codes import Outcome

BARGAIN = "mechanics.bargaining."
EAGER: dict[str, Any] = {
    BARGAIN + "enabled": True,
    BARGAIN + "open_cost": -5.0,
    BARGAIN + "lapse_cost": 0.0,
    BARGAIN + "help": 1.0,
    BARGAIN + "new_help": 1.0,
    BARGAIN + "invitations": 100,
    "consumers.sociability": 0.999,
    "consumers.sociability_concentration": 1e6,
    "invitations.read": 1.0,
    "attention.per_day": 100,
    "attention.fatigue": 0.0,
    "choice.appeal": 5.0,
}
"""Whoever needs something bargains for it; friends always read and help."""
ALONE: dict[str, Any] = {
    "days": 30,
    "burn_in_days": 5,
    "post_days": 8,
    "waves_per_day": 4,
    BARGAIN + "deadline_days": 3,
    "consumers.prospect_fraction": 0.0,
    "consumers.n": 1000,
    "needs.rate": 0.001,
    "choice.without_need": 20.0,  # who is called to help buys nothing, and so asks nobody
    "merchants.n_categories": 2,
    "merchants.cohorts": {"small": {"count": 3, "products_each": 2}},
    "merchants.list_price_median_fen": 1_000_000,
    "platform.subsidy_cap_fraction": None,
    "platform.slate_size": 4,
    "social.kind": "ring",
    "social.degree": 120,
}
"""Few bargains at a time, each with more friends to ask than it needs."""
PUBLISHED = {0.5: 7, 0.3: 13, 0.1: 44}
OTHERS = (0.95, 0.8, 0.2, 0.06)


def helpers(seed: int, cut: float) -> Found:
    """How many helped in each bargain that came about, and at most in one that lapsed."""
    market = Market(Scenario().replace(**{**EAGER, **ALONE, BARGAIN + "cut": cut}), rng=seed).run()
    ends = market.log.frame("bargain_ends")
    is_done = ends["outcome"] == Outcome.SETTLED
    return {
        "done": ends.loc[is_done, "n_helpers"].tolist(),
        "lapsed": int(ends.loc[~is_done, "n_helpers"].max()) if (~is_done).any() else 0,
    }


def needed(cut: float) -> int:
    """The least n with (1 − c)^n at most 1 %."""
    return int(np.ceil(np.log(0.01) / np.log(1 - cut)))


def _judge(ask: Ask, worlds: Worlds) -> Judgement:
    findings = []
    for name, case in worlds.cases.items():
        cut = case.arguments["cut"]
        target, found = PUBLISHED.get(cut, needed(cut)), worlds.found[name][0]
        done = np.array(found["done"])
        met = bool(len(done) > 10 and (done == target).all() and found["lapsed"] < target)
        why = f"exact in all of {len(done)} bargains that came about, fewer in all that lapsed"
        ours = float(done.mean()) if len(done) else np.nan
        findings.append(Finding(f"c = {cut}: helpers", target, ours, ours, ours, 0.0, why, met))
    cuts = np.linspace(0.06, 0.95, 90)
    points = [(c.arguments["cut"], f.ours) for c, f in zip(worlds.cases.values(), findings, strict=True)]
    lines = [
        Line("theory", cuts.tolist(), [needed(cut) for cut in cuts], True),
        Line("market", *zip(*points, strict=True)),  # type: ignore[arg-type]
    ]
    return Judgement(findings, [Panel("", "share that each helper cuts", "helpers", lines)])


A9 = Target(
    "A9",
    "Helpers to one per cent left",
    "least n with (1 − c)^n ≤ .01",
    lambda ask: {f"{cut}": Case(1, {"cut": cut}) for cut in (*PUBLISHED, *OTHERS)},
    helpers,
    _judge,
)
