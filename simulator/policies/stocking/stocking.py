"""What every stocking policy is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from simulator.draws import Draws
from simulator.policies.policy import Ints, Observations, Rows

ROUTINE = -1
"""Instead of units ordered: the product is left to the routine, which fills it up every `restock_days`."""


class Stocking(ABC):
    """Orders many products at once from their suppliers."""

    carried: ClassVar[tuple[str, ...]] = ()
    """What it remembers from one day to the next; see `simulator.state.snapshot`."""

    lead_days = 1
    """Days from an order to its delivery."""

    @abstractmethod
    def decide(self, seen: Observations, products: Rows, draws: Draws) -> Ints:
        """Units of the given products ordered this morning, `ROUTINE` where that is left to the routine; shape (n,)."""
