"""The page of a shopper of whom nothing is known."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Draws, Floats
from simulator.policies.policy import Flags, Observations
from simulator.policies.recommendation.popular import PopularPage
from simulator.policies.recommendation.random import RandomPage
from simulator.settings import Settings, quantity


class FallbackSettings(Settings):
    """What who is not known is shown."""

    fallback: Literal["popular", "random"] = quantity("popular", "page of a shopper of whom nothing is known")


class Fallback:
    """Another policy's scores for those of whom nothing is known."""

    def __init__(self, settings: FallbackSettings) -> None:
        self._page = PopularPage() if settings.fallback == "popular" else RandomPage()

    def scores(
        self, seen: Observations, consumers: NDArray[np.intp], products: NDArray[np.intp], draws: Draws
    ) -> Floats:
        """Its scores for everybody, shape as `products`."""
        return self._page.decide(seen, consumers, products, draws)

    def fill(
        self,
        scores: Floats,
        is_known: Flags,
        seen: Observations,
        consumers: NDArray[np.intp],
        products: NDArray[np.intp],
        draws: Draws,
    ) -> Floats:
        """These scores, with its own in the rows of those who are not known."""
        others = np.flatnonzero(~is_known)
        scores[others] = self.scores(seen, consumers[others], products[others], draws)
        return scores
