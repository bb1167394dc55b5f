"""The daily table: one row per day, written as the day ends or from a finished log by the same rule."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.records.events.codes import NO_MARKETING, Outcome
from simulator.records.events.log import EventLog, Facts
from simulator.records.reading import (
    FEN_PER_YUAN,
    Columns,
    Reading,
    gmv_fen,
    lost_fen,
    merchants_fen,
    platform_fen,
    positions,
    ratio,
)

TABLES_READ = (
    *("orders", "settlements", "costs", "joins", "invitations"),
    *("groups", "group_ends", "bargains", "bargain_ends", "cuts", "coupon_ends", "return_ends"),
)
_OPEN_FIELDS = ("id", "paid_fen", "subsidy_fen", "fee_fen", "cost_fen")


class Daybook:
    """Turns each day's events into one row of the daily table.

    An order may settle on a later day than it was paid, and a prospect may join long before it buys; so the book
    remembers orders not yet settled, who has joined and how many have adopted, and needs no event older than a day.
    Days are entered once each, in order.
    """

    carried = ("_joined", "_n_adopters", "_open")

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._joined = np.zeros(facts.n_consumers, dtype=np.bool_)
        self._n_adopters = 0
        self._open: Columns = {name: np.zeros(0, dtype=np.int64) for name in _OPEN_FIELDS}

    def enter(self, day: int, table: Callable[[str], Columns]) -> dict[str, float]:
        """Enter a day and return its row.

        Args:
            day: The day.
            table: Gives the day's rows of a table by its name, such as `EventLog.today`.

        Returns:
            day; orders (paid that day), settled_orders; gmv_yuan, subsidy_yuan and contribution_total_yuan of the
            orders settled that day, with the marketing cost (and, in the contribution, all other cost apart from
            sales) of the day, both less what the goods that came back that day take with them; joins; adopters;
            adopters_cumulative_share (adopters since the start of the run, of all initial prospects); invitations
            (recorded that day); groups_opened, groups_filled, groups_lapsed; bargains_opened, bargains_settled,
            bargains_lapsed, bargain_helpers (friends who cut that day, once for each bargain);
            coupons_redeemed; active_buyers (consumers with an order settled that day).

        Raises:
            ValueError: If an order is settled that was never paid.
        """
        orders, settlements = table("orders"), table("settlements")
        sold = self._settle(orders, settlements)
        costs = table("costs")
        spent = costs["fee_fen"] + costs["cost_fen"]
        is_subsidy = (costs["merchant"] < 0) & ~np.isin(costs["origin"], NO_MARKETING)
        back = table("return_ends")
        is_sale = settlements["outcome"] == Outcome.SETTLED
        buyers = settlements["consumer"][is_sale]
        joined = table("joins")["consumer"]
        self._joined[joined] = True
        n_adopters = int(np.count_nonzero(self._joined[buyers] & settlements["is_first"][is_sale]))
        self._n_adopters += n_adopters
        return {
            "day": day,
            "orders": len(orders["id"]),
            "settled_orders": len(buyers),
            "gmv_yuan": _yuan(gmv_fen(sold)),
            "subsidy_yuan": _yuan(sold["subsidy_fen"]) + _yuan(spent[is_subsidy]) - _yuan(back["subsidy_fen"]),
            "contribution_total_yuan": _yuan(platform_fen(sold) + merchants_fen(sold))
            - _yuan(spent)
            - _yuan(lost_fen(back)),
            "joins": len(joined),
            "adopters": n_adopters,
            "adopters_cumulative_share": ratio(self._n_adopters, self._facts.n_prospects),
            "invitations": len(table("invitations")["id"]),
            "groups_opened": len(table("groups")["id"]),
            "groups_filled": _count(table("group_ends"), Outcome.FILLED),
            "groups_lapsed": _count(table("group_ends"), Outcome.LAPSED),
            "bargains_opened": len(table("bargains")["id"]),
            "bargains_settled": _count(table("bargain_ends"), Outcome.SETTLED),
            "bargains_lapsed": _count(table("bargain_ends"), Outcome.LAPSED),
            "bargain_helpers": len(table("cuts")["id"]),
            "coupons_redeemed": _count(table("coupon_ends"), Outcome.REDEEMED),
            "active_buyers": len(np.unique(buyers)),
        }

    def _settle(self, orders: Columns, settlements: Columns) -> Columns:
        """Take the orders that end today off the open ones; return those that were sold."""
        unsettled = {name: np.concatenate([self._open[name], orders[name]]) for name in _OPEN_FIELDS}
        ended = positions(unsettled["id"], settlements["cause"])
        stays = np.ones(len(unsettled["id"]), dtype=np.bool_)
        stays[ended] = False
        self._open = {name: values[stays] for name, values in unsettled.items()}
        sold = ended[settlements["outcome"] == Outcome.SETTLED]
        return {name: values[sold] for name, values in unsettled.items()}


def daily_measures(log: EventLog) -> pd.DataFrame:
    """One row per day of the whole run, burn-in included; columns as in `Daybook.enter`.

    Invitations stand on the day they were sent.

    Raises:
        ValueError: If the log does not keep all days.
    """
    reading = Reading(log)
    book = Daybook(log.facts)
    tables = {name: _split(reading.table(name), log.facts.days) for name in TABLES_READ}
    return pd.DataFrame(
        [
            book.enter(day, {name: tables[name][day] for name in TABLES_READ}.__getitem__)
            for day in range(log.facts.days)
        ]
    )


def _split(table: Columns, days: int) -> list[Columns]:
    """The table's rows of each day, in order of occurrence."""
    day = table["day"]
    if (day[1:] < day[:-1]).any():
        order = np.argsort(day, kind="stable")
        table = {name: values[order] for name, values in table.items()}
    bounds = np.searchsorted(table["day"], np.arange(days + 1))
    return [{name: values[start:end] for name, values in table.items()} for start, end in pairwise(bounds)]


def _count(ends: Columns, outcome: Outcome) -> int:
    return int(np.count_nonzero(ends["outcome"] == outcome))


def _yuan(fen: NDArray[np.int64]) -> float:
    return float(fen.sum()) / FEN_PER_YUAN
