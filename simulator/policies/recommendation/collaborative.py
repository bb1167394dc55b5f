"""Collaborative pages: what is wanted by those who want what the shopper wanted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Draws, Floats
from simulator.policies.policy import Observations
from simulator.policies.recommendation.fallback import Fallback
from simulator.policies.recommendation.recommendation import Recommendation
from simulator.policies.recommendation.similarity import Similarities, SimilaritySettings

GRID = 10_000
"""Similarities that differ by less than 1/GRID are a tie."""


class CollaborativePage(Recommendation):
    """The products most similar to the shopper's basket; the fallback breaks ties, and serves who has no basket."""

    is_personal = True
    carried = ("_similarities",)

    def __init__(self, settings: SimilaritySettings) -> None:
        self._fallback = Fallback(settings)
        self._similarities = Similarities(settings)

    def open_day(self, seen: Observations) -> None:
        self._similarities.open_day(seen)

    def decide(
        self, seen: Observations, consumers: NDArray[np.intp], products: NDArray[np.intp], draws: Draws
    ) -> Floats:
        baskets = seen.profiles.baskets(consumers)
        scores = self._fallback.scores(seen, consumers, products, draws)
        rows = np.flatnonzero((baskets >= 0).any(axis=1))
        similarity = self._similarities.sums(baskets[rows], products[rows])
        ties = scores[rows]
        scores[rows] = np.rint(GRID * similarity) + ties / (1 + ties)  # whole numbers, and a fraction below 1
        return scores
