"""What every couponing policy is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from simulator.draws import Draws
from simulator.policies.policy import Flags, Numbers, Observations, Rows

NEVER = -np.inf
"""The score of somebody who gets no coupon."""


class Couponing(ABC):
    """Says who shall have a coupon: the highest scores first, as far as share and budget reach."""

    carried: ClassVar[tuple[str, ...]] = ()
    """What it remembers from one day to the next; see `simulator.state.snapshot`."""

    def open_day(self, seen: Observations) -> None:  # noqa: B027 - most have nothing to do
        """In the morning of every day, before coupons are issued: see what has become of earlier ones."""

    @abstractmethod
    def decide(self, seen: Observations, consumers: Rows, draws: Draws) -> Numbers:
        """Scores of these members, shape (n,); `NEVER` for who is to have none. Equal scores are served by lot."""

    def issued(  # noqa: B027 - most have nothing to do
        self, seen: Observations, consumers: Rows, has_coupon: Flags, valid_days: int, draws: Draws
    ) -> None:
        """What has become of a decision.

        Args:
            seen: What it was decided on.
            consumers: Those it was asked about.
            has_coupon: Whether they were sent one, shape (n,).
            valid_days: Days it can be used, today the first.
            draws: The run's.
        """


class KnowingCouponing(Couponing):
    """One that scores by profiles: who has none gets no coupon; as long as nobody has one, everybody by lot."""

    def decide(self, seen: Observations, consumers: Rows, draws: Draws) -> Numbers:
        everybody = members(seen)
        if not seen.profiles.beliefs(everybody).is_known.any():
            return np.zeros(len(consumers))
        return self.score(seen, consumers, draws)

    @abstractmethod
    def score(self, seen: Observations, consumers: Rows, draws: Draws) -> Numbers:
        """As `decide`, for a platform that knows somebody."""


def members(seen: Observations) -> Rows:
    """All who have an account, in ascending order."""
    return np.flatnonzero(seen.joined_day >= 0)
