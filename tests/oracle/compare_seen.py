"""Whether both show policies the same: facts of products, profiles of consumers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simulator import Market
from tests.oracle.profile import Profile
from tests.oracle.world import World

SINGLE = 1e-5
"""Relative precision of what is learned in single precision, record upon record."""


def what_is_seen(market: Market, world: World) -> list[str]:
    """The first differences in what policies would see on the morning after the run."""
    market.pipe.open_day(market.day)
    world.insight.open_day()
    pairs = _facts(market, world)
    if world.insight.collection != "none":
        pairs |= _beliefs(market, world) | _purchases(market, world)
    return [text for what, (engine, oracle) in pairs.items() for text in _difference(what, engine, oracle)]


def _difference(what: str, engine: Any, oracle: Any) -> list[str]:
    a, b = np.asarray(engine, dtype=np.float64), np.asarray(oracle, dtype=np.float64)
    differs = ~np.isclose(a, b, rtol=SINGLE, atol=SINGLE, equal_nan=True)
    if not differs.any():
        return []
    at = tuple(map(int, np.argwhere(differs)[0]))
    return [f"morning after, {what} of {at}: engine {a[at]}, oracle {b[at]}"]


def _facts(market: Market, world: World) -> dict[str, tuple[Any, Any]]:
    seen, insight = market.observe(), world.insight
    counts = {
        what: [insight.fact(p, what) for p in world.products]
        for what in ("n_examined", "n_clicked", "n_ordered", "n_waves_in_stock")
    }
    others = {
        "units_sold": [insight.units_sold(p) for p in world.products],
        "appeal": [insight.appeal(p) for p in world.products],
        "mean_rating": [insight.mean_rating(p) for p in world.products],
    }
    return {what: (getattr(seen, what), values) for what, values in (counts | others).items()}


def _beliefs(market: Market, world: World) -> dict[str, tuple[Any, Any]]:
    people = np.arange(len(world.consumers))
    profiles = [c.profile for c in world.consumers]
    believed = market.pipe.profiles.beliefs(people)
    weights = np.column_stack([believed.appeal, believed.taste, believed.price_sensitivity])
    deviations = np.column_stack([believed.appeal_sd, believed.taste_sd, believed.price_sensitivity_sd])
    return {
        "consents": (market.columns["consents"], [c.consents for c in world.consumers]),
        "records": (market.columns["insight_looks"], [p.n_records for p in profiles]),
        "is_known": (believed.is_known, [p.n_records > 0 for p in profiles]),
        "weights": (weights, [world.insight.beliefs(c) for c in world.consumers]),
        "deviations": (deviations, [[v**0.5 for v in p.variances] for p in profiles]),
        "basket": (np.sort(market.pipe.profiles.baskets(people)), [_basket(p) for p in profiles]),
    }


def _basket(profile: Profile) -> list[int]:
    empty = [-1] * (profile.settings.memory - len(profile.basket))
    return empty + sorted(product.row for product in profile.basket)


def _purchases(market: Market, world: World) -> dict[str, tuple[Any, Any]]:
    insight, people = world.insight, np.arange(len(world.consumers))
    bought = market.pipe.profiles.purchases(people)
    profiles = [c.profile for c in world.consumers]
    repurchase = insight.repurchase
    return {
        "n_orders": (bought.n_orders, [p.n_orders for p in profiles]),
        "recency_days": (
            bought.recency_days,
            [insight.told_until - p.last_day if p.n_orders else -1 for p in profiles],
        ),
        "age_days": (bought.age_days, [insight.told_until - p.first_day if p.n_orders else -1 for p in profiles]),
        "spend_fen": (bought.spend_fen, [p.spend_fen for p in profiles]),
        "p_alive": (bought.p_alive, [repurchase.p_alive(p) if p.n_orders else math.nan for p in profiles]),
        "orders_per_month": (
            bought.orders_per_month,
            [repurchase.orders_per_month(p) if p.n_orders else math.nan for p in profiles],
        ),
    }
