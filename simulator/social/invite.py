"""Invitations: the one sender for all mechanics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import compiled
from simulator.draws import Decision, Draws, decision, uniform
from simulator.records.events.codes import Kind, Origin, Outcome
from simulator.records.events.log import EventLog
from simulator.settings import Settings, share
from simulator.social.attention import Attention
from simulator.social.graph import Network
from simulator.state.tables import LiveTable

READ = decision("invitation.read")
ORDER = decision("invitation.order")


class InvitationSettings(Settings):
    """What becomes of an invitation."""

    read: float = share(0.6, "probability that an invitation is noticed", source="trial")


class Invitations:
    """Invitations under way. One sent in a wave is read in the next; the strongest ties are asked first."""

    carried = ("_under_way",)

    def __init__(
        self, settings: InvitationSettings, attention: Attention, network: Network, draws: Draws, log: EventLog
    ) -> None:
        self.settings = settings
        self.attention = attention
        self.network = network
        self.draws = draws
        self.log = log
        self._under_way = LiveTable(
            {
                "id": np.int64,
                "cause": np.int64,
                "consumer": np.int32,
                "invitee": np.int32,
                "origin": np.int8,
                "product": np.int32,
                "target": np.int64,
                "tone": np.int8,
                "due_tick": np.int32,
            }
        )

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
        tones: NDArray[np.int8] | None = None,
    ) -> None:
        """Let inviters go down their ties, strongest first, asking each with their probability, up to `at_most`.

        Args:
            will: The decision to ask a friend; its draws are keyed by (day, inviter, friend).
            origin: The mechanic that sends.
            day, wave, tick: When.
            inviters: Shape (n,), as are `p_invite`, `causes`, `products` and `targets`.
            may_receive: Which of the given friends may be asked, shape (n_friends,).
            tones: Of word of mouth, 1 where it is good and -1 where it is bad, shape (n,); None for invitations.
        """
        if len(inviters) == 0:
            return
        row, friend = self.network.ties(inviters)
        asked = _asked(self.draws.key(will, day), inviters, row, friend, may_receive(friend), p_invite, at_most)
        row, friend = row[asked], friend[asked]
        inviter = inviters[row]
        head: dict[str, NDArray[Any]] = {
            "id": self.log.new_ids(Kind.INVITATION, day, inviter),
            "cause": causes[row],
            "consumer": inviter,
            "invitee": friend,
            "origin": np.full(len(row), origin, dtype=np.int8),
            "product": products[row],
            "target": targets[row],
            "tone": np.zeros(len(row), dtype=np.int8) if tones is None else tones[row],
        }
        is_read = self.draws.uniform(READ, day, friend, inviter) < self.settings.read
        unread, read = np.flatnonzero(~is_read), np.flatnonzero(is_read)
        self._record(day, wave, {k: v[unread] for k, v in head.items()}, Outcome.UNREAD)
        kept = {k: v[read] for k, v in head.items()}
        self._under_way.append(len(kept["id"]), due_tick=tick + 1, **kept)

    def hand(
        self,
        origin: Origin,
        day: int,
        tick: int,
        inviters: NDArray[np.intp],
        invitees: NDArray[np.intp],
        causes: NDArray[np.int64],
        products: NDArray[np.intp],
        targets: NDArray[np.int64],
    ) -> None:
        """Put invitations into the hands of these invitees, friends or not; they notice them. Arrays of shape (n,)."""
        self._under_way.append(
            len(inviters),
            id=self.log.new_ids(Kind.INVITATION, day, inviters),
            cause=causes,
            consumer=inviters,
            invitee=invitees,
            origin=origin,
            product=products,
            target=targets,
            due_tick=tick + 1,
        )

    def read(self, day: int, wave: int, tick: int) -> dict[str, NDArray[Any]]:
        """The invitations read in this wave, one per invitee at most; further ones wait for the next wave.

        Returns:
            Fields id, cause, consumer (the inviter), invitee, origin, product, target, tone; in ascending order of
            invitee.
        """
        table = self._under_way
        due = np.flatnonzero(table["due_tick"] <= tick)
        if len(due) == 0:
            return table.take(due)
        has_attention = self.attention.is_left(table["invitee"][due])
        ignored, due = due[~has_attention], due[has_attention]
        if len(ignored):
            self._record(day, wave, table.take(ignored), Outcome.CROWDED_OUT)
        invitee, inviter = table["invitee"][due], table["consumer"][due]
        luck = self.draws.uniform(ORDER, day, invitee, inviter)
        is_next = _luckiest(np.argsort(invitee, kind="stable"), invitee, luck, table["id"][due])
        now = due[is_next]
        table["due_tick"][due] = tick + 1
        takes = self.attention.take(day, table["invitee"][now], table["id"][now])
        if not takes.all():
            self._record(day, wave, table.take(now[~takes]), Outcome.UNREAD)
        read = table.take(now[takes])
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


@compiled
def _asked(
    key: np.uint64,
    inviters: NDArray[np.intp],
    row: NDArray[np.intp],
    friend: NDArray[np.int32],
    may_be_asked: NDArray[np.bool_],
    p_invite: NDArray[np.float64],
    at_most: int,
) -> NDArray[np.intp]:
    """The ties along which invitations go; ties come inviter by inviter, the strongest first, shape (n_ties,)."""
    asked = np.empty(len(row), np.intp)
    n_asked = n_by_inviter = 0
    for tie in range(len(row)):
        if tie == 0 or row[tie] != row[tie - 1]:
            n_by_inviter = 0
        inviter = inviters[row[tie]]
        if may_be_asked[tie] and n_by_inviter < at_most and uniform(key, inviter, friend[tie]) < p_invite[row[tie]]:
            asked[n_asked] = tie
            n_asked += 1
            n_by_inviter += 1
    return asked[:n_asked]


@compiled
def _luckiest(
    by_invitee: NDArray[np.intp], invitee: NDArray[np.int32], luck: NDArray[np.float64], ids: NDArray[np.int64]
) -> NDArray[np.intp]:
    """Of each invitee's invitations the one with the smallest luck, ties by id, in ascending order of invitee."""
    luckiest = np.empty(len(invitee), np.intp)
    n_found = 0
    for row in by_invitee:
        best = luckiest[n_found - 1]
        if n_found == 0 or invitee[row] != invitee[best]:
            luckiest[n_found] = row
            n_found += 1
        elif (luck[row], ids[row]) < (luck[best], ids[best]):
            luckiest[n_found - 1] = row
    return luckiest[:n_found]
