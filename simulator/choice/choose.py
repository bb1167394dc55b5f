"""The choice: shoppers look at a page, and buy the best product in its best way, or nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulator.choice.slate import Slates
from simulator.choice.utility import Utility
from simulator.choice.visits import NONE, Looks, Visits
from simulator.compiled import compiled
from simulator.draws import Floats
from simulator.trade.orders import Wants
from simulator.trade.quote import Offer, Quote, Quotes

BLOCK = 2**14
"""Shoppers handled at once, so that memory and cache suffice. Results do not depend on it."""

Offers = Callable[[Visits, Looks], list[Offer]]
Watch = Callable[[int, Looks, Floats, float, NDArray[np.int64]], None]
"""Who is told what shoppers look at; see `simulator.insight.pipe.Pipe.see`."""


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
    """Lets shoppers choose.

    Attributes:
        watches_stores: Whether the platform sees what happens in stores.
    """

    def __init__(
        self, slates: Slates, utility: Utility, quotes: Quotes, standard: float, funnel: Funnel, watch: Watch
    ) -> None:
        self.slates = slates
        self.utility = utility
        self.quotes = quotes
        self.standard = standard
        self.funnel = funnel
        self.watch = watch
        self.watches_stores = True

    def choose(self, day: int, visits: Visits, quality_above_standard: Floats, offers: Offers) -> Wants:
        """What the shoppers of a wave want to buy, in ascending order of consumer.

        Args:
            day: Today.
            visits: The shoppers.
            quality_above_standard: Quality shown less the standard, shape (n_products,).
            offers: Gives the ways of buying for a block of visits and the products its shoppers look at.
        """
        is_hidden = (visits.store != NONE) & (not self.watches_stores)
        if not is_hidden.any():
            return self._choose_all(day, visits, quality_above_standard, offers, is_seen=True)
        groups = ((visits.take(~is_hidden), True), (visits.take(is_hidden), False))
        wants = Wants.join([self._choose_all(day, v, quality_above_standard, offers, seen) for v, seen in groups])
        return wants.take(np.argsort(wants.consumer))

    def _choose_all(self, day: int, visits: Visits, quality: Floats, offers: Offers, is_seen: bool) -> Wants:
        starts = range(0, max(len(visits), 1), BLOCK)
        blocks = (visits.take(slice(start, start + BLOCK)) for start in starts)
        return Wants.join([self._choose_block(day, block, quality, offers, is_seen) for block in blocks])

    def _choose_block(self, day: int, visits: Visits, quality: Floats, offers: Offers, is_seen: bool) -> Wants:
        funnel = self.funnel if is_seen else Funnel(len(quality))
        counts, margin = funnel.counts, self.utility.settings.click_margin
        looks = self.slates.looks(day, visits, self.slates.pages(visits), counts["n_shown"])
        quote = self.quotes.best(looks, offers(visits, looks))
        above = self.utility.above_nothing(day, visits, looks, quality) + quote.worth
        expected = quality[looks.product]
        touched = np.flatnonzero(visits.store[looks.visit] != NONE)
        expected[touched] = self.utility.products.quality[looks.product[touched]] - self.standard
        revealed = expected[touched] - quality[looks.product[touched]]
        above[touched] += self.utility.settings.quality_weight * revealed
        steps = (counts["n_examined"], counts["n_clicked"], counts["n_carted"])
        if is_seen:
            self.watch(day, looks, above, margin, quote.price_fen - quote.discount_fen)
        best = _choose(looks.visit, looks.product, above, margin, *steps)
        wants = self._wants(visits.take(looks.visit[best]), looks.product[best], quote.take(best), above[best])
        wants.expected[:], wants.is_seen[:] = expected[best], is_seen
        return wants

    def _wants(self, visits: Visits, product: NDArray[np.intp], quote: Quote, above: Floats) -> Wants:
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
            expected=np.empty(len(product)),
            store=visits.store,
            is_seen=np.empty(len(product), dtype=np.bool_),
        )


@compiled
def _choose(
    visit: NDArray[np.intp],
    product: NDArray[np.intp],
    above: Floats,
    click_margin: float,
    n_examined: NDArray[np.int64],
    n_clicked: NDArray[np.int64],
    n_carted: NDArray[np.int64],
) -> NDArray[np.intp]:
    """The look at what each shopper buys, of those who buy: the largest utility above nothing, the first on a tie.

    Looks come visit by visit; the counts per product go up by what is examined, clicked and put in the cart.
    """
    best = np.empty(len(visit), np.intp)
    n_buyers = 0
    for look in range(len(visit)):
        item = product[look]
        n_examined[item] += 1
        n_clicked[item] += above[look] > -click_margin
        if above[look] > 0:
            n_carted[item] += 1
            if n_buyers == 0 or visit[look] != visit[best[n_buyers - 1]]:
                best[n_buyers] = look
                n_buyers += 1
            elif above[look] > above[best[n_buyers - 1]]:
                best[n_buyers - 1] = look
    return best[:n_buyers]
