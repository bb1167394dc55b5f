"""Couponing policies: who gets the coupons that the platform issues. A new one is registered here."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from simulator.policies.couponing.blanket import Blanket
from simulator.policies.couponing.couponing import NEVER, Couponing
from simulator.policies.couponing.new_customer import NewCustomer
from simulator.policies.couponing.price_sensitivity import PriceSensitivity
from simulator.policies.couponing.rfm import Rfm
from simulator.policies.couponing.uplift import Uplift, UpliftSettings
from simulator.policies.couponing.win_back import WinBack, WinBackSettings
from simulator.settings import Settings, quantity

__all__ = ["NEVER", "Couponing", "CouponingSettings", "make_couponing"]


class CouponingSettings(Settings):
    """Who gets coupons."""

    kind: Literal["blanket", "new_customer", "win_back", "rfm", "price_sensitivity", "uplift"] = quantity(
        "blanket", "couponing policy"
    )
    share: float = quantity(
        1.0, "share of the members in reach who get a coupon at an issue at most", unit="share", gt=0, le=1
    )
    win_back: WinBackSettings = WinBackSettings()
    uplift: UpliftSettings = UpliftSettings()

    @model_validator(mode="after")
    def _leaves_room_to_explore(self) -> Self:
        explore, share = self.uplift.explore, self.share
        if self.kind == "uplift" and explore > share:
            raise ValueError(
                f"policies.couponing.uplift.explore={explore} is above policies.couponing.share={share}: the lot would "
                f"give away more coupons than there are; allowed are values up to {min(share, 0.5)}"
            )
        return self


def make_couponing(settings: CouponingSettings) -> Couponing:
    """The policy that the settings name."""
    match settings.kind:
        case "blanket":
            return Blanket()
        case "new_customer":
            return NewCustomer()
        case "win_back":
            return WinBack(settings.win_back)
        case "rfm":
            return Rfm()
        case "price_sensitivity":
            return PriceSensitivity()
        case "uplift":
            return Uplift(settings.uplift)
