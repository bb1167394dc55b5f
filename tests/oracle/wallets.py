"""Coupons: issued, held, locked, redeemed, expired; the blanket issue; and reminders on the last day."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.records.events.codes import Kind, Origin, Outcome, Reason
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Coupon, Invitation, Order, Visit

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
        expires_day: int,
        percent: int = 100,
        is_noticed: bool = True,
    ) -> None:
        """Hand out a coupon; the wallet takes it in if it is noticed."""
        number = self.world.records.new_id(Kind.COUPON, holder.row)
        coupon = Coupon(number, face_fen, min_spend_fen, percent, expires_day)
        self.world.write(
            "coupons",
            id=coupon.id,
            cause=cause,
            consumer=holder.row,
            origin=origin,
            face_fen=face_fen,
            min_spend_fen=min_spend_fen,
            percent=percent,
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

    def hand_over(self, read: dict[Consumer, Invitation]) -> None:
        """Coupons that friends still hold go to who has read of them; first all are given, then all are taken."""
        given: list[tuple[Consumer, Invitation, Coupon]] = []
        for taker, invitation in read.items():
            giver = invitation.inviter
            for coupon in giver.held:
                if invitation.origin == Origin.SHARED and coupon.id == invitation.cause:
                    giver.slots[giver.slots.index(coupon)] = None
                    self._end(giver, coupon, Outcome.PASSED_ON)
                    given.append((taker, invitation, coupon))
        for taker, invitation, c in given:
            self.issue(
                taker, Origin.SHARED, invitation.id, c.face_fen, c.min_spend_fen, c.expires_day, percent=c.percent
            )

    def _end(self, holder: Consumer, coupon: Coupon, outcome: Outcome, order: int = 0) -> None:
        self.world.write("coupon_ends", cause=coupon.id, consumer=holder.row, outcome=outcome, order=order)


class BlanketCoupons:
    """A coupon for every member in reach, at regular intervals, who may pass it on to a friend."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = s = world.settings.mechanics.coupons
        self.in_reach = {c for c in world.consumers if world.luck.uniform("coupons.reach", ALWAYS, c.row) < s.reach}
        self.issued_fen = 0

    def open_day(self) -> None:
        s, world = self.settings, self.world
        if not world.is_open(s):
            return
        if (world.campaign_day - s.from_day) % s.every_days == 0:
            self._issue()
        if s.transferable:
            for holder in world.consumers:
                self._perhaps_pass_on(holder)

    def open_wave(self, read: dict[Consumer, Invitation]) -> None:
        """Friends get what was passed on to them."""
        if self.world.is_open(self.settings):
            self.world.wallets.hand_over(read)

    def _perhaps_pass_on(self, holder: Consumer) -> None:
        """A holder without need tells a friend of the coupon that will end soon, and of what it bought last."""
        s, world = self.settings, self.world
        ending = [c.id for c in holder.held if c.expires_day == world.day + s.pass_on_days]
        if not ending or holder not in self.in_reach or holder.open_need is not None or holder.last_product is None:
            return
        if world.u("coupons.passes_on", holder.row) < s.pass_on:
            world.invitations.send(
                holder,
                lambda friend: friend in self.in_reach,
                "coupons.invites",
                1,
                Origin.SHARED,
                min(ending),
                holder.last_product,
                0,
            )

    def _issue(self) -> None:
        s, world = self.settings, self.world
        members = [c for c in world.consumers if c.is_member and c in self.in_reach]
        scores = world.couponing.scores(members)
        receivers = sorted(scores, key=lambda c: (-scores[c], world.u("coupons.priority", c.row)))
        receivers = receivers[: math.floor(world.settings.policies.couponing.share * len(members))]
        if s.budget_fen is not None:
            receivers = receivers[: (s.budget_fen - self.issued_fen) // s.face_fen]
        last = world.day + s.valid_days - 1
        if world.couponing.lots:
            world.couponing.lots.issued(members, receivers, last)
        self.issued_fen += len(receivers) * s.face_fen
        for c in sorted(receivers, key=lambda c: c.row):
            is_noticed = world.u("coupons.noticed", c.row) < s.noticed
            min_spend_fen = 1 if s.kind == "fixed" else s.min_spend_fen
            percent = s.percent if s.kind == "percentage" else 100
            world.wallets.issue(c, Origin.COUPONS, 0, s.face_fen, min_spend_fen, last, percent, is_noticed)


class Reminders:
    """Holders of coupons that end today, of whom some come, if they still hold it by then and notice the reminder."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.reminded: dict[Consumer, int] = {}

    def open_day(self) -> None:
        """Who will be reminded today, and of which coupon."""
        self.reminded = {}
        for holder in self.world.consumers:
            ending = [c.id for c in holder.held if c.expires_day == self.world.day]
            if ending:
                self.reminded[holder] = min(ending)

    def visit(self, holder: Consumer) -> Visit | None:
        """The visit of one who is reminded in this wave; taking the reminder in costs attention, whoever comes."""
        world = self.world
        coupon = self.reminded.get(holder)
        if coupon is None or coupon not in [held.id for held in holder.held]:
            return None
        if math.floor(world.u("reminder.wave", holder.row) * world.settings.waves_per_day) != world.wave:
            return None
        if (
            not holder.takes_in(coupon)
            or world.u("reminder.comes", holder.row) >= world.settings.platform.reminder_visit
        ):
            return None
        category = math.floor(world.u("reminder.category", holder.row) * world.settings.merchants.n_categories)
        return Visit(Reason.COUPON, cause=coupon, category=category)
