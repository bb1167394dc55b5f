"""Referred customers against other new ones: who comes back, what each is worth, and whether the inviter matters.

Schmitt, Skiera & Van den Bulte (2011) found the referred customers of a bank more loyal and 16 % more valuable; Van den
Bulte, Bayer, Skiera & Schmitt (2018) found them loyal while the inviter stayed. Nothing in the model says so: this is
where to see what emerges.

A new customer is an adopter; it is referred if its first order came through an invitation of the referral programme.
Each is followed for `FOLLOW_UP_DAYS` from the day of its first sale; those whom the run does not follow so long are
left out, so early and late ones are compared over the same span. Its inviter left if it is dormant at the end of it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.records.events.codes import Kind, Origin, Outcome
from simulator.records.events.ids import id_consumer, id_kind
from simulator.records.events.log import EventLog
from simulator.records.reading import (
    FEN_PER_YUAN,
    Adopters,
    Flags,
    Ints,
    Reading,
    merchants_fen,
    platform_fen,
    positions,
    ratio,
)

FOLLOW_UP_DAYS = 60
SECOND_HALF = 30
"""Who buys after so many days and within `FOLLOW_UP_DAYS` was retained."""


def referred_against_others(log: EventLog) -> pd.DataFrame:
    """One row per group of new customers: other, referred, and of these inviter stayed, inviter left.

    Returns:
        Columns n; retained (share with a sale 31 to 60 days after the first); repeat_orders (sales after the first, per
        customer); value_yuan (contribution of platform and merchants from all sales of the span, per customer, the
        first included; what the inviter was given is not taken off).

    Raises:
        ValueError: If the log does not keep all days.
    """
    return _groups(Reading(log))


def referred_measures(reading: Reading) -> dict[str, float]:
    """What referred customers are worth, and how many are retained, relative to other new customers."""
    groups = _groups(reading)
    value, retained = (groups[name].to_dict() for name in ("value_yuan", "retained"))
    return {
        "referred_value_ratio": ratio(value["referred"], value["other"]),
        "referred_retention_ratio": ratio(retained["referred"], retained["other"]),
    }


def _groups(reading: Reading) -> pd.DataFrame:
    adopters = reading.adopters
    is_referred, has_left = _is_referred(reading, adopters), _inviter_left(reading, adopters)
    is_followed = adopters.day.astype(np.int64) + FOLLOW_UP_DAYS < reading.facts.days
    customers = _customers(reading, adopters)
    groups = {
        "other": ~is_referred,
        "referred": is_referred,
        "inviter stayed": is_referred & ~has_left,
        "inviter left": is_referred & has_left,
    }
    means = {name: customers[members & is_followed].mean() for name, members in groups.items()}
    frame = pd.DataFrame(means).T
    frame.insert(0, "n", [int(np.count_nonzero(members & is_followed)) for members in groups.values()])
    return frame


def _customers(reading: Reading, adopters: Adopters) -> pd.DataFrame:
    """What each adopter did from its first sale on, shape (n_adopters, 3)."""
    row = np.full(reading.facts.n_consumers, -1)
    row[adopters.consumer] = np.arange(len(adopters.consumer))
    sales = reading.sales.where(row[reading.sales.consumer] >= 0)
    age = sales.day.astype(np.int64) - adopters.day[row[sales.consumer]]
    sales, age = sales.where(age <= FOLLOW_UP_DAYS), age[age <= FOLLOW_UP_DAYS]
    who, n = row[sales.consumer], len(adopters.consumer)
    orders = {name: column[sales.row] for name, column in reading.table("orders").items()}
    fen = platform_fen(orders) + merchants_fen(orders)
    return pd.DataFrame(
        {
            "retained": np.bincount(who[age > SECOND_HALF], minlength=n) > 0,
            "repeat_orders": np.bincount(who, minlength=n) - 1.0,
            "value_yuan": np.bincount(who, weights=fen, minlength=n) / FEN_PER_YUAN,
        }
    )


def _is_referred(reading: Reading, adopters: Adopters) -> Flags:
    invited = np.flatnonzero(id_kind(adopters.cause) == Kind.INVITATION)
    invitations = reading.table("invitations")
    origin = invitations["origin"][positions(invitations["id"], adopters.cause[invited])]
    is_referred = np.zeros(len(adopters.cause), dtype=np.bool_)
    is_referred[invited[origin == Origin.REFERRAL]] = True
    return is_referred


def _inviter_left(reading: Reading, adopters: Adopters) -> Flags:
    """Whether who is named in the cause is dormant `FOLLOW_UP_DAYS` after the adopter's first sale, shape (n,)."""
    departures = reading.table("departures")
    moment = _moment(departures["consumer"], departures["day"])
    order = np.argsort(moment, kind="stable")
    inviter = id_consumer(adopters.cause)
    last = np.searchsorted(moment[order], _moment(inviter, adopters.day + FOLLOW_UP_DAYS), side="right") - 1
    has_any = last >= 0
    has_left = np.zeros(len(inviter), dtype=np.bool_)
    row = order[last[has_any]]
    is_theirs = departures["consumer"][row] == inviter[has_any]
    has_left[has_any] = is_theirs & (departures["outcome"][row] == Outcome.LEFT)
    return has_left


def _moment(consumer: NDArray[np.integer], day: NDArray[np.integer]) -> Ints:
    """One number per consumer and day that sorts by consumer, then by day."""
    return (consumer.astype(np.int64) << 16) | day.astype(np.int64)
