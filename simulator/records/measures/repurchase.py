"""Measures of repurchase: who buys again, how soon, how often."""

from __future__ import annotations

from simulator.records.measures.measure import Family, Measure

REPURCHASE: tuple[Measure, ...] = (
    Measure(
        "p_two_orders",
        "P(≥ 2 orders)",
        Family.REPURCHASE,
        "share",
        "consumers with at least two sales, of all consumers",
        higher_is_better=True,
        is_primary=True,
    ),
    Measure(
        "orders_per_consumer",
        "orders per consumer",
        Family.REPURCHASE,
        "orders",
        "sales per consumer, buyers or not",
        higher_is_better=True,
    ),
    Measure(
        "buyers_share",
        "buyers",
        Family.REPURCHASE,
        "share",
        "consumers with at least one sale, of all consumers",
        higher_is_better=True,
    ),
    *(
        Measure(
            f"repeat_rate_{days}",
            f"repeat rate, {days} days",
            Family.REPURCHASE,
            "share",
            f"buyers with a second sale at most {days} days after their first of the window, "
            f"of the buyers followed for {days} days",
            higher_is_better=True,
        )
        for days in (30, 60, 90)
    ),
    *(
        Measure(
            f"retention_month_{month}",
            f"retention, month {month}",
            Family.REPURCHASE,
            "share",
            f"buyers with a sale {30 * month - 29} to {30 * month} days after their first of the window, "
            f"of the buyers followed for {30 * month} days",
            higher_is_better=True,
        )
        for month in (1, 2, 3)
    ),
    Measure(
        "mean_gap_days",
        "mean gap between orders",
        Family.REPURCHASE,
        "days",
        "days between one sale and the next to the same consumer, per completed gap; "
        "too short as an estimate, since the window cuts long gaps off",
    ),
    Measure(
        "orders_per_buyer",
        "orders per buyer",
        Family.REPURCHASE,
        "orders",
        "sales per consumer with at least one sale",
        higher_is_better=True,
    ),
)
