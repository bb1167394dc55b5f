"""Reorder points: (s, S) with a forecast that is not fooled by empty shelves.

What sells while a product has run out is nothing, but that is not what was wanted of it. Demand is therefore sales over
the time in which there was something to sell: of Poisson demand that is the maximum-likelihood estimate under censoring
(after Conrad 1976), here with recent days weighing more. When what is there and on the way falls to s, which is to last
until the next delivery but one could bring, it is brought up to S (Scarf 1960; Silver, Pyke & Peterson 1998).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.special import ndtri

from simulator.draws import Draws, decision
from simulator.policies.following import FollowedSettings, follow
from simulator.policies.policy import Ints, Numbers, Observations, Rows
from simulator.policies.stocking.stocking import ROUTINE, Stocking
from simulator.settings import quantity

FOLLOWS = decision("stocking.follows")


class ReorderSettings(FollowedSettings):
    """Reorder points (s, S)."""

    review_days: int = quantity(
        1, "days between two looks at the shelves; 1: in real time, 7: weekly", unit="day", ge=1, le=365
    )
    lead_days: int = quantity(2, "days from an order to its delivery", unit="day", ge=1, le=365)
    forecast_days: float = quantity(14.0, "memory of the demand forecast", unit="day", ge=1, le=3650)
    corrects_stock_outs: bool = quantity(True, "whether time with an empty shelf is left out of the forecast")
    service: float = quantity(
        0.95, "chance that stock lasts until the next delivery, by the forecast", unit="share", ge=0.01, le=0.9999
    )
    cover_days: float = quantity(7.0, "days of demand that an order is to cover", unit="day", ge=0, le=365)


class ReorderPoints(Stocking):
    """Orders up to S what has fallen to s; demand is forecast from sales while there was something to sell."""

    carried: ClassVar[tuple[str, ...]] = ("_sold", "_open", "_n_ordered", "_n_waves")

    def __init__(self, settings: ReorderSettings, waves_per_day: int) -> None:
        self.settings, self.waves_per_day = settings, waves_per_day
        self.lead_days = settings.lead_days
        # Of each product: units sold and days in stock, old ones fading; and what was on record yesterday.
        self._sold: Numbers = np.zeros(0)
        self._open: Numbers = np.zeros(0)
        self._n_ordered: Ints = np.zeros(0, dtype=np.int64)
        self._n_waves: Ints = np.zeros(0, dtype=np.int64)

    def decide(self, seen: Observations, products: Rows, draws: Draws) -> Ints:
        s = self.settings
        if seen.campaign_day < 0:
            return np.full(len(products), ROUTINE)
        demand = self._forecast(seen)[products]
        position = seen.stock[products] + seen.on_order[products]
        until_delivery = demand * (s.lead_days + s.review_days)
        lower = np.maximum(_up(until_delivery + ndtri(s.service) * np.sqrt(until_delivery)), 0)
        upper = lower + np.maximum(_up(demand * s.cover_days), 1)
        is_low = (position <= lower) & (seen.campaign_day % s.review_days == 0)
        ordered = np.where(is_low, upper - position, 0)
        follows = follow(seen, seen.merchant[products], s.reach, draws, FOLLOWS)
        return np.where(follows, ordered, ROUTINE)

    def _forecast(self, seen: Observations) -> Numbers:
        """Units wanted of each product a day, shape (n_products,)."""
        s = self.settings
        n_waves = seen.n_waves_in_stock if s.corrects_stock_outs else self._waves_on_record(seen)
        if self._sold.size == 0:  # all that is on record, as if it were not more than the memory
            days = n_waves / self.waves_per_day
            fades = np.minimum(1.0, s.forecast_days / np.maximum(days, 1.0))
            self._sold, self._open = fades * seen.n_ordered, fades * days
        else:
            fades = np.full(len(n_waves), 1 - 1 / s.forecast_days)
            self._sold = self._sold * fades + (seen.n_ordered - self._n_ordered)
            self._open = self._open * fades + (n_waves - self._n_waves) / self.waves_per_day
        self._n_ordered, self._n_waves = seen.n_ordered.copy(), n_waves.copy()
        # Less than a wave in stock is no ground for a forecast: what fades would divide without end.
        return np.asarray(self._sold / np.maximum(self._open, 1 / self.waves_per_day))

    def _waves_on_record(self, seen: Observations) -> Ints:
        return np.full(len(seen.n_ordered), max(seen.day - seen.reaction_days + 1, 0) * self.waves_per_day)


def _up(units: Numbers) -> Ints:
    """Whole units, rounded up from 9 decimals."""
    return np.asarray(np.ceil(np.round(units, 9)), dtype=np.int64)
