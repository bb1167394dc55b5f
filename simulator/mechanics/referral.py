"""Referral: buyers tell friends who have not joined; a friend's first purchase rewards both sides.

Rewards are coupons. Whatever sets referred consumers apart emerges from whom buyers know; nothing is written in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from simulator.draws import decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings, check_below_price
from simulator.records.events import Origin, count_within, id_consumer, id_day
from simulator.settings import quantity, share
from simulator.state.columns import Column
from simulator.trade.orders import Orders

if TYPE_CHECKING:
    from simulator.market import Market

REFERS = decision("referral.refers")
INVITES = decision("referral.invites")


class ReferralSettings(MechanicSettings):
    """Referral (邀请有礼)."""

    refer: float = share(0.2, "probability that a buyer refers after an order")
    invitations: int = quantity(3, "friends a referrer invites at most", unit="consumers", ge=0, le=1000)
    inviter_reward_fen: int = quantity(500, "coupon for the inviter", unit="fen", ge=0, le=10_000_000)
    invitee_reward_fen: int = quantity(500, "welcome coupon for the invitee", unit="fen", ge=0, le=10_000_000)
    min_spend_fen: int = quantity(2900, "price from which reward coupons may be used", unit="fen", ge=1)
    valid_days: int = quantity(14, "days a reward coupon can be used", unit="day", ge=1, le=365)
    attribution_days: int = quantity(14, "days within which a first order earns the reward", unit="day", ge=1, le=365)

    @model_validator(mode="after")
    def _is_below_price(self) -> Self:
        for name in ("inviter_reward_fen", "invitee_reward_fen"):
            check_below_price(name, getattr(self, name), self.min_spend_fen)
        return self


class Referral(Mechanic):
    """Sends referrals, welcomes invitees, rewards inviters."""

    name = "referral"
    reached_by = decision("referral.reach")

    def __init__(self, settings: ReferralSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings
        self.welcomed_by = market.columns.add(
            Column("welcomed_by", self.name, np.int64, "referral that brought the welcome coupon, 0 for none")
        )
        self.is_closed = market.columns.add(
            Column("is_closed", self.name, np.bool_, "whether the first order after the welcome coupon is behind it")
        )

    def open_wave(self, read: dict[str, NDArray[Any]]) -> None:
        """Prospects who read a referral get a welcome coupon, once."""
        if not self.is_open:
            return
        invitee = read["invitee"].astype(np.intp)
        new = (read["origin"] == Origin.REFERRAL) & (self.market.columns["joined_day"][invitee] < 0)
        new &= self.welcomed_by[invitee] == 0
        who, by = invitee[new], read["id"][new]
        self.welcomed_by[who] = by
        self._issue(who, self.settings.invitee_reward_fen, by)

    def settled(self, orders: Orders) -> None:
        """A welcomed consumer's first order rewards the inviter; buyers refer."""
        if not self.is_open:
            return
        self._reward(orders)
        self._refer(orders)

    def _reward(self, orders: Orders) -> None:
        who, first = np.unique(orders.consumer, return_index=True)
        by = self.welcomed_by[who]
        due = (by != 0) & ~self.is_closed[who]
        who, by, cause = who[due], by[due], orders.id[first[due]]
        self.is_closed[who] = True
        in_time = self.market.day - id_day(by) < self.settings.attribution_days
        self._issue(id_consumer(by[in_time]), self.settings.inviter_reward_fen, cause[in_time])

    def _refer(self, orders: Orders) -> None:
        market = self.market
        who, first = np.unique(orders.consumer, return_index=True)
        refers = self.in_reach[who] & (market.draws.uniform(REFERS, market.day, who) < self.settings.refer)
        who, first = who[refers], first[refers]
        market.invitations.send(
            INVITES,
            Origin.REFERRAL,
            market.day,
            market.wave,
            market.tick,
            inviters=who,
            p_invite=market.columns["sociability"][who].astype(np.float64),
            at_most=self.settings.invitations,
            causes=orders.id[first],
            products=orders.product[first],
            targets=np.zeros(len(who), dtype=np.int64),
            may_receive=lambda friends: self.in_reach[friends] & (market.columns["joined_day"][friends] < 0),
        )

    def _issue(self, who: NDArray[Any], face_fen: int, causes: NDArray[np.int64]) -> None:
        """Issue a reward coupon for each cause; a wallet takes one at a time."""
        if face_fen == 0:
            return
        market, s, turn = self.market, self.settings, count_within(who)
        for n_before in range(int(turn.max(initial=-1)) + 1):
            now = turn == n_before
            market.wallets.issue(
                market.day,
                market.wave,
                who[now],
                Origin.REFERRAL,
                face_fen,
                s.min_spend_fen,
                market.day + s.valid_days - 1,
                np.ones(int(now.sum()), dtype=np.bool_),
                causes[now],
            )
