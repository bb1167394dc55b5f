"""Referral (邀请有礼): buyers tell friends who have not joined; a first purchase rewards both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.records.events.codes import Origin
from simulator.records.events.ids import id_day
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Invitation, Order

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World


class Referral:
    """Referrals, welcome coupons and rewards."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = world.settings.mechanics.referral
        self.in_reach = {
            c for c in world.consumers if world.luck.uniform("referral.reach", ALWAYS, c.row) < self.settings.reach
        }
        self.welcomed_by: dict[Consumer, Invitation] = {}
        self.has_bought: set[Consumer] = set()
        self.n_referred: dict[Consumer, int] = dict.fromkeys(world.consumers, 0)

    def welcome(self, read: dict[Consumer, Invitation]) -> None:
        """A prospect who reads a referral gets a coupon, once."""
        s = self.settings
        if not self.world.is_open(s):
            return
        for reader, invitation in read.items():
            if invitation.origin != Origin.REFERRAL or reader.is_member or reader in self.welcomed_by:
                continue
            self.welcomed_by[reader] = invitation
            self._give(reader, invitation.id, s.invitee_reward_fen)

    def settled(self, orders: list[Order]) -> None:
        """Reward the inviters of first orders; let buyers refer."""
        if not self.world.is_open(self.settings):
            return
        buyers: dict[Consumer, Order] = {}
        for order in orders:
            buyers.setdefault(order.consumer, order)
        for buyer in sorted(buyers, key=lambda c: c.row):
            self._reward(buyers[buyer])
        for buyer, order in buyers.items():
            if buyer in self.in_reach and self.world.u("referral.refers", buyer.row) < self.settings.refer:
                self.world.invitations.send(
                    buyer,
                    lambda friend: friend in self.in_reach and not friend.is_member,
                    "referral.invites",
                    self.settings.invitations,
                    Origin.REFERRAL,
                    order.id,
                    order.product,
                    0,
                )

    def _reward(self, order: Order) -> None:
        buyer = order.consumer
        if buyer in self.has_bought or buyer not in self.welcomed_by:
            return
        referral = self.welcomed_by[buyer]
        self.has_bought.add(buyer)
        if self.world.day - int(id_day(referral.id)) < self.settings.attribution_days:
            self.n_referred[referral.inviter] += 1
            self._give(referral.inviter, order.id, self._reward_fen(self.n_referred[referral.inviter]))

    def _reward_fen(self, nth: int) -> int:
        """What the inviter gets for its n-th friend: the last tier reached, up to the cap."""
        s = self.settings
        if s.rewarded_at_most is not None and nth > s.rewarded_at_most:
            return 0
        return [s.inviter_reward_fen, *(fen for from_nth, fen in s.tiers if nth >= from_nth)][-1]

    def _give(self, receiver: Consumer, cause: int, face_fen: int) -> None:
        s = self.settings
        if face_fen > 0:
            last = self.world.day + s.valid_days - 1
            self.world.wallets.issue(receiver, Origin.REFERRAL, cause, face_fen, s.min_spend_fen, last)
