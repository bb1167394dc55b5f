"""Measures of exposure: what is shown, and what shoppers think of it."""

from __future__ import annotations

from simulator.records.measures.measure import Family, Measure

EXPOSURE: tuple[Measure, ...] = (
    Measure(
        "orders_per_shown",
        "orders per product shown",
        Family.EXPOSURE,
        "orders",
        "orders from a slate, per product shown on a slate, looked at or not",
        higher_is_better=True,
    ),
    Measure(
        "orders_per_examined",
        "orders per product examined",
        Family.EXPOSURE,
        "orders",
        "orders from a slate, per product examined on a slate",
        higher_is_better=True,
    ),
    Measure(
        "clicks_per_examined",
        "click rate",
        Family.EXPOSURE,
        "share",
        "products clicked on a slate, of the products examined on a slate",
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
        "sales_gini",
        "inequality of sales",
        Family.EXPOSURE,
        "Gini",
        "Gini coefficient of the sales, over all products, never sold ones included",
    ),
    Measure(
        "products_sold_effective",
        "aggregate diversity",
        Family.EXPOSURE,
        "products",
        "effective number of products sold: 1 over the sum of squared shares of sales",
    ),
    Measure(
        "buyer_diversity",
        "individual diversity",
        Family.EXPOSURE,
        "share",
        "chance that two sales to the same consumer, drawn at random, are of different products, "
        "mean over consumers with at least two sales",
    ),
    Measure(
        "mean_rating", "mean rating", Family.EXPOSURE, "points (0–1)", "rating given, per rating", higher_is_better=True
    ),
)
