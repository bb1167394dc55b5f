"""Stylised facts of markets without personal data: direction and order of magnitude, over worlds (S1 to S5)."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.validation.target import (
    Ask,
    Case,
    Floats,
    Judgement,
    Line,
    Panel,
    Target,
    Worlds,
    between,
    told,
)
from experiments.validation.worlds import REFERRAL, cases, measure, world

CALENDAR = "policies.pricing.promotion_calendar."
CUT = 0.1
PROMOTED = {
    "policies.pricing.kind": "promotion_calendar",
    CALENDAR + "period_days": 28,
    CALENDAR + "length_days": 28,
    CALENDAR + "discount": CUT,
    CALENDAR + "reach": 0.3,
}
"""Three merchants in ten sell at 10 % less during the whole campaign."""


# Double jeopardy (S1)


def _judge_jeopardy(ask: Ask, worlds: Worlds) -> Judgement:
    correlation: list[float] = []
    x: list[float] = []
    y: list[float] = []
    for orders, buyers in zip(worlds.of("default", "orders"), worlds.of("default", "buyers"), strict=True):
        is_bought = buyers >= 5
        often = orders[is_bought] / buyers[is_bought]
        correlation.append(float(np.corrcoef(buyers[is_bought], often)[0, 1]))
        x, y = buyers[is_bought].tolist(), often.tolist()
    why = "above 0: products with fewer buyers are bought by them less often"
    finding = between("correlation of buyers and purchases per buyer, over products", 0.5, correlation, 0.0, 1.0, why)
    lines = [Line("products of one world", x, y)] if len(x) else []
    return Judgement([finding], [Panel("", "buyers of a product", "purchases per buyer", lines)])


S1 = Target(
    "S1",
    "Double jeopardy",
    "Ehrenberg, Goodhardt & Barwise 1990",
    lambda ask: cases(ask, default={}),
    world,
    _judge_jeopardy,
    is_fact=True,
)

# Price elasticity and loss aversion (S2)


def _elasticities(worlds: Worlds) -> Floats:
    """ln of units with over units without the cut, of the products that are cut, over ln of their prices."""
    found = []
    for before, after in zip(worlds.found["default"], worlds.found["promoted"], strict=True):
        is_cut = np.array(after["price_ratio"]) < 1 - CUT / 2
        sold = [float(np.array(units)[is_cut].sum()) for units in (before["units"], after["units"])]
        found.append(float(np.log(sold[1] / sold[0]) / np.log(1 - CUT)) if min(sold) > 0 else np.nan)
    return np.array(found)


def _judge_elasticity(ask: Ask, worlds: Worlds) -> Judgement:
    why = "range of the meta-analysis, −1.5 to −4"
    return Judgement(
        [
            between("elasticity of sales to the price of one's own", -2.62, _elasticities(worlds), -4.0, -1.5, why),
            told("weight of a loss over that of a gain", 1.955, 1.955, "put in: `choice.loss_aversion`"),
        ]
    )


S2 = Target(
    "S2",
    "Price elasticity",
    "Bijmolt, van Heerde & Pieters 2005; Brown et al. 2024",
    lambda ask: cases(ask, default={}, promoted=PROMOTED),
    world,
    _judge_elasticity,
    is_fact=True,
)

# Cascades (S3)


def _judge_cascades(ask: Ask, worlds: Worlds) -> Judgement:
    n = worlds.of("referral", "n_cascades")
    short = worlds.of("referral", "n_short") / np.maximum(n, 1)
    large = worlds.of("referral", "n_large") / np.maximum(n, 1)
    sizes = [size for found in worlds.found["referral"] for size in found["sizes"]]
    virality = [v for found in worlds.found["referral"] for v in found["virality"]]
    per_world = [
        float(np.corrcoef(np.log(found["sizes"]), found["virality"])[0, 1]) if len(set(found["sizes"])) > 2 else np.nan
        for found in worlds.found["referral"]
    ]
    findings = [
        between("share of cascades that end within one step", 0.9, short, 0.5, 1.0, "above a half: most"),
        between("share of cascades of 100 and more", 1e-4, large, 0.0, 1e-3, "at most 10⁻³: order of magnitude"),
        between(
            "correlation of ln size and structural virality",
            0.2,
            per_world,
            -0.5,
            0.5,
            "within ± .5: nearly independent",
        ).known(
            "cascades here are small, and a tree of three to ten people can only get longer by growing; those of "
            "the study have 100 and more"
        ),
    ]
    lines = [Line("cascades of all worlds", sizes, virality)] if sizes else []
    return Judgement(findings, [Panel("", "size", "structural virality", lines)])


S3 = Target(
    "S3",
    "Cascades",
    "Goel, Watts & Goldstein 2012; Goel et al. 2016",
    lambda ask: cases(ask, referral=REFERRAL),
    world,
    _judge_cascades,
    is_fact=True,
)

# Hubs (S4)

SEEDED = {"mechanics.seeding.enabled": True, "mechanics.seeding.seed_fraction": 0.01}
NETWORKS = ("small_world", "scale_free")


def _plan_hubs(ask: Ask) -> dict[str, Case]:
    arms: dict[str, dict[str, Any]] = {}
    for network in NETWORKS:
        own = {"social.kind": network}
        arms[f"{network}, nobody"] = own
        for choose in ("random", "degree"):
            arms[f"{network}, {choose}"] = {**own, **SEEDED, "mechanics.seeding.choose": choose}
    return cases(ask, **arms)


def _judge_hubs(ask: Ask, worlds: Worlds) -> Judgement:
    findings = []
    for network, low, published, why in (
        ("scale_free", 1.0, 8.0, "above 1 and up to 8, where there are hubs"),
        ("small_world", 0.0, 1.0, "below 2: modest, where there are none"),
    ):
        nobody, chance, hubs = (
            measure(worlds, f"{network}, {w}", "prospects_reached") for w in ("nobody", "random", "degree")
        )
        ratio = leave_one_out_ratio(hubs - nobody, chance - nobody)
        high = 8.0 if network == "scale_free" else 2.0
        what = f"{network.replace('_', ' ')}: adopters won by seeding hubs, over those by chance"
        findings.append(between(what, published, ratio, low, high, why))
    return Judgement(findings)


def leave_one_out_ratio(top: Floats, bottom: Floats) -> Floats:
    """Jackknife pseudo-values of a ratio of sums over worlds, shape (n_worlds,): their mean and spread are its own."""
    n = len(top)
    whole = top.sum() / bottom.sum()
    without = (top.sum() - top) / (bottom.sum() - bottom)
    return np.asarray(n * whole - (n - 1) * without)


S4 = Target("S4", "Seeding hubs", "Hinz et al. 2011; Watts & Dodds 2007", _plan_hubs, world, _judge_hubs, is_fact=True)

# Referred customers (S5)


def _judge_referred(ask: Ask, worlds: Worlds) -> Judgement:
    reason = (
        "it does not emerge: who joins by itself is selected by need, who is referred is average, and "
        "friends are alike in taste at most, not in needs or loyalty"
    )
    value = between(
        "value of referred over other new customers",
        1.16,
        measure(worlds, "referral", "referred_value_ratio"),
        1.0,
        1.5,
        "above 1",
    )
    stays = between(
        "their retention over that of others",
        1.18,
        measure(worlds, "referral", "referred_retention_ratio"),
        1.0,
        1.5,
        "above 1",
    )
    return Judgement([value.known(reason), stays.known(reason)])


S5 = Target(
    "S5",
    "Referred customers",
    "Schmitt, Skiera & Van den Bulte 2011",
    lambda ask: cases(ask, referral=REFERRAL),
    world,
    _judge_referred,
    is_fact=True,
)
