"""Attention: how many messages a consumer takes in, and how it tires of them.

Invitations, reminders, content and word of mouth all ask for it here, so that they crowd each other out. A message
that is taken in adds to fatigue, which fades exponentially, and the more of it there is the likelier the next message
is ignored (form after Chatterjee, Hoffman & Novak 2003 for repeated banners, with the forgetting of Naik, Mantrala &
Sawyer 1998).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Draws, Floats, decision
from simulator.settings import Settings, quantity
from simulator.state.columns import Column, Columns

OWNER = "attention"
NOTICES = decision("attention.notices")


class AttentionSettings(Settings):
    """What a consumer takes in of invitations, reminders, content and word of mouth."""

    per_day: int = quantity(3, "messages a consumer takes in on a day", unit="messages", ge=0, le=100)
    fatigue: float = quantity(
        0.0,
        "fall of the log probability of noticing a message per message remembered; 0: nobody tires",
        unit="1/message",
        ge=0,
        le=10,
    )
    recovery_days: float = quantity(7.0, "days in which fatigue falls to 1/e", unit="day", gt=0, le=365)


class Attention:
    """Attention left today, and fatigue: messages taken in so far, the older ones forgotten in part.

    Fatigue is kept as of the last message taken in, and brought up to date when the next one asks.
    """

    carried = ("_touched",)

    def __init__(self, settings: AttentionSettings, columns: Columns, draws: Draws) -> None:
        self.settings = settings
        self.draws = draws
        self.used = columns.add(
            Column("attention_used", OWNER, np.int8, "messages taken in on the last day of any", "messages")
        )
        self.fatigue = columns.add(
            Column("fatigue", OWNER, np.float32, "messages remembered when the last one was taken in", "messages")
        )
        self.fatigue_day = columns.add(Column("fatigue_day", OWNER, np.int16, "day of that message", "day"))
        self._touched: list[NDArray[Any]] = []

    def open_day(self) -> None:
        """Everybody's attention is fresh; fatigue stays."""
        for who in self._touched:
            self.used[who] = 0
        self._touched.clear()

    def is_left(self, who: NDArray[Any]) -> NDArray[np.bool_]:
        """Which of these consumers can take in anything more today, shape (n,)."""
        return np.asarray(self.used[who] < self.settings.per_day)

    def take(self, day: int, who: NDArray[Any], messages: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Offer each of these consumers a message; those who take it in spend attention on it, and tire.

        Args:
            day: Today.
            who: Consumers, each at most once, shape (n,).
            messages: The id of the message (an invitation, a coupon, a piece of content) to each, shape (n,).

        Returns:
            Who takes it in, shape (n,).
        """
        takes = self.is_left(who)
        if self.settings.fatigue > 0:
            remembered = self._remembered(day, who)
            p = np.exp(-self.settings.fatigue * remembered)
            takes &= self.draws.uniform(NOTICES, day, who, messages) < p
            self.fatigue[who[takes]] = remembered[takes] + 1
            self.fatigue_day[who[takes]] = day
        taken = who[takes]
        self.used[taken] += 1
        self._touched.append(taken)
        return takes

    def _remembered(self, day: int, who: NDArray[Any]) -> Floats:
        """Fatigue as of today, shape (n,)."""
        age = day - self.fatigue_day[who].astype(np.int64)
        return np.asarray(self.fatigue[who] * np.exp(-age / self.settings.recovery_days))
