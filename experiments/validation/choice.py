"""Market shares against the multinomial logit (A10), with everything that makes people differ switched off."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import stats

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
    value_near,
)
from simulator import Market, Scenario
from simulator.draws import ALWAYS, Draws
from simulator.policies.pricing.pricing import FOLLOWS

CALENDAR = "policies.pricing.promotion_calendar."
LOGIT: dict[str, Any] = {
    "burn_in_days": 1,
    "post_days": 1,
    "consumers.n": 3000,
    "consumers.prospect_fraction": 0.0,
    "consumers.price_sensitivity_sd": 0.0,
    "needs.rate": 1.0,
    "needs.rate_shape": 1e9,
    "needs.retry": 0.0,
    "needs.home_stock": 0.0,
    "needs.has_attrition": False,
    "social.kind": "ring",
    "social.degree": 2,
    "merchants.n_categories": 1,
    "choice.taste_weight": 0.0,
    "choice.friends_weight": 0.0,
    "choice.loyalty_weight": 0.0,
    "choice.trust_weight": 0.0,
    "choice.gain_weight": 0.0,
    "choice.quality_weight": 0.0,
    "platform.examination_decay": 0.0,
    "platform.slate_size": 200,
    "policies.pricing.kind": "promotion_calendar",
    CALENDAR + "period_days": 28,
    CALENDAR + "length_days": 28,
}
"""Identical shoppers who need something every day and look at everything; promotions last the whole campaign."""


class Shop(NamedTuple):
    """A market of one-product merchants, of whom a share gives a discount."""

    products: int
    appeal: float
    beta: float
    discount: float
    reach: float
    seed: int
    days: int = 12


def softmax(appeal: float, beta: float, price_ratio: Floats) -> Floats:
    """Shares of the products, then of buying nothing."""
    v = np.append(appeal - beta * np.log(price_ratio), 0.0)
    return np.asarray(np.exp(v) / np.exp(v).sum())


def choices(_: int, **shop: Any) -> Found:
    """What was chosen in the campaign: how often each product, how often nothing; and the offer prices over list."""
    shop_ = Shop(**shop)
    changes: dict[str, Any] = {
        "days": shop_.days,
        "choice.appeal": shop_.appeal,
        "consumers.price_sensitivity": shop_.beta,
        "merchants.cohorts": {"each": {"count": shop_.products, "products_each": 1}},
        CALENDAR + "discount": shop_.discount,
        CALENDAR + "reach": shop_.reach,
    }
    market = Market(Scenario().replace(**LOGIT), rng=shop_.seed, **changes)
    while market.day < market.scenario.campaign_end:
        market.step()
    ratio = market.products.offer_fen / market.products.list_fen
    campaign = market.log.frame("exposures").query("day >= 1")
    per_product = campaign.groupby("product")[["n_shown", "n_examined", "n_ordered"]].sum()
    n_choices = int(per_product["n_shown"].iloc[0])
    assert (per_product["n_shown"] == n_choices).all()
    assert (per_product["n_examined"] == n_choices).all()
    counts = per_product["n_ordered"].to_numpy()
    return {"counts": counts.tolist(), "nothing": n_choices - int(counts.sum()), "ratio": ratio.tolist()}


def reach_of_one(products: int, seed: int) -> float:
    """A reach of the promotion at which exactly one merchant follows it."""
    first, second = np.sort(Draws(seed).uniform(FOLLOWS, ALWAYS, np.arange(products)))[:2]
    return float(first + second) / 2


SHARES = (Shop(6, -1.0, 2.0, 0.25, 0.5, 1), Shop(12, 0.5, 4.0, 0.1, 0.5, 3), Shop(3, -2.0, 1.5, 0.6, 0.5, 8))
ELASTIC = ((4, -1.0, 2.0), (8, 0.0, 4.0))
"""Products, appeal, β."""
CUT = 0.04
"""Discount of the one product that gets cheaper."""
IIA = (3, 12)
"""Products of two shops."""


def shops(days: int) -> dict[str, Shop]:
    """The markets that are looked at, by name."""
    found = {f"shares {i}": shop for i, shop in enumerate(SHARES)}
    for n, appeal, beta in ELASTIC:
        found[f"β = {beta}, before"] = Shop(n, appeal, beta, 0.0, 1.0, 5)
        found[f"β = {beta}, after"] = Shop(n, appeal, beta, CUT, reach_of_one(n, 5), 5)
    for n in IIA:
        found[f"odds of {n}"] = Shop(n, 0.0, 2.0, 0.3, reach_of_one(n, 9), 9)
    return {name: shop._replace(days=days) for name, shop in found.items()}


def _judge(ask: Ask, worlds: Worlds) -> Judgement:
    findings, points = [], []
    for name, case in worlds.cases.items():
        shop, found = Shop(**case.arguments), worlds.found[name][0]
        if name.startswith("shares"):
            observed = np.array([*found["counts"], found["nothing"]], dtype=np.float64)
            law = softmax(shop.appeal, shop.beta, np.array(found["ratio"]))
            findings.append(_fits(f"{shop.products} products, β = {shop.beta}: χ² of the shares", observed, law))
            points += list(zip(law, observed / observed.sum(), strict=True))
    for n, appeal, beta in ELASTIC:
        before, after = (worlds.found[f"β = {beta}, {when}"][0] for when in ("before", "after"))
        findings.append(elasticity(n, appeal, beta, before, after))
    findings += [_odds(n, worlds.found[f"odds of {n}"][0]) for n in IIA]
    lines = [Line("softmax", [0, 0.8], [0, 0.8], True), Line("market", *zip(*points, strict=True))]  # type: ignore[arg-type]
    return Judgement(findings, [Panel("", "share, softmax", "share, market", lines)])


def _fits(what: str, observed: Floats, law: Floats) -> Finding:
    """Whether shares equal the softmax within sampling error, by χ²."""
    n, df = float(observed.sum()), len(observed) - 1
    distance = float(((observed - n * law) ** 2 / (n * law)).sum())
    most = float(stats.chi2.ppf(1 - CHANCE, df))
    why = f"χ² of {n:,.0f} choices with {df} degrees of freedom"
    return Finding(what, df, distance, tolerance=most - df, basis=why, is_met=bool(distance <= most))


def elasticity(products: int, appeal: float, beta: float, before: Found, after: Found) -> Finding:
    """β(1 − s) in the log of the price. One product gets cheaper; the same shoppers with the same luck.

    With common luck nobody leaves the product that got cheaper, so that the gain is a count of rare events.
    """
    ratio = np.array(after["ratio"])
    promoted = ratio < 1
    n = sum(after["counts"]) + after["nothing"]
    change = np.array(after["counts"]) - np.array(before["counts"])
    assert promoted.sum() == 1
    assert n == sum(before["counts"]) + before["nothing"]
    assert (change[~promoted] <= 0).all()
    gained = int(change[promoted].sum())
    s = [softmax(appeal, beta, np.array(x["ratio"]))[:-1][promoted].item() for x in (before, after)]
    ours = gained / (n * sum(s) / 2) / -float(np.log(ratio[promoted].item()))
    curvature = beta**3 * float(np.log(1 - CUT)) ** 2 / 12  # of the arc between the prices, third order
    why = f"4 standard errors of {gained:,} gained; curvature of the arc"
    law = beta * (1 - sum(s) / 2)
    return value_near(f"β = {beta}: own-price elasticity", law, ours, ours / np.sqrt(gained), curvature, why)


def _odds(products: int, found: Found) -> Finding:
    """The odds of a promoted product are (price/list)^−β, in a shop of any size."""
    counts, ratio = np.array(found["counts"]), np.array(found["ratio"])
    promoted, others = counts[ratio < 1].item(), counts[ratio == 1]
    odds = float(promoted / others.mean())
    error = odds * float(np.sqrt(1 / promoted + 1 / others.sum()))
    exact = float(ratio[ratio < 1].item() ** -2.0)
    return value_near(f"odds of two products among {products}", exact, odds, error, 0.0, "4 standard errors of counts")


A10 = Target(
    "A10",
    "Multinomial logit",
    "McFadden 1974",
    lambda ask: {name: Case(1, shop._asdict()) for name, shop in shops(ask.pick(8, 28)).items()},
    choices,
    _judge,
)
