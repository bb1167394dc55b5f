"""Measures of exposure: what is shown, and what shoppers think of it."""

from __future__ import annotations

from simulator.records.measures.measure import Family, Measure

EXPOSURE: tuple[Measure, ...] = (
    Measure(
        "orders_per_examined",
        "orders per product examined",
        Family.EXPOSURE,
        "orders",
        "orders from a slate, per product examined on a slate",
        higher_is_better=True,
    ),
    Measure(
        "exposure_gini",
        "inequality of exposure",
        Family.EXPOSURE,
        "Gini",
        "Gini coefficient of the times shown, over all products, never shown ones included",
    ),
    Measure(
        "products_shown_share",
        "products ever shown",
        Family.EXPOSURE,
        "share",
        "products shown at least once, of all products; — if nothing was shown",
        higher_is_better=True,
    ),
    Measure(
        "mean_rating", "mean rating", Family.EXPOSURE, "points (0–1)", "rating given, per rating", higher_is_better=True
    ),
)
