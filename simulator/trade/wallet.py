"""Wallets: the coupons consumers hold, whatever mechanic issued them.

Each consumer has a fixed number of slots, so finding the best coupon for a page is a plain gather.

One rule says what any coupon takes off a price, `_discount`: a fixed amount, with (满减) or without a minimum spend, or
a percentage up to a cap. One coupon goes into one order; several never add up.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import compiled
from simulator.records.events.codes import Kind, Origin, Outcome
from simulator.records.events.log import EventLog

EMPTY, HELD, LOCKED = 0, 1, 2
Who = NDArray[Any]
NO_SLOT = -1


class Terms(NamedTuple):
    """What coupons are worth; each is one value for all of them, or an array of shape (n,).

    Attributes:
        face_fen: The most a coupon takes off.
        min_spend_fen: The price from which it may be used.
        percent: The most it takes off in percent of the price; 100 for a fixed amount.
        expires_day: The last day on which it may be used.
    """

    face_fen: NDArray[Any] | int
    min_spend_fen: NDArray[Any] | int
    percent: NDArray[Any] | int
    expires_day: NDArray[Any] | int

    def take(self, rows: Who, n: int) -> Terms:
        """The terms of some of n coupons."""
        return Terms(*(np.broadcast_to(term, n)[rows] for term in self))


class Wallets:
    """All wallets; arrays have shape (n_consumers, n_slots).

    A coupon is held from issue (if noticed), locked at payment, and redeemed at settlement or released by a refund.
    It can be used up to and including its expiry day.
    """

    carried = ("state", "id", "face_fen", "min_spend_fen", "percent", "expires_day", "_due")

    def __init__(self, n: int, n_slots: int, log: EventLog) -> None:
        self.log = log
        self.n_slots = n_slots
        self.state = np.zeros((n, n_slots), dtype=np.uint8)
        self.id = np.zeros((n, n_slots), dtype=np.int64)
        self.face_fen = np.zeros((n, n_slots), dtype=np.int32)
        self.min_spend_fen = np.zeros((n, n_slots), dtype=np.int32)
        self.percent = np.zeros((n, n_slots), dtype=np.int8)
        self.expires_day = np.zeros((n, n_slots), dtype=np.int16)
        self._due: dict[int, list[tuple[Who, Who]]] = defaultdict(list)

    def issue(
        self,
        day: int,
        wave: int,
        consumers: Who,
        origin: Origin,
        terms: Terms,
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
            **terms._asdict(),
            is_noticed=is_noticed,
        )
        terms = terms.take(is_noticed, len(consumers))
        who, ids = consumers[is_noticed], ids[is_noticed]
        state = self.state[who]
        urgency = np.where(state == EMPTY, -1, np.where(state == HELD, self.expires_day[who], 2**15 - 1))
        slot = urgency.argmin(axis=1)
        old = self.state[who, slot]
        self._end(day, wave, who[old == HELD], slot[old == HELD], Outcome.DISPLACED)
        self._end_unheld(day, wave, who[old == LOCKED], ids[old == LOCKED])
        free = old != LOCKED
        terms = terms.take(free, len(who))
        who, slot = who[free], slot[free]
        self.state[who, slot] = HELD
        self.id[who, slot] = ids[free]
        for name, values in terms._asdict().items():
            getattr(self, name)[who, slot] = values
        self._expect_end(who, slot)

    def pass_on(self, day: int, wave: int, givers: Who, ids: NDArray[np.int64], takers: Who, causes: Any) -> None:
        """Coupons change hands, if their givers still hold them: the old one ends, an equal one begins.

        What it is worth and when it ends stay the same, so nothing is added to what was issued, and since the old one
        has ended it is redeemed once at most. All are handed over before any is taken in.

        Args:
            day, wave: When.
            givers: Who gives a coupon away, shape (n,), as are all others.
            ids: Which.
            takers: Who gets it, each at most once.
            causes: The invitations that brought them.
        """
        is_there = (self.state[givers] == HELD) & (self.id[givers] == ids[:, None])
        row, slot = np.nonzero(is_there)
        who = givers[row]
        terms = Terms(*(getattr(self, name)[who, slot] for name in Terms._fields))
        self._end(day, wave, who, slot, Outcome.PASSED_ON)
        self.issue(day, wave, takers[row], Origin.SHARED, terms, np.ones(len(row), dtype=np.bool_), causes[row])

    def open_day(self, day: int) -> None:
        """Expire the held coupons whose last day was yesterday."""
        for who, slot in self._due.pop(day - 1, ()):
            over = (self.state[who, slot] == HELD) & (self.expires_day[who, slot] == day - 1)
            self._end(day, 0, who[over], slot[over], Outcome.EXPIRED)

    def last_day(self, day: int) -> tuple[Who, NDArray[np.int64]]:
        """Consumers who hold a coupon that ends on a day, each once in ascending order, and one such coupon's id."""
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

    def best_discount(
        self, consumers: Who, rows: Who, prices_fen: NDArray[np.int64], takes_coupons: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
        """The largest discount that coupons give on each price; the first slot on a tie.

        Args:
            consumers: Some consumers, repeats allowed.
            rows: Whose wallet each price meets, a position among `consumers`; shape (n,).
            prices_fen: Shape (n,).
            takes_coupons: Whether coupons count at all.

        Returns:
            Discount in fen and slot used (-1 for none), both of shape (n,).
        """
        discount = np.zeros(len(prices_fen), dtype=np.int64)
        slot = np.full(len(prices_fen), NO_SLOT, dtype=np.int8)
        if takes_coupons and self.n_slots:
            terms = (self.face_fen, self.min_spend_fen, self.percent)
            _best_discount(consumers, rows, prices_fen, self.state, *terms, discount, slot)
        return discount, slot

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
        self._expect_end(consumers, slots)

    def _expect_end(self, who: Who, slot: Who) -> None:
        """Note which coupons to look at after their last day."""
        last_day = self.expires_day[who, slot]
        for last in np.unique(last_day):
            self._due[int(last)].append((who[last_day == last], slot[last_day == last]))

    def _end(
        self, day: int, wave: int, who: Who, slot: Who, outcome: Outcome, orders: NDArray[np.int64] | int = 0
    ) -> None:
        if len(who) == 0:
            return
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


@compiled
def _best_discount(
    consumers: Who,
    rows: Who,
    prices_fen: NDArray[np.int64],
    state: NDArray[np.uint8],
    face_fen: NDArray[np.int32],
    min_spend_fen: NDArray[np.int32],
    percent: NDArray[np.int8],
    discount: NDArray[np.int64],
    slot: NDArray[np.int8],
) -> None:
    """Write the best discount on each price, and its slot, where there is one."""
    for i in range(len(rows)):
        who = consumers[rows[i]]
        for s in range(state.shape[1]):
            if state[who, s] == HELD:
                off = _discount(prices_fen[i], face_fen[who, s], min_spend_fen[who, s], percent[who, s])
                if off > discount[i]:
                    discount[i], slot[i] = off, s


@compiled
def _discount(price_fen: int, face_fen: int, min_spend_fen: int, percent: int) -> int:
    """What a coupon takes off: its percentage in whole fen, at most its face value; at least 1 fen is left to pay."""
    if price_fen < min_spend_fen:
        return 0
    return min(face_fen, price_fen * percent // 100, price_fen - 1)
