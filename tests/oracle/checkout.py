"""Checkout: what is scarce is rationed, money moves, orders are settled or refunded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.records.events.codes import Kind, Outcome, Way
from simulator.records.events.ids import id_day
from tests.oracle.records import Order

if TYPE_CHECKING:
    from tests.oracle.world import World


class Checkout:
    """The one place where money moves."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.escrow_fen = 0
        self.platform_fen = 0
        self.suppliers_fen = 0
        self.gmv_fen = 0
        self.gmv_by_day: dict[int, int] = {}
        self.committed_fen = 0
        self.shows_coupons = True
        self.settled_in_wave: list[Order] = []
        self.settled_today: list[Order] = []

    @property
    def budget_left_fen(self) -> float:
        """What may still be given in subsidies."""
        cap = self.world.settings.platform.subsidy_cap_fraction
        return math.inf if cap is None else math.floor(cap * self.gmv_fen) - self.committed_fen

    def open_wave(self) -> None:
        self.settled_in_wave = []

    def open_doors(self) -> None:
        self.shows_coupons = self.budget_left_fen > 0

    def take(self, wanted: list[Order]) -> list[Order]:
        """Admit what can be had, take payment, and settle what was bought alone; returns the orders."""
        orders = sorted(wanted, key=self._priority)
        orders = self._within_stock(orders)
        orders = self.world.groups.within_seats(orders)
        orders = self._within_budget(orders)
        orders.sort(key=lambda order: order.consumer.row)
        for order in orders:
            self._pay(order)
        for order in orders:
            if order.offer.way is Way.ALONE:
                self.settle(order)
        return orders

    def _priority(self, order: Order) -> float:
        return self.world.u("admission.priority", order.consumer.row, order.product.row)

    def _within_stock(self, orders: list[Order]) -> list[Order]:
        admitted = []
        claims: dict[int, int] = {}
        for order in orders:
            claims[order.product.row] = claims.get(order.product.row, 0) + 1
            if claims[order.product.row] <= order.product.stock:
                admitted.append(order)
            else:
                self._record_stock_out(order)
        return admitted

    def _record_stock_out(self, order: Order) -> None:
        self.world.write(
            "stock_outs",
            cause=order.visit.behind(order.product).cause,
            consumer=order.consumer.row,
            product=order.product.row,
            merchant=order.product.merchant,
            worth_fen=order.paid_fen + order.subsidy_fen,
        )

    def _within_budget(self, orders: list[Order]) -> list[Order]:
        admitted, claims, left = [], 0, self.budget_left_fen
        for order in orders:
            claims += order.subsidy_fen
            if order.subsidy_fen == 0 or claims <= left:
                admitted.append(order)
        return admitted

    def _pay(self, order: Order) -> None:
        world, buyer, product, way = self.world, order.consumer, order.product, order.offer.way
        why = order.visit.behind(product)
        order.id = world.records.new_id(Kind.ORDER, buyer.row)
        order.is_needed = product.category == buyer.open_need
        if way is not Way.BARGAIN:
            self._take_money(order)
        self.committed_fen += order.subsidy_fen
        product.stock -= 1
        product.count("n_ordered", order.is_seen)
        if order.coupon:
            order.coupon.is_locked = True
        if order.is_needed:
            buyer.open_need = None
            buyer.wave_of_need = -1
        if way in (Way.OPEN, Way.JOIN):
            world.groups.seat(order)
        world.write(
            "orders",
            id=order.id,
            cause=why.cause,
            consumer=buyer.row,
            product=product.row,
            merchant=product.merchant,
            way=way,
            target=order.group.id if way is Way.JOIN and order.group else 0,
            coupon=order.coupon.id if order.coupon else 0,
            reason=why.reason,
            is_needed=order.is_needed,
            list_fen=product.list_fen,
            paid_fen=order.paid_fen,
            subsidy_fen=order.subsidy_fen,
            fee_fen=self.fee(order),
            cost_fen=self.cost(order),
            surplus_fen=order.surplus_fen,
        )
        if not buyer.is_member:
            buyer.joined_day = world.day
            world.write("joins", cause=why.cause, consumer=buyer.row)
        if buyer.is_dormant:
            buyer.is_dormant = False
            world.write("departures", cause=order.id, consumer=buyer.row, outcome=Outcome.WOKE)

    def _take_money(self, order: Order) -> None:
        order.consumer.balance_fen -= order.paid_fen
        self.escrow_fen += order.paid_fen

    def collect(self, order: Order) -> None:
        """The order of a bargain that came about is paid for, and becomes a sale."""
        self._take_money(order)
        self.settle(order)

    def fee(self, order: Order) -> int:
        """What the platform takes."""
        rate, stores = self.world.settings.platform.take_rate, self.world.stores
        if order.visit.store is not None:
            rate = stores.settings.take_rate if stores.are_seen else 0.0
        return round(rate * (order.paid_fen + order.subsidy_fen))

    def cost(self, order: Order) -> int:
        """What the merchant pays for the goods and for sending them."""
        is_sent = order.visit.store is None
        return order.product.cost_fen - (0 if is_sent else self.world.settings.merchants.fulfilment_fen)

    def count_gmv(self, fen: int) -> None:
        """What is sold, as far as the platform knows."""
        self.gmv_fen += fen
        self.gmv_by_day[self.world.day] = self.gmv_by_day.get(self.world.day, 0) + fen

    def settle(self, order: Order) -> None:
        """The order becomes a sale."""
        world, product, fee, cost = self.world, order.product, self.fee(order), self.cost(order)
        self.escrow_fen -= order.paid_fen
        world.merchants[product.merchant].balance_fen += order.paid_fen + order.subsidy_fen - fee - cost
        self.platform_fen += fee - order.subsidy_fen
        self.suppliers_fen += cost
        if order.is_seen:
            self.count_gmv(order.paid_fen + order.subsidy_fen)
        if order.coupon:
            world.wallets.redeem(order)
        order.is_first = order.consumer.n_orders == 0
        order.consumer.n_orders += 1
        if order.is_seen:
            self.settled_in_wave.append(order)
        self.settled_today.append(order)
        world.write(
            "settlements",
            cause=order.id,
            consumer=order.consumer.row,
            outcome=Outcome.SETTLED,
            is_first=order.is_first,
        )

    def refund(self, order: Order) -> None:
        """The order is undone, as if it had not been."""
        self.escrow_fen -= order.paid_fen
        order.consumer.balance_fen += order.paid_fen
        self._undo(order, Outcome.REFUNDED, order.paid_fen)

    def cancel(self, order: Order) -> None:
        """So is an order that was never paid for."""
        self._undo(order, Outcome.LAPSED, 0)

    def _undo(self, order: Order, outcome: Outcome, refund_fen: int) -> None:
        world, buyer = self.world, order.consumer
        self.committed_fen -= order.subsidy_fen
        world.shelves.give_back(order.product, int(id_day(order.id)))
        if order.coupon:
            order.coupon.is_locked = False
            order.coupon.expires_day = max(order.coupon.expires_day, world.day + 1)
        if order.is_needed and buyer.open_need is None:
            buyer.open_need = order.product.category
        world.write(
            "settlements",
            cause=order.id,
            consumer=buyer.row,
            outcome=outcome,
            refund_fen=refund_fen,
        )
