"""Recommendation policies: which products of a category a shopper is shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Draws, Floats, decision
from simulator.policies.policy import Observations
from simulator.settings import Settings, quantity

RANDOM_PAGE = decision("recommendation.random")
TIE = decision("recommendation.tie")

Truth = Callable[[NDArray[np.intp], NDArray[np.intp]], Floats]
"""True systematic utility of consumers and products, both of shape (n,); only the oracle is handed it."""


class RecommendationSettings(Settings):
    """Which page the platform shows."""

    kind: Literal["random", "popular", "oracle"] = quantity("random", "recommendation policy")


class Recommendation(ABC):
    """Scores candidates; the page shows the highest. `is_personal` says whether the shopper matters."""

    is_personal: bool

    @abstractmethod
    def decide(
        self, seen: Observations, consumers: NDArray[np.intp], products: NDArray[np.intp], draws: Draws
    ) -> Floats:
        """Scores, shape (n_shoppers, n_candidates), as `products`; for an impersonal policy the shopper is ignored."""


class RandomPage(Recommendation):
    """Every product equally likely, newly shuffled for each shopper each day."""

    is_personal = True

    def decide(
        self, seen: Observations, consumers: NDArray[np.intp], products: NDArray[np.intp], draws: Draws
    ) -> Floats:
        return draws.uniform(RANDOM_PAGE, seen.day, consumers[:, None], products)


class PopularPage(Recommendation):
    """Best sellers of the sales window first; ties are broken by a keyed draw of the day."""

    is_personal = False

    def decide(
        self, seen: Observations, consumers: NDArray[np.intp], products: NDArray[np.intp], draws: Draws
    ) -> Floats:
        return seen.units_sold[products] + draws.uniform(TIE, seen.day, products)


class OraclePage(Recommendation):
    """The products with the highest true utility: what perfect insight would show."""

    is_personal = True

    def __init__(self, truth: Truth) -> None:
        self._truth = truth

    def decide(
        self, seen: Observations, consumers: NDArray[np.intp], products: NDArray[np.intp], draws: Draws
    ) -> Floats:
        who = np.repeat(consumers, products.shape[1])
        return self._truth(who, products.ravel()).reshape(products.shape)


def make_recommendation(settings: RecommendationSettings, truth: Truth) -> Recommendation:
    """The policy that the settings name."""
    match settings.kind:
        case "random":
            return RandomPage()
        case "popular":
            return PopularPage()
        case "oracle":
            return OraclePage(truth)
