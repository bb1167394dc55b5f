"""Coupons: issued, held, locked, redeemed, expired; the blanket issue; and reminders on the last day."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.records.events import Kind, Origin, Outcome, Reason
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Coupon, Order, Visit

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World


class Wallets:
    """What becomes of coupons."""

    def __init__(self, world: World) -> None:
        self.world = world

    def expire(self) -> None:
        """Coupons whose last day was yesterday."""
        for holder in self.world.consumers:
            for slot, coupon in enumerate(holder.slots):
                if coupon and not coupon.is_locked and coupon.expires_day < self.world.day:
                    holder.slots[slot] = None
                    self._end(holder, coupon, Outcome.EXPIRED)

    def issue(
        self,
        holder: Consumer,
        origin: Origin,
        cause: int,
        face_fen: int,
        min_spend_fen: int,
        valid_days: int,
        is_noticed: bool = True,
    ) -> None:
        """Hand out a coupon; the wallet takes it in if it is noticed."""
        expires_day = self.world.day + valid_days - 1
        coupon = Coupon(self.world.records.new_id(Kind.COUPON, holder.row), face_fen, min_spend_fen, expires_day, False)
        self.world.write(
            "coupons",
            id=coupon.id,
            cause=cause,
            consumer=holder.row,
            origin=origin,
            face_fen=face_fen,
            min_spend_fen=min_spend_fen,
            expires_day=expires_day,
            is_noticed=is_noticed,
        )
        if is_noticed:
            self._put_in(holder, coupon)

    def _put_in(self, holder: Consumer, coupon: Coupon) -> None:
        """Into the first free slot, or in the place of the coupon that expires first."""
        for slot, other in enumerate(holder.slots):
            if other is None:
                holder.slots[slot] = coupon
                return
        if not holder.held:
            self._end(holder, coupon, Outcome.DISPLACED)
            return
        oldest = min(holder.held, key=lambda c: c.expires_day)
        self._end(holder, oldest, Outcome.DISPLACED)
        holder.slots[holder.slots.index(oldest)] = coupon

    def redeem(self, order: Order) -> None:
        """The coupon of a settled order."""
        holder, coupon = order.consumer, order.coupon
        assert coupon is not None
        holder.slots[holder.slots.index(coupon)] = None
        self._end(holder, coupon, Outcome.REDEEMED, order.id)

    def _end(self, holder: Consumer, coupon: Coupon, outcome: Outcome, order: int = 0) -> None:
        self.world.write("coupon_ends", cause=coupon.id, consumer=holder.row, outcome=outcome, order=order)


class BlanketCoupons:
    """A coupon for every member in reach, at regular intervals."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = world.settings.mechanics.coupons
        self.issued_fen = 0

    def open_day(self) -> None:
        s, world = self.settings, self.world
        if not world.is_open(s) or (world.campaign_day - s.from_day) % s.every_days:
            return
        receivers = [
            c for c in world.consumers if c.is_member and world.luck.uniform("coupons.reach", ALWAYS, c.row) < s.reach
        ]
        receivers.sort(key=lambda c: world.u("coupons.priority", c.row))
        if s.budget_fen is not None:
            receivers = receivers[: (s.budget_fen - self.issued_fen) // s.face_fen]
        self.issued_fen += len(receivers) * s.face_fen
        for c in sorted(receivers, key=lambda c: c.row):
            is_noticed = world.u("coupons.noticed", c.row) < s.noticed
            world.wallets.issue(c, Origin.COUPONS, 0, s.face_fen, s.min_spend_fen, s.valid_days, is_noticed)


class Reminders:
    """Holders of coupons that end today, of whom some come, if they still hold it by then."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.coming: dict[Consumer, int] = {}

    def open_day(self) -> None:
        """Who will come today, and with which coupon in mind."""
        self.coming = {}
        for holder in self.world.consumers:
            ending = [c for c in holder.held if c.expires_day == self.world.day]
            if ending and self.world.u("reminder.comes", holder.row) < self.world.settings.platform.reminder_visit:
                self.coming[holder] = min(coupon.id for coupon in ending)

    def visit(self, holder: Consumer) -> Visit | None:
        world = self.world
        if self.coming.get(holder) not in [coupon.id for coupon in holder.held]:
            return None
        if math.floor(world.u("reminder.wave", holder.row) * world.settings.waves_per_day) != world.wave:
            return None
        category = math.floor(world.u("reminder.category", holder.row) * world.settings.merchants.n_categories)
        return Visit(Reason.COUPON, cause=self.coming[holder], category=category)
