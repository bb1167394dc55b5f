"""One world of the ordinary market, measured as a study would, and a few things that a study has no measure of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.validation.target import Ask, Case, Floats, Found, Worlds
from simulator import Market, Scenario, final_measures
from simulator.records.cascades import find_cascades, structural_virality
from simulator.records.events.codes import Kind, Origin, Outcome
from simulator.records.events.ids import id_kind
from simulator.records.events.log import EventLog
from simulator.records.reading import Reading

PAGES = {"policies.recommendation.kind": "personalised"}
BROWSING = {"privacy.collection": "browsing", "privacy.consent.kind": "opt_out", "privacy.leaks.hazard": 0.0}
REFERRAL = {"mechanics.referral.enabled": True}
USUAL = {"consumers.n": 1000, "days": 150, "waves_per_day": 4}
TINY = {"consumers.n": 200, "days": 70, "burn_in_days": 10, "post_days": 20, "waves_per_day": 2, "needs.rate": 0.15}
"""Worlds in which it is seen that everything is measured, and nothing more."""
MARKETPLACE = {
    "merchants.cohorts": {"small": {"count": 60, "products_each": 8}, "large": {"count": 4, "products_each": 30}}
}
"""A wide catalogue: 600 products, of which a page shows little."""


def cases(ask: Ask, **settings: Mapping[str, Any]) -> dict[str, Case]:
    """Markets that differ in a few settings, in the same worlds with the same luck: 20 of them at full size."""
    common = ask.pick(TINY, USUAL)
    return {name: Case(ask.pick(2, 20), {"changes": {**common, **own}}) for name, own in settings.items()}


def world(seed: int, changes: dict[str, Any]) -> Found:
    """The final measures of a world, and its products, cascades and recommendations."""
    market = Market(Scenario().replace(**changes), rng=seed)
    price_ratio = []
    while market.running:
        market.step()
        if market.day == market.scenario.burn_in_days + 2:
            price_ratio = (market.products.offer_fen / market.products.list_fen).tolist()
    measures = {name: float(value) for name, value in final_measures(market.log).items()}
    days = (market.scenario.burn_in_days, market.scenario.campaign_end)
    return {
        "measures": measures,
        "price_ratio": price_ratio,
        **_products(market.log, len(market.products), days),
        **_cascades(market.log),
        **_recommendations(market.log),
    }


def measure(worlds: Worlds, case: str, name: str) -> Floats:
    """A final measure by world, NaN where it is not defined, shape (n_worlds,)."""
    return np.array([found["measures"][name] for found in worlds.found[case]], dtype=np.float64)


def _products(log: EventLog, n: int, campaign: tuple[int, int]) -> Found:
    """Of each product: units ordered in the campaign, buyers and orders in all."""
    orders = log.frame("orders")
    in_campaign = orders["day"].between(campaign[0], campaign[1] - 1)
    return {
        "units": np.bincount(orders["product"][in_campaign], minlength=n).tolist(),
        "orders": np.bincount(orders["product"], minlength=n).tolist(),
        "buyers": np.bincount(orders.drop_duplicates(["consumer", "product"])["product"], minlength=n).tolist(),
    }


def _cascades(log: EventLog) -> Found:
    """Cascades: how many, how many of them within a step of the root, how many of 100 and more; size and virality."""
    trees = find_cascades(Reading(log)).trees
    sizes = trees.sizes
    deepest = np.zeros(len(trees.depth), dtype=np.int64)
    np.maximum.at(deepest, trees.root, trees.depth)
    virality, is_shaped = structural_virality(trees), sizes >= 3
    return {
        "n_cascades": len(sizes),
        "n_short": int((deepest[trees.roots] <= 1).sum()),
        "n_large": int((sizes >= 100).sum()),
        "sizes": sizes[is_shaped].tolist(),
        "virality": virality[is_shaped].tolist(),
    }


def _recommendations(log: EventLog) -> Found:
    """Referrals: sent, those that led to an order, buyers, buyers who sent any; and orders by how many one has read.

    Returns:
        sent, led, all_buyers, forwarders; dose_read, dose_worked: how many read a first, a second, … referral, and how
        many of them ordered by it; the last counts all further ones.
    """
    sent = log.frame("invitations").query(f"origin == {Origin.REFERRAL}")
    orders = log.frame("orders")
    cause = orders["cause"].to_numpy()
    led = cause[(id_kind(cause) == Kind.INVITATION) & np.isin(cause, sent["id"])]
    read = sent[sent["outcome"] == Outcome.READ].sort_values(["invitee", "day", "wave"], kind="stable")
    dose = read.groupby("invitee").cumcount().to_numpy()
    worked = read["id"].isin(led).to_numpy()
    return {
        "sent": len(sent),
        "led": len(led),
        "all_buyers": int(orders["consumer"].nunique()),
        "forwarders": int(sent["consumer"].nunique()),
        "dose_read": np.bincount(np.minimum(dose, 5), minlength=6).tolist(),
        "dose_worked": np.bincount(np.minimum(dose[worked], 5), minlength=6).tolist(),
    }
