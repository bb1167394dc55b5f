"""Shelves: goods come in, some perish, and merchants order more; what keeping and ordering them costs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.agents.merchants import KEEPS, MerchantSettings, Products
from simulator.records.events.codes import Origin
from simulator.records.events.log import EventLog
from simulator.state.tables import LiveTable
from simulator.trade.checkout import Checkout

NOBODY = -1

Units = NDArray[np.int64]


class Shelves:
    """The stock of all products, and what is on the way to it.

    Args:
        settings: The merchants'.
        products, checkout, log: The market's.
    """

    carried = ("_coming", "_is_managed")

    def __init__(self, settings: MerchantSettings, products: Products, checkout: Checkout, log: EventLog) -> None:
        self.settings, self.products, self.checkout, self.log = settings, products, checkout, log
        self._is_perishable = products.capacity != KEEPS
        # Goods that keep and can run out: the only ones that are ordered, kept and paid for.
        self._is_kept = ~self._is_perishable & (settings.stock_units is not None)
        self._is_managed = np.zeros(len(products), dtype=np.bool_)
        self._coming = LiveTable({"product": np.int32, "n_units": np.int64, "due_day": np.int16})
        self._n_delivered: Units = np.zeros(len(products), dtype=np.int64)
        self.n_waves_in_stock: Units = np.zeros(len(products), dtype=np.int64)

    def open_day(self, day: int) -> None:
        """What was ordered comes in, rooms are free again, and what nobody manages is filled up on its days."""
        products, s = self.products, self.settings
        before = products.stock.copy()
        is_due = self._coming["due_day"] <= day
        arrived, n_units = self._coming["product"][is_due], self._coming["n_units"][is_due]
        np.add.at(products.stock, arrived, n_units)
        np.subtract.at(products.on_order, arrived, n_units)
        self._coming.keep(~is_due)
        if s.stock_units is not None and day % s.restock_days == 0:
            n_missing = np.maximum(s.stock_units - products.stock, 0) * (self._is_kept & ~self._is_managed)
            products.stock += n_missing
            self._pay_for_orders(day, np.flatnonzero(n_missing))
        np.copyto(products.stock, products.capacity, where=self._is_perishable)
        np.subtract(products.stock, before, out=self._n_delivered, where=~self._is_perishable)
        np.copyto(self._n_delivered, products.capacity, where=self._is_perishable)
        self.n_waves_in_stock[:] = 0

    def order(self, day: int, n_units: Units, lead_days: int) -> None:
        """Order goods from the suppliers.

        Args:
            day: Today.
            n_units: Of each product, shape (n_products,); negative where that is left to the routine.
            lead_days: Days until they come.
        """
        np.greater_equal(n_units, 0, out=self._is_managed)
        rows = np.flatnonzero((n_units > 0) & self._is_kept)
        self._coming.append(len(rows), product=rows, n_units=n_units[rows], due_day=day + lead_days)
        self.products.on_order[rows] += n_units[rows]
        self._pay_for_orders(day, rows)

    def open_wave(self) -> None:
        """Count which products are there to be bought."""
        self.n_waves_in_stock += self.products.stock > 0

    def close_day(self, day: int, wave: int) -> None:
        """Pay for what is kept over night, and record the shelves of the products that can run out."""
        products = self.products
        kept = np.bincount(products.merchant, np.where(self._is_kept, products.stock, 0)).astype(np.int64)
        self._pay(day, wave, np.arange(len(kept)), np.full(len(kept), NOBODY), kept * self.settings.holding_fen)
        rows = np.flatnonzero(self._is_kept | self._is_perishable)
        self.log.append(
            "shelves",
            len(rows),
            day=day,
            wave=wave,
            consumer=NOBODY,
            product=rows,
            n_delivered=self._n_delivered[rows],
            n_left=products.stock[rows],
            is_perishable=self._is_perishable[rows],
        )

    def _pay_for_orders(self, day: int, rows: NDArray[np.intp]) -> None:
        cost = np.full(len(rows), self.settings.ordering_fen)
        self._pay(day, 0, self.products.merchant[rows], rows, cost)

    def _pay(
        self, day: int, wave: int, merchants: NDArray[np.intp], products: NDArray[np.intp], cost_fen: Units
    ) -> None:
        nobody = np.full(len(products), NOBODY)
        self.checkout.spend(day, wave, Origin.STOCKING, merchants, nobody, products, np.zeros_like(cost_fen), cost_fen)
