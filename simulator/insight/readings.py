"""What is read off people directly: who they are, their device, what their friends like. All of it is noisy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.draws import ALWAYS, Draws, Floats, decision
from simulator.insight.profiles import ConsumerProfiles, InsightSettings
from simulator.social.graph import Network
from simulator.state.columns import Columns

DEMOGRAPHICS = decision("insight.demographics")
DEVICE = decision("insight.device")
FRIENDS_HEARD = 20
FITTED_ON = 20_000
FEWEST = 100
"""People on whom the likeness of friends is fitted at most, and at least."""
TASTES = slice(1, -1)
SENSITIVITY = slice(-1, None)


class Readings:
    """Reads taste and price sensitivity off people whom the platform sees for the first time.

    Social listening: people are taken to like what their friends like, attribute by attribute as much as those who are
    known are found to be like theirs.

    Args:
        settings: How wrong the readings are.
        taste_weight: κ, which turns a taste into utility.
        columns: The truth that is read with an error.
        network: The friends.
        draws: The run's.
    """

    carried = ("likeness", "explained")

    def __init__(
        self, settings: InsightSettings, taste_weight: float, columns: Columns, network: Network, draws: Draws
    ) -> None:
        self.settings, self.taste_weight = settings, taste_weight
        self.columns, self.network, self.draws = columns, network, draws
        n_attributes = columns["taste"].shape[1]
        self.likeness: Floats = np.zeros(n_attributes)
        self.explained: Floats = np.zeros(n_attributes)

    def enter(self, newcomers: NDArray[np.intp], profiles: ConsumerProfiles) -> None:
        """Put what is read off these consumers into their profiles: friends first, as known so far."""
        s, draws = self.settings, self.draws
        self._listen(newcomers, profiles)
        taste = self.columns["taste"][newcomers].astype(np.float64) * self.taste_weight
        error = draws.normal(DEMOGRAPHICS, ALWAYS, newcomers[:, None], np.arange(taste.shape[1]))
        profiles.read(newcomers, TASTES, taste + s.demographics_sd * error, s.demographics_sd)
        beta = self.columns["price_sensitivity"][newcomers].astype(np.float64)[:, None]
        error = draws.normal(DEVICE, ALWAYS, newcomers)[:, None]
        profiles.read(newcomers, SENSITIVITY, beta + s.device_sd * error, s.device_sd)

    def fit(self, profiles: ConsumerProfiles) -> None:
        """Find out how alike friends are: least squares of a known person's tastes on the mean of the friends'."""
        known = np.flatnonzero(profiles.n_looks > 0)[:FITTED_ON]
        rows, friends = self._friends_taste(known, profiles)
        if len(rows) < FEWEST:
            return
        own = profiles.mean[known[rows], TASTES].astype(np.float64)
        own, friends = own - own.mean(axis=0), friends - friends.mean(axis=0)
        cross, own_square, friends_square = (
            (a * b).mean(axis=0) for a, b in ((own, friends), (own, own), (friends,) * 2)
        )
        is_fit = (own_square > 0) & (friends_square > 0) & (cross > 0)
        self.likeness = np.where(is_fit, cross / np.where(is_fit, friends_square, 1), 0.0)
        self.explained = np.where(is_fit, cross**2 / np.where(is_fit, own_square * friends_square, 1), 0.0)

    def _listen(self, newcomers: NDArray[np.intp], profiles: ConsumerProfiles) -> None:
        rows, friends = self._friends_taste(newcomers, profiles)
        who = newcomers[rows]
        profiles.mean[who, TASTES] += self.likeness * friends
        profiles.variance[who, TASTES] *= 1 - self.explained

    def _friends_taste(
        self, consumers: NDArray[np.intp], profiles: ConsumerProfiles
    ) -> tuple[NDArray[np.intp], Floats]:
        """Which of these consumers have known ones among their closest friends, and the mean of these friends' tastes.

        Returns:
            Rows of `consumers`, shape (n,), and means, shape (n, n_attributes).
        """
        row, friend = self.network.ties(consumers, FRIENDS_HEARD)
        is_known = profiles.n_looks[friend] > 0
        row, friend = row[is_known], friend[is_known]
        n_known = np.bincount(row, minlength=len(consumers))
        tastes = profiles.mean[friend, TASTES].astype(np.float64)
        sums = np.stack([np.bincount(row, column, len(consumers)) for column in tastes.T], axis=1)
        rows = np.flatnonzero(n_known)
        return rows, sums[rows] / n_known[rows, None]
