"""Coupons for new customers: for accounts that have not bought yet, the youngest first."""

from __future__ import annotations

import numpy as np

from simulator.draws import Draws
from simulator.policies.couponing.couponing import NEVER, Couponing
from simulator.policies.policy import Numbers, Observations, Rows


class NewCustomer(Couponing):
    """What an account itself tells, so that it needs no profile."""

    def decide(self, seen: Observations, consumers: Rows, draws: Draws) -> Numbers:
        return np.where(seen.has_ordered[consumers], NEVER, seen.joined_day[consumers].astype(np.float64))
