"""Wallets: the coupons consumers hold, whatever mechanic issued them.

Each consumer has a fixed number of slots, so finding the best coupon for a page is a plain gather.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.records.events import EventLog, Kind, Origin, Outcome

EMPTY, HELD, LOCKED = 0, 1, 2
Who = NDArray[Any]
NO_SLOT = -1


class Wallets:
    """All wallets; arrays have shape (n_consumers, n_slots).

    A coupon is held from issue (if noticed), locked at payment, and redeemed at settlement or released by a refund.
    It can be used up to and including its expiry day.
    """

    def __init__(self, n: int, n_slots: int, log: EventLog) -> None:
        self.log = log
        self.n_slots = n_slots
        self.state = np.zeros((n, n_slots), dtype=np.uint8)
        self.id = np.zeros((n, n_slots), dtype=np.int64)
        self.face_fen = np.zeros((n, n_slots), dtype=np.int32)
        self.min_spend_fen = np.zeros((n, n_slots), dtype=np.int32)
        self.expires_day = np.zeros((n, n_slots), dtype=np.int16)
        self._due: dict[int, list[tuple[Who, Who]]] = defaultdict(list)

    def issue(
        self,
        day: int,
        wave: int,
        consumers: Who,
        origin: Origin,
        face_fen: int,
        min_spend_fen: int,
        expires_day: int,
        is_noticed: NDArray[np.bool_],
        causes: NDArray[np.int64] | int = 0,
    ) -> None:
        """Issue one coupon to each of these consumers (each at most once); only noticed ones enter the wallet.

        A full wallet gives up the held coupon that expires first; if all its coupons are locked the new one is lost.
        """
        ids = self.log.new_ids(Kind.COUPON, day, consumers)
        self.log.append(
            "coupons",
            len(consumers),
            id=ids,
            cause=causes,
            day=day,
            wave=wave,
            consumer=consumers,
            origin=origin,
            face_fen=face_fen,
            min_spend_fen=min_spend_fen,
            expires_day=expires_day,
            is_noticed=is_noticed,
        )
        who, ids = consumers[is_noticed], ids[is_noticed]
        state = self.state[who]
        urgency = np.where(state == EMPTY, -1, np.where(state == HELD, self.expires_day[who], 2**15 - 1))
        slot = urgency.argmin(axis=1)
        old = self.state[who, slot]
        self._end(day, wave, who[old == HELD], slot[old == HELD], Outcome.DISPLACED)
        self._end_unheld(day, wave, who[old == LOCKED], ids[old == LOCKED])
        free = old != LOCKED
        who, slot, ids = who[free], slot[free], ids[free]
        self.state[who, slot] = HELD
        self.id[who, slot] = ids
        self.face_fen[who, slot] = face_fen
        self.min_spend_fen[who, slot] = min_spend_fen
        self.expires_day[who, slot] = expires_day
        self._due[expires_day].append((who, slot))

    def open_day(self, day: int) -> None:
        """Expire the held coupons whose last day was yesterday."""
        for who, slot in self._due.pop(day - 1, ()):
            over = (self.state[who, slot] == HELD) & (self.expires_day[who, slot] == day - 1)
            self._end(day, 0, who[over], slot[over], Outcome.EXPIRED)

    def last_day(self, day: int) -> tuple[Who, NDArray[np.int64]]:
        """Consumers who hold a coupon that ends today, each once in ascending order, and one such coupon's id."""
        due = [(w[ok], s[ok]) for w, s in self._due.get(day, ()) if len(ok := self._is_due(w, s, day))]
        if not due:
            return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.int64)
        who = np.concatenate([w for w, _ in due])
        ids = np.concatenate([self.id[w, s] for w, s in due])
        order = np.lexsort((ids, who))
        who, first = np.unique(who[order], return_index=True)
        return who, ids[order][first]

    def _is_due(self, who: Who, slot: Who, day: int) -> NDArray[np.bool_]:
        is_due: NDArray[np.bool_] = (self.state[who, slot] == HELD) & (self.expires_day[who, slot] == day)
        return is_due

    def best_discount(self, consumers: Who, prices_fen: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
        """The largest discount that each consumer's coupons give on a price.

        Args:
            consumers: Shape (n,).
            prices_fen: Shape (n,).

        Returns:
            Discount in fen and slot used (-1 for none), both of shape (n,).
        """
        discount = np.zeros(len(prices_fen), dtype=np.int64)
        slot = np.full(len(prices_fen), NO_SLOT, dtype=np.int8)
        for s in range(self.n_slots):
            usable = (self.state[consumers, s] == HELD) & (prices_fen >= self.min_spend_fen[consumers, s])
            face = np.where(usable, self.face_fen[consumers, s], 0)
            better = face > discount
            discount[better], slot[better] = face[better], s
        return discount, slot

    def holders(self, consumers: Who) -> NDArray[np.bool_]:
        """Which of these consumers hold a usable coupon, shape (n,)."""
        return np.asarray(np.any(self.state[consumers] == HELD, axis=1))

    def holds(self, consumers: Who, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these consumers still hold the given coupon, one each, shape (n,)."""
        return np.asarray(np.any((self.state[consumers] == HELD) & (self.id[consumers] == ids[:, None]), axis=1))

    def lock(self, consumers: Who, slots: Who) -> NDArray[np.int64]:
        """Lock the coupons used in payments; returns their ids."""
        self.state[consumers, slots] = LOCKED
        return self.id[consumers, slots]

    def redeem(self, day: int, wave: int, consumers: Who, slots: Who, orders: NDArray[np.int64]) -> None:
        """Orders are settled: their coupons are used up."""
        self._end(day, wave, consumers, slots, Outcome.REDEEMED, orders)

    def release(self, day: int, consumers: Who, slots: Who) -> None:
        """Orders are undone: their coupons are free again and valid for at least one more day."""
        self.state[consumers, slots] = HELD
        self.expires_day[consumers, slots] = np.maximum(self.expires_day[consumers, slots], day + 1)
        for last in np.unique(self.expires_day[consumers, slots]):
            ends = self.expires_day[consumers, slots] == last
            self._due[int(last)].append((consumers[ends], slots[ends]))

    def _end(
        self, day: int, wave: int, who: Who, slot: Who, outcome: Outcome, orders: NDArray[np.int64] | int = 0
    ) -> None:
        self.log.append(
            "coupon_ends",
            len(who),
            cause=self.id[who, slot],
            day=day,
            wave=wave,
            consumer=who,
            outcome=outcome,
            order=orders,
        )
        self.state[who, slot] = EMPTY

    def _end_unheld(self, day: int, wave: int, who: Who, ids: NDArray[np.int64]) -> None:
        self.log.append("coupon_ends", len(who), cause=ids, day=day, wave=wave, consumer=who, outcome=Outcome.DISPLACED)
