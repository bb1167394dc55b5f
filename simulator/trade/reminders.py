"""Reminders: on a coupon's last day the platform sends its holder a push, and some of those who notice it come."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.choice.visits import Visits, browsing
from simulator.draws import Draws, decision
from simulator.records.events.codes import Reason
from simulator.social.attention import Attention
from simulator.trade.wallet import Wallets

COMES = decision("reminder.comes")
CATEGORY = decision("reminder.category")
WAVE = decision("reminder.wave")


class Reminders:
    """Visits without need by holders of coupons that end today."""

    def __init__(
        self,
        p_visit: float,
        wallets: Wallets,
        attention: Attention,
        n_categories: int,
        n_waves: int,
        draws: Draws,
    ) -> None:
        self.p_visit = p_visit
        self.wallets = wallets
        self.attention = attention
        self.n_categories = n_categories
        self.n_waves = n_waves
        self.draws = draws
        self._who: NDArray[np.intp] = np.zeros(0, dtype=np.intp)

    def open_day(self, day: int) -> None:
        """Decide whom to remind today, and when."""
        self._who, self._coupon = self.wallets.last_day(day)
        self._wave = (self.draws.uniform(WAVE, day, self._who) * self.n_waves).astype(np.intp)

    def visits(self, day: int, wave: int) -> Visits:
        """Those who come in this wave: they still hold the coupon, take in the reminder, and feel like it."""
        now = np.flatnonzero(self._wave == wave)
        if len(now):
            now = now[self.wallets.holds(self._who[now], self._coupon[now])]
            now = now[self.attention.take(day, self._who[now], self._coupon[now])]
            now = now[self.draws.uniform(COMES, day, self._who[now]) < self.p_visit]
        who = self._who[now]
        category = (self.draws.uniform(CATEGORY, day, who) * self.n_categories).astype(np.intp)
        return browsing(who, category, Reason.COUPON, self._coupon[now])
