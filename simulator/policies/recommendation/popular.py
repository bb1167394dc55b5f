"""Popular pages: best sellers first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Draws, Floats, decision
from simulator.policies.policy import Observations
from simulator.policies.recommendation.recommendation import Recommendation

TIE = decision("recommendation.tie")


class PopularPage(Recommendation):
    """Best sellers of the sales window first; ties are broken by a keyed draw of the day."""

    is_personal = False

    def decide(
        self, seen: Observations, consumers: NDArray[np.intp], products: NDArray[np.intp], draws: Draws
    ) -> Floats:
        return seen.units_sold[products] + draws.uniform(TIE, seen.day, products)
