"""Trend following: products are moved toward what has lately begun to sell, by anybody's sales.

Of the products of a category, which ones sell faster than usual? The logarithm of recent over usual sales is regressed
on attributes (weighted least squares, by the variance of counts). If what is found is hardly chance (a Wald test),
products move toward its direction. No personal data are needed; to notice early is all.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.special import chdtri

from simulator.policies.policy import Flags, Ints, Numbers, Observations
from simulator.policies.product.product import DesignSettings, Redesigns, moved
from simulator.settings import quantity


class TrendFollowingSettings(DesignSettings):
    """Redesign for what sells faster than usual."""

    review_days: int = quantity(1, "days between two looks at the products", unit="day", ge=1, le=365)
    payback_days: int = quantity(
        21, "days of additional margin, as believed, that must pay for a redesign", unit="day", ge=0, le=3650
    )
    recent_days: int = quantity(7, "days of sales that count as recent", unit="day", ge=1, le=365)
    prior_units: float = quantity(
        3.0, "units added to recent and usual sales alike", unit="units", ge=0.1, le=1_000_000
    )
    confidence: float = quantity(
        0.999, "how sure a merchant must be that a trend is no chance", unit="share", ge=0, lt=1
    )


class TrendFollowing(Redesigns):
    """Moves products toward the direction in which sales have grown."""

    carried: ClassVar[tuple[str, ...]] = ("_ordered",)

    def __init__(self, settings: TrendFollowingSettings, cost_fen: int) -> None:
        super().__init__(settings, cost_fen)
        self.settings = settings
        # What had been ordered by each of the last mornings, a ring, shape (recent_days + 1, n_products).
        self._ordered: Ints = np.zeros((settings.recent_days + 1, 0), dtype=np.int64)

    def propose(self, seen: Observations, is_asked: Flags) -> tuple[Numbers, Numbers]:
        s = self.settings
        designs, growth = seen.attributes.copy(), np.zeros(len(seen.category))
        recent = self._recent(seen)
        if seen.campaign_day < s.recent_days:
            return designs, growth
        usual = seen.n_ordered * (s.recent_days / max(seen.day - seen.reaction_days + 1, 1))
        change = np.log((recent + s.prior_units) / (usual + s.prior_units))
        weights = 1 / (1 / (recent + s.prior_units) + 1 / (usual + s.prior_units))
        for category in range(int(seen.category.max()) + 1):
            mine = np.flatnonzero(seen.category == category)
            slope = trend(seen.attributes[mine], change[mine], weights[mine], s.confidence)
            length = np.sqrt((slope * slope).sum())
            towards = np.tile(slope / length if length > 0 else slope, (len(mine), 1))
            designs[mine] = moved(seen.attributes[mine], towards, s.step)
            growth[mine] = np.expm1(np.einsum("pd,d->p", designs[mine] - seen.attributes[mine], slope))
        return designs, growth

    def _recent(self, seen: Observations) -> Ints:
        """Orders that became known in the last `recent_days` of the campaign, shape (n_products,)."""
        n_mornings = len(self._ordered)
        if self._ordered.size == 0:
            self._ordered = np.tile(seen.n_ordered, (n_mornings, 1))
        self._ordered[seen.day % n_mornings] = seen.n_ordered
        return np.asarray(seen.n_ordered - self._ordered[(seen.day + 1) % n_mornings])


def trend(attributes: Numbers, change: Numbers, weights: Numbers, confidence: float) -> Numbers:
    """How sales have changed per unit of each attribute, shape (n_attributes,); zeros where it may be chance.

    Args:
        attributes: Of the products of a category, shape (n, n_attributes).
        change: Of the logarithm of their sales, shape (n,).
        weights: One over its variance, shape (n,).
        confidence: Chance, where there is no trend, of finding none.
    """
    n, n_attributes = attributes.shape
    none = np.zeros(n_attributes)
    if n <= n_attributes:
        return none
    share = weights / weights.sum()
    x = attributes - np.einsum("p,pd->d", share, attributes)
    information = np.einsum("p,pd,pe->de", weights, x, x) + 1e-9 * np.eye(n_attributes)
    slope = np.linalg.solve(information, np.einsum("p,pd,p->d", weights, x, change - (share * change).sum()))
    wald = np.einsum("d,de,e->", slope, information, slope)
    return np.asarray(np.round(slope, 6) if wald > chdtri(n_attributes, 1 - confidence) else none, dtype=np.float64)
