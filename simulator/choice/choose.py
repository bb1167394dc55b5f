"""The choice: shoppers look at a page, and buy the best product in its best way, or nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulator.choice.slate import Slates
from simulator.choice.utility import Utility
from simulator.choice.visits import NONE, Looks, Visits
from simulator.draws import Floats
from simulator.trade.orders import Wants
from simulator.trade.quote import Offer, Quote, Quotes

BLOCK = 4096
"""Shoppers handled at once, so that the arrays of a block stay in the cache. Results do not depend on it."""

Offers = Callable[[Visits, Looks], list[Offer]]


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
            offers: Gives the ways of buying for a block of visits and the products its shoppers look at.
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
        page = self.slates.pages(visits)
        visit, place = np.nonzero(self.slates.examined(day, visits.consumer, page))
        looks = Looks(visit, visits.consumer[visit], page[visit, place])
        quote = self.quotes.best(looks, offers(visits, looks))
        u = self.utility.systematic(looks.consumer, looks.product, quality)
        u += self.utility.friends(visits, page)[visit, place]
        u -= self.utility.reserve(looks)
        u += self.utility.luck(day, looks)
        u += quote.worth
        above = u - self.utility.outside(day, visits.consumer)[visit]
        self.funnel.add("n_shown", page[page != NONE])
        self.funnel.add("n_examined", looks.product)
        self.funnel.add("n_clicked", looks.product[above > -self.utility.settings.click_margin])
        self.funnel.add("n_carted", looks.product[above > 0])
        best = _best_of_each(visit, above)
        best = best[above[best] > 0]
        return self._wants(visits.take(visit[best]), looks.product[best], quote.take(best), above[best], quality)

    def _wants(self, visits: Visits, product: NDArray[np.intp], quote: Quote, above: Floats, quality: Floats) -> Wants:
        paid = quote.price_fen - quote.discount_fen
        beta = self.utility.columns["price_sensitivity"][visits.consumer].astype(np.float64)
        follows_call = product == visits.product
        return Wants(
            consumer=visits.consumer,
            product=product,
            way=quote.way,
            target=quote.target,
            slot=quote.slot,
            paid_fen=paid,
            subsidy_fen=quote.discount_fen,
            # The price rise, in fen, that would make the shopper indifferent (compensating variation).
            surplus_fen=np.rint(paid * np.expm1(np.minimum(above / beta, 20.0))).astype(np.int64),
            cause=np.where(follows_call, visits.call_cause, visits.cause),
            reason=np.where(follows_call, visits.call_reason, visits.reason),
            expected=quality[product],
        )


def _best_of_each(group: NDArray[np.intp], value: Floats) -> NDArray[np.intp]:
    """The row with the largest value of each group, the first on a tie; groups are ascending, shape (n_groups,)."""
    if len(group) == 0:
        return group
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    top = np.repeat(np.maximum.reduceat(value, starts), np.diff(starts, append=len(group)))
    rows = np.flatnonzero(value == top)
    return rows[np.diff(group[rows], prepend=-1) > 0]
