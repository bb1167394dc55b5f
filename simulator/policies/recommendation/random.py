"""Random pages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Draws, Floats, decision
from simulator.policies.policy import Observations
from simulator.policies.recommendation.recommendation import Recommendation

RANDOM_PAGE = decision("recommendation.random")


class RandomPage(Recommendation):
    """Every product equally likely, newly shuffled for each shopper each day."""

    is_personal = True

    def decide(
        self, seen: Observations, consumers: NDArray[np.intp], products: NDArray[np.intp], draws: Draws
    ) -> Floats:
        return draws.uniform(RANDOM_PAGE, seen.day, consumers[:, None], products)
