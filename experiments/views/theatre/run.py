"""A run to be shown: its world and its events, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator import Scenario
from simulator.draws import ALWAYS, Draws, decision
from simulator.records.cascades import FOLLOW_UP_DAYS, Cascades, find_cascades
from simulator.records.events.codes import Outcome
from simulator.records.events.log import EventLog
from simulator.records.reading import Columns, Ints, Reading, positions, ratio
from simulator.social.graph import Graph, Network

_SHOWN = decision("theatre.shown")


@dataclass(frozen=True)
class Run:
    """A run to be shown.

    Attributes:
        title: What is shown, such as the name of the arm; in English and Chinese.
        description: What the arm does, in one line, likewise; empty if there is nothing to say.
        command: The command line that makes the page again.
        scenario: The settings.
        seed: The world.
        log: All events.
        network: The social network.
        is_prospect: Who has not joined when the run begins, shape (n,).
    """

    title: tuple[str, str]
    description: tuple[str, str]
    command: str
    scenario: Scenario
    seed: int
    log: EventLog
    network: Network
    is_prospect: NDArray[np.bool_]

    @cached_property
    def reading(self) -> Reading:
        """The events, joined and filtered at most once."""
        return Reading(self.log)

    @cached_property
    def cascades(self) -> Cascades:
        """Who brought whom, from the campaign's first day on."""
        return find_cascades(self.reading)

    @property
    def n_ticks(self) -> int:
        """Length of the run, ticks."""
        return self.scenario.days * self.scenario.waves_per_day

    def ticks(self, table: Columns) -> Ints:
        """When the events of a table happened, shape (n,)."""
        return table["day"].astype(np.int64) * self.scenario.waves_per_day + table["wave"]

    @cached_property
    def sales(self) -> pd.DataFrame:
        """Settled orders in the order of settlement: tick, consumer, cause, is_adoption (a prospect's first)."""
        table, orders = self.reading.table("settlements"), self.reading.table("orders")
        settled = table["outcome"] == Outcome.SETTLED
        table = {name: values[settled] for name, values in table.items()}
        return pd.DataFrame(
            {
                "tick": self.ticks(table),
                "consumer": table["consumer"],
                "cause": orders["cause"][positions(orders["id"], table["cause"])],
                "is_adoption": table["is_first"] & self.is_prospect[table["consumer"]],
            }
        )

    @cached_property
    def links(self) -> tuple[Ints, Ints, Ints]:
        """The links of all cascades: the tick of adoption, the inviter, the adopter; each of shape (n_links,)."""
        people, parent = self.cascades.consumer, self.cascades.trees.parent
        tick = np.full(self.network.n, -1)
        adoptions = self.sales[self.sales["is_adoption"]]
        tick[adoptions["consumer"]] = adoptions["tick"]
        is_link = parent != np.arange(len(parent))
        return tick[people[is_link]], people[parent[is_link]], people[is_link]


def choose_shown(run: Run, at_most: int) -> NDArray[np.intp]:
    """Whom to show: everybody if they are few enough, else the largest cascades, some of their friends, and others.

    Returns:
        Rows of the people shown, ascending.
    """
    n = run.network.n
    if n <= at_most:
        return np.arange(n)
    trees, people = run.cascades.trees, run.cascades.consumer
    size = trees.n_below[trees.root]
    by_size = np.lexsort((trees.depth, trees.root, -size))
    in_cascades = people[by_size][size[by_size] > 1][: 2 * at_most // 3]
    rank = Draws(run.seed).uniform(_SHOWN, ALWAYS, np.arange(n), 0)
    if isinstance(run.network, Graph):
        rank[run.network.ties(in_cascades)[1]] -= 1.0
    rank[in_cascades] -= 3.0
    return np.sort(np.argsort(rank, kind="stable")[:at_most])


def k_so_far(run: Run) -> list[float | None]:
    """K as it is known at the end of every day: new buyers brought within 90 days by a new buyer, on average.

    Those who adopted late count for the ages at which they have been watched: the mean cumulative function (Nelson
    1988). None until the first adoption, and where there are no invitations.
    """
    days, cascades = run.scenario.days, run.cascades
    if not len(run.reading.invited("id")[0]):
        return [None] * days
    adopted = np.bincount(cascades.day[cascades.is_adopter], minlength=days)[:days].cumsum()
    is_child = cascades.is_prompt & cascades.is_adopter[cascades.trees.parent]
    n_ages = min(FOLLOW_UP_DAYS, days - 1) + 1
    children = np.zeros((days, n_ages), dtype=np.int64)
    np.add.at(children, (cascades.day[is_child], np.maximum(cascades.wait[is_child], 0)), 1)
    children = children.cumsum(axis=0)
    return [
        round(sum(ratio(children[day, age], adopted[day - age]) for age in np.flatnonzero(children[day])), 4)
        if adopted[day]
        else None
        for day in range(days)
    ]
