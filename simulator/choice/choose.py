"""The choice: shoppers look at a page, and buy the best product in its best way, or nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulator.choice.slate import Slates
from simulator.choice.utility import Utility
from simulator.choice.visits import NONE, Visits
from simulator.draws import Floats
from simulator.records.events import Reason
from simulator.trade.orders import Wants
from simulator.trade.quote import Offer, Quote, Quotes

BLOCK = 4096
"""Shoppers handled at once, so that the arrays of a block stay in the cache. Results do not depend on it."""

LOOK_MARGIN = 1.0
"""A product is clicked when its best way comes within this utility of buying nothing (assumed)."""

Offers = Callable[[Visits, NDArray[np.intp]], list[Offer]]


class Funnel:
    """How often each product was shown, examined, clicked, put in the cart and ordered today; shape (n_products,)."""

    STEPS = ("n_shown", "n_examined", "n_clicked", "n_carted", "n_ordered")

    def __init__(self, n_products: int) -> None:
        self.counts = {step: np.zeros(n_products, dtype=np.int64) for step in self.STEPS}

    def add(self, step: str, products: NDArray[np.intp]) -> None:
        counts = self.counts[step]
        counts += np.bincount(products, minlength=len(counts))

    def clear(self) -> None:
        for counts in self.counts.values():
            counts[:] = 0


class Chooser:
    """Lets shoppers choose."""

    def __init__(self, slates: Slates, utility: Utility, quotes: Quotes, funnel: Funnel) -> None:
        self.slates = slates
        self.utility = utility
        self.quotes = quotes
        self.funnel = funnel

    def choose(self, day: int, visits: Visits, quality_above_standard: Floats, offers: Offers) -> Wants:
        """What the shoppers of a wave want to buy, in ascending order of consumer.

        Args:
            day: Today.
            visits: The shoppers.
            quality_above_standard: Quality shown less the standard, shape (n_products,).
            offers: Gives the ways of buying for a block of visits and its page.
        """
        called = visits.category == NONE
        parts = []
        for group in (visits.take(~called), visits.take(called)):
            for start in range(0, len(group), BLOCK):
                block = group.take(slice(start, start + BLOCK))
                parts.append(self._choose_block(day, block, quality_above_standard, offers))
        if not parts:
            return self._choose_block(day, visits, quality_above_standard, offers)
        wants = Wants.join(parts)
        return wants.take(np.argsort(wants.consumer, kind="stable"))

    def _choose_block(self, day: int, visits: Visits, quality: Floats, offers: Offers) -> Wants:
        who = visits.consumer
        page = self.slates.pages(visits)
        looks = self.slates.examined(day, who, page)
        self.funnel.add("n_shown", page[page != NONE])
        self.funnel.add("n_examined", page[looks])
        page = np.maximum(page, 0)
        quote = self.quotes.best(who, page, offers(visits, page))
        u = self.utility.systematic(who, page, quality)
        u -= self.utility.reserve(visits, page)
        u += self.utility.luck(day, who, page)
        u += quote.value
        u[~looks] = -np.inf
        outside = self.utility.outside(day, who)
        self.funnel.add("n_clicked", page[u > outside[:, None] - LOOK_MARGIN])
        self.funnel.add("n_carted", page[u > outside[:, None]])
        best = u.argmax(axis=1)
        rows = np.arange(len(who))
        above = u[rows, best] - outside
        buys = np.flatnonzero(above > 0)
        return self._wants(visits.take(buys), page[buys, best[buys]], quote, buys, best[buys], above[buys], quality)

    def _wants(
        self,
        visits: Visits,
        product: NDArray[np.intp],
        quote: Quote,
        row: NDArray[np.intp],
        place: NDArray[np.intp],
        above: Floats,
        quality: Floats,
    ) -> Wants:
        discount = quote.discount_fen[row, place]
        paid = quote.price_fen[row, place] - discount
        beta = self.utility.columns["price_sensitivity"][visits.consumer].astype(np.float64)
        follows = (visits.product == NONE) | (product == visits.product)
        return Wants(
            consumer=visits.consumer,
            product=product,
            way=quote.way[row, place],
            target=quote.target[row, place],
            slot=quote.slot[row, place],
            paid_fen=paid,
            subsidy_fen=discount,
            # The price rise, in fen, that would make the shopper indifferent (compensating variation).
            surplus_fen=np.rint(paid * np.expm1(np.minimum(above / beta, 20.0))).astype(np.int64),
            cause=np.where(follows, visits.cause, 0),
            reason=np.where(follows, visits.reason, Reason.NEED).astype(np.int8),
            expected=quality[product],
        )
