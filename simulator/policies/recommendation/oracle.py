"""Oracle pages: the upper bound of what pages can do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Draws, Floats
from simulator.policies.policy import Observations
from simulator.policies.recommendation.recommendation import Recommendation

Truth = Callable[[NDArray[np.intp], NDArray[np.intp]], Floats]
"""True systematic utility of consumers and products, both of shape (n,); only the oracle is handed it."""


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
