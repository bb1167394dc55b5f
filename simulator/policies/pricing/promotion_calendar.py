"""Promotion calendar: list prices, cut for some days of each period."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from pydantic import model_validator

from simulator.draws import ALWAYS, Draws, decision
from simulator.policies.following import FollowedSettings
from simulator.policies.policy import Observations, Rows
from simulator.policies.pricing.pricing import Asked, CampaignPrices
from simulator.settings import quantity

OFFSET = decision("pricing.calendar_offset")


class PromotionCalendarSettings(FollowedSettings):
    """Recurring promotions: each merchant's own dates, the same depth and rhythm for all."""

    discount: float = quantity(0.15, "price cut during a promotion", unit="share", ge=0, lt=1)
    period_days: int = quantity(28, "days from one promotion to the next", unit="day", ge=1, le=365)
    length_days: int = quantity(7, "days a promotion lasts", unit="day", ge=1, le=365)

    @model_validator(mode="after")
    def _fits_period(self) -> Self:
        if self.length_days > self.period_days:
            raise ValueError(f"length_days={self.length_days} is longer than period_days={self.period_days}")
        return self


class PromotionCalendar(CampaignPrices):
    """List prices, cut for `length_days` of every `period_days` of the campaign, each merchant on its own dates."""

    by_data: ClassVar[bool] = False

    def __init__(self, settings: PromotionCalendarSettings) -> None:
        super().__init__(settings)
        self.settings = settings

    def ask(self, seen: Observations, products: Rows, draws: Draws) -> Asked:
        s = self.settings
        luck = draws.uniform(OFFSET, ALWAYS, seen.merchant[products])
        offset = (luck * s.period_days).astype(np.int64)
        is_on = (seen.campaign_day + offset) % s.period_days < s.length_days
        return seen.list_fen[products] * np.where(is_on, 1 - s.discount, 1.0)
