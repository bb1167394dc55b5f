"""Public facts: what has been sold, rated and looked at, as of some days ago."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Floats

Counts = NDArray[np.int64]


class Facts:
    """Counts per product, shape (n_products,), the newest `reaction_days` old.

    Args:
        n_products: How many products there are.
        reaction_days: Age of the newest record.
        window_days: Days of sales that count as popularity.
    """

    carried = ("units_by_day", "_mean_ratings", "_waiting", "n_examined", "n_clicked", "n_ordered", "n_waves_in_stock")

    def __init__(self, n_products: int, reaction_days: int, window_days: int) -> None:
        self.reaction_days, self.window_days = reaction_days, window_days
        self.units_by_day = np.zeros((window_days + reaction_days - 1, n_products), dtype=np.int64)
        unrated = [np.full(n_products, np.nan)] * reaction_days
        self._mean_ratings: deque[Floats] = deque(unrated, maxlen=reaction_days)
        self._waiting = np.zeros((reaction_days, 4, n_products), dtype=np.float64)
        self.n_examined: Counts = np.zeros(n_products, dtype=np.int64)
        self.n_clicked: Floats = np.zeros(n_products)
        self.n_ordered: Counts = np.zeros(n_products, dtype=np.int64)
        self.n_waves_in_stock: Counts = np.zeros(n_products, dtype=np.int64)

    @property
    def units_sold(self) -> Counts:
        """Units ordered within the sales window."""
        return np.asarray(self.units_by_day[: self.window_days].sum(axis=0))

    @property
    def mean_rating(self) -> Floats:
        """Mean rating, NaN where there is none."""
        return self._mean_ratings[0]

    def close_day(
        self, units: Counts, ratings: Counts, rating_sum_permille: Counts, traffic: dict[str, NDArray[Any]]
    ) -> None:
        """Enter a day; what is old enough becomes visible.

        Args:
            units: Units ordered today.
            ratings, rating_sum_permille: Ratings so far.
            traffic: Today's `n_examined`, `n_clicked` as reported, `n_ordered` from pages, `n_waves_in_stock`.
        """
        self.units_by_day[:-1] = self.units_by_day[1:]
        self.units_by_day[-1] = units
        with np.errstate(invalid="ignore"):
            self._mean_ratings.append(rating_sum_permille / 1000 / ratings)
        self._waiting[:-1] = self._waiting[1:]
        steps = ("n_examined", "n_clicked", "n_ordered", "n_waves_in_stock")
        self._waiting[-1] = [traffic[step] for step in steps]
        examined, clicked, ordered, in_stock = self._waiting[0]
        self.n_examined += examined.astype(np.int64)
        self.n_clicked += clicked
        self.n_ordered += ordered.astype(np.int64)
        self.n_waves_in_stock += in_stock.astype(np.int64)
