"""Bandit prices: a few price levels per product, tried by Thompson sampling (Thompson 1933).

A level's conversion rate (orders per look) has a Beta posterior. Every few days a rate is drawn for each level, and the
level with the largest margin per look is asked. Looks and orders become known `reaction_days` later; they count for the
level in force when they happened.
"""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator
from scipy.special import betaincinv

from simulator.draws import Draws, decision
from simulator.policies.following import FollowedSettings
from simulator.policies.policy import Ints, Observations, Rows
from simulator.policies.pricing.pricing import Asked, CampaignPrices
from simulator.settings import quantity

RATE = decision("pricing.bandit_rate")
NONE = -1


class BanditSettings(FollowedSettings):
    """What is tried, how often, and what is believed beforehand."""

    levels: tuple[float, ...] = quantity(
        (0.9, 1.0, 1.1), "price levels over the list price, in ascending order", unit="ratio"
    )
    every_days: int = quantity(1, "days a level is kept", unit="day", ge=1, le=365)
    prior_looks: float = quantity(
        2.0, "pseudo-looks at each level; 2 at a rate of .5: any rate is as likely", unit="looks", ge=0.1, le=1_000_000
    )
    prior_conversion: float = quantity(0.5, "orders per look of these", unit="share", ge=0.001, le=0.999)

    @model_validator(mode="after")
    def _has_a_choice(self) -> Self:
        rises = all(low < high for low, high in zip(self.levels, self.levels[1:], strict=False))
        if not (2 <= len(self.levels) <= 20 and rises and 0 < self.levels[0] and self.levels[-1] <= 10):
            raise ValueError(
                f"levels={list(self.levels)}: 2 to 20 levels above 0 and at most 10, in ascending order, are allowed"
            )
        return self


class BanditPrices(CampaignPrices):
    """Thompson sampling over price levels, each product for itself; it learns from the campaign only."""

    carried: ClassVar[tuple[str, ...]] = ("_known", "_tried", "_orders", "_misses")

    def __init__(self, settings: BanditSettings) -> None:
        super().__init__(settings)
        self.settings = settings
        self.levels = np.array(settings.levels)
        # Until it begins there are no products in any of them.
        self._known = np.zeros((2, 0), dtype=np.int64)  # looks and orders taken in so far, shape (2, n_products)
        self._tried = self._known  # the level of each of the last days, a ring, shape (reaction_days, n_products)
        self._orders = np.zeros((len(self.levels), 0))  # looks that ended in an order, shape (n_levels, n_products)
        self._misses = self._orders  # the other looks

    def ask(self, seen: Observations, products: Rows, draws: Draws) -> Asked:
        level = self._level(seen, draws)[products]
        return np.asarray(seen.list_fen[products] * self.levels[level])

    def _level(self, seen: Observations, draws: Draws) -> NDArray[np.int64]:
        """Today's level of every product, after taking in what has become known, shape (n_products,)."""
        known = np.stack([seen.n_examined, seen.n_ordered])
        starts = self._known.size == 0
        if starts:
            self._begin(known, seen.reaction_days)
        looks, orders = known - self._known
        self._known = known
        place = seen.day % seen.reaction_days
        self._learn(self._tried[place], looks, orders)
        keeps = not starts and seen.campaign_day % self.settings.every_days
        level = self._tried[place - 1] if keeps else self._sample(seen, draws)
        if (level == NONE).any():  # who has not been able to decide until today begins now
            level = np.where(level == NONE, self._sample(seen, draws), level)
        # What is not asked, since nobody there is able to, teaches nothing.
        self._tried[place] = np.where(seen.is_able[seen.merchant], level, NONE)
        return level

    def _begin(self, known: Ints, reaction_days: int) -> None:
        """What is known now came about at other prices: it teaches nothing."""
        s, n = self.settings, known.shape[1]
        self._known = known
        self._tried = np.full((reaction_days, n), NONE)
        self._orders = np.full((len(self.levels), n), s.prior_looks * s.prior_conversion)
        self._misses = np.full((len(self.levels), n), s.prior_looks * (1 - s.prior_conversion))

    def _learn(self, level: NDArray[np.int64], looks: Ints, orders: Ints) -> None:
        """Count looks and orders, shape (n_products,), for the level of their day, if any was asked."""
        rows = np.flatnonzero(level != NONE)
        self._orders[level[rows], rows] += orders[rows]
        self._misses[level[rows], rows] += (looks - orders)[rows]

    def _sample(self, seen: Observations, draws: Draws) -> NDArray[np.int64]:
        """The level of the largest margin per look, at rates drawn from the posteriors; the lowest on a tie."""
        n_levels, n = len(self.levels), len(seen.list_fen)
        luck = draws.uniform(RATE, seen.day, np.arange(n), np.arange(n_levels)[:, None])
        rate = betaincinv(self._orders, self._misses, luck)
        margin = self.levels[:, None] * seen.list_fen - seen.cost_fen
        return np.asarray(np.argmax(rate * margin, axis=0))
