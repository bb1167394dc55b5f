"""The quote: for every product on a page, the best way to buy it, at which price, with which coupon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.agents.merchants import Products
from simulator.choice.utility import ChoiceSettings
from simulator.choice.visits import Looks
from simulator.draws import Floats
from simulator.records.events import Way
from simulator.state.columns import Columns
from simulator.state.rows import Rows
from simulator.trade.admit import SubsidyBudget
from simulator.trade.wallet import NO_SLOT, Wallets


@dataclass
class Offer:
    """One way of buying some of the products that shoppers look at; arrays have shape (n_offered,) or are one value.

    Attributes:
        way: Which way.
        at: The looks it is open for, rows in ascending order.
        price_fen: The price before coupons, shape (n_offered,).
        p_success: Expected probability that the purchase comes about (a group fills).
        lapse_cost: Utility lost when it does not.
        hassle: Utility cost of buying this way.
        target: The group joined; 0 for none.
        takes_coupons: Whether coupons may be used on it.
    """

    way: Way
    at: NDArray[np.intp]
    price_fen: NDArray[np.int64]
    p_success: Floats | float = 1.0
    lapse_cost: float = 0.0
    hassle: Floats | float = 0.0
    target: NDArray[np.int64] | int = 0
    takes_coupons: bool = True


@dataclass
class Quote(Rows):
    """The best way to buy each product looked at; arrays of shape (n_looks,)."""

    worth: Floats
    way: NDArray[np.int8]
    price_fen: NDArray[np.int64]
    discount_fen: NDArray[np.int64]
    slot: NDArray[np.int8]
    target: NDArray[np.int64]


@dataclass
class PriceMinds(Rows):
    """How shoppers see the price of each product they look at; arrays of shape (n_looks,)."""

    consumer: NDArray[np.intp]
    list_fen: NDArray[np.int64]
    beta: Floats
    log_reference: Floats
    holds_coupon: NDArray[np.bool_]


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

    def best(self, looks: Looks, offers: list[Offer]) -> Quote:
        """The best of the offers for each look; the first offer must be to buy alone, and open for all.

        A way that may fail is worth p·u(price) + (1-p)·(u(price alone) - lapse cost) - hassle.
        """
        shoppers = self._price_minds(looks)
        best = self._quote(shoppers, offers[0])
        alone = best.worth.copy()
        for offer in offers[1:]:
            found = self._quote(shoppers.take(offer.at), offer)
            p = offer.p_success
            found.worth = p * found.worth + (1 - p) * (alone[offer.at] - offer.lapse_cost) - offer.hassle
            wins = np.flatnonzero(found.worth > best.worth[offer.at])
            for name in Quote.names():
                getattr(best, name)[offer.at[wins]] = getattr(found, name)[wins]
        return best

    def _quote(self, shoppers: PriceMinds, offer: Offer) -> Quote:
        """One way, valued as if it were certain."""
        n = len(shoppers)
        discount, slot = np.zeros(n, dtype=np.int64), np.full(n, NO_SLOT, dtype=np.int8)
        if offer.takes_coupons:
            held = np.flatnonzero(shoppers.holds_coupon)
            who = shoppers.consumer[held]
            discount[held], slot[held] = self.wallets.best_discount(who, offer.price_fen[held])
        return Quote(
            worth=self._price_utility(shoppers, offer.price_fen - discount),
            way=np.full(n, offer.way, dtype=np.int8),
            price_fen=offer.price_fen,
            discount_fen=discount,
            slot=slot,
            target=np.array(np.broadcast_to(offer.target, n), dtype=np.int64),
        )

    def _price_minds(self, looks: Looks) -> PriceMinds:
        """What each shopper brings to the prices of what they look at."""
        who, product, columns = looks.consumer, looks.product, self.columns
        reference = columns["reference"][who, self.products.category[product]].astype(np.float64)
        # A coupon counts only while the platform can still pay for it.
        can_pay = self.wallets.n_slots > 0 and self.budget.remaining_fen > 0
        return PriceMinds(
            consumer=who,
            list_fen=self.products.list_fen[product],
            beta=columns["price_sensitivity"][who].astype(np.float64),
            log_reference=np.log(reference),
            holds_coupon=self.wallets.holders(who) if can_pay else np.zeros(len(who), dtype=np.bool_),
        )

    def _price_utility(self, shoppers: PriceMinds, price_fen: NDArray[np.int64]) -> Floats:
        """-β·ln(price/list) + γ·gain - 1.955·γ·loss, gain and loss in ln(reference/price); shape (n_looks,)."""
        s = self.settings
        ratio = np.log(price_fen / shoppers.list_fen)
        gain = shoppers.log_reference - ratio
        return s.gain_weight * np.where(gain > 0, gain, s.loss_aversion * gain) - shoppers.beta * ratio
