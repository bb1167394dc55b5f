"""Data to which named settings are fitted, and what is held out of it: coupons of a grocer (T4), Pinduoduo (T5)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import least_squares

from experiments.calibration import coupons, growth
from experiments.validation.adoption import bass
from experiments.validation.target import (
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
    equal,
    told,
    value_near,
)

# Coupons of a grocer (T4)

KNOWN = (0.263, 0.120, 0.166, 0.06, 0.55)
"""What is known of the data set, in the order of `coupons.published`."""
DIGITS = (5e-4, 5e-4, 5e-4, 5e-3, 5e-3)
OTHERS = 10_000
"""Added to a world's number, the number of the one in which everybody notices every coupon."""


def redeem(seed: int, households: int, pairs: float, both: float) -> Found:
    """Fit `reach` and `noticed` to two campaigns, and what a market with them does in three.

    Args:
        seed: The world.
        households: As many as in the data.
        pairs: Share of pairs of household and campaign redeemed in the first two campaigns.
        both: Share of households that redeemed in both.
    """
    everybody = coupons.simulated(households, OTHERS + seed, False, noticed=1.0)
    settings = coupons.fitted_to(pairs, both, everybody)
    redeemed = coupons.simulated(households, seed, False, **settings)
    top = coupons.top_fifth(redeemed.sum(axis=1))
    return {**settings, "figures": list(coupons.figures(redeemed).values()), "top": top}


def _plan_coupons(ask: Ask) -> dict[str, Case]:
    data = coupons.three_largest(coupons.read_pairs(ask.file(coupons.FOLDER)))
    pairs, both = list(coupons.figures(data).values())[: len(coupons.FITTED)]
    return {"market": Case(ask.pick(2, 20), {"households": len(data), "pairs": pairs, "both": both})}


def _judge_coupons(ask: Ask, worlds: Worlds) -> Judgement:
    table = coupons.read_pairs(ask.file(coupons.FOLDER))
    published = coupons.published(table)
    findings = [
        equal(f"the file: {what}", known, ours, digits, "digits published")
        for (what, ours), known, digits in zip(published.items(), KNOWN, DIGITS, strict=True)
    ]
    for name in ("reach", "noticed"):
        findings.append(told(f"fitted: {name}", np.nan, float(worlds.of("market", name).mean()), "fitted"))
    data = coupons.three_largest(table)
    n_earlier = data[:, :2].sum(axis=1)
    sizes = [len(data), *((n_earlier == n).sum() for n in range(3)), len(data)]
    ours = worlds.of("market", "figures")  # (n_worlds, n_figures)
    error = ours.std(axis=0, ddof=1) / np.sqrt(len(ours))
    for i, (what, share) in enumerate(coupons.figures(data).items()):
        if what in coupons.FITTED:
            findings.append(told(what, share, float(ours[:, i].mean()), "fitted"))
            continue
        n = int(sizes[i - len(coupons.FITTED)])
        both = float(np.hypot(np.sqrt(share * (1 - share) / n), error[i]))
        why = f"held out; 4 standard errors of {n:,} households and of {len(ours)} worlds, each fitted anew"
        findings.append(value_near(what, share, float(ours[:, i].mean()), both, 0.0, why))
    reason = "a household gets one coupon of each campaign here, and many of each from the grocer"
    top = float(worlds.of("market", "top").mean())
    findings.append(equal("redemptions by the top 20 % of redeemers", KNOWN[-1], top, 0.05, "held out").known(reason))
    return Judgement(findings)


T4 = Target(
    "T4",
    "Coupons of a grocer",
    "84.51°, The Complete Journey 2.0",
    _plan_coupons,
    redeem,
    _judge_coupons,
    (coupons.FOLDER,),
)

# Buyers and spending of Pinduoduo (T5)

PEOPLE, PILOT = 900.0, 0.06
"""Million people, and needs a day, with which a market is tried; buyers go with the one, spending with the other."""
BUYERS, SPENDING = "buyers, million", "spending per buyer, yuan"
SAME_SPENDING = (
    "people do not come to buy more, nor dearer things, the longer they know the platform; spending per buyer rises "
    "only because those who join late in a year have little time in it"
)


def innovation_imitation() -> list[float]:
    """Bass's p and q, fitted to the buyers of 2017 to 2019 by the law that A1 is about."""
    since = np.array(growth.YEARS[: growth.N_FITTED]) + 1 - growth.BEGAN
    reported = np.log(growth.BUYERS[: growth.N_FITTED])

    def off(x: Floats) -> Floats:
        p, q, people = np.exp(x)
        return np.asarray(np.log(people * bass(since, p, q)) - reported)

    low, high = (np.log([getattr(x, end) for x in growth.PARAMETERS[:3]]) for end in ("low", "high"))
    return [float(x) for x in np.exp(least_squares(off, (low + high) / 2, bounds=(low, high)).x[:2])]


def grow(seed: int, values: list[float]) -> Found:
    """Buyers and spending by year, with such people and needs that both are as reported, on average over 2017 to 2019.

    Not everybody who has joined buys in a year, so people cannot come from the law; a market is tried for them.
    """
    tried = np.split(np.array(growth.simulate(seed, [*values, PEOPLE, PILOT])["fitted"]), 2)
    rises = [
        float(np.exp(np.mean(np.log(reported[: growth.N_FITTED]) - ours)))
        for reported, ours in zip((growth.BUYERS, growth.SPENDING), tried, strict=True)
    ]
    people, needs = PEOPLE * rises[0], min(PILOT * rises[1], 1 / growth.STEP)
    return {"people": people, "needs": needs, **growth.simulate(seed, [*values, people, needs])}


def _judge_growth(ask: Ask, worlds: Worlds) -> Judgement:
    fitted, later = np.exp(worlds.of("market", "fitted")), worlds.of("market", "held_out")
    by_year = np.split(fitted.mean(axis=0), 2), np.split(later.mean(axis=0), 2)
    tried = [float(worlds.of("market", name).mean()) for name in ("people", "needs")]
    settings = [*worlds.cases["market"].arguments["values"], *tried]
    findings = [
        told(f"fitted: {parameter.name}", np.nan, value, "fitted")
        for parameter, value in zip(growth.PARAMETERS, settings, strict=True)
    ]
    panels = []
    for i, (what, published) in enumerate(((BUYERS, growth.BUYERS), (SPENDING, growth.SPENDING))):
        ours = np.concatenate([part[i] for part in by_year])
        findings += [_of_year(what, k, published[k], float(ours[k])) for k in range(len(growth.YEARS))]
        lines = [Line("reported", growth.YEARS, published, True), Line("market", growth.YEARS, ours.tolist())]
        panels.append(Panel("", "year", what, lines))
    return Judgement(findings, panels)


def _of_year(what: str, k: int, published: float, ours: float) -> Finding:
    part = "fitted" if k < growth.N_FITTED else "held out"
    why = f"{part}; 4 × the {100 * growth.DISCREPANCY:.0f} % by which the model is assumed to be off"
    finding = value_near(f"{what}, {growth.YEARS[k]}", published, ours, growth.DISCREPANCY * published, 0.0, why)
    return finding.known(SAME_SPENDING) if what == SPENDING else finding


T5 = Target(
    "T5",
    "Growth of Pinduoduo",
    "annual reports",
    lambda ask: {"market": Case(ask.pick(1, 20), {"values": innovation_imitation()})},
    grow,
    _judge_growth,
    is_fact=True,
)
