"""RFM coupons: for the best customers by recency, frequency and money (Hughes 1994)."""

from __future__ import annotations

import numpy as np

from simulator.draws import Draws
from simulator.policies.couponing.couponing import NEVER, KnowingCouponing, members
from simulator.policies.policy import Ints, Numbers, Observations, Purchases, Rows

GROUPS = 5
"""Quintiles, by the definition of the method."""


class Rfm(KnowingCouponing):
    """Each of the three scores 1 to 5 by quintile among all known buyers; the highest total first."""

    def score(self, seen: Observations, consumers: Rows, draws: Draws) -> Numbers:
        everybody = seen.profiles.purchases(members(seen))
        asked = seen.profiles.purchases(consumers)
        is_buyer = everybody.n_orders > 0
        pairs = zip(_three(everybody), _three(asked), strict=True)
        total = sum(_quintile(values, np.sort(of_all[is_buyer])) for of_all, values in pairs)
        return np.where(asked.n_orders > 0, total, NEVER)


def _three(bought: Purchases) -> tuple[Ints, Ints, Ints]:
    """Recency, frequency and money, each the higher the better."""
    return -bought.recency_days, bought.n_orders, bought.spend_fen


def _quintile(values: Ints, of_all: Ints) -> Ints:
    """1 to 5 by the share of all, in ascending order, who have less; equal values score the same."""
    n_below = np.searchsorted(of_all, values, side="left")
    return 1 + GROUPS * n_below // max(len(of_all), 1)
