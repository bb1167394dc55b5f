"""Bargaining (砍价): open, let friends cut, come about or lapse, and the published chance of coming about."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.choice.experience import TrustReason
from simulator.records.events.codes import Kind, Origin, Outcome, Way
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Invitation, Offer, Order, Product, single

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World


@dataclass
class Bargain:
    """A bargain that is open."""

    id: int
    order: Order
    to_cut_fen: int
    left_fen: int
    opened_tick: int
    helpers: list[Consumer] = field(default_factory=list)

    @property
    def opener(self) -> Consumer:
        return self.order.consumer


class Bargains:
    """All bargains, by opener: one at a time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = s = world.settings.mechanics.bargaining
        luck = world.luck
        self.life = s.deadline_days * world.settings.waves_per_day
        self.in_reach = {c for c in world.consumers if luck.uniform("bargaining.reach", ALWAYS, c.row) < s.reach}
        self.hassle = {
            c: single(s.open_cost + s.cost_sd * luck.normal("bargaining.hassle", ALWAYS, c.row))
            for c in world.consumers
        }
        self.open: dict[Consumer, Bargain] = {}
        self.ended: dict[int, list[bool]] = {}
        self.published = s.prior_done

    def open_day(self) -> None:
        """Publish the chance, from the bargains that ended in the last days."""
        s = self.settings
        ends = [end for age in range(1, s.success_days + 1) for end in self.ended.get(self.world.day - age, ())]
        self.published = (sum(ends) + s.prior_bargains * s.prior_done) / (len(ends) + s.prior_bargains)

    def offers(self, shopper: Consumer, product: Product) -> list[Offer]:
        """Open a bargain for the product, if the platform can pay its part."""
        s, world = self.settings, self.world
        if not world.is_open(s) or shopper not in self.in_reach or shopper in self.open:
            return []
        floor = max(round(s.floor * product.offer_fen), 1)
        subsidy = round(s.platform_share * (product.offer_fen - floor))
        if floor == product.offer_fen or subsidy > max(world.checkout.budget_left_fen, 0):
            return []
        return [
            Offer(
                Way.BARGAIN,
                floor + subsidy,
                takes_coupons=False,
                chance=self.published,
                hassle=self.hassle[shopper],
                lapse_cost=s.lapse_cost,
                subsidy_fen=subsidy,
            )
        ]

    def begin(self, orders: list[Order]) -> None:
        """Open the bargains of these orders."""
        for order in orders:
            if order.offer.way is Way.BARGAIN:
                self._open(order)

    def _open(self, order: Order) -> None:
        world, product, opener = self.world, order.product, order.consumer
        to_cut = product.offer_fen - order.paid_fen
        bargain = Bargain(world.records.new_id(Kind.BARGAIN, opener.row), order, to_cut, to_cut, world.tick)
        self.open[opener] = bargain
        world.write(
            "bargains",
            id=bargain.id,
            cause=order.id,
            consumer=opener.row,
            product=product.row,
            price_fen=product.offer_fen,
            floor_fen=order.paid_fen,
            deadline_tick=world.tick + self.life,
        )
        self._ask(bargain, 1.0)

    def _ask(self, bargain: Bargain, will: float) -> None:
        self.world.invitations.send(
            bargain.opener,
            lambda friend: friend in self.in_reach and friend not in bargain.helpers,
            "bargaining.invites",
            self.settings.invitations,
            Origin.BARGAINING,
            bargain.order.id,
            bargain.order.product,
            bargain.id,
            will,
        )

    def open_wave(self, read: dict[Consumer, Invitation]) -> None:
        """Lapse what is over, let readers help, sell what is done, ask again once a day."""
        tick = self.world.tick
        for bargain in [b for b in self.open.values() if b.opened_tick + self.life <= tick]:
            self._lapse(bargain)
        for helper in sorted(read, key=lambda c: c.row):
            self._perhaps_help(helper, read[helper])
        for bargain in [b for b in self.open.values() if self._is_done(b)]:
            self._end(bargain, Outcome.SETTLED)
            self.world.checkout.collect(bargain.order)
        for bargain in self.open.values():
            if (tick - bargain.opened_tick) % self.world.settings.waves_per_day == 0:
                self._ask(bargain, 1 - self._displayed(bargain) / bargain.to_cut_fen)

    def _perhaps_help(self, helper: Consumer, invitation: Invitation) -> None:
        bargain = self.open.get(invitation.inviter)
        if bargain is None or bargain.id != invitation.target or helper in bargain.helpers or self._is_done(bargain):
            return
        s, world, is_new = self.settings, self.world, not helper.is_member
        if world.u("bargaining.helps", helper.row, bargain.opener.row) >= (s.new_help if is_new else s.help):
            return
        bargain.left_fen -= max(round((s.new_cut if is_new else s.cut) * bargain.left_fen), 1)
        bargain.helpers.append(helper)
        world.write(
            "cuts",
            id=world.records.new_id(Kind.CUT, helper.row),
            cause=invitation.id,
            consumer=helper.row,
            bargain=bargain.id,
            displayed_fen=self._displayed(bargain),
            true_fen=bargain.left_fen,
            is_new=is_new,
        )
        if is_new:
            helper.joined_day = world.day
            world.write("joins", cause=invitation.id, consumer=helper.row)

    def _is_done(self, bargain: Bargain) -> bool:
        return bargain.left_fen <= self.settings.rounded_off * bargain.to_cut_fen

    def _displayed(self, bargain: Bargain) -> int:
        """What the opener sees left."""
        return 0 if self._is_done(bargain) else max(math.floor((1 - self.settings.flattery) * bargain.left_fen), 1)

    def _lapse(self, bargain: Bargain) -> None:
        s, opener = self.settings, bargain.opener
        self._end(bargain, Outcome.LAPSED)
        self.world.checkout.cancel(bargain.order)
        opener.satisfaction = single(opener.satisfaction - s.lapse_satisfaction)
        if self._displayed(bargain) <= s.near_miss * bargain.to_cut_fen:
            opener.lose_trust(bargain.id, s.near_miss_trust, TrustReason.NEAR_MISS)

    def _end(self, bargain: Bargain, outcome: Outcome) -> None:
        del self.open[bargain.opener]
        self.ended.setdefault(self.world.day, []).append(outcome is Outcome.SETTLED)
        self.world.write(
            "bargain_ends",
            cause=bargain.id,
            consumer=bargain.opener.row,
            outcome=outcome,
            n_helpers=len(bargain.helpers),
            displayed_fen=self._displayed(bargain),
            true_fen=bargain.left_fen,
        )
