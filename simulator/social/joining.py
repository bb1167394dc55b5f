"""Joining: how prospects become members by themselves (Bass 1969) or by accepting an invitation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Draws, decision
from simulator.records.events.log import EventLog
from simulator.settings import Settings, quantity
from simulator.social.graph import Network
from simulator.state.columns import Column, Columns

OWNER = "joining"
JOIN = decision("joining.spontaneous")
DAYS_PER_YEAR = 365.0


class JoiningSettings(Settings):
    """Adoption of the platform without marketing: hazard 1 - exp(-(p + q·s)/365) a day.

    s is the share of friends who have joined (Bass 1969), or 1 from a threshold share on and 0 below it (Watts 2002).
    """

    innovation: float = quantity(
        0.0365, "p: spontaneous joining", unit="1/year", source="after Bass 1969", ge=0, le=100
    )
    imitation: float = quantity(0.365, "q: joining because friends have", unit="1/year", source="after Bass 1969", ge=0)
    threshold: float | None = quantity(
        None,
        "share of friends from which imitation acts, in full; null: it grows with their share",
        unit="share",
        source="Watts 2002: .18, .10",
        gt=0,
        le=1,
    )


class Joining:
    """Who has joined, and how many friends of each have."""

    def __init__(
        self,
        settings: JoiningSettings,
        columns: Columns,
        joined_day: NDArray[np.float64],
        network: Network,
        draws: Draws,
        log: EventLog,
    ) -> None:
        self.settings = settings
        self.network = network
        self.draws = draws
        self.log = log
        self.joined_day = columns.add(
            Column("joined_day", OWNER, np.int16, "day of joining; -1 for a prospect", "day"), joined_day
        )
        self.joined_friends = columns.add(
            Column("joined_friends", OWNER, np.int32, "friends who have joined", "consumers")
        )
        network.add_to_friends(np.flatnonzero(self.joined_day >= 0), self.joined_friends)
        self._prospects = np.flatnonzero(self.joined_day < 0)
        self._degrees = np.maximum(network.degrees, 1)

    def spontaneous(self, day: int) -> None:
        """Prospects who join by themselves today."""
        who = self._prospects[self.joined_day[self._prospects] < 0]
        self._prospects = who
        pull = self.joined_friends[who] / self._degrees[who]
        if self.settings.threshold is not None:
            pull = (pull >= self.settings.threshold).astype(np.float64)
        yearly = self.settings.innovation + self.settings.imitation * pull
        hazard = -np.expm1(-yearly / DAYS_PER_YEAR)
        self._join(day, 0, who[self.draws.uniform(JOIN, day, who) < hazard], 0)

    def accept(self, day: int, wave: int, consumers: NDArray[np.intp], causes: NDArray[np.int64]) -> None:
        """Prospects among these buyers or helpers (each at most once) join by what brought them."""
        prospects = self.joined_day[consumers] < 0
        self._join(day, wave, consumers[prospects], causes[prospects])

    def _join(self, day: int, wave: int, who: NDArray[np.intp], causes: NDArray[np.int64] | int) -> None:
        self.joined_day[who] = day
        self.network.add_to_friends(who, self.joined_friends)
        self.log.append("joins", len(who), day=day, wave=wave, consumer=who, cause=causes)
