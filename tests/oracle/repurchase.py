"""BG/NBD in the words of the paper (Fader, Hardie & Lee 2005), one customer at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import hyp2f1

from simulator.insight.repurchase import BgNbd

if TYPE_CHECKING:
    from tests.oracle.insight import Insight
    from tests.oracle.profile import Profile

MONTH = 30


class Repurchase:
    """What to expect of those who have bought. The parameters come from the engine's maximum-likelihood routine."""

    def __init__(self, insight: Insight) -> None:
        self.insight = insight
        self.model = BgNbd(r=0.5, alpha=20.0, a=0.8, b=6.0)

    def fit(self) -> None:
        """Fit to all whose orders are recorded, if enough of them have bought again."""
        buyers = [c.profile for c in self.insight.world.consumers if c.profile.n_orders > 0]
        table = np.array([self._history(profile) for profile in buyers], dtype=np.int64).reshape(-1, 3)
        if (table[:, 0] > 0).sum() >= self.insight.settings.refit_buyers:
            self.model = self.model.fit(table[:, 0], table[:, 1], table[:, 2], at_least=1)

    def _history(self, profile: Profile) -> tuple[int, int, int]:
        """Repeat purchases, and days of the last and of the newest record since the first."""
        age = self.insight.told_until - profile.first_day
        return profile.n_orders - 1, profile.last_day - profile.first_day, age

    def p_alive(self, profile: Profile) -> float:
        """Probability that a buyer still comes."""
        x, recency, age = self._history(profile)
        m = self.model
        if x == 0:
            return 1.0
        return float(1 / (1 + m.a / (m.b + x - 1) * ((m.alpha + age) / (m.alpha + recency)) ** (m.r + x)))

    def orders_per_month(self, profile: Profile) -> float:
        """Orders expected in the next 30 days: equation 10."""
        x, _, age = self._history(profile)
        m = self.model
        gauss = hyp2f1(m.r + x, m.b + x, m.a + m.b + x - 1, MONTH / (m.alpha + age + MONTH))
        shrink = ((m.alpha + age) / (m.alpha + age + MONTH)) ** (m.r + x)
        per_customer = (m.a + m.b + x - 1) / (m.a - 1) * (1 - shrink * float(gauss))
        return float(per_customer * self.p_alive(profile))
