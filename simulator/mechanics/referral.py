"""Referral: buyers tell friends who have not joined; a friend's first purchase rewards both sides, or one of them.

Rewards are coupons; one of 0 fen is none, so a programme may reward the inviter, the invitee, or both. The inviter's
may rise with the number of friends brought so far, and end with a number of them (as programmes in practice do).
Whatever sets referred consumers apart emerges from whom buyers know; nothing is written in (what came of it:
`simulator.records.referred`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from simulator.draws import decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings, check_below_price
from simulator.records.events.codes import Origin
from simulator.records.events.ids import count_within, id_consumer, id_day
from simulator.settings import quantity, share
from simulator.state.columns import Column
from simulator.trade.orders import Orders
from simulator.trade.wallet import Terms

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
    min_spend_fen: int = quantity(
        2900, "price from which reward coupons may be used", unit="fen", ge=1, le=1_000_000_000
    )
    valid_days: int = quantity(14, "days a reward coupon can be used", unit="day", ge=1, le=365)
    attribution_days: int = quantity(14, "days within which a first order earns the reward", unit="day", ge=1, le=365)
    tiers: tuple[tuple[int, int], ...] = quantity(
        (), "the inviter's reward from its n-th friend on: [[n, fen], ...]", unit="consumers, fen"
    )
    rewarded_at_most: int | None = quantity(
        None, "friends for whom an inviter is rewarded; null: no limit", unit="consumers", ge=0
    )

    @model_validator(mode="after")
    def _is_below_price(self) -> Self:
        for name in ("inviter_reward_fen", "invitee_reward_fen"):
            check_below_price(name, getattr(self, name), self.min_spend_fen)
        for n, fen in self.tiers:
            check_below_price(f"tiers[{n}]", fen, self.min_spend_fen)
        return self

    @model_validator(mode="after")
    def _rises_by_tiers(self) -> Self:
        numbers = [1, *(n for n, _ in self.tiers)]
        is_rising = all(before < after for before, after in pairwise(numbers)) and numbers[-1] <= 1_000_000
        if not is_rising or any(fen < 0 for _, fen in self.tiers):
            raise ValueError(
                f"tiers={[list(tier) for tier in self.tiers]}: numbers of friends must rise, from 2 to 1_000_000, and "
                "rewards may not be negative; allowed is for example [[3, 800], [10, 1500]]"
            )
        return self

    def reward_fen(self, nth: NDArray[np.int64]) -> NDArray[np.int64]:
        """What inviters get for their n-th friend, n counted from 1; shape (n_rewards,)."""
        from_nth, fen = np.array([(1, self.inviter_reward_fen), *self.tiers], dtype=np.int64).T
        earned = fen[np.searchsorted(from_nth, nth, side="right") - 1]
        return earned if self.rewarded_at_most is None else np.where(nth <= self.rewarded_at_most, earned, 0)


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
        self.n_referred = market.columns.add(
            Column("n_referred", self.name, np.int32, "friends whose first order came in time", "consumers")
        )

    def open_wave(self, read: dict[str, NDArray[Any]]) -> None:
        """Prospects who read a referral get a welcome coupon, once."""
        if not self.is_open or len(read["id"]) == 0:
            return
        invitee = read["invitee"].astype(np.intp)
        new = (read["origin"] == Origin.REFERRAL) & (self.market.columns["joined_day"][invitee] < 0)
        new &= self.welcomed_by[invitee] == 0
        who, by = invitee[new], read["id"][new]
        self.welcomed_by[who] = by
        self._issue(who, np.full(len(who), self.settings.invitee_reward_fen), by)

    def settled(self, orders: Orders) -> None:
        """A welcomed consumer's first order rewards the inviter; buyers refer."""
        if not self.is_open:
            return
        self._reward(orders)
        self._refer(orders)

    def _reward(self, orders: Orders) -> None:
        is_due = (self.welcomed_by[orders.consumer] != 0) & ~self.is_closed[orders.consumer]
        who, cause = _first_order_of_each(orders.consumer[is_due], orders.id[is_due])
        by = self.welcomed_by[who]
        self.is_closed[who] = True
        in_time = self.market.day - id_day(by) < self.settings.attribution_days
        inviter = id_consumer(by[in_time])
        nth = self.n_referred[inviter] + count_within(inviter) + 1
        np.add.at(self.n_referred, inviter, 1)
        self._issue(inviter, self.settings.reward_fen(nth), cause[in_time])

    def _refer(self, orders: Orders) -> None:
        market = self.market
        refers = market.draws.uniform(REFERS, market.day, orders.consumer) < self.settings.refer
        rows = np.flatnonzero(refers & self.in_reach[orders.consumer])
        who, row = _first_order_of_each(orders.consumer[rows], rows)
        market.invitations.send(
            INVITES,
            Origin.REFERRAL,
            market.day,
            market.wave,
            market.tick,
            inviters=who,
            p_invite=market.columns["sociability"][who].astype(np.float64),
            at_most=self.settings.invitations,
            causes=orders.id[row],
            products=orders.product[row],
            targets=np.zeros(len(who), dtype=np.int64),
            may_receive=lambda friends: self.in_reach[friends] & (market.columns["joined_day"][friends] < 0),
        )

    def _issue(self, who: NDArray[Any], face_fen: NDArray[np.int64], causes: NDArray[np.int64]) -> None:
        """Issue a reward coupon for each cause, where there is a reward; a wallet takes one at a time."""
        is_reward = face_fen > 0
        who, face_fen, causes = who[is_reward], face_fen[is_reward], causes[is_reward]
        market, s, turn = self.market, self.settings, count_within(who)
        for n_before in range(int(turn.max(initial=-1)) + 1):
            now = turn == n_before
            terms = Terms(face_fen[now], s.min_spend_fen, 100, market.day + s.valid_days - 1)
            all_noticed = np.ones(np.count_nonzero(now), dtype=np.bool_)
            market.wallets.issue(market.day, market.wave, who[now], Origin.REFERRAL, terms, all_noticed, causes[now])


def _first_order_of_each(consumers: NDArray[np.intp], orders: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """These consumers, each once in ascending order, and what stands for the first order of each."""
    who, first = np.unique(consumers, return_index=True)
    return who, orders[first]
