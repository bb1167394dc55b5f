"""Fixed prices: the list price, always."""

from __future__ import annotations

from simulator.draws import Draws
from simulator.policies.policy import Ints, Observations, Rows
from simulator.policies.pricing.pricing import Pricing


class FixedPrices(Pricing):
    """List prices, always."""

    def decide(self, seen: Observations, products: Rows, draws: Draws) -> Ints:
        return seen.list_fen[products]
