"""Pricing policies: what a product costs today for one who buys alone. A new one is registered here."""

from __future__ import annotations

from typing import Literal

from simulator.policies.pricing.bandit import BanditPrices, BanditSettings
from simulator.policies.pricing.competitor import CompetitorPrices, CompetitorSettings
from simulator.policies.pricing.cost_plus import CostPlusPrices, CostPlusSettings
from simulator.policies.pricing.fixed import FixedPrices
from simulator.policies.pricing.personalised import PersonalisedPrices, PersonalisedSettings
from simulator.policies.pricing.pricing import Pricing
from simulator.policies.pricing.promotion_calendar import PromotionCalendar, PromotionCalendarSettings
from simulator.policies.pricing.stock_driven import StockDrivenPrices, StockDrivenSettings
from simulator.settings import Settings, quantity

__all__ = ["Pricing", "PricingSettings", "make_pricing"]


class PricingSettings(Settings):
    """Which prices merchants ask."""

    kind: Literal[
        "fixed", "cost_plus", "promotion_calendar", "stock_driven", "competitor", "bandit", "personalised"
    ] = quantity("fixed", "pricing policy")
    cost_plus: CostPlusSettings = CostPlusSettings()
    promotion_calendar: PromotionCalendarSettings = PromotionCalendarSettings()
    stock_driven: StockDrivenSettings = StockDrivenSettings()
    competitor: CompetitorSettings = CompetitorSettings()
    bandit: BanditSettings = BanditSettings()
    personalised: PersonalisedSettings = PersonalisedSettings()


def make_pricing(settings: PricingSettings) -> Pricing:
    """The policy that the settings name."""
    match settings.kind:
        case "fixed":
            return FixedPrices()
        case "cost_plus":
            return CostPlusPrices(settings.cost_plus)
        case "promotion_calendar":
            return PromotionCalendar(settings.promotion_calendar)
        case "stock_driven":
            return StockDrivenPrices(settings.stock_driven)
        case "competitor":
            return CompetitorPrices(settings.competitor)
        case "bandit":
            return BanditPrices(settings.bandit)
        case "personalised":
            return PersonalisedPrices(settings.personalised)
