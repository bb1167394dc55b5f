"""Stock-driven prices: dearer when a product sells faster than usual, or is about to run out."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simulator.draws import Draws
from simulator.policies.following import FollowedSettings
from simulator.policies.policy import Ints, Observations, Rows
from simulator.policies.pricing.pricing import Asked, CampaignPrices
from simulator.settings import quantity


class StockDrivenSettings(FollowedSettings):
    """Prices that go with demand and stock, within bounds around the list price."""

    bound: float = quantity(0.2, "how far prices may move from the list price", unit="share", ge=0, lt=1)
    recent_days: int = quantity(7, "days of sales that count as recent", unit="day", ge=1, le=365)
    demand_response: float = quantity(
        0.3, "elasticity of the price to recent sales over those of the usual pace", ge=0, le=10
    )
    prior_units: float = quantity(
        5.0, "units added to both, so that a few sales more or less move little", unit="units", ge=0.1, le=1_000_000
    )
    stock_response: float = quantity(0.5, "elasticity of the price to scarcity", ge=0, le=10)
    cover_days: float = quantity(
        7.0, "days that stock should last at the recent pace; below it goods are scarce", unit="day", ge=0, le=365
    )


class StockDrivenPrices(CampaignPrices):
    """List prices times (recent over usual sales)^response times scarcity^response, bounded.

    The usual pace is that of all days on record, so that what prices do to sales hardly moves it.
    """

    carried: ClassVar[tuple[str, ...]] = ("_ordered",)

    def __init__(self, settings: StockDrivenSettings) -> None:
        super().__init__(settings)
        self.settings = settings
        # What had been ordered by each of the last mornings, a ring, shape (recent_days + 1, n_products).
        self._ordered = np.zeros((settings.recent_days + 1, 0), dtype=np.int64)

    def ask(self, seen: Observations, products: Rows, draws: Draws) -> Asked:
        s = self.settings
        recent, n_recent_days = self._recent(seen)[products], min(seen.campaign_day, s.recent_days)
        n_days = max(seen.day - seen.reaction_days + 1, 1)  # on record
        usual = seen.n_ordered[products] * (n_recent_days / n_days)
        demand = (recent + s.prior_units) / (usual + s.prior_units)
        # What lies longer than it should is not sold off: nothing here goes bad.
        pace, stock = recent / max(n_recent_days, 1), np.maximum(seen.stock[products], 1)
        scarcity = np.maximum(s.cover_days * pace / stock, 1.0)
        factor = demand**s.demand_response * scarcity**s.stock_response
        return seen.list_fen[products] * np.clip(factor, 1 - s.bound, 1 + s.bound)

    def _recent(self, seen: Observations) -> Ints:
        """Orders that became known in the last `recent_days` of the campaign, shape (n_products,)."""
        n_mornings = len(self._ordered)
        if self._ordered.size == 0:
            self._ordered = np.tile(seen.n_ordered, (n_mornings, 1))
        self._ordered[seen.day % n_mornings] = seen.n_ordered
        return np.asarray(seen.n_ordered - self._ordered[(seen.day + 1) % n_mornings])
