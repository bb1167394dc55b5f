"""Reminders: on a coupon's last day the platform reminds its holder, and some come to use it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.choice.visits import Visits, browsing
from simulator.draws import Draws, decision
from simulator.records.events import Reason
from simulator.trade.wallet import Wallets

COMES = decision("reminder.comes")
CATEGORY = decision("reminder.category")
WAVE = decision("reminder.wave")


class Reminders:
    """Visits without need by holders of coupons that end today."""

    def __init__(self, p_visit: float, wallets: Wallets, n_categories: int, n_waves: int, draws: Draws) -> None:
        self.p_visit = p_visit
        self.wallets = wallets
        self.n_categories = n_categories
        self.n_waves = n_waves
        self.draws = draws
        self._who: NDArray[np.intp] = np.zeros(0, dtype=np.intp)

    def open_day(self, day: int) -> None:
        """Decide who will come today, and when."""
        who, coupon = self.wallets.last_day(day)
        comes = self.draws.uniform(COMES, day, who) < self.p_visit
        self._who, self._coupon = who[comes], coupon[comes]
        self._wave = (self.draws.uniform(WAVE, day, self._who) * self.n_waves).astype(np.intp)
        self._category = (self.draws.uniform(CATEGORY, day, self._who) * self.n_categories).astype(np.intp)

    def visits(self, wave: int) -> Visits:
        """Those who come in this wave and still hold the coupon."""
        now = np.flatnonzero(self._wave == wave)
        now = now[self.wallets.holds(self._who[now], self._coupon[now])]
        return browsing(self._who[now], self._category[now], Reason.COUPON, self._coupon[now])
