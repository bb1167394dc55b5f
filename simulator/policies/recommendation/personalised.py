"""Personalised pages: what each shopper is believed to like best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import compiled
from simulator.draws import Draws, Floats
from simulator.policies.policy import Beliefs, Observations
from simulator.policies.recommendation.fallback import Fallback, FallbackSettings
from simulator.policies.recommendation.recommendation import Recommendation


class PersonalisedPage(Recommendation):
    """The products of the highest expected utility; the fallback's page for who has no profile."""

    is_personal = True

    def __init__(self, settings: FallbackSettings) -> None:
        self._fallback = Fallback(settings)

    def decide(
        self, seen: Observations, consumers: NDArray[np.intp], products: NDArray[np.intp], draws: Draws
    ) -> Floats:
        beliefs = seen.profiles.beliefs(consumers)
        scores = expected_utility(seen, beliefs, products)
        return self._fallback.fill(scores, beliefs.is_known, seen, consumers, products, draws)


def expected_utility(seen: Observations, beliefs: Beliefs, products: NDArray[np.intp]) -> Floats:
    """Believed utility of products at the offer prices seen, but for what is the same for all; shape as `products`.

    Args:
        seen: What is seen of the products.
        beliefs: What is believed of each shopper.
        products: Shape (n_shoppers, n_candidates).
    """
    return _utilities(beliefs.taste, beliefs.price_sensitivity, seen.appeal, seen.attributes, log_cut(seen), products)


def log_cut(seen: Observations) -> Floats:
    """ln(list price / offer price) of each product, shape (n_products,)."""
    return np.log(seen.list_fen / seen.offer_fen)


@compiled
def _utilities(
    taste: Floats,
    price_sensitivity: Floats,
    appeal: Floats,
    attributes: Floats,
    cut: Floats,
    products: NDArray[np.intp],
) -> Floats:
    scores = np.empty(products.shape)
    for row in range(products.shape[0]):
        for place in range(products.shape[1]):
            item = products[row, place]
            utility = appeal[item] + price_sensitivity[row] * cut[item]
            for k in range(taste.shape[1]):
                utility += taste[row, k] * attributes[item, k]
            scores[row, place] = utility
    return scores
