"""Utility of products and of staying away, before price and way of buying."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.agents.merchants import Products
from simulator.choice.visits import Looks, Visits
from simulator.compiled import compiled
from simulator.draws import Draws, Floats, decision
from simulator.records.events.codes import Reason
from simulator.settings import Settings, quantity
from simulator.social.graph import Network
from simulator.state.columns import Columns

LUCK = decision("choice.epsilon")
OUTSIDE = 2**31
"""The reserved `what` of the outside option's ε."""


class ChoiceSettings(Settings):
    """Weights of the utility function. One unit of utility is one scale unit of the Gumbel error."""

    appeal: float = quantity(-1.95, "utility of an average product at its list price", source="trial", ge=-20, le=20)
    quality_weight: float = quantity(1.0, "weight of the quality shown, relative to the standard", ge=0, le=20)
    taste_weight: float = quantity(0.8, "κ: standard deviation of the taste match", source="trial", ge=0, le=20)
    loyalty_weight: float = quantity(1.0, "weight of loyalty to the merchant", ge=0, le=20)
    friends_weight: float = quantity(0.1, "weight of each friend whose last purchase was the product", ge=0, le=20)
    friends_seen: int = quantity(20, "closest friends whose purchases are seen", unit="consumers", ge=0, le=1000)
    friends_at_most: int = quantity(3, "friends that count", unit="consumers", ge=0, le=100)
    trust_weight: float = quantity(0.5, "weight of trust, relative to `trust_standard`", ge=0, le=20)
    trust_standard: float = quantity(0.7, "trust that neither attracts nor repels", unit="share", ge=0, le=1)
    without_need: float = quantity(0.8, "θ: extra utility of staying away without a need", ge=0, le=20)
    prospect_reserve: float = quantity(0.5, "more of it for a prospect", ge=0, le=20)
    home_stock_reserve: float = quantity(1.0, "more of it with home stock of the category", ge=0, le=20)
    click_margin: float = quantity(
        1.0, "a product is clicked when its utility comes within this of buying nothing", ge=0, le=20
    )
    gain_weight: float = quantity(0.5, "γ: weight of ln(reference/price)", source="trial", ge=0, le=20)
    loss_aversion: float = quantity(
        1.955, "weight of a loss over that of an equal gain", source="Tversky & Kahneman 1992; Brown et al. 2024", ge=1
    )


class Shoppers(NamedTuple):
    """What utility reads of the consumers: columns, shape (n_consumers,) or (n_consumers, width)."""

    taste: NDArray[np.float32]
    loyalty: NDArray[np.float32]
    trust: NDArray[np.float32]
    open_need: NDArray[np.int16]
    joined_day: NDArray[np.int16]
    home_stock: NDArray[np.uint16]
    last_product: NDArray[np.int32]


class Goods(NamedTuple):
    """What utility reads of the products: see `Products`; and `base`, what each is worth to everybody."""

    base: Floats
    attributes: Floats
    merchant: NDArray[np.intp]
    category: NDArray[np.intp]


class Weights(NamedTuple):
    """The settings of the same names."""

    taste_weight: float
    loyalty_weight: float
    friends_weight: float
    friends_at_most: int
    trust_weight: float
    trust_standard: float
    without_need: float
    prospect_reserve: float
    home_stock_reserve: float


class Goodwill(NamedTuple):
    """What brands add to the utility of their products, shape (n_merchants,), for those in reach, (n_consumers,)."""

    worth: Floats
    in_reach: NDArray[np.bool_]


class Fashion(NamedTuple):
    """What trends add to the utility of products, shape (n_products,), for those in reach, (n_consumers,)."""

    worth: Floats
    in_reach: NDArray[np.bool_]


class Utility:
    """V + ε of products on a page and of the outside option."""

    def __init__(
        self,
        settings: ChoiceSettings,
        columns: Columns,
        products: Products,
        network: Network,
        draws: Draws,
        resale: float,
    ) -> None:
        self.settings = settings
        self.resale = resale
        self.goodwill: Goodwill | None = None
        self.fashion: Fashion | None = None
        self.columns = columns
        self.products = products
        self.network = network
        self.draws = draws
        counts_friends = settings.friends_weight > 0 and settings.friends_at_most > 0
        self._friends_seen = settings.friends_seen if counts_friends else 0
        self._weights = Weights(*(getattr(settings, name) for name in Weights._fields))

    def systematic(
        self, consumers: NDArray[np.intp], products: NDArray[np.intp], quality_above_standard: Floats
    ) -> Floats:
        """V of each product for its consumer, but for friends' purchases, at list price and with a need; shape (n,).

        Args:
            consumers: Shape (n,).
            products: Shape (n,).
            quality_above_standard: Quality shown less the standard, shape (n_products,).
        """
        v = _systematics(consumers, products, self._shoppers(), self._goods(quality_above_standard), self._weights)
        return self._with_goodwill(v, consumers, products)

    def above_nothing(self, day: int, visits: Visits, looks: Looks, quality_above_standard: Floats) -> Floats:
        """V + ε - reserve - U(nothing) of each product looked at, before its price; shape (n_looks,)."""
        shoppers, weights = self._shoppers(), self._weights
        visit, who, product = looks.visit, looks.consumer, looks.product
        above = _with_reserve(who, product, shoppers, self._goods(quality_above_standard), weights)
        above = self._with_goodwill(above, who, product)
        if self.fashion is not None:
            above += self.fashion.worth[product] * self.fashion.in_reach[who]
        _add_friends(above, visit, product, *self.network.ties(visits.consumer, self._friends_seen), shoppers, weights)
        above += self.draws.gumbel(LUCK, day, who, product)
        outside = self.draws.gumbel(LUCK, day, visits.consumer, OUTSIDE)
        if "wariness" in self.columns:
            outside += self.columns["wariness"][visits.consumer]
        above -= outside[visit]
        if Reason.ABUSE in visits.reason or Reason.ABUSE in visits.call_reason:
            self._resell(above, visits, looks)
        return above

    def _with_goodwill(self, above: Floats, consumers: NDArray[np.intp], products: NDArray[np.intp]) -> Floats:
        if self.goodwill is None:
            return above
        worth, in_reach = self.goodwill
        return np.asarray(above + worth[self.products.merchant[products]] * in_reach[consumers])

    def _resell(self, above: Floats, visits: Visits, looks: Looks) -> None:
        """To who comes to resell, a product is worth what it fetches: its utility is 0 at that price."""
        follows_call = looks.product == visits.product[looks.visit]
        reason = np.where(follows_call, visits.call_reason[looks.visit], visits.reason[looks.visit])
        rows = np.flatnonzero(reason == Reason.ABUSE)
        beta = self.columns["price_sensitivity"][looks.consumer[rows]].astype(np.float64)
        above[rows] = beta * np.log(self.resale)

    def _shoppers(self) -> Shoppers:
        return Shoppers(*(self.columns[name] for name in Shoppers._fields))

    def _goods(self, quality_above_standard: Floats) -> Goods:
        s, p = self.settings, self.products
        return Goods(s.appeal + s.quality_weight * quality_above_standard, p.attributes, p.merchant, p.category)


@compiled
def _with_reserve(
    consumers: NDArray[np.intp], products: NDArray[np.intp], shoppers: Shoppers, goods: Goods, weights: Weights
) -> Floats:
    """V - reserve of each product for its consumer, but for friends, shape (n,)."""
    above = np.empty(len(consumers))
    for row in range(len(consumers)):
        who, item = consumers[row], products[row]
        above[row] = _systematic(who, item, shoppers, goods, weights)
        above[row] -= _reserve(who, goods.category[item], shoppers, weights)
    return above


@compiled
def _add_friends(
    above: Floats,
    visit: NDArray[np.intp],
    product: NDArray[np.intp],
    tie_visit: NDArray[np.intp],
    tie_friend: NDArray[np.int32],
    shoppers: Shoppers,
    weights: Weights,
) -> None:
    """Add what friends add to V: those among the closest whose last purchase it was.

    Looks, shape (n_looks,), and ties to the friends seen, shape (n_ties,), come visit by visit.
    """
    bought = np.empty(len(tie_friend), np.int32)
    for tie, friend in enumerate(tie_friend):
        bought[tie] = shoppers.last_product[friend]
    first_tie = last_tie = 0
    for look in range(len(product)):
        if look == 0 or visit[look] != visit[look - 1]:
            first_tie, last_tie = _ties_of(visit[look], tie_visit, last_tie)
        n_bought = 0
        for tie in range(first_tie, last_tie):
            n_bought += bought[tie] == product[look]
        above[look] += weights.friends_weight * min(n_bought, weights.friends_at_most)


@compiled
def _systematics(
    consumers: NDArray[np.intp], products: NDArray[np.intp], shoppers: Shoppers, goods: Goods, weights: Weights
) -> Floats:
    v = np.empty(len(consumers))
    for row in range(len(consumers)):
        v[row] = _systematic(consumers[row], products[row], shoppers, goods, weights)
    return v


@compiled
def _systematic(who: int, item: int, shoppers: Shoppers, goods: Goods, weights: Weights) -> float:
    """V of a product for a consumer, but for friends."""
    match = 0.0
    for dimension in range(shoppers.taste.shape[1]):
        match += shoppers.taste[who, dimension] * goods.attributes[item, dimension]
    v = weights.taste_weight * match + goods.base[item]
    v += weights.loyalty_weight * shoppers.loyalty[who, goods.merchant[item]]
    return float(v + weights.trust_weight * (shoppers.trust[who] - weights.trust_standard))


@compiled
def _ties_of(visit: int, tie_visit: NDArray[np.intp], start: int) -> tuple[int, int]:
    """Where the ties of a visit begin and end, looking from `start`."""
    while start < len(tie_visit) and tie_visit[start] < visit:
        start += 1
    end = start
    while end < len(tie_visit) and tie_visit[end] == visit:
        end += 1
    return start, end


@compiled
def _reserve(who: int, category: int, shoppers: Shoppers, weights: Weights) -> float:
    """What buying must overcome when it is not needed; without branches, which would wait for each column's memory."""
    is_idle = shoppers.open_need[who] != category
    reserve = weights.without_need
    reserve += weights.prospect_reserve * (shoppers.joined_day[who] < 0)
    reserve += weights.home_stock_reserve * (shoppers.home_stock[who, category] > 0)
    return float(reserve * is_idle)
