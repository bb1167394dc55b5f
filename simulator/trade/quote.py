"""The quote: for every product on a page, the best way to buy it, at which price, with which coupon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.agents.merchants import Products
from simulator.choice.utility import ChoiceSettings
from simulator.draws import Floats
from simulator.records.events import Way
from simulator.state.columns import Columns
from simulator.trade.admit import SubsidyBudget
from simulator.trade.wallet import NO_SLOT, Wallets


@dataclass
class Offer:
    """One way of buying the products of a block of pages; arrays broadcast to (n_shoppers, slate_size).

    Attributes:
        way: Which way.
        price_fen: The price before coupons.
        p_success: Expected probability that the purchase comes about (a group fills).
        lapse_cost: Utility lost when it does not.
        hassle: Utility cost of buying this way.
        target: The group joined; 0 for none.
        is_available: Where the way is open.
        takes_coupons: Whether coupons may be used on it.
    """

    way: Way
    price_fen: NDArray[np.int64]
    p_success: Floats | float = 1.0
    lapse_cost: float = 0.0
    hassle: Floats | float = 0.0
    target: NDArray[np.int64] | int = 0
    is_available: NDArray[np.bool_] | bool = True
    takes_coupons: bool = True


@dataclass
class Quote:
    """The best way per product; arrays of shape (n_shoppers, slate_size)."""

    value: Floats
    way: NDArray[np.int8]
    price_fen: NDArray[np.int64]
    discount_fen: NDArray[np.int64]
    slot: NDArray[np.int8]
    target: NDArray[np.int64]


class Quotes:
    """Turns ways and coupons into the best price utility per product."""

    def __init__(
        self, settings: ChoiceSettings, columns: Columns, products: Products, wallets: Wallets, budget: SubsidyBudget
    ) -> None:
        self.settings = settings
        self.columns = columns
        self.products = products
        self.wallets = wallets
        self.budget = budget

    def best(self, consumers: NDArray[np.intp], page: NDArray[np.intp], offers: list[Offer]) -> Quote:
        """The best of the offers for each shopper and product; the first offer must be to buy alone.

        Utility of a way (MODEL: value of a risky way): p·u(price) + (1-p)·(u(price alone) - lapse cost) - hassle.
        """
        holds = self._holders(consumers)
        alone: Floats = np.zeros(page.shape)
        quote: Quote | None = None
        for offer in offers:
            shape = page.shape
            price = np.broadcast_to(offer.price_fen, shape)
            discount, slot = np.zeros(shape, dtype=np.int64), np.full(shape, NO_SLOT, dtype=np.int8)
            if offer.takes_coupons and len(holds):
                discount[holds], slot[holds] = self.wallets.best_discount(consumers[holds], price[holds])
            u = self._price_utility(consumers, page, price - discount)
            if quote is None:
                alone = u
            else:
                p = offer.p_success
                u = p * u + (1 - p) * (alone - offer.lapse_cost) - offer.hassle
                u = np.where(offer.is_available, u, -np.inf)
            found = Quote(
                u, np.full(shape, offer.way, dtype=np.int8), price, discount, slot, _full(offer.target, shape)
            )
            quote = found if quote is None else _better(quote, found)
        assert quote is not None
        return quote

    def _holders(self, consumers: NDArray[np.intp]) -> NDArray[np.intp]:
        """Rows of the shoppers who hold a coupon the platform can still pay for."""
        if self.wallets.n_slots == 0 or self.budget.remaining_fen == 0:
            return np.zeros(0, dtype=np.intp)
        return np.flatnonzero(self.wallets.holders(consumers))

    def _price_utility(
        self, consumers: NDArray[np.intp], page: NDArray[np.intp], price_fen: NDArray[np.int64]
    ) -> Floats:
        """-β·ln(price/list) + γ·gain - 1.955·γ·loss, gain and loss in ln(reference/price)."""
        s = self.settings
        beta = self.columns["price_sensitivity"][consumers].astype(np.float64)[:, None]
        ratio = np.log(price_fen / self.products.list_fen[page])
        reference = self.columns["reference"][consumers[:, None], self.products.category[page]].astype(np.float64)
        gain = np.log(reference) - ratio
        return s.gain_weight * np.where(gain > 0, gain, s.loss_aversion * gain) - beta * ratio


def _full(value: NDArray[np.int64] | int, shape: tuple[int, ...]) -> NDArray[np.int64]:
    return np.broadcast_to(np.asarray(value, dtype=np.int64), shape)


def _better(a: Quote, b: Quote) -> Quote:
    """Per product, whichever is worth more; the earlier one on a tie."""
    wins = b.value > a.value
    return Quote(
        np.where(wins, b.value, a.value),
        np.where(wins, b.way, a.way),
        np.where(wins, b.price_fen, a.price_fen),
        np.where(wins, b.discount_fen, a.discount_fen),
        np.where(wins, b.slot, a.slot),
        np.where(wins, b.target, a.target),
    )
