"""Returns (退货): buyers send back what is not what they expected, and everything is undone by rules."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.choice.experience import LoyaltyReason
from simulator.records.events.codes import Origin
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Coupon, Order, single

if TYPE_CHECKING:
    from tests.oracle.world import World


@dataclass
class Request:
    """Somebody has asked to send an order back."""

    order: Order
    due_day: int
    was_kept: bool
    coupon: Coupon | None


class Returns:
    """Who asks for a return, and what comes of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = s = world.settings.mechanics.returns
        self.in_reach = {c for c in world.consumers if world.luck.uniform("returns.reach", ALWAYS, c.row) < s.reach}
        self.asked: list[Request] = []

    def evening(self, lived: list[tuple[Order, float]]) -> None:
        """Some who have lived through an order today, given with its surprise, ask to send it back."""
        world = self.world
        if not world.is_open(self.settings):
            return
        for order, surprise in lived:
            who, product = order.consumer, order.product
            if who not in self.in_reach or product in world.shelves.capacity:
                continue
            if world.u("returns.sends_back", who.row, product.row) >= self._chance(order, surprise):
                continue
            wait = math.floor(1 + world.u("returns.delay", who.row, product.row) * self.settings.window_days)
            kept = not order.is_needed
            kept = kept and world.u("need.home_stock", who.row, product.row) < world.settings.needs.home_stock
            self.asked.append(Request(order, world.day + wait, kept, order.coupon))
            world.write("returns", cause=order.id, consumer=who.row, due_day=world.day + wait)

    def _chance(self, order: Order, surprise: float) -> float:
        s = self.settings
        if s.base in (0.0, 1.0):
            return s.base
        fit = 0.0
        if order.visit.store is None:
            fit = s.fit_sd * self.world.z("returns.fit", order.consumer.row, order.product.row)
        log_odds = math.log(s.base / (1 - s.base)) - s.disappointment * (surprise + fit)
        return 1 / (1 + math.exp(-log_odds))

    def open_day(self) -> None:
        """What is due today comes back."""
        due = [request for request in self.asked if request.due_day == self.world.day]
        self.asked = [request for request in self.asked if request.due_day != self.world.day]
        for request in due:
            self._undo(request)
        for who, times in Counter(request.order.consumer for request in due).items():
            who.satisfaction = single(who.satisfaction + self.settings.satisfaction * times)
        for request in due:
            self._move_loyalty(request.order)
        for request in due:
            if self.settings.coupon_back and request.coupon:
                c, last = request.coupon, max(request.coupon.expires_day, self.world.day + 1)
                holder = request.order.consumer
                terms = (c.face_fen, c.min_spend_fen, last)
                self.world.wallets.issue(holder, Origin.RETURNS, request.order.id, *terms, percent=c.percent)

    def _undo(self, request: Request) -> None:
        world, s, order = self.world, self.settings, request.order
        who, product, checkout = order.consumer, order.product, world.checkout
        is_store = order.visit.store is not None
        unit = checkout.cost(order) - (0 if is_store else world.settings.merchants.fulfilment_fen)
        unit = max(unit, 0)
        is_new = world.u("returns.restocks", who.row, order.id) < s.restocked
        salvage = unit if is_new else round(s.salvage * unit)
        shipping = 0 if is_store else s.shipping_fen
        subsidy = order.subsidy_fen if s.subsidy_back else 0
        fee = checkout.fee(order) if s.fee_back else 0
        who.balance_fen += order.paid_fen
        world.merchants[product.merchant].balance_fen += fee + salvage - order.paid_fen - subsidy - shipping
        checkout.platform_fen += subsidy - fee
        checkout.suppliers_fen += shipping - salvage
        checkout.committed_fen -= subsidy
        if order.is_seen:
            checkout.count_gmv(-order.paid_fen - order.subsidy_fen)
        product.stock += is_new
        if order.is_needed and who.open_need is None:
            who.open_need = product.category
        if request.was_kept and who.home_stock[product.category] > 0:
            who.home_stock[product.category] -= 1
        world.write(
            "return_ends",
            cause=order.id,
            consumer=who.row,
            merchant=product.merchant,
            product=product.row,
            refund_fen=order.paid_fen,
            subsidy_fen=subsidy,
            fee_fen=fee,
            salvage_fen=salvage,
            shipping_fen=shipping,
            is_restocked=is_new,
        )

    def _move_loyalty(self, order: Order) -> None:
        who, merchant = order.consumer, order.product.merchant
        left = max(who.loyalty[merchant] - self.settings.loyalty_lost, -1.0)
        millionths = round((left - who.loyalty[merchant]) * 1_000_000)
        who.loyalty[merchant] = single(left)
        self.world.write(
            "loyalty_shifts",
            cause=order.id,
            consumer=who.row,
            merchant=merchant,
            reason=LoyaltyReason.RETURN,
            amount_millionths=millionths,
        )
