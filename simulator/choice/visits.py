"""Visits: who looks at which page in a wave, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.records.events.codes import Reason
from simulator.state.rows import Rows, distinct

NONE = -1


@dataclass
class Visits(Rows):
    """One row per shopper of a wave; arrays of shape (n_shoppers,).

    Attributes:
        consumer: Who comes.
        category: The category whose page is browsed; -1 for none.
        cause: The coupon that made them browse; 0 for an own need.
        reason: The `Reason` to browse.
        product: The product they were called to, shown first; -1 for none.
        target: The group they were called to join; 0 for none.
        call_cause: The invitation that called; 0 for none.
        call_reason: The `Reason` of the call.
        store: The merchant whose store they are in; -1 in the app.
    """

    consumer: NDArray[np.intp]
    category: NDArray[np.intp]
    cause: NDArray[np.int64]
    reason: NDArray[np.int8]
    product: NDArray[np.intp]
    target: NDArray[np.int64]
    call_cause: NDArray[np.int64]
    call_reason: NDArray[np.int8]
    store: NDArray[np.intp]


@dataclass
class Looks(Rows):
    """One row per product that a shopper looks at, shopper by shopper; arrays of shape (n_looks,).

    Attributes:
        visit: The shopper's row among the visits.
        consumer: The shopper.
        product: What they look at.
    """

    visit: NDArray[np.intp]
    consumer: NDArray[np.intp]
    product: NDArray[np.intp]


def nobody(consumers: NDArray[np.intp]) -> Visits:
    """Visits of these consumers that browse nothing and were called to nothing."""
    n = len(consumers)
    return Visits(
        consumer=consumers,
        category=np.full(n, NONE, dtype=np.intp),
        cause=np.zeros(n, dtype=np.int64),
        reason=np.zeros(n, dtype=np.int8),
        product=np.full(n, NONE, dtype=np.intp),
        target=np.zeros(n, dtype=np.int64),
        call_cause=np.zeros(n, dtype=np.int64),
        call_reason=np.zeros(n, dtype=np.int8),
        store=np.full(n, NONE, dtype=np.intp),
    )


def browsing(
    consumers: NDArray[np.intp],
    categories: NDArray[np.intp],
    reason: Reason,
    causes: NDArray[np.int64] | int = 0,
) -> Visits:
    """Visits to a category's page."""
    visits = nobody(consumers)
    visits.category[:] = categories
    visits.cause[:] = causes
    visits.reason[:] = reason
    return visits


def called(
    consumers: NDArray[np.intp],
    products: NDArray[np.intp],
    targets: NDArray[np.int64] | int,
    causes: NDArray[np.int64],
    reason: Reason | NDArray[np.integer[Any]],
) -> Visits:
    """Visits to one product's page."""
    visits = nobody(consumers)
    visits.product[:] = products
    visits.target[:] = targets
    visits.call_cause[:] = causes
    visits.call_reason[:] = reason
    return visits


def in_stores(consumers: NDArray[np.intp], categories: NDArray[np.intp], stores: NDArray[np.intp]) -> Visits:
    """Visits to a merchant's store with a need."""
    visits = browsing(consumers, categories, Reason.NEED)
    visits.store[:] = stores
    return visits


BROWSING = ("category", "cause", "reason")
CALL = ("product", "target", "call_cause", "call_reason")


def merge(parts: list[Visits]) -> Visits:
    """One visit per shopper, shoppers in ascending order; later parts go before earlier ones.

    A shopper who browses and is called sees the product they were called to on top of the page they browse; who is in
    a store answers no call.
    Within a part a consumer stands at most once.
    """
    parts = [p for p in parts if len(p)]
    if len(parts) == 1 and bool(np.all(np.diff(parts[0].consumer) > 0)):
        return parts[0]
    merged = nobody(distinct(np.concatenate([p.consumer for p in parts])) if parts else np.zeros(0, dtype=np.intp))
    for part in parts:
        rows = np.searchsorted(merged.consumer, part.consumer)
        is_in_store = part.store != NONE
        is_called = (part.product != NONE) | is_in_store
        for present, names in ((part.category != NONE, BROWSING), (is_called, CALL), (is_in_store, ("store",))):
            for name in names:
                getattr(merged, name)[rows[present]] = getattr(part, name)[present]
    return merged
