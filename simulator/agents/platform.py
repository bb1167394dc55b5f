"""The platform: what it charges, what it may spend, and how its pages are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from simulator.settings import Settings, quantity, share

if TYPE_CHECKING:
    from simulator.market import Market


class PlatformSettings(Settings):
    """Fees, the shared subsidy budget, and the page."""

    take_rate: float = share(0.03, "platform fee as a share of the merchant's receipts", source="Pinduoduo 2019")
    subsidy_cap_fraction: float | None = quantity(
        0.028, "subsidies may not exceed this share of GMV to date; null: no cap", unit="share", ge=0, le=1
    )
    slate_size: int = quantity(10, "products on a page", unit="products", ge=1, le=200)
    examination_decay: float = quantity(0.5, "a product at rank r is looked at with probability r^-decay", ge=0, le=5)
    sales_window_days: int = quantity(28, "days of sales that count as popularity", unit="day", ge=1, le=365)
    reaction_days: int = quantity(1, "age of the newest record that policies may see", unit="day", ge=1, le=365)
    coupons_stack_on_groups: bool = quantity(False, "whether a coupon may be used on a group price")
    reminder_visit: float = share(0.1, "probability that the holder of a coupon comes on its last day without a need")
    wallet_size: int = quantity(3, "coupons a consumer can hold at once", unit="coupons", ge=1, le=20)


class Platform(mesa.Agent):
    """The platform, a plain Mesa agent."""

    model: Market

    def __init__(self, model: Market) -> None:
        super().__init__(model)

    @property
    def balance_fen(self) -> int:
        """Fees taken less subsidies paid, so far."""
        return int(self.model.ledger.platform)

    @property
    def n_members(self) -> int:
        """Consumers who have joined."""
        return int(np.count_nonzero(self.model.columns["joined_day"] >= 0))

    def __repr__(self) -> str:
        return f"Platform({self.n_members} members, {self.balance_fen} fen)"
