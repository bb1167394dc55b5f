"""Product policies: what merchants make of their products. A new one is registered here."""

from __future__ import annotations

from typing import Literal

from simulator.policies.product.customised import CustomisedProducts, CustomisedSettings
from simulator.policies.product.fixed import FixedProducts
from simulator.policies.product.product import Designing
from simulator.policies.product.trend_following import TrendFollowing, TrendFollowingSettings
from simulator.settings import Settings, quantity

__all__ = ["Designing", "ProductSettings", "make_designing"]


class ProductSettings(Settings):
    """Whether merchants redesign their products, and what that takes."""

    kind: Literal["fixed", "customised", "trend_following"] = quantity("fixed", "product policy")
    cost_fen: int = quantity(10_000, "cost of a redesign", unit="fen", ge=0, le=1_000_000_000)
    lead_days: int = quantity(7, "days from a decision to the redesigned product", unit="day", ge=1, le=365)
    customised: CustomisedSettings = CustomisedSettings()
    trend_following: TrendFollowingSettings = TrendFollowingSettings()


def make_designing(settings: ProductSettings) -> Designing:
    """The policy that the settings name."""
    match settings.kind:
        case "fixed":
            return FixedProducts()
        case "customised":
            return CustomisedProducts(settings.customised, settings.cost_fen)
        case "trend_following":
            return TrendFollowing(settings.trend_following, settings.cost_fen)
