"""Routine: shelves are filled up to the same level on the same days, whatever sells."""

from __future__ import annotations

import numpy as np

from simulator.draws import Draws
from simulator.policies.policy import Ints, Observations, Rows
from simulator.policies.stocking.stocking import ROUTINE, Stocking


class Routine(Stocking):
    """Leaves all to the routine."""

    def decide(self, seen: Observations, products: Rows, draws: Draws) -> Ints:
        return np.full(len(products), ROUTINE)
