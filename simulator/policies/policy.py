"""What every policy is: a decision for many at once, from observations only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Observations:
    """What policies may see on a day. Arrays are read-only and have shape (n_products,).

    Attributes:
        day: The day of the decision.
        is_burn_in: Whether the campaign has not begun.
        campaign_day: Days since the campaign began; -1 outside the campaign.
        merchant: Who sells each product.
        category: Its category.
        list_fen: List price.
        cost_fen: Unit and fulfilment cost, each merchant's own knowledge.
        units_sold: Units ordered within the sales window, up to `reaction_days` ago.
        mean_rating: Mean rating, NaN where there is none.
    """

    day: int
    is_burn_in: bool
    campaign_day: int
    merchant: NDArray[np.intp]
    category: NDArray[np.intp]
    list_fen: NDArray[np.int64]
    cost_fen: NDArray[np.int64]
    units_sold: NDArray[np.int64]
    mean_rating: Numbers
