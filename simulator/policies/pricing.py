"""Pricing policies: what a product costs today for one who buys alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from simulator.draws import ALWAYS, Draws, decision
from simulator.policies.policy import Observations
from simulator.settings import Settings, quantity, share

FOLLOWS = decision("pricing.follows_calendar")
OFFSET = decision("pricing.calendar_offset")


class PromotionCalendarSettings(Settings):
    """Recurring promotions: each merchant's own dates, the same depth and rhythm for all."""

    discount: float = quantity(0.15, "price cut during a promotion", unit="share", ge=0, lt=1)
    period_days: int = quantity(28, "days from one promotion to the next", unit="day", ge=1, le=365)
    length_days: int = quantity(7, "days a promotion lasts", unit="day", ge=1, le=365)
    reach: float = share(1.0, "share of merchants who follow the calendar; the others keep list prices")

    @model_validator(mode="after")
    def _fits_period(self) -> Self:
        if self.length_days > self.period_days:
            raise ValueError(f"length_days={self.length_days} is longer than period_days={self.period_days}")
        return self


class PricingSettings(Settings):
    """Which prices merchants ask."""

    kind: Literal["fixed", "promotion_calendar"] = quantity("fixed", "pricing policy")
    promotion_calendar: PromotionCalendarSettings = PromotionCalendarSettings()


class Pricing(ABC):
    """Asks prices for many products at once."""

    @abstractmethod
    def decide(self, seen: Observations, products: NDArray[np.intp], draws: Draws) -> NDArray[np.int64]:
        """Offer prices in fen of the given products, shape (n,)."""


class FixedPrices(Pricing):
    """List prices, always."""

    def decide(self, seen: Observations, products: NDArray[np.intp], draws: Draws) -> NDArray[np.int64]:
        return seen.list_fen[products]


class PromotionCalendar(Pricing):
    """List prices, cut for `length_days` of every `period_days` of the campaign, each merchant on its own dates."""

    def __init__(self, settings: PromotionCalendarSettings) -> None:
        self.settings = settings

    def decide(self, seen: Observations, products: NDArray[np.intp], draws: Draws) -> NDArray[np.int64]:
        s, merchant, price = self.settings, seen.merchant[products], seen.list_fen[products]
        if seen.campaign_day < 0:
            return price
        offset = (draws.uniform(OFFSET, ALWAYS, merchant) * s.period_days).astype(np.int64)
        is_on = (seen.campaign_day + offset) % s.period_days < s.length_days
        is_on &= draws.uniform(FOLLOWS, ALWAYS, merchant) < s.reach
        return np.where(is_on, np.maximum(np.rint(price * (1 - s.discount)), 1).astype(np.int64), price)


def make_pricing(settings: PricingSettings) -> Pricing:
    """The policy that the settings name."""
    match settings.kind:
        case "fixed":
            return FixedPrices()
        case "promotion_calendar":
            return PromotionCalendar(settings.promotion_calendar)
