"""Coupons: the platform hands all reached members a coupon at regular intervals (blanket issue).

What becomes of a coupon (held, locked, redeemed, released, expired) is the wallet's business; what it does to a price
is the quote's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from pydantic import model_validator

from simulator.draws import decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings, check_below_price
from simulator.records.events import Origin
from simulator.settings import quantity, share
from simulator.trade.admit import ration

if TYPE_CHECKING:
    from simulator.market import Market

NOTICED = decision("coupons.noticed")
PRIORITY = decision("coupons.priority")


class CouponSettings(MechanicSettings):
    """Coupons (满减: a fixed amount off from a minimum spend)."""

    face_fen: int = quantity(400, "what a coupon takes off", unit="fen", source="trial", ge=1, le=10_000_000)
    min_spend_fen: int = quantity(2900, "price from which it may be used", unit="fen", source="trial", ge=1)
    valid_days: int = quantity(14, "days a coupon can be used, the day of issue included", unit="day", ge=1, le=365)
    every_days: int = quantity(30, "days between two issues", unit="day", ge=1, le=365)
    noticed: float = share(0.7, "share of coupons that are noticed", source="trial")
    budget_fen: int | None = quantity(
        None, "face value that may be issued in the campaign; null: no limit", unit="fen", ge=0
    )

    @model_validator(mode="after")
    def _is_below_price(self) -> Self:
        check_below_price("face_fen", self.face_fen, self.min_spend_fen)
        return self


class Coupons(Mechanic):
    """Issues blanket coupons under a budget."""

    name = "coupons"
    reached_by = decision("coupons.reach")

    def __init__(self, settings: CouponSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings
        self.issued_fen = 0

    def open_day(self) -> None:
        """Issue on the first day and every `every_days` after it, to members in reach."""
        market, s = self.market, self.settings
        if not self.is_open or (market.campaign_day - self.from_day) % s.every_days:
            return
        who = np.flatnonzero(self.in_reach & (market.columns["joined_day"] >= 0))
        if s.budget_fen is not None:
            left = np.array([s.budget_fen - self.issued_fen])
            luck = market.draws.uniform(PRIORITY, market.day, who)
            who = who[ration(np.zeros(len(who), dtype=np.intp), np.full(len(who), s.face_fen), left, luck)]
        self.issued_fen += len(who) * s.face_fen
        market.wallets.issue(
            market.day,
            0,
            who,
            Origin.COUPONS,
            s.face_fen,
            s.min_spend_fen,
            market.day + s.valid_days - 1,
            market.draws.uniform(NOTICED, market.day, who) < s.noticed,
        )
