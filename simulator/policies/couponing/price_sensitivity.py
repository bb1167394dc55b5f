"""Coupons for the price-sensitive: price discrimination by coupons (Narasimhan 1984)."""

from __future__ import annotations

import numpy as np

from simulator.draws import Draws
from simulator.policies.couponing.couponing import NEVER, KnowingCouponing
from simulator.policies.policy import Numbers, Observations, Rows


class PriceSensitivity(KnowingCouponing):
    """The highest believed price sensitivity first."""

    def score(self, seen: Observations, consumers: Rows, draws: Draws) -> Numbers:
        believed = seen.profiles.beliefs(consumers)
        return np.where(believed.is_known, believed.price_sensitivity, NEVER)
