"""Hybrid pages with exploration: beliefs, what others want, and a try at what is uncertain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import compiled
from simulator.draws import Draws, Floats, decision
from simulator.policies.policy import Beliefs, Observations
from simulator.policies.recommendation.fallback import Fallback
from simulator.policies.recommendation.personalised import expected_utility, log_cut
from simulator.policies.recommendation.recommendation import Recommendation
from simulator.policies.recommendation.similarity import Similarities, SimilaritySettings
from simulator.settings import quantity

EXPLORES = decision("recommendation.explores")


class HybridSettings(SimilaritySettings):
    """Pages by beliefs and similarity, with exploration."""

    weight: float = quantity(0.2, "utility of one standard deviation of similarity to the basket", ge=0, le=20)
    exploration: float = quantity(
        0.5,
        "weight of a draw from what is uncertain about a utility; 1: Thompson sampling, 0: none",
        source="assumed; Thompson 1933",
        ge=0,
        le=20,
    )


class HybridPage(Recommendation):
    """The products of the highest sum of expected utility, similarity to the basket, and a draw of what is uncertain.

    The draw is Thompson sampling (Thompson 1933; Chapelle & Li 2011) of each product's utility: what is little known
    of a shopper is tried, and the better it is known the less.
    """

    is_personal = True
    carried = ("_similarities",)

    def __init__(self, settings: HybridSettings) -> None:
        self.settings = settings
        self._fallback = Fallback(settings)
        self._similarities = Similarities(settings)

    def open_day(self, seen: Observations) -> None:
        self._similarities.open_day(seen)

    def decide(
        self, seen: Observations, consumers: NDArray[np.intp], products: NDArray[np.intp], draws: Draws
    ) -> Floats:
        s, beliefs = self.settings, seen.profiles.beliefs(consumers)
        similarity = self._similarities.sums(seen.profiles.baskets(consumers), products)
        _standardise(similarity, products, seen.category)
        luck = draws.normal(EXPLORES, seen.day, consumers[:, None], products)
        scores = expected_utility(seen, beliefs, products)
        scores += s.weight * similarity
        scores += s.exploration * luck * uncertainty(seen, beliefs, products)
        return self._fallback.fill(scores, beliefs.is_known, seen, consumers, products, draws)


def uncertainty(seen: Observations, beliefs: Beliefs, products: NDArray[np.intp]) -> Floats:
    """Standard deviation of what is believed to be a shopper's own in each utility; shape as `products`."""
    return _deviations(beliefs.taste_sd, beliefs.price_sensitivity_sd, seen.attributes, log_cut(seen), products)


@compiled
def _deviations(
    taste_sd: Floats, price_sensitivity_sd: Floats, attributes: Floats, cut: Floats, products: NDArray[np.intp]
) -> Floats:
    deviations = np.empty(products.shape)
    for row in range(products.shape[0]):
        for place in range(products.shape[1]):
            item = products[row, place]
            variance = (price_sensitivity_sd[row] * cut[item]) ** 2
            for k in range(taste_sd.shape[1]):
                variance += (taste_sd[row, k] * attributes[item, k]) ** 2
            deviations[row, place] = np.sqrt(variance)
    return deviations


@compiled
def _standardise(scores: Floats, products: NDArray[np.intp], category: NDArray[np.intp]) -> None:
    """Scores in standard deviations from their row's mean, over the products of the row's first one's category.

    Where a category has fewer products than others, what fills its rows up does not count. Equal scores become 0.
    """
    n_rows, n_places = products.shape
    for row in range(n_rows):
        mine, n, total = category[products[row, 0]], 0, 0.0
        for place in range(n_places):
            if category[products[row, place]] == mine:
                n += 1
                total += scores[row, place]
        mean, squares = total / n, 0.0
        for place in range(n_places):
            if category[products[row, place]] == mine:
                squares += (scores[row, place] - mean) ** 2
        deviation = np.sqrt(squares / n)
        for place in range(n_places):
            scores[row, place] = (scores[row, place] - mean) / deviation if deviation > 1e-9 else 0.0
