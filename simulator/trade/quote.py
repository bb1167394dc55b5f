"""The quote: for every product on a page, the best way to buy it, at which price, with which coupon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.agents.merchants import Products
from simulator.choice.utility import ChoiceSettings
from simulator.choice.visits import Looks
from simulator.compiled import compiled
from simulator.draws import Floats
from simulator.records.events.codes import Way
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
        price_fen: The price before coupons and subsidies, shape (n_offered,).
        subsidy_fen: What the platform pays of it, coupons apart.
        p_success: Expected probability that the purchase comes about (a group fills).
        lapse_cost: Utility lost when it does not.
        hassle: Utility cost of buying this way.
        target: The group joined; 0 for none.
        takes_coupons: Whether coupons may be used on it.
    """

    way: Way
    at: NDArray[np.intp]
    price_fen: NDArray[np.int64]
    subsidy_fen: NDArray[np.int64] | int = 0
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


class Minds(NamedTuple):
    """How shoppers see the price of each product they look at, shape (n_looks,); and two settings."""

    list_fen: NDArray[np.int64]
    price_sensitivity: Floats
    log_reference: Floats
    gain_weight: float
    loss_aversion: float


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
        """The best of the offers for each look; the first offer must be to buy alone, and open for all."""
        n, minds = len(looks), self._minds(looks)
        # A coupon counts only while the platform can still pay for it.
        can_pay = self.wallets.n_slots > 0 and self.budget.remaining_fen > 0
        best = Quote(
            worth=np.full(n, -np.inf),
            way=np.zeros(n, dtype=np.int8),
            price_fen=np.zeros(n, dtype=np.int64),
            discount_fen=np.zeros(n, dtype=np.int64),
            slot=np.full(n, NO_SLOT, dtype=np.int8),
            target=np.zeros(n, dtype=np.int64),
        )
        alone = np.zeros(n)
        for offer in offers:
            price = _row(offer.price_fen, offer, np.int64)
            coupon_fen, slot = self.wallets.best_discount(
                looks.consumer, offer.at, price, can_pay and offer.takes_coupons
            )
            _consider(
                int(offer.way),
                offer.at,
                price,
                coupon_fen + offer.subsidy_fen,
                slot,
                _row(offer.p_success, offer, np.float64),
                float(offer.lapse_cost),
                _row(offer.hassle, offer, np.float64),
                _row(offer.target, offer, np.int64),
                minds,
                alone,
                *(getattr(best, name) for name in Quote.names()),
            )
            if offer.way == Way.ALONE:
                alone = best.worth.copy()
        return best

    def _minds(self, looks: Looks) -> Minds:
        """What each shopper brings to the prices of what they look at."""
        columns, products = self.columns, self.products
        beta, reference, list_fen = _read_minds(
            looks.consumer,
            looks.product,
            columns["price_sensitivity"],
            columns["reference"],
            products.category,
            products.list_fen,
        )
        return Minds(list_fen, beta, np.log(reference), self.settings.gain_weight, self.settings.loss_aversion)


@compiled
def _read_minds(
    consumer: NDArray[np.intp],
    product: NDArray[np.intp],
    price_sensitivity: NDArray[np.float32],
    reference: NDArray[np.float32],
    category: NDArray[np.intp],
    list_fen: NDArray[np.int64],
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Price sensitivity, reference price over list price, and list price of each look, shape (n_looks,)."""
    n = len(consumer)
    betas, references, lists = np.empty(n), np.empty(n), np.empty(n, np.int64)
    for look in range(n):
        who, item = consumer[look], product[look]
        betas[look] = price_sensitivity[who]
        references[look] = reference[who, category[item]]
        lists[look] = list_fen[item]
    return betas, references, lists


def _row(values: Any, offer: Offer, dtype: type) -> NDArray[Any]:
    """One value, or an array of them, as an array of shape (n_offered,)."""
    if np.ndim(values):
        return np.ascontiguousarray(values, dtype=dtype)
    row: NDArray[Any] = np.empty(len(offer.at), dtype=dtype)
    row.fill(values)
    return row


@compiled
def _consider(
    way: int,
    at: NDArray[np.intp],
    price_fen: NDArray[np.int64],
    discount_fen: NDArray[np.int64],
    slot: NDArray[np.int8],
    p_success: Floats,
    lapse_cost: float,
    hassle: Floats,
    target: NDArray[np.int64],
    minds: Minds,
    alone: Floats,
    best_worth: Floats,
    best_way: NDArray[np.int8],
    best_price_fen: NDArray[np.int64],
    best_discount_fen: NDArray[np.int64],
    best_slot: NDArray[np.int8],
    best_target: NDArray[np.int64],
) -> None:
    """Make an offer the best one of the looks where it is worth more than what was the best before.

    A way that may fail is worth p·u(price) + (1-p)·(u(price alone) - lapse cost) - hassle.
    """
    for row in range(len(at)):
        look, p = at[row], p_success[row]
        certain = _price_utility(price_fen[row] - discount_fen[row], look, minds)
        worth = p * certain + (1 - p) * (alone[look] - lapse_cost) - hassle[row]
        if worth > best_worth[look]:
            best_worth[look], best_way[look], best_target[look] = worth, way, target[row]
            best_price_fen[look], best_discount_fen[look] = price_fen[row], discount_fen[row]
            best_slot[look] = slot[row]


@compiled
def _price_utility(price_fen: int, look: int, minds: Minds) -> float:
    """-β·ln(price/list) + γ·gain - 1.955·γ·loss, gain and loss in ln(reference/price)."""
    ratio = np.log(price_fen / minds.list_fen[look])
    gain = minds.log_reference[look] - ratio
    felt = gain if gain > 0 else minds.loss_aversion * gain
    return float(minds.gain_weight * felt - minds.price_sensitivity[look] * ratio)
