"""Audits: the state looks whether people were asked, and fines the platform if they were not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.draws import decision
from simulator.privacy.security import DAYS_PER_YEAR
from simulator.records.events.codes import Origin
from simulator.settings import Settings, quantity

if TYPE_CHECKING:
    from simulator.market import Market

AUDITS = decision("privacy.audits")
NONE = -1


class AuditSettings(Settings):
    """Audits of a platform that collects data unasked; one that asks has nothing to fear."""

    per_year: float = quantity(1.0, "audits a year", unit="1/year", ge=0, le=365)
    fine_share: float = quantity(
        0.05, "fine as a share of recent GMV", unit="share", source="PIPL art. 66: up to 5 % of turnover", ge=0, le=1
    )
    turnover_days: int = quantity(365, "days of GMV that the fine is reckoned from", unit="day", ge=1, le=3650)


class Audits:
    """Audits and fines.

    Args:
        settings: How often, and how much.
        market: The market.
    """

    carried = ("_gmv_fen",)

    def __init__(self, settings: AuditSettings, market: Market) -> None:
        self.settings, self.market = settings, market
        # GMV settled to date, as it was in the mornings of the last days, in a ring.
        self._gmv_fen = np.zeros(settings.turnover_days, dtype=np.int64)

    def open_day(self) -> None:
        """Remember the day's GMV to date; in the campaign and after it, there may be an audit."""
        s, market, day = self.settings, self.market, self.market.day
        place = day % s.turnover_days
        recent_fen = market.budget.gmv_fen - int(self._gmv_fen[place])
        self._gmv_fen[place] = market.budget.gmv_fen
        luck = float(market.draws.uniform(AUDITS, day, 0))
        if day < market.scenario.burn_in_days or luck >= -np.expm1(-s.per_year / DAYS_PER_YEAR):
            return
        fine_fen = round(s.fine_share * max(recent_fen, 0))  # more may have come back than was sold
        market.log.append("audits", 1, day=day, consumer=NONE, fine_fen=fine_fen)
        market.checkout.bear(day, Origin.PRIVACY, fine_fen)
