"""Coupons: at regular intervals the platform hands a coupon to the members whom its couponing policy chooses.

A coupon takes off a fixed amount from a minimum spend (threshold, 满减), a fixed amount from any price (fixed), or a
percentage up to a cap (percentage, 折扣券). What becomes of it (held, locked, redeemed, released, expired) is the
wallet's business; what it does to a price is the wallet's one rule.

Transferable coupons change hands. In the morning some days before its last one, a holder who needs nothing passes it on
to the strongest tie who can be had, as an invitation to what the holder bought last; who has bought nothing recommends
nothing. The friend has it once the invitation is read, whether member or not, if the holder has not used it in between.
The same face value changes hands: the issue budget is charged once, and the subsidy is paid if and when it is redeemed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from simulator.draws import decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings, check_below_price
from simulator.policies.couponing import NEVER
from simulator.records.events.codes import Origin
from simulator.settings import quantity, share
from simulator.trade.wallet import Terms

if TYPE_CHECKING:
    from simulator.market import Market

NOTICED = decision("coupons.noticed")
PRIORITY = decision("coupons.priority")
PASSES_ON = decision("coupons.passes_on")
INVITES = decision("coupons.invites")

Kind = Literal["threshold", "fixed", "percentage"]


class CouponSettings(MechanicSettings):
    """Coupons (优惠券)."""

    kind: Kind = quantity("threshold", "an amount off from a minimum spend (满减), off any price, or a percentage off")
    face_fen: int = quantity(
        400, "what a coupon takes off; of a percentage: at most", unit="fen", source="trial", ge=1, le=10_000_000
    )
    percent: int = quantity(10, "what a percentage coupon takes off the price", unit="%", ge=1, le=99)
    min_spend_fen: int = quantity(
        2900, "price from which it may be used, if not fixed", unit="fen", source="trial", ge=1, le=1_000_000_000
    )
    valid_days: int = quantity(14, "days a coupon can be used, the day of issue included", unit="day", ge=1, le=365)
    every_days: int = quantity(30, "days between two issues", unit="day", ge=1, le=365)
    noticed: float = share(0.7, "share of coupons that are noticed", source="trial")
    budget_fen: int | None = quantity(
        None, "face value that may be issued in the campaign; null: no limit", unit="fen", ge=0
    )
    transferable: bool = quantity(False, "whether holders may pass a coupon on to a friend")
    pass_on: float = share(0.3, "probability that a holder without need passes a transferable coupon on")
    pass_on_days: int = quantity(3, "days before its last one on which it is passed on", unit="day", ge=1, le=364)

    @property
    def idle(self) -> tuple[str, ...]:
        """The settings that have no effect with these others."""
        of_kind = {"threshold": ("percent",), "fixed": ("percent", "min_spend_fen"), "percentage": ()}[self.kind]
        return of_kind if self.transferable else (*of_kind, "pass_on", "pass_on_days")

    @model_validator(mode="after")
    def _is_below_price(self) -> Self:
        if self.kind == "threshold":
            check_below_price("face_fen", self.face_fen, self.min_spend_fen)
        return self

    @model_validator(mode="after")
    def _is_passed_on_in_time(self) -> Self:
        if self.transferable and self.pass_on_days >= self.valid_days:
            raise ValueError(
                f"pass_on_days={self.pass_on_days} must be below valid_days={self.valid_days}: "
                "a coupon is not there yet so many days before its last one"
            )
        return self


class Coupons(Mechanic):
    """Issues coupons under a budget; lets holders pass them on."""

    name = "coupons"
    reached_by = decision("coupons.reach")
    uses = frozenset({"wallets", "attention"})  # and invitations where they may be passed on
    carried = ("issued_fen",)

    def __init__(self, settings: CouponSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings
        self.issued_fen = 0

    def open_day(self) -> None:
        """Issue on the first day and every `every_days` after it; then let holders pass on what they will not use."""
        if not self.is_open:
            return
        if (self.market.campaign_day - self.from_day) % self.settings.every_days == 0:
            self._issue()
        if self.settings.transferable:
            self._offer_to_friends()

    def open_wave(self, read: dict[str, NDArray[Any]]) -> None:
        """Who reads that a friend has a coupon for them gets it, if the friend still has it."""
        shared = read["origin"] == Origin.SHARED
        if self.is_open and shared.any():
            market, giver, taker = self.market, read["consumer"][shared], read["invitee"][shared]
            market.wallets.pass_on(market.day, market.wave, giver, read["cause"][shared], taker, read["id"][shared])

    def _issue(self) -> None:
        """A coupon to the members in reach whom the couponing policy wants most, by lot among equals."""
        market, s = self.market, self.settings
        members = np.flatnonzero(self.in_reach & (market.columns["joined_day"] >= 0))
        who = self._wanted(members)
        market.couponing.issued(market.platform_sees, members, np.isin(members, who), s.valid_days, market.draws)
        self.issued_fen += len(who) * s.face_fen
        is_noticed = market.draws.uniform(NOTICED, market.day, who) < s.noticed
        market.wallets.issue(market.day, 0, who, Origin.COUPONS, self._terms(), is_noticed)

    def _wanted(self, members: NDArray[np.intp]) -> NDArray[np.intp]:
        """Which of the members get a coupon, as far as share and budget reach, in ascending order."""
        market, s = self.market, self.settings
        score = market.couponing.decide(market.platform_sees, members, market.draws)
        luck = market.draws.uniform(PRIORITY, market.day, members)
        n_wanted = int(market.scenario.policies.couponing.share * len(members))
        if s.budget_fen is not None:
            n_wanted = min(n_wanted, (s.budget_fen - self.issued_fen) // s.face_fen)
        best_first = np.lexsort((luck, -score))[:n_wanted]
        return np.sort(members[best_first[score[best_first] > NEVER]])

    def _terms(self) -> Terms:
        """What a coupon issued today is worth."""
        s = self.settings
        return Terms(
            face_fen=s.face_fen,
            min_spend_fen=1 if s.kind == "fixed" else s.min_spend_fen,
            percent=s.percent if s.kind == "percentage" else 100,
            expires_day=self.market.day + s.valid_days - 1,
        )

    def _offer_to_friends(self) -> None:
        """Holders in reach of a coupon that ends in `pass_on_days`, who need nothing today, tell a friend of it."""
        market, columns = self.market, self.market.columns
        who, coupon = market.wallets.last_day(market.day + self.settings.pass_on_days)
        product = columns["last_product"][who]
        passes = market.draws.uniform(PASSES_ON, market.day, who) < self.settings.pass_on
        passes &= self.in_reach[who] & (columns["open_need"][who] < 0) & (product >= 0)
        who, coupon, product = who[passes], coupon[passes], product[passes]
        market.invitations.send(
            INVITES,
            Origin.SHARED,
            market.day,
            0,
            market.day * market.scenario.waves_per_day,
            inviters=who,
            p_invite=columns["sociability"][who].astype(np.float64),
            at_most=1,
            causes=coupon,
            products=product,
            targets=np.zeros(len(who), dtype=np.int64),
            may_receive=lambda friends: self.in_reach[friends],
        )
