"""Fixed products: they stay what they are."""

from __future__ import annotations

from simulator.draws import Draws
from simulator.policies.policy import Numbers, Observations, Rows
from simulator.policies.product.product import Designing


class FixedProducts(Designing):
    """Products are never redesigned."""

    def decide(self, seen: Observations, products: Rows, draws: Draws) -> Numbers:
        return seen.attributes[products]
