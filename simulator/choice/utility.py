"""Utility of products and of staying away, before price and way of buying."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.agents.merchants import Products
from simulator.choice.visits import Visits
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

    def systematic(self, consumers: NDArray[np.intp], page: NDArray[np.intp], quality_above_standard: Floats) -> Floats:
        """V of each product on each shopper's page, at list price and with a need; shape (n_shoppers, slate_size).

        Args:
            consumers: Shape (n_shoppers,).
            page: Products, shape (n_shoppers, slate_size); no padding (-1) allowed.
            quality_above_standard: Quality shown less the standard, shape (n_products,).
        """
        s, columns = self.settings, self.columns
        taste = columns["taste"][consumers].astype(np.float64)
        v: Floats = np.einsum("sd,skd->sk", taste, self.products.attributes[page])
        v *= s.taste_weight
        v += (s.appeal + s.quality_weight * quality_above_standard)[page]
        loyalty = columns["loyalty"][consumers[:, None], self.products.merchant[page]]
        v += s.loyalty_weight * loyalty.astype(np.float64)
        v += (s.trust_weight * (columns["trust"][consumers].astype(np.float64) - s.trust_standard))[:, None]
        if s.friends_weight > 0 and s.friends_at_most > 0:
            v += s.friends_weight * np.minimum(self._friends_with(consumers, page), s.friends_at_most)
        return v

    def reserve(self, visits: Visits, page: NDArray[np.intp]) -> Floats:
        """What buying each product must overcome when it is not needed, shape (n_shoppers, slate_size)."""
        s, who = self.settings, visits.consumer
        category = self.products.category[page]
        is_prospect = self.columns["joined_day"][who] < 0
        reserve = (s.without_need + s.prospect_reserve * is_prospect)[:, None] + (
            s.home_stock_reserve * (self.columns["home_stock"][who[:, None], category] > 0)
        )
        reserve[category == self.columns["open_need"][who][:, None]] = 0.0
        return reserve

    def luck(self, day: int, consumers: NDArray[np.intp], page: NDArray[np.intp]) -> Floats:
        """ε of each product for each shopper, the same at every look of the day; shape (n_shoppers, slate_size)."""
        return self.draws.gumbel(LUCK, day, consumers[:, None], page)

    def outside(self, day: int, consumers: NDArray[np.intp]) -> Floats:
        """Utility of buying nothing, shape (n_shoppers,)."""
        return self.draws.gumbel(LUCK, day, consumers, OUTSIDE)

    def _friends_with(self, consumers: NDArray[np.intp], page: NDArray[np.intp]) -> NDArray[np.intp]:
        """Friends whose last purchase was each product, shape (n_shoppers, slate_size)."""
        counts = np.zeros(page.shape, dtype=np.intp)
        row, friend = self.network.ties(consumers, at_most=self.settings.friends_seen)
        bought = self.columns["last_product"][friend]
        row, bought = row[bought >= 0], bought[bought >= 0]
        tie, place = np.nonzero(page[row] == bought[:, None])
        np.add.at(counts, (row[tie], place), 1)
        return counts
