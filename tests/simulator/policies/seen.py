"""Observations made by hand, for policies that are tested alone."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from simulator.policies.policy import Beliefs, Observations, Purchases


@dataclass
class Known:
    """Profiles of consumers, given whole."""

    all_beliefs: Beliefs
    all_purchases: Purchases
    all_baskets: Any

    def beliefs(self, consumers: Any) -> Beliefs:
        return _rows(self.all_beliefs, consumers)

    def purchases(self, consumers: Any) -> Purchases:
        return _rows(self.all_purchases, consumers)

    def baskets(self, consumers: Any) -> Any:
        return self.all_baskets[consumers]


def profiles(n: int = 60, n_products: int = 12, n_attributes: int = 3, *, known: bool = True) -> Known:
    """Profiles of n consumers, every third of them unknown; of nobody if not `known`."""
    rng = np.random.default_rng(3)
    is_known = (np.arange(n) % 3 > 0) & known

    def if_known(values: Any, other: float) -> Any:
        return np.where(is_known if values.ndim == 1 else is_known[:, None], values, other)

    beliefs = Beliefs(
        is_known,
        if_known(rng.normal(0, 0.3, n), 0.0),
        if_known(rng.normal(0, 0.6, (n, n_attributes)), 0.0),
        if_known(rng.uniform(1.2, 3.0, n), 2.0),
        if_known(np.full(n, 0.3), 0.5),
        if_known(rng.uniform(0.1, 0.7, (n, n_attributes)), 0.8),
        if_known(np.full(n, 0.4), 0.6),
    )
    n_orders = np.where(is_known, rng.integers(0, 6, n), 0)
    has = n_orders > 0
    age = np.where(has, rng.integers(30, 90, n), -1)
    purchases = Purchases(
        n_orders,
        np.where(has, np.minimum(rng.integers(0, 60, n), age), -1),
        age,
        n_orders * 4000 + np.where(has, rng.integers(0, 999, n), 0),
        np.where(has, rng.uniform(0, 1, n), np.nan),
        np.where(has, rng.uniform(0, 3, n), np.nan),
    )
    baskets = np.where(is_known[:, None], rng.integers(-1, n_products, (n, 5)), -1).astype(np.int32)
    return Known(beliefs, purchases, baskets)


def observations(n: int = 12, **changes: Any) -> Observations:
    """What is seen of n products, on day 40, the tenth of the campaign, and of 60 consumers; with changes."""
    list_fen = 1000 + 100 * np.arange(n)
    told: dict[str, Any] = {
        "day": 40,
        "is_burn_in": False,
        "campaign_day": 10,
        "reaction_days": 1,
        "profiles_days": 1,
        "merchant": np.repeat(np.arange((n + 1) // 2), 2)[:n],
        "category": np.arange(n) % 3,
        "attributes": np.random.default_rng(5).normal(0, 0.5, (n, 3)),
        "list_fen": list_fen,
        "offer_fen": list_fen - 10 * (np.arange(n) % 4),
        "cost_fen": 500 + 50 * np.arange(n),
        "stock": 5 + 3 * np.arange(n),
        "on_order": np.arange(n) % 3,
        "units_sold": np.arange(n)[::-1].copy(),
        "n_examined": 400 + np.arange(n),
        "n_clicked": 100.0 + np.arange(n),
        "n_ordered": 20 + np.arange(n),
        "n_waves_in_stock": 8 * (20 + np.arange(n)),
        "appeal": np.linspace(-2.5, -1.5, n),
        "mean_rating": np.full(n, np.nan),
        "moves": np.full((n + 1) // 2, -1),
        "joined_day": np.where(np.arange(60) % 5 == 0, 35, 0).astype(np.int16),
        "has_ordered": np.arange(60) % 2 == 0,
        "profiles": profiles(n_products=n),
    }
    told |= changes
    told.setdefault("is_able", np.ones(max(told["merchant"], default=-1) + 1, dtype=np.bool_))
    return Observations(**told)


def _rows(record: Any, rows: Any) -> Any:
    return type(record)(*(getattr(record, field.name)[rows] for field in fields(record)))
