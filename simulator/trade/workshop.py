"""The workshop: redesigns are paid for when they are ordered, and change what is sold when they are done."""

from __future__ import annotations

import numpy as np

from simulator.agents.merchants import Products
from simulator.draws import Floats
from simulator.records.events.codes import Origin
from simulator.records.events.log import EventLog
from simulator.trade.checkout import Checkout

NOT_IN_WORK = -1
NOBODY = -1


class Workshop:
    """What is in work, at most one new design for each product.

    Args:
        cost_fen: What a redesign costs the merchant.
        lead_days: Days it takes.
        products, checkout, log: The market's.
    """

    carried = ("_designs", "_ready_day")

    def __init__(self, cost_fen: int, lead_days: int, products: Products, checkout: Checkout, log: EventLog) -> None:
        self.cost_fen, self.lead_days = cost_fen, lead_days
        self.products, self.checkout, self.log = products, checkout, log
        self._designs = products.attributes.copy()
        self._ready_day = np.full(len(products), NOT_IN_WORK, dtype=np.int16)

    def open_day(self, day: int) -> None:
        """From today on the products that are ready are what they were redesigned to be."""
        ready = np.flatnonzero(self._ready_day == day)
        self.products.attributes[ready] = self._designs[ready]
        self._ready_day[ready] = NOT_IN_WORK

    def order(self, day: int, designs: Floats) -> None:
        """Order the redesign of all products that are to be something else, and are not in work.

        Args:
            day: Today.
            designs: What they are to be, shape (n_products, n_attributes).
        """
        old = self.products.attributes
        rows = np.flatnonzero((designs != old).any(axis=1) & (self._ready_day == NOT_IN_WORK))
        if len(rows) == 0:
            return
        self._designs[rows] = designs[rows]
        self._ready_day[rows] = day + self.lead_days
        merchants, nobody = self.products.merchant[rows], np.full(len(rows), NOBODY)
        cost = np.full(len(rows), self.cost_fen)
        self.checkout.spend(day, 0, Origin.PRODUCT, merchants, nobody, rows, np.zeros_like(cost), cost)
        likeness = np.einsum("pd,pd->p", old[rows], designs[rows])
        self.log.append(
            "redesigns",
            len(rows),
            day=day,
            consumer=NOBODY,
            product=rows,
            merchant=merchants,
            ready_day=self._ready_day[rows],
            likeness_permille=np.rint(1000 * likeness),
        )
