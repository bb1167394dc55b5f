"""Utility of products and of staying away, before price and way of buying."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.agents.merchants import Products
from simulator.choice.visits import Looks, Visits
from simulator.draws import Draws, Floats, decision
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


class Utility:
    """V + ε of products on a page and of the outside option."""

    def __init__(
        self, settings: ChoiceSettings, columns: Columns, products: Products, network: Network, draws: Draws
    ) -> None:
        self.settings = settings
        self.columns = columns
        self.products = products
        self.network = network
        self.draws = draws
        self._category = products.category

    def systematic(
        self, consumers: NDArray[np.intp], products: NDArray[np.intp], quality_above_standard: Floats
    ) -> Floats:
        """V of each product for its consumer, but for friends' purchases, at list price and with a need; shape (n,).

        Args:
            consumers: Shape (n,).
            products: Shape (n,).
            quality_above_standard: Quality shown less the standard, shape (n_products,).
        """
        s, columns = self.settings, self.columns
        v: Floats = np.einsum("ld,ld->l", columns["taste"][consumers], self.products.attributes[products])
        v *= s.taste_weight
        v += (s.appeal + s.quality_weight * quality_above_standard)[products]
        v += s.loyalty_weight * columns["loyalty"][consumers, self.products.merchant[products]].astype(np.float64)
        v += s.trust_weight * (columns["trust"][consumers].astype(np.float64) - s.trust_standard)
        return v

    def friends(self, visits: Visits, page: NDArray[np.intp]) -> Floats:
        """What friends add to V: those among the closest whose last purchase it was; shape (n_shoppers, slate_size)."""
        s = self.settings
        counts = np.zeros(page.shape, dtype=np.intp)
        if s.friends_weight == 0 or s.friends_at_most == 0 or s.friends_seen == 0:
            return np.zeros(page.shape)
        visit, friend = self.network.ties(visits.consumer, at_most=s.friends_seen)
        bought = self.columns["last_product"][friend]
        # Most friends bought something else altogether; only the others are compared with the page.
        fits = (self._category[bought] == visits.category[visit]) | (bought == visits.product[visit])
        fits &= bought >= 0
        visit, bought = visit[fits], bought[fits]
        tie, place = np.nonzero(page[visit] == bought[:, None])
        np.add.at(counts, (visit[tie], place), 1)
        return s.friends_weight * np.minimum(counts, s.friends_at_most)

    def reserve(self, looks: Looks) -> Floats:
        """What buying each product must overcome when it is not needed, shape (n_looks,)."""
        s, category = self.settings, self._category[looks.product]
        reserve = np.zeros(len(looks))
        idle = np.flatnonzero(category != self.columns["open_need"][looks.consumer])
        who = looks.consumer[idle]
        reserve[idle] = s.without_need + s.prospect_reserve * (self.columns["joined_day"][who] < 0)
        reserve[idle] += s.home_stock_reserve * (self.columns["home_stock"][who, category[idle]] > 0)
        return reserve

    def luck(self, day: int, looks: Looks) -> Floats:
        """ε of each product for its shopper, the same at every look of the day; shape (n_looks,)."""
        return self.draws.gumbel(LUCK, day, looks.consumer, looks.product)

    def outside(self, day: int, consumers: NDArray[np.intp]) -> Floats:
        """Utility of buying nothing, shape (n_shoppers,)."""
        return self.draws.gumbel(LUCK, day, consumers, OUTSIDE)
