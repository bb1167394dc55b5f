"""What is shown and what is bought of it: how well pages sell, and how alike they make people buy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.records.reading import Reading, ratio


def exposure_measures(reading: Reading) -> dict[str, float]:
    """The funnel of the pages, who gets exposure and sales, and how varied one's own purchases are."""
    product, *funnel = reading.window("exposures", "product", "n_shown", "n_examined", "n_clicked", "n_ordered")
    (rating,) = reading.window("ratings", "rating_permille")
    n_shown, n_examined, n_clicked, n_ordered = (step.sum(dtype=np.int64) for step in funnel)
    n = reading.facts.n_products
    shown = np.bincount(product, weights=funnel[0], minlength=n)
    bought = reading.table("orders")["product"][reading.sales.row]
    sold = np.bincount(bought, minlength=n)
    return {
        "orders_per_shown": ratio(n_ordered, n_shown),
        "orders_per_examined": ratio(n_ordered, n_examined),
        "clicks_per_examined": ratio(n_clicked, n_examined),
        "exposure_gini": gini(shown),
        "products_shown_share": ratio(np.count_nonzero(shown), n if n_shown else 0),
        "sales_gini": gini(sold),
        "products_sold_effective": ratio(len(bought) ** 2, (sold.astype(np.float64) ** 2).sum()),
        "buyer_diversity": _buyer_diversity(reading.sales.consumer, bought, n),
        "mean_rating": ratio(rating.sum() / 1000, len(rating)),
    }


def gini(amounts: NDArray[Any]) -> float:
    """Gini coefficient of amounts, shape (n,): half the relative mean difference; NaN if all are 0."""
    n, ordered = len(amounts), np.sort(amounts)
    return ratio(((2 * np.arange(1, n + 1) - n - 1) * ordered).sum(), n * ordered.sum())


def _buyer_diversity(consumer: NDArray[np.int32], product: NDArray[np.int32], n_products: int) -> float:
    """See the registry; the chance that two differ does not depend on how many were drawn from (Simpson 1949).

    Args:
        consumer, product: Of each sale, shape (n_sales,).
        n_products: How many there are.
    """
    n_sales = np.bincount(consumer)
    bought, times = np.unique(consumer.astype(np.int64) * n_products + product, return_counts=True)
    alike = np.bincount(bought // n_products, weights=times * (times - 1))
    pairs = n_sales * (n_sales - 1)
    buyers = np.flatnonzero(pairs)
    return ratio((1 - alike[buyers] / pairs[buyers]).sum(), len(buyers))
