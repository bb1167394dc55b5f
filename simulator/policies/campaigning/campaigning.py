"""What every campaigning policy is: a budget, and a move.

A *move* is a style of campaign, known by its number. Which moves there are, and what comes of them, is the market's
affair (`simulator.mechanics.brand`); here merchants decide what they spend and which one they run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from simulator.draws import Draws, decision
from simulator.policies.following import follow
from simulator.policies.policy import Flags, Ints, Observations, Rows

FOLLOWS = decision("campaigning.follows")
NEW = -2
"""A move that nobody has run yet; its number is the market's affair."""


class Campaigning(ABC):
    """Decides for many merchants at once.

    Args:
        reach: Share of merchants who advertise.
        budget_share: What they spend, as a share of their recent sales.
        window_days: Days of sales that observations count.
    """

    carried: ClassVar[tuple[str, ...]] = ()
    """What it remembers from one day to the next; see `simulator.state.snapshot`."""

    def __init__(self, reach: float, budget_share: float, window_days: int) -> None:
        self.reach, self.budget_share, self.window_days = reach, budget_share, window_days

    def advertise(self, seen: Observations, merchants: Rows, draws: Draws) -> Flags:
        """Which of these merchants advertise at all, the same every day, shape (n,)."""
        return follow(seen, merchants, self.reach, draws, FOLLOWS, by_data=False)

    def budget(self, seen: Observations, merchants: Rows) -> Ints:
        """What each spends a day, in whole fen: a share of its sales of late, at list prices, shape (n,)."""
        days = min(max(seen.day - seen.reaction_days + 1, 1), self.window_days)
        turnover = np.zeros(len(seen.moves), dtype=np.int64)
        np.add.at(turnover, seen.merchant, seen.units_sold * seen.list_fen)
        return np.rint(self.budget_share * turnover[merchants] / days).astype(np.int64)

    @abstractmethod
    def choose(self, seen: Observations, merchants: Rows, moves: Ints, draws: Draws) -> Ints:
        """The move each runs from today on, `NEW` for one that nobody has run yet, shape (n,).

        Args:
            seen: What may be seen; of moves as well as sales.
            merchants: Who decides.
            moves: What each of them has run so far.
            draws: The market's luck.
        """
