"""Visits: who looks at which page in a wave, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.records.events import Reason
from simulator.state.rows import Rows, distinct

NONE = -1


@dataclass
class Visits(Rows):
    """One row per shopper of a wave; arrays of shape (n_shoppers,).

    Attributes:
        consumer: Who comes.
        category: The category whose page is browsed; -1 if only the product they were called to.
        is_needed: Whether the category is needed.
        product: The product they were called to, shown first; -1 for none.
        target: The group they were called to join; 0 for none.
        cause: The invitation or coupon that called; 0 for an own need.
        reason: A `Reason`.
    """

    consumer: NDArray[np.intp]
    category: NDArray[np.intp]
    is_needed: NDArray[np.bool_]
    product: NDArray[np.intp]
    target: NDArray[np.int64]
    cause: NDArray[np.int64]
    reason: NDArray[np.int8]


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


def browsing(
    consumers: NDArray[np.intp],
    categories: NDArray[np.intp],
    reason: Reason,
    causes: NDArray[np.int64] | int = 0,
) -> Visits:
    """Visits to a category's page."""
    n = len(consumers)
    return Visits(
        consumer=consumers,
        category=np.asarray(categories, dtype=np.intp),
        is_needed=np.full(n, reason == Reason.NEED),
        product=np.full(n, NONE, dtype=np.intp),
        target=np.zeros(n, dtype=np.int64),
        cause=np.broadcast_to(np.asarray(causes, dtype=np.int64), n),
        reason=np.full(n, reason, dtype=np.int8),
    )


def called(
    consumers: NDArray[np.intp],
    products: NDArray[np.intp],
    targets: NDArray[np.int64],
    causes: NDArray[np.int64],
    reason: Reason,
) -> Visits:
    """Visits to one product's page."""
    n = len(consumers)
    return Visits(
        consumer=consumers,
        category=np.full(n, NONE, dtype=np.intp),
        is_needed=np.zeros(n, dtype=np.bool_),
        product=np.asarray(products, dtype=np.intp),
        target=np.asarray(targets, dtype=np.int64),
        cause=np.asarray(causes, dtype=np.int64),
        reason=np.full(n, reason, dtype=np.int8),
    )


def merge(parts: list[Visits]) -> Visits:
    """One visit per shopper, shoppers in ascending order; later parts go before earlier ones.

    A shopper who browses and is called sees the product they were called to on top of the page they browse.
    Within a part a consumer stands at most once.
    """
    parts = [p for p in parts if len(p)]
    if len(parts) == 1 and bool(np.all(np.diff(parts[0].consumer) > 0)):
        return parts[0]
    who = distinct(np.concatenate([p.consumer for p in parts])) if parts else np.zeros(0, dtype=np.intp)
    nothing = np.zeros(len(who), dtype=np.int64)
    merged = called(who, np.full(len(who), NONE), nothing, nothing.copy(), Reason.NEED)
    for part in parts:
        rows = np.searchsorted(who, part.consumer)
        merged.cause[rows], merged.reason[rows] = part.cause, part.reason
        browses = part.category != NONE
        merged.category[rows[browses]] = part.category[browses]
        merged.is_needed[rows[browses]] = part.is_needed[browses]
        merged.product[rows[~browses]] = part.product[~browses]
        merged.target[rows[~browses]] = part.target[~browses]
    return merged
