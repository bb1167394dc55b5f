"""Win-back coupons: for the silent whose loss would cost most.

Who is won back is ranked by the value of a second life as a customer (Stauss & Friege 1999), weighted with the chance
that the first one is over: (1 - P(alive)) · the orders expected in a month of somebody who still comes · the mean paid
for one. P(alive) and the orders are those of the BG/NBD model (Fader, Hardie & Lee 2005), under which nobody is lost
before a repeat purchase: who has bought once comes last, by lot.
"""

from __future__ import annotations

import numpy as np

from simulator.draws import Draws
from simulator.policies.couponing.couponing import NEVER, KnowingCouponing
from simulator.policies.policy import Numbers, Observations, Rows
from simulator.settings import Settings, quantity


class WinBackSettings(Settings):
    """When a customer counts as lapsed."""

    silent_days: int = quantity(30, "days without an order after which a buyer is to be won back", unit="day", ge=1)


class WinBack(KnowingCouponing):
    """The expected loss from churn, of those who have long been silent."""

    def __init__(self, settings: WinBackSettings) -> None:
        self.settings = settings

    def score(self, seen: Observations, consumers: Rows, draws: Draws) -> Numbers:
        bought = seen.profiles.purchases(consumers)
        score = np.full(len(consumers), NEVER)
        silent = bought.recency_days >= self.settings.silent_days
        p_alive = bought.p_alive[silent]
        orders_if_alive = bought.orders_per_month[silent] / np.maximum(p_alive, np.finfo(np.float64).tiny)
        paid_per_order = bought.spend_fen[silent] / bought.n_orders[silent]
        score[silent] = (1 - p_alive) * orders_if_alive * paid_per_order
        return score
