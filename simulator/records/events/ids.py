"""Ids of records: who it was, when, and which of that consumer's records of the day, in one integer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.compiled import compiled
from simulator.records.events.codes import Kind

Ids = NDArray[np.int64]
MAX_DAYS = 2**15 - 1
MAX_CONSUMERS = 2**28


def record_ids(kind: Kind, day: int, consumers: ArrayLike, ordinals: ArrayLike) -> Ids:
    """Ids from their parts: kind:5 | day:15 | consumer:28 | ordinal:15 bits."""
    head = (int(kind) << 58) | (day << 43)
    return head | (np.asarray(consumers, dtype=np.int64) << 15) | np.asarray(ordinals, dtype=np.int64)


def id_kind(ids: ArrayLike) -> NDArray[np.int64]:
    """The kinds of ids; 0 for the id 0 ("none")."""
    return np.asarray(ids, dtype=np.int64) >> 58


def id_day(ids: ArrayLike) -> NDArray[np.int64]:
    """The days on which the records were made."""
    return (np.asarray(ids, dtype=np.int64) >> 43) & MAX_DAYS


def id_consumer(ids: ArrayLike) -> NDArray[np.int64]:
    """The consumers the records belong to."""
    return (np.asarray(ids, dtype=np.int64) >> 15) & (MAX_CONSUMERS - 1)


@compiled
def count_on(used: NDArray[np.int16], consumers: NDArray[Any]) -> NDArray[np.int64]:
    """How many records of each consumer there are before this one, shape (n,); `used` counts on."""
    ordinals = np.empty(len(consumers), np.int64)
    for record, consumer in enumerate(consumers):
        ordinals[record] = used[consumer]
        used[consumer] += 1
    return ordinals


def count_within(values: NDArray[Any]) -> NDArray[np.int64]:
    """For each element, how many equal elements stand before it (0 for the first), shape (n,)."""
    n = len(values)
    counts = np.zeros(n, dtype=np.int64)
    if n < 2:
        return counts
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    is_start = np.ones(n, dtype=np.bool_)
    is_start[1:] = ordered[1:] != ordered[:-1]
    position = np.arange(n)
    start = np.maximum.accumulate(np.where(is_start, position, 0))
    counts[order] = position - start
    return counts
