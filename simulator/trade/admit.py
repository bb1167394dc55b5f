"""Admission: who gets what is scarce (stock, seats, budget), by a keyed priority and never by position."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import compiled
from simulator.draws import Draws, decision

PRIORITY = decision("admission.priority")


def ration(
    resource: NDArray[Any], amount: NDArray[Any], capacity: NDArray[Any], priority: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Admit claims in order of priority while the running total stays within each resource's capacity.

    Args:
        resource: The resource each claim is on, an index into `capacity`; shape (n_claims,).
        amount: How much each claims; shape (n_claims,).
        capacity: What is there; shape (n_resources,).
        priority: Smaller goes first; shape (n_claims,), no ties.

    Returns:
        Which claims are admitted, shape (n_claims,).
    """
    if _suffices(resource, amount, capacity):
        return np.ones(len(resource), dtype=np.bool_)
    order = np.lexsort((priority, resource))
    ordered, running = resource[order], np.cumsum(amount[order])
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    before = (running[starts] - amount[order][starts]).repeat(np.diff(starts, append=len(ordered)))
    admitted = np.empty(len(resource), dtype=np.bool_)
    admitted[order] = running - before <= capacity[ordered]
    return admitted


@compiled
def _suffices(resource: NDArray[Any], amount: NDArray[Any], capacity: NDArray[Any]) -> bool:
    """Whether there is enough for all claims."""
    left = capacity.copy()
    for claim in range(len(resource)):
        left[resource[claim]] -= amount[claim]
        if left[resource[claim]] < 0:
            return False
    return True


def priorities(draws: Draws, day: int, consumers: NDArray[Any], products: NDArray[Any]) -> NDArray[np.float64]:
    """Keyed priorities of claims, one mood a day, shape (n_claims,)."""
    return draws.uniform(PRIORITY, day, consumers, products)


class SubsidyBudget:
    """What the platform may still spend on subsidies: a share of GMV to date, shared by all mechanics.

    Args:
        cap_fraction: Subsidies as a share of GMV may not exceed this; None for no cap.
    """

    carried = ("gmv_fen", "committed_fen")

    def __init__(self, cap_fraction: float | None) -> None:
        self.cap_fraction = cap_fraction
        self.gmv_fen = 0
        self.committed_fen = 0

    @property
    def remaining_fen(self) -> int:
        """Fen left, never negative; a very large number without a cap."""
        if self.cap_fraction is None:
            return 2**62
        return max(0, int(self.cap_fraction * self.gmv_fen) - self.committed_fen)
