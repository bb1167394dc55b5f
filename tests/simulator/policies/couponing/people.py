"""Members made by hand, for policies that score by profiles."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.policies.policy import Beliefs, Observations, Purchases
from tests.simulator.policies.seen import Known, observations


def people(n: int, **columns: Any) -> Known:
    """Profiles of n consumers: known, average, without an order; with these columns."""

    def column(name: str, value: Any) -> Any:
        return np.asarray(columns.get(name, np.full(n, value)))

    beliefs = Beliefs(
        column("is_known", True),
        column("appeal", 0.0),
        np.zeros((n, 2)),
        column("price_sensitivity", 2.0),
        np.full(n, 0.5),
        np.full((n, 2), 0.8),
        np.full(n, 0.6),
    )
    purchases = Purchases(
        column("n_orders", 0),
        column("recency_days", -1),
        column("age_days", -1),
        column("spend_fen", 0),
        column("p_alive", np.nan),
        column("orders_per_month", np.nan),
    )
    return Known(beliefs, purchases, np.full((n, 1), -1))


def seen_of(known: Known, **changes: Any) -> Observations:
    """What is seen of these people, all of them members from the first day on."""
    n = len(known.all_beliefs.is_known)
    nobody: dict[str, Any] = {"joined_day": np.zeros(n, dtype=np.int16), "has_ordered": np.zeros(n, dtype=np.bool_)}
    return observations(profiles=known, **{**nobody, **changes})
