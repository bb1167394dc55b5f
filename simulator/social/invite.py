"""Invitations: the one sender for all mechanics, and the attention they compete for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Decision, Draws, decision
from simulator.records.events import EventLog, Kind, Origin, Outcome, count_within
from simulator.settings import Settings, quantity, share
from simulator.social.graph import Network
from simulator.state.columns import Column, Columns
from simulator.state.tables import LiveTable

OWNER = "invitations"
READ = decision("invitation.read")
ORDER = decision("invitation.order")


class InvitationSettings(Settings):
    """What becomes of an invitation."""

    read: float = share(0.6, "probability that an invitation is noticed", source="trial")
    attention: int = quantity(3, "invitations a consumer reads in a day", unit="1/day", ge=0, le=100)


class Invitations:
    """Invitations under way. One sent in a wave is read in the next; the strongest ties are asked first."""

    def __init__(
        self, settings: InvitationSettings, columns: Columns, network: Network, draws: Draws, log: EventLog
    ) -> None:
        self.settings = settings
        self.network = network
        self.draws = draws
        self.log = log
        self.attention_used = columns.add(
            Column("attention_used", OWNER, np.int8, "invitations read today", "invitations")
        )
        self._touched: list[NDArray[Any]] = []
        self._under_way = LiveTable(
            {
                "id": np.int64,
                "cause": np.int64,
                "consumer": np.int32,
                "invitee": np.int32,
                "origin": np.int8,
                "product": np.int32,
                "target": np.int64,
                "due_tick": np.int32,
            }
        )

    def open_day(self) -> None:
        """Everybody's attention is fresh."""
        for who in self._touched:
            self.attention_used[who] = 0
        self._touched.clear()

    def send(
        self,
        will: Decision,
        origin: Origin,
        day: int,
        wave: int,
        tick: int,
        inviters: NDArray[np.intp],
        p_invite: NDArray[np.float64],
        at_most: int,
        causes: NDArray[np.int64],
        products: NDArray[np.intp],
        targets: NDArray[np.int64],
        may_receive: Callable[[NDArray[Any]], NDArray[np.bool_]],
    ) -> None:
        """Let inviters go down their ties, strongest first, asking each with their probability, up to `at_most`.

        Args:
            will: The decision to ask a friend; its draws are keyed by (day, inviter, friend).
            origin: The mechanic that sends.
            day, wave, tick: When.
            inviters: Shape (n,), as are `p_invite`, `causes`, `products` and `targets`.
            may_receive: Which of the given friends may be asked, shape (n_friends,).
        """
        if len(inviters) == 0:
            return
        row, friend = self.network.ties(inviters)
        allowed = may_receive(friend)
        row, friend = row[allowed], friend[allowed]
        asks = self.draws.uniform(will, day, inviters[row], friend) < p_invite[row]
        row, friend = row[asks], friend[asks]
        first = count_within(row) < at_most
        row, friend = row[first], friend[first]
        inviter = inviters[row]
        head: dict[str, NDArray[Any]] = {
            "id": self.log.new_ids(Kind.INVITATION, day, inviter),
            "cause": causes[row],
            "consumer": inviter,
            "invitee": friend,
            "origin": np.full(len(row), origin, dtype=np.int8),
            "product": products[row],
            "target": targets[row],
        }
        is_read = self.draws.uniform(READ, day, friend, inviter) < self.settings.read
        self._record(day, wave, {k: v[~is_read] for k, v in head.items()}, Outcome.UNREAD)
        kept = {k: v[is_read] for k, v in head.items()}
        self._under_way.append(len(kept["id"]), due_tick=tick + 1, **kept)

    def read(self, day: int, wave: int, tick: int) -> dict[str, NDArray[Any]]:
        """The invitations read in this wave, one per invitee at most; further ones wait for the next wave.

        Returns:
            Fields id, consumer (the inviter), invitee, origin, product, target; in ascending order of invitee.
        """
        table = self._under_way
        due = np.flatnonzero(table["due_tick"] <= tick)
        if len(due) == 0:
            return table.take(due)
        has_attention = self.attention_used[table["invitee"][due]] < self.settings.attention
        ignored, due = due[~has_attention], due[has_attention]
        self._record(day, wave, table.take(ignored), Outcome.CROWDED_OUT)
        invitee, inviter = table["invitee"][due], table["consumer"][due]
        luck = self.draws.uniform(ORDER, day, invitee, inviter)
        due = due[np.lexsort((table["id"][due], luck, invitee))]
        first = count_within(table["invitee"][due]) == 0
        now, later = due[first], due[~first]
        table["due_tick"][later] = tick + 1
        read = table.take(now)
        self.attention_used[read["invitee"]] += 1
        self._touched.append(read["invitee"])
        self._record(day, wave, read, Outcome.READ)
        gone = np.zeros(len(table), dtype=np.bool_)
        gone[now] = gone[ignored] = True
        table.keep(~gone)
        return read

    def close_run(self, day: int, wave: int) -> None:
        """Record the invitations still under way at the horizon."""
        self._record(day, wave, self._under_way.take(np.arange(len(self._under_way))), Outcome.UNDER_WAY)
        self._under_way.keep(np.zeros(len(self._under_way), dtype=np.bool_))

    def _record(self, day: int, wave: int, rows: dict[str, NDArray[Any]], outcome: Outcome) -> None:
        fields = {k: v for k, v in rows.items() if k != "due_tick"}
        self.log.append("invitations", len(rows["id"]), day=day, wave=wave, outcome=outcome, **fields)
