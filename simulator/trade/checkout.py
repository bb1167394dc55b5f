"""Checkout: the one place where money moves. Wants become paid orders; orders are settled or refunded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.agents.merchants import KEEPS, Products
from simulator.agents.needs import Needs
from simulator.choice.experience import Experience
from simulator.choice.visits import NONE
from simulator.draws import Draws
from simulator.records.events.codes import Kind, Origin, Outcome, Way
from simulator.records.events.ids import id_day
from simulator.records.events.log import EventLog
from simulator.social.joining import Joining
from simulator.trade.admit import SubsidyBudget, priorities, ration
from simulator.trade.ledger import Ledger
from simulator.trade.orders import Orders, Returned, Wants, nothing
from simulator.trade.wallet import NO_SLOT, Wallets

Seats = Callable[[Wants, NDArray[np.float64]], NDArray[np.bool_]]


class Checkout:
    """Admits, takes payment, settles and refunds.

    Attributes:
        settled: Orders settled in this wave so far.
        settled_today: Orders settled today, in order.
        store_take_rate: The platform's fee in stores, as a share of receipts.
        store_saves_fen: What an order in a store costs its merchant less than one that is sent.
    """

    def __init__(
        self,
        take_rate: float,
        products: Products,
        ledger: Ledger,
        budget: SubsidyBudget,
        wallets: Wallets,
        needs: Needs,
        joining: Joining,
        experience: Experience,
        draws: Draws,
        log: EventLog,
    ) -> None:
        self.take_rate = self.store_take_rate = take_rate
        self.store_saves_fen = 0
        self.products = products
        self.ledger = ledger
        self.budget = budget
        self.wallets = wallets
        self.needs = needs
        self.joining = joining
        self.experience = experience
        self.draws = draws
        self.log = log
        self.settled: list[Orders] = []
        self.settled_today: list[Orders] = []
        self.units_ordered = np.zeros(len(products), dtype=np.int64)

    def open_day(self) -> None:
        """Start the day's books."""
        self.settled_today.clear()
        self.units_ordered[:] = 0

    def open_wave(self) -> None:
        """Start the wave's books."""
        self.settled.clear()

    def buy(self, day: int, wave: int, wants: Wants, seats: list[Seats]) -> Orders:
        """Admit wants (stock, then seats, then budget) and take payment; orders bought alone are settled at once.

        A bargain's order takes its stock and its subsidy like the others, but is paid for when it comes about.
        """
        wants = self._admit(day, wave, wants, seats)
        orders = self._pay(day, wave, wants)
        self.settle(day, wave, orders.take(orders.way == Way.ALONE))
        return orders

    def settle(self, day: int, wave: int, orders: Orders) -> None:
        """Orders come about: the merchant is paid, the fee taken, the subsidy booked, the coupon redeemed."""
        if len(orders) == 0:
            return
        merchant = self.products.merchant[orders.product]
        self.ledger.settle(merchant, orders.paid_fen, orders.subsidy_fen, orders.fee_fen, orders.cost_fen)
        self.budget.gmv_fen += int((orders.paid_fen + orders.subsidy_fen)[orders.is_seen].sum())
        used = orders.slot != NO_SLOT
        self.wallets.redeem(day, wave, orders.consumer[used], orders.slot[used], orders.id[used])
        self._close(day, wave, orders, Outcome.SETTLED)
        self.settled.append(orders)
        self.settled_today.append(orders)

    def refund(self, day: int, wave: int, orders: Orders) -> None:
        """Orders are undone: exactly what was paid goes back; stock, subsidy and coupon are free; needs open again."""
        if len(orders) == 0:
            return
        self.ledger.refund(orders.consumer, orders.paid_fen)
        self._undo(day, wave, orders, Outcome.REFUNDED)

    def collect(self, day: int, wave: int, orders: Orders) -> None:
        """Bargains come about: their orders are paid for and settled."""
        self.ledger.pay(orders.consumer, orders.paid_fen)
        self.settle(day, wave, orders)

    def cancel(self, day: int, wave: int, orders: Orders) -> None:
        """Orders that were never paid for are undone, as in `refund`."""
        if len(orders):
            self._undo(day, wave, orders, Outcome.LAPSED)

    def _undo(self, day: int, wave: int, orders: Orders, outcome: Outcome) -> None:
        self.budget.committed_fen -= int(orders.subsidy_fen.sum())
        is_back = (self.products.capacity[orders.product] == KEEPS) | (id_day(orders.id) == day)
        np.add.at(self.products.stock, orders.product[is_back], 1)  # yesterday's room is gone
        used = orders.slot != NO_SLOT
        self.wallets.release(day, orders.consumer[used], orders.slot[used])
        needed = orders.is_needed
        self.needs.reopen(orders.consumer[needed], self.products.category[orders.product[needed]])
        self._close(day, wave, orders, outcome)

    def take_back(self, day: int, wave: int, returned: Returned) -> None:
        """Settled orders are undone, as far as the rules say; the budget forgets the sale and what was subsidised."""
        if len(returned) == 0:
            return
        who, product = returned.consumer, returned.product
        merchant, category = self.products.merchant[product], self.products.category[product]
        money = ("refund_fen", "subsidy_fen", "fee_fen", "salvage_fen", "shipping_fen")
        fen = {name: getattr(returned, name) for name in money}
        cost = fen["salvage_fen"] - fen["shipping_fen"]
        self.ledger.take_back(merchant, who, fen["refund_fen"], fen["subsidy_fen"], fen["fee_fen"], cost)
        self.budget.gmv_fen -= int(returned.receipts_fen.sum())
        self.budget.committed_fen -= int(fen["subsidy_fen"].sum())
        np.add.at(self.products.stock, product[returned.is_restocked], 1)
        self.needs.reopen(who[returned.is_needed], category[returned.is_needed])
        self.needs.take_out(who[returned.is_at_home], category[returned.is_at_home])
        self.log.append(
            "return_ends",
            len(returned),
            cause=returned.id,
            day=day,
            wave=wave,
            consumer=who,
            merchant=merchant,
            product=product,
            is_restocked=returned.is_restocked,
            **fen,
        )

    def spend(
        self,
        day: int,
        wave: int,
        origin: Origin,
        merchants: NDArray[Any],
        consumers: NDArray[Any],
        products: NDArray[Any],
        fee_fen: NDArray[np.int64],
        cost_fen: NDArray[np.int64],
        causes: NDArray[np.int64] | int = 0,
    ) -> None:
        """Pay for what is apart from sales; what the platform pays counts as subsidy, against its budget.

        What costs nothing leaves no record.

        Args:
            day, wave, origin: When, and what for.
            merchants: Who pays, -1 for the platform; shape (n,), as are the others.
            consumers: Who gets the fee; -1 for nobody, where the fee is 0.
            products: What it is spent on.
            fee_fen, cost_fen: What goes to the consumer, and to suppliers.
            causes: The records behind it.
        """
        is_paid = fee_fen + cost_fen > 0
        merchants, consumers, products = merchants[is_paid], consumers[is_paid], products[is_paid]
        fee_fen, cost_fen = fee_fen[is_paid], cost_fen[is_paid]
        self.ledger.spend(merchants, consumers, fee_fen, cost_fen)
        self.budget.committed_fen += int((fee_fen + cost_fen)[merchants < 0].sum())
        self.log.append(
            "costs",
            len(merchants),
            cause=np.broadcast_to(causes, is_paid.shape)[is_paid],
            day=day,
            wave=wave,
            consumer=consumers,
            origin=origin,
            merchant=merchants,
            product=products,
            fee_fen=fee_fen,
            cost_fen=cost_fen,
        )

    def bear(
        self,
        day: int,
        origin: Origin,
        cost_fen: NDArray[np.int64] | int,
        cause: NDArray[np.int64] | int = 0,
        payers: NDArray[Any] | int = -1,
    ) -> None:
        """Let somebody pay for what is no marketing: it is no subsidy, and no budget limits it.

        Args:
            day, origin: When, and what for.
            cost_fen: What goes to suppliers (a fine, to the state), one sum or one for each payer.
            cause: The record behind it.
            payers: The merchants who pay, -1 for the platform.
        """
        costs, who = np.broadcast_arrays(cost_fen, payers)
        costs, who = costs[costs > 0], who[costs > 0]
        self.ledger.spend(who, np.full_like(who, -1), np.zeros_like(costs), costs)
        self.log.append(
            "costs",
            len(who),
            cause=cause,
            day=day,
            consumer=-1,
            origin=origin,
            merchant=who,
            product=-1,
            cost_fen=costs,
        )

    def _admit(self, day: int, wave: int, wants: Wants, seats: list[Seats]) -> Wants:
        priority = priorities(self.draws, day, wants.consumer, wants.product)
        ones = np.ones(len(wants), dtype=np.int64)
        ok = ration(wants.product, ones, self.products.stock, priority)
        self._record_stock_outs(day, wave, wants.take(~ok))
        wants, priority = wants.take(ok), priority[ok]
        for admit in seats:
            ok = admit(wants, priority)
            wants, priority = wants.take(ok), priority[ok]
        capacity = np.array([self.budget.remaining_fen])
        ok = ration(np.zeros(len(wants), dtype=np.intp), wants.subsidy_fen, capacity, priority) | (
            wants.subsidy_fen == 0
        )
        return wants.take(ok)

    def _pay(self, day: int, wave: int, wants: Wants) -> Orders:
        if len(wants) == 0:
            return nothing()
        who, product = wants.consumer, wants.product
        coupon = np.zeros(len(wants), dtype=np.int64)
        used = wants.slot != NO_SLOT
        coupon[used] = self.wallets.lock(who[used], wants.slot[used])
        receipts, in_store = wants.paid_fen + wants.subsidy_fen, wants.store != NONE
        take_rate = np.where(in_store, self.store_take_rate, self.take_rate)
        orders = Orders(
            **{name: getattr(wants, name) for name in Wants.names()},
            id=self.log.new_ids(Kind.ORDER, day, who),
            coupon=coupon,
            fee_fen=np.rint(take_rate * receipts).astype(np.int64),
            cost_fen=self.products.cost_fen[product] - self.store_saves_fen * in_store,
            is_needed=self.needs.met(who, self.products.category[product]),
        )
        now = orders.way != Way.BARGAIN
        self.ledger.pay(who[now], orders.paid_fen[now])
        self.budget.committed_fen += int(orders.subsidy_fen.sum())
        np.subtract.at(self.products.stock, product, 1)
        np.add.at(self.units_ordered, product[orders.is_seen], 1)
        self.joining.accept(day, wave, who, orders.cause)
        self.needs.wake(day, wave, who, orders.id)
        self._record(day, wave, orders)
        return orders

    def _record_stock_outs(self, day: int, wave: int, wants: Wants) -> None:
        self.log.append(
            "stock_outs",
            len(wants),
            cause=wants.cause,
            day=day,
            wave=wave,
            consumer=wants.consumer,
            product=wants.product,
            merchant=self.products.merchant[wants.product],
            worth_fen=wants.paid_fen + wants.subsidy_fen,
        )

    def _close(self, day: int, wave: int, orders: Orders, outcome: Outcome) -> None:
        is_settled = outcome == Outcome.SETTLED
        is_first = self.experience.count(orders.consumer) if is_settled else False
        self.log.append(
            "settlements",
            len(orders),
            cause=orders.id,
            day=day,
            wave=wave,
            consumer=orders.consumer,
            outcome=outcome,
            refund_fen=orders.paid_fen if outcome == Outcome.REFUNDED else 0,
            is_first=is_first,
        )

    def _record(self, day: int, wave: int, orders: Orders) -> None:
        same = ("id", "cause", "consumer", "product", "way", "target", "coupon", "reason", "is_needed")
        money = ("paid_fen", "subsidy_fen", "fee_fen", "cost_fen", "surplus_fen")
        self.log.append(
            "orders",
            len(orders),
            day=day,
            wave=wave,
            merchant=self.products.merchant[orders.product],
            list_fen=self.products.list_fen[orders.product],
            **{name: getattr(orders, name) for name in same + money},
        )
