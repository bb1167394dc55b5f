"""What must hold every evening: the accounts, the open groups, the shelves and the budget."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from simulator import Market
from simulator.records.events.codes import Outcome


class Evening:
    """Follows a market day by day from its events alone: accounts, what open groups hold, what is on the shelves."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.consumers = np.zeros(market.scenario.consumers.n, dtype=np.int64)
        self.merchants = np.zeros(len(market.merchants), dtype=np.int64)
        self.platform = self.suppliers = 0
        self.stock = market.products.stock.copy()
        self.open_orders: dict[int, Any] = {}
        self.group_of: dict[int, int] = {}
        self.open_groups: set[int] = set()

    def check(self, day: int) -> None:
        m, merchants = self.market, self.market.scenario.merchants
        if merchants.stock_units is not None and day % merchants.restock_days == 0:
            self.stock = np.maximum(self.stock, merchants.stock_units)
        today = {table: self.rows(table) for table in ("orders", "settlements", "groups", "group_ends")}
        for cost in self.rows("costs"):
            self.pay(cost)
        for back in self.rows("return_ends"):
            self.take_back(back)
        for wave in range(m.scenario.waves_per_day):
            self.follow(*([row for row in rows if row.wave == wave] for rows in today.values()))
        ledger = m.ledger
        assert ledger.total == 0
        assert np.array_equal(ledger.consumers, self.consumers)
        assert np.array_equal(ledger.merchants, self.merchants)
        assert (ledger.platform, ledger.suppliers) == (self.platform, self.suppliers)
        assert {self.group_of[order] for order in self.open_orders} == self.open_groups, "only open groups hold money"
        assert ledger.escrow == sum(order.paid_fen for order in self.open_orders.values())
        if merchants.stock_units is not None:
            assert np.array_equal(m.products.stock, self.stock)
        cap = m.scenario.platform.subsidy_cap_fraction
        if cap is not None and not m.scenario.mechanics.returns.enabled:  # what was sold may be undone later
            assert m.budget.committed_fen <= cap * m.budget.gmv_fen
        assert (m.columns["attention_used"] <= m.scenario.attention.per_day).all()

    def pay(self, cost: Any) -> None:
        """Marketing."""
        if cost.merchant < 0:
            self.platform -= cost.fee_fen + cost.cost_fen
        else:
            self.merchants[cost.merchant] -= cost.fee_fen + cost.cost_fen
        if cost.consumer >= 0:
            self.consumers[cost.consumer] += cost.fee_fen
        self.suppliers += cost.cost_fen

    def take_back(self, back: Any) -> None:
        """Goods that come back: the merchant pays what is not its own again, and what nobody gives back stays lost."""
        self.consumers[back.consumer] += back.refund_fen
        self.merchants[back.merchant] -= back.refund_fen + back.subsidy_fen + back.shipping_fen
        self.merchants[back.merchant] += back.fee_fen + back.salvage_fen
        self.platform += back.subsidy_fen - back.fee_fen
        self.suppliers += back.shipping_fen - back.salvage_fen
        self.stock[back.product] += back.is_restocked

    def follow(self, orders: list[Any], ends: list[Any], groups: list[Any], group_ends: list[Any]) -> None:
        """One wave: old groups lapse, orders are paid, orders are settled."""
        for end in ends:
            if end.outcome == Outcome.REFUNDED:
                order = self.open_orders.pop(end.cause)
                assert end.refund_fen == order.paid_fen, "exactly what was paid goes back"
                self.consumers[order.consumer] += end.refund_fen
                self.stock[order.product] += 1
        for order in orders:
            self.open_orders[order.id] = order
            self.group_of[order.id] = order.target
            self.consumers[order.consumer] -= order.paid_fen
            self.stock[order.product] -= 1
        assert self.market.scenario.merchants.stock_units is None or (self.stock >= 0).all()
        for group in groups:
            self.open_groups.add(group.id)
            self.group_of[group.cause] = group.id
        for end in group_ends:
            self.open_groups.remove(end.cause)
        for end in ends:
            if end.outcome == Outcome.SETTLED:
                order = self.open_orders.pop(end.cause)
                assert end.refund_fen == 0
                self.merchants[order.merchant] += order.paid_fen + order.subsidy_fen - order.fee_fen - order.cost_fen
                self.platform += order.fee_fen - order.subsidy_fen
                self.suppliers += order.cost_fen

    def rows(self, table: str) -> list[Any]:
        """Today's rows, in order of occurrence."""
        today = self.market.log.today(table)
        return list(
            map(namedtuple(table, today)._make, zip(*(column.tolist() for column in today.values()), strict=True))
        )
