"""Steady campaigns: everybody keeps to its move."""

from __future__ import annotations

from simulator.draws import Draws
from simulator.policies.campaigning.campaigning import Campaigning
from simulator.policies.policy import Ints, Observations, Rows


class SteadyCampaigns(Campaigning):
    """Never changes a move."""

    def choose(self, seen: Observations, merchants: Rows, moves: Ints, draws: Draws) -> Ints:
        return moves.copy()
