"""Blanket coupons: for every member."""

from __future__ import annotations

import numpy as np

from simulator.draws import Draws
from simulator.policies.couponing.couponing import Couponing
from simulator.policies.policy import Numbers, Observations, Rows


class Blanket(Couponing):
    """Everybody alike."""

    def decide(self, seen: Observations, consumers: Rows, draws: Draws) -> Numbers:
        return np.zeros(len(consumers))
