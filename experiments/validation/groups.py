"""How often groups of strangers fill (A7), and how many of those who buy in pairs are served (A8)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from experiments.validation.target import Ask, Case, Found, Judgement, Line, Panel, Target, Worlds, value_near
from simulator import Market, Scenario
from simulator.records.events.codes import Outcome, Way

GROUP = "mechanics.group_buying."
POOL: dict[str, Any] = {
    "burn_in_days": 1,
    "consumers.prospect_fraction": 0.0,
    "needs.rate_shape": 1e9,
    "needs.retry": 0.0,
    "needs.home_stock": 0.0,
    "needs.has_attrition": False,
    "social.kind": "ring",
    "social.degree": 2,
    "merchants.n_categories": 1,
    "merchants.cohorts": {"one": {"count": 1, "products_each": 1}},
    "choice.appeal": 20.0,
    "choice.gain_weight": 0.0,
    "choice.friends_weight": 0.0,
    GROUP + "enabled": True,
    GROUP + "discount": 0.5,
    GROUP + "open_cost": -5.0,
    GROUP + "join_cost": -10.0,
    GROUP + "cost_sd": 0.0,
    GROUP + "lapse_cost": 0.0,
    GROUP + "invitations": 0,
}
"""Strangers who buy whatever they need, join a group if they see one and open one if not."""
WAVES, DEADLINE, CELL = 24, 7, 100
SIZES = ((2, 1.0), (3, 1.0), (5, 1.0), (3, 2.0), (2, 0.3), (4, 3.0))
"""Group sizes, and arrivals expected in the life of a group."""
SERVED = "served"


def fills(seed: int, size: int, arrivals: float, n_cells: int, days: int) -> Found:
    """Group buying in many cells, each with `arrivals` shoppers expected in the life of a group.

    Returns:
        n groups, p_filled (share of them), p_served (share of orders made in a group).
    """
    changes: dict[str, Any] = {
        "days": days + DEADLINE + 3,
        "post_days": DEADLINE + 2,
        "waves_per_day": WAVES,
        "consumers.n": n_cells * CELL,
        "needs.rate": arrivals / DEADLINE / CELL,
        GROUP + "size": size,
        GROUP + "deadline_days": DEADLINE,
        GROUP + "cell_size": CELL,
    }
    market = Market(Scenario().replace(**POOL), rng=seed, **changes).run()
    ends = market.log.frame("group_ends")
    assert len(ends) == len(market.log.frame("groups"))
    assert market.ledger.escrow == 0
    orders = market.log.frame("orders").merge(market.log.frame("settlements"), left_on="id", right_on="cause")
    grouped = orders[orders["way"] != Way.ALONE]
    return {
        "n": len(ends),
        "p_filled": float((ends["outcome"] == Outcome.FILLED).mean()),
        "p_served": float((grouped["outcome"] == Outcome.SETTLED).mean()),
    }


def chance_of_filling(size: int, arrivals: float) -> float:
    """P(Poisson(λW) ≥ n − 1)."""
    return float(stats.poisson.sf(size - 2, arrivals))


def discretisation(size: int, arrivals: float) -> float:
    """By how much a world in waves can be off.

    Two arrivals in one wave do not see each other's new group; a group is seen in all its waves but the first; those
    who sit in it do not come as others. Each can move the chance by no more than the share of arrivals it concerns.
    """
    life = WAVES * DEADLINE
    lost = 1 / life + size / CELL
    return chance_of_filling(size, arrivals) - chance_of_filling(size, arrivals * (1 - lost)) + arrivals / life


def _plan(ask: Ask) -> dict[str, Case]:
    n_cells, days = ask.pick((60, 30), (600, 100))
    sizes = ask.pick(SIZES[:3], SIZES)
    return {
        f"n = {size}, λW = {arrivals}": Case(1, {"size": size, "arrivals": arrivals, "n_cells": n_cells, "days": days})
        for size, arrivals in sizes
    }


def _judge(ask: Ask, worlds: Worlds) -> Judgement:
    findings, points = [], []
    for name, case in worlds.cases.items():
        size, arrivals = case.arguments["size"], case.arguments["arrivals"]
        p, found = chance_of_filling(size, arrivals), worlds.found[name][0]
        error = float(np.sqrt(p * (1 - p) / found["n"]))
        why = f"4 binomial standard errors of {found['n']:,} groups; waves and members bias it"
        findings.append(
            value_near(f"{name}: P(filled)", p, found["p_filled"], error, discretisation(size, arrivals), why)
        )
        points.append((p, found["p_filled"]))
    lines = [Line("equal", [0, 1], [0, 1], True), Line("market", *zip(*points, strict=True))]  # type: ignore[arg-type]
    return Judgement(findings, [Panel("", "P(filled), theory", "P(filled), market", lines)])


A7 = Target("A7", "Groups fill as Poisson arrivals say", "P(Poisson(λW) ≥ n − 1)", _plan, fills, _judge)


def _plan_pairs(ask: Ask) -> dict[str, Case]:
    n_cells, days = ask.pick((60, 30), (600, 100))
    return {SERVED: Case(1, {"size": 2, "arrivals": 1.0, "n_cells": n_cells, "days": days})}


def _judge_pairs(ask: Ask, worlds: Worlds) -> Judgement:
    """With s filled, 2s/(1 + s) of those who buy in pooled pairs are served."""
    s, found = chance_of_filling(2, 1.0), worlds.found[SERVED][0]
    steepness = 2 / (1 + s) ** 2
    error = steepness * float(np.sqrt(s * (1 - s) / found["n"]))
    why = f"4 binomial standard errors of {found['n']:,} groups; waves and members bias it"
    law, bias = 2 * s / (1 + s), steepness * discretisation(2, 1.0)
    finding = value_near("λW = 1: share of buyers served", law, found["p_served"], error, bias, why)
    return Judgement([finding])


A8 = Target("A8", "Buyers served by pooled pairs", "2s/(1 + s), s = 1 − e^(−λW)", _plan_pairs, fills, _judge_pairs)
