"""Customised products (C2M, 反向定制): made for what is learned of taste.

A merchant looks for the place in taste space at which its product would be bought most, as the platform's profiles have
it: by those who like it, and who would rather buy it than a rival's. That place is where, of those who are undecided
about it, the tastes add up (the first-order condition of a logit share on the sphere; Hotelling's question, with
heterogeneous tastes as in Anderson, de Palma & Thisse 1992). Rivals are taken to stay where they are. Half of those who
are known say where to go, the other half what that would bring, since who looks for the best finds luck as well.
"""

from __future__ import annotations

import numpy as np

from simulator.compiled import compiled
from simulator.policies.policy import Flags, Numbers, Observations, Rows
from simulator.policies.product.product import DesignSettings, Redesigns, moved
from simulator.policies.recommendation.personalised import expected_utility
from simulator.settings import quantity

ROUNDS = 20
"""Steps towards the best place: more hardly change it."""


class CustomisedSettings(DesignSettings):
    """Redesign for believed taste."""

    sample: int = quantity(5000, "members whose profiles are read at most", unit="consumers", ge=1, le=1_000_000)
    fewest: int = quantity(
        50, "known consumers among these below which nothing is redesigned", unit="consumers", ge=1, le=1_000_000
    )


class CustomisedProducts(Redesigns):
    """Moves products toward the tastes of those who are undecided about them."""

    def __init__(self, settings: CustomisedSettings, cost_fen: int) -> None:
        super().__init__(settings, cost_fen)
        self.settings = settings

    def propose(self, seen: Observations, is_asked: Flags) -> tuple[Numbers, Numbers]:
        s = self.settings
        designs, growth = seen.attributes.copy(), np.zeros(len(seen.category))
        members = np.flatnonzero(seen.joined_day >= 0)
        members = members[:: max(1, -(-len(members) // s.sample))]  # evenly over the rows
        if not is_asked.any() or len(members) == 0:
            return designs, growth
        known = members[seen.profiles.beliefs(members).is_known]
        if len(known) < s.fewest:
            return designs, growth
        panel, jury = _Panel(seen, known[::2]), _Panel(seen, known[1::2])
        for category in np.unique(seen.category[is_asked]):
            shelf = np.flatnonzero(seen.category == category)
            asked = np.flatnonzero(is_asked[shelf])
            items, old = shelf[asked], seen.attributes[shelf[asked]]
            best = _best_places(panel.utility(seen, shelf), panel.taste, panel.weights, asked, old)
            designs[items] = moved(old, best, s.step)
            change = designs[items] - old
            growth[items] = _growth(jury.utility(seen, shelf), jury.taste, jury.weights, asked, change)
        return designs, growth


class _Panel:
    """Consumers who are known, and weigh more the more they have bought."""

    def __init__(self, seen: Observations, consumers: Rows) -> None:
        self.beliefs = seen.profiles.beliefs(consumers)
        self.taste: Numbers = np.ascontiguousarray(self.beliefs.taste, dtype=np.float64)
        self.weights: Numbers = 1.0 + seen.profiles.purchases(consumers).n_orders.astype(np.float64)

    def utility(self, seen: Observations, products: Rows) -> Numbers:
        """What these products are believed to be worth to them, shape (n, n_products)."""
        everything = np.tile(products, (len(self.weights), 1))
        return expected_utility(seen, self.beliefs, everything) + self.beliefs.appeal[:, None]


@compiled
def _best_places(utility: Numbers, taste: Numbers, weights: Numbers, items: Rows, attributes: Numbers) -> Numbers:
    """Where some products would sell best, all others staying where they are, shape (n_items, n_attributes).

    `ROUNDS` times the product goes to the direction of the sum of weight · P(1 - P) · taste over consumers, P being its
    share there in a logit with an outside option of 0: a fixed point of that is a stationary point of its sales.

    Args:
        utility: Of each consumer and product as it is, shape (n, n_products).
        taste: Shape (n, n_attributes).
        weights: Of each consumer, shape (n,).
        items: Which of the products, shape (n_items,).
        attributes: Theirs as they are, shape (n_items, n_attributes).
    """
    worth = np.exp(utility)
    total = np.empty(len(worth))
    for row in range(len(worth)):
        total[row] = 1 + worth[row].sum()
    places = attributes.copy()
    pull = np.empty(taste.shape[1])
    for at, item in enumerate(items):
        for _ in range(ROUNDS):
            pull[:] = 0
            for row in range(len(worth)):
                shift = 0.0
                for k in range(len(pull)):
                    shift += taste[row, k] * (places[at, k] - attributes[at, k])
                here = worth[row, item] * np.exp(shift)
                p = here / (total[row] - worth[row, item] + here)
                for k in range(len(pull)):
                    pull[k] += weights[row] * p * (1 - p) * taste[row, k]
            length = np.sqrt((pull * pull).sum())
            if length > 0:
                places[at] = pull / length
    return places


@compiled
def _growth(utility: Numbers, taste: Numbers, weights: Numbers, items: Rows, change: Numbers) -> Numbers:
    """By which share some products would sell more if their attributes changed, all others' staying; shape (n_items,).

    Args:
        utility, taste, weights, items: As in `_best_places`.
        change: Of the attributes, shape (n_items, n_attributes).
    """
    worth = np.exp(utility)
    before, after = np.zeros((2, len(items)))
    for row in range(len(worth)):
        total = 1 + worth[row].sum()
        for at, item in enumerate(items):
            shift = 0.0
            for k in range(taste.shape[1]):
                shift += taste[row, k] * change[at, k]
            new = worth[row, item] * np.exp(shift)
            before[at] += weights[row] * worth[row, item] / total
            after[at] += weights[row] * new / (total - worth[row, item] + new)
    return after / before - 1
