"""One event log, read once: its tables, its window, its sales and its adopters. Every measure starts here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self, SupportsFloat

import numpy as np
from numpy.typing import NDArray

from simulator.records.events.codes import Kind, Origin, Outcome
from simulator.records.events.ids import Ids, id_kind
from simulator.records.events.log import EventLog

Columns = dict[str, NDArray[Any]]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FEN_PER_YUAN = 100
TICKS_PER_DAY = 2**7
"""More than the waves of any day (waves are int8), so day · TICKS_PER_DAY + wave orders events in time."""


@dataclass(frozen=True)
class Sales:
    """Settled orders, one row each, shape (n_sales,).

    Attributes:
        consumer: Who bought.
        day: The day of settlement.
        is_first: Whether it is the consumer's first settled order of the run.
        row: The order's row in the table of orders.
    """

    consumer: NDArray[np.int32]
    day: NDArray[np.int16]
    is_first: Flags
    row: NDArray[np.intp]

    def where(self, mask: Flags) -> Self:
        """The sales for which the mask is true."""
        return type(self)(*(getattr(self, field.name)[mask] for field in fields(self)))


@dataclass(frozen=True)
class Adopters:
    """Prospects with a settled order, one row each, shape (n_adopters,).

    Attributes:
        consumer: Who adopted.
        day: The adoption day: when its first settled order was settled.
        tick: When that order was paid, in ticks (day · TICKS_PER_DAY + wave).
        cause: What brought the adopter to that order: the id of an invitation or a coupon, or 0.
    """

    consumer: NDArray[np.int32]
    day: NDArray[np.int16]
    tick: Ints
    cause: Ids


class Reading:
    """The tables of a log, each joined and filtered at most once.

    Raises:
        ValueError: If the log does not keep all days.
    """

    def __init__(self, log: EventLog) -> None:
        if not log.keeps:
            raise ValueError(
                "this event log holds the current day only; measures of a whole run need EventLog(keep=True)"
            )
        self.facts = log.facts
        self._log = log
        self._tables: dict[str, Columns] = {}

    def table(self, name: str) -> Columns:
        """All rows of a table, by field."""
        if name not in self._tables:
            self._tables[name] = self._log.columns(name)
        return self._tables[name]

    def window(self, name: str, *names: str) -> list[NDArray[Any]]:
        """These fields of the table's rows from the end of the burn-in on."""
        table = self.table(name)
        inside = table["day"] >= self.facts.burn_in_days
        return [table[field][inside] for field in names]

    def invited(self, *names: str) -> list[NDArray[Any]]:
        """These fields of the window's invitations; bad word of mouth invites nobody."""
        tone, *fields = self.window("invitations", "tone", *names)
        return [field[tone >= 0] for field in fields]

    def origins(self, causes: Ids) -> NDArray[np.int8]:
        """The mechanic of the invitation that each cause names, `Origin.NONE` for other causes; shape (n,).

        Raises:
            ValueError: If an invitation is missing in the log.
        """
        origins = np.full(len(causes), Origin.NONE, dtype=np.int8)
        is_invited = id_kind(causes) == Kind.INVITATION
        invitations = self.table("invitations")
        origins[is_invited] = invitations["origin"][positions(invitations["id"], causes[is_invited])]
        return origins

    @cached_property
    def all_sales(self) -> Sales:
        """The settled orders of the whole run, in order of settlement."""
        settlements = self.table("settlements")
        settled = settlements["outcome"] == Outcome.SETTLED
        consumer, day, is_first, order = (settlements[f][settled] for f in ("consumer", "day", "is_first", "cause"))
        return Sales(consumer, day, is_first, positions(self.table("orders")["id"], order))

    @cached_property
    def sales(self) -> Sales:
        """The settled orders of the window, in order of settlement."""
        return self.all_sales.where(self.all_sales.day >= self.facts.burn_in_days)

    @cached_property
    def all_adopters(self) -> Adopters:
        """The adopters of the whole run."""
        is_prospect = np.zeros(self.facts.n_consumers, dtype=np.bool_)
        is_prospect[self.table("joins")["consumer"]] = True
        first = self.all_sales.where(self.all_sales.is_first & is_prospect[self.all_sales.consumer])
        orders = self.table("orders")
        tick = orders["day"][first.row].astype(np.int64) * TICKS_PER_DAY + orders["wave"][first.row]
        return Adopters(first.consumer, first.day, tick, orders["cause"][first.row])

    @cached_property
    def adopters(self) -> Adopters:
        """The adopters whose adoption day lies in the window."""
        adopters = self.all_adopters
        inside = adopters.day >= self.facts.burn_in_days
        return Adopters(adopters.consumer[inside], adopters.day[inside], adopters.tick[inside], adopters.cause[inside])


def positions(ids: Ids, sought: Ids) -> NDArray[np.intp]:
    """Where the sought ids stand among `ids` (unique, in any order), shape of `sought`.

    Raises:
        ValueError: If a sought id is missing: a log whose tables do not match.
    """
    order = np.argsort(ids)
    in_order = ids[order]
    place = np.searchsorted(in_order, sought)
    if (place == len(ids)).any() or (in_order[place] != sought).any():
        raise ValueError("the event log is broken: an event names an order or an invitation that is not in its table")
    return order[place]


def gmv_fen(orders: Columns) -> Ints:
    """What the merchants sell for: paid by the consumer plus the platform's subsidy, fen."""
    return np.asarray(orders["paid_fen"] + orders["subsidy_fen"])


def platform_fen(orders: Columns) -> Ints:
    """The platform's net revenue and contribution: its fee minus its subsidy, fen."""
    return np.asarray(orders["fee_fen"] - orders["subsidy_fen"])


def merchants_fen(orders: Columns) -> Ints:
    """The merchants' contribution: paid plus subsidy minus fee minus cost, fen."""
    return np.asarray(gmv_fen(orders) - orders["fee_fen"] - orders["cost_fen"])


def lost_fen(returns: Columns) -> Ints:
    """What goods that came back take from platform and merchants together: refund and shipping less salvage, fen."""
    return np.asarray(returns["refund_fen"] + returns["shipping_fen"] - returns["salvage_fen"])


def ratio(part: SupportsFloat, whole: SupportsFloat) -> float:
    """part / whole; NaN where the whole is zero."""
    return float(part) / float(whole) if float(whole) else float("nan")
