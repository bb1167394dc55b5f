"""Tipping information: how likely groups have been to fill, given how many are missing and how much time is left."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Tipping:
    """Share of groups that filled from each state (missing members, waves left), over the last days.

    Args:
        size: Members a group needs.
        life: Waves a group lives.
        window_days: Whole days that count.
        prior_groups: Pseudo-groups that every state starts from.
        prior_filled: The share of them that filled.
    """

    carried = ("_days", "_today")

    def __init__(self, size: int, life: int, window_days: int, prior_groups: float, prior_filled: float) -> None:
        self.life = life
        self.prior_groups = prior_groups
        self.prior_filled = prior_filled
        self._days = np.zeros((window_days, 2, size, life + 1), dtype=np.int64)
        self._today = 0
        self._publish()

    def open_day(self) -> None:
        """Publish the rates of the last whole days and start a new one."""
        self._publish()
        self._today = (self._today + 1) % len(self._days)
        self._days[self._today] = 0

    def _publish(self) -> None:
        filled, total = self._days.sum(axis=0)
        self._p = (filled + self.prior_groups * self.prior_filled) / (total + self.prior_groups)
        self._p[0] = 1.0

    def p_fills(self, missing: NDArray[np.int64] | int, waves_left: NDArray[np.int64] | int) -> NDArray[np.float64]:
        """Expected probability of filling from each state; 1 where nobody is missing."""
        return np.asarray(self._p[missing, waves_left])

    def record(self, missing_at_age: NDArray[np.int16], age: NDArray[np.int32], is_filled: bool) -> None:
        """Count the states that ended groups went through.

        Args:
            missing_at_age: Members missing at each age in waves, shape (n_groups, life).
            age: Age at the end, shape (n_groups,).
            is_filled: Whether they filled.
        """
        ages = np.arange(self.life)
        group, lived = np.nonzero(ages[None, :] <= np.minimum(age, self.life - 1)[:, None])
        state = (missing_at_age[group, lived], self.life - ages[lived])
        np.add.at(self._days[self._today, 1], state, 1)
        if is_filled:
            np.add.at(self._days[self._today, 0], state, 1)
