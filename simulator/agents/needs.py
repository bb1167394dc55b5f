"""Needs: who needs which category today, what is tried again tomorrow, and who falls dormant.

Needs arrive exogenously: the same person needs the same things on the same days under every strategy. At most one
need a day arrives per consumer, with probability min(1, rate), which keeps the mean rate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from simulator.agents.consumers import NeedSettings
from simulator.compiled import compiled
from simulator.draws import ALWAYS, Draws, decision, uniform
from simulator.records.events.codes import Outcome
from simulator.records.events.ids import count_within
from simulator.records.events.log import EventLog
from simulator.state.columns import Column, Columns
from simulator.state.rows import distinct

OWNER = "needs"
NONE = -1

ARRIVAL = decision("need.arrival")
CATEGORY = decision("need.category")
WAVE = decision("need.wave")
RETRY = decision("need.retry")
ATTRITION = decision("need.attrition")
HOME_STOCK = decision("need.home_stock")

Rows = NDArray[np.intp]


class Needs:
    """The needs of all consumers, their home stock, and their dormancy."""

    carried = ("_today", "_waiting")

    def __init__(
        self, settings: NeedSettings, columns: Columns, n_categories: int, n_waves: int, draws: Draws, log: EventLog
    ) -> None:
        self.settings = settings
        self.columns = columns
        self.draws = draws
        self.log = log
        self.n_categories = n_categories
        self.n_waves = n_waves
        self.open_need = columns.add(
            Column("open_need", OWNER, np.int16, "category needed now, -1 for none", initial=NONE)
        )
        self.n_needs = columns.add(Column("n_needs", OWNER, np.int32, "needs so far", "needs"))
        self.is_dormant = columns.add(Column("is_dormant", OWNER, np.bool_, "no longer comes by itself"))
        self.home_stock = columns.add(
            Column("home_stock", OWNER, np.uint16, "units at home per category", "units", width=n_categories)
        )
        self._is_met_today = np.zeros(columns.n, dtype=np.bool_)
        self._waiting: list[Rows] = []
        self._flipping: Rows = np.zeros(0, dtype=np.intp)
        self._today: Rows = np.zeros(0, dtype=np.intp)
        self._by_wave: list[Rows] = []

    def arrive(self, day: int) -> None:
        """Today's needs: new arrivals, and yesterday's unmet ones that are tried again."""
        retried = self._retry(day)
        arrived, self._flipping = _arrive(
            self.draws.key(ARRIVAL, day),
            self.draws.key(CATEGORY, day),
            self._season(day),
            self.n_categories,
            self.columns["need_rate"],
            self.columns["joined_day"],
            self.columns["n_orders"],
            self.is_dormant,
            self.n_needs,
            self.home_stock,
            self.open_need,
        )
        self._today = distinct(np.concatenate([retried, arrived]))
        self._is_met_today[self._today] = False
        waves = (self.draws.uniform(WAVE, day, self._today) * self.n_waves).astype(np.int8)
        self._by_wave = [self._today[waves == wave] for wave in range(self.n_waves)]

    def _season(self, day: int) -> float:
        """Today's need rate relative to the yearly mean; weekends are scaled so that a week keeps its mean."""
        s = self.settings
        factor = s.weekend_factor if day % 7 >= 5 else 1.0
        factor *= 7 / (5 + 2 * s.weekend_factor)
        return factor * (s.festival_factor if day in s.festival_days else 1.0)

    def _retry(self, day: int) -> Rows:
        """Consumers who try again today; the needs of the others are lost."""
        waiting = distinct(np.concatenate([self._today, *self._waiting]))
        waiting = waiting[self.open_need[waiting] != NONE]
        self._waiting.clear()
        again = self.draws.uniform(RETRY, day, waiting) < self.settings.retry
        again &= ~self.is_dormant[waiting]
        self.open_need[waiting[~again]] = NONE
        tried: Rows = waiting[again]
        return tried

    def shoppers(self, wave: int) -> Rows:
        """Consumers whose need makes them visit in this wave and has not been met today."""
        due = self._by_wave[wave]
        shoppers: Rows = due[~self._is_met_today[due]]
        return shoppers

    def met(self, consumers: Rows, categories: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Close the open needs that these purchases meet; which purchases met one, shape (n_orders,)."""
        needed: NDArray[np.bool_] = self.open_need[consumers] == categories
        self.open_need[consumers[needed]] = NONE
        self._is_met_today[consumers[needed]] = True
        return needed

    def reopen(self, consumers: Rows, categories: NDArray[np.intp]) -> None:
        """Needs whose purchase was undone wait again, unless another one is open; of several the first."""
        free = (self.open_need[consumers] == NONE) & (count_within(consumers) == 0)
        self.open_need[consumers[free]] = categories[free]
        self._waiting.append(consumers[free])

    def store(self, day: int, consumers: Rows, products: Rows, categories: NDArray[np.intp]) -> None:
        """Put purchases made without need into home stock, each with the set probability."""
        kept = self.are_kept(day, consumers, products)
        np.add.at(self.home_stock, (consumers[kept], categories[kept]), 1)

    def are_kept(self, day: int, consumers: Rows, products: Rows) -> NDArray[np.bool_]:
        """Which purchases lived through today go to home stock if they were made without need, shape (n,)."""
        return np.asarray(self.draws.uniform(HOME_STOCK, day, consumers, products) < self.settings.home_stock)

    def take_out(self, consumers: Rows, categories: NDArray[np.intp]) -> None:
        """Take a unit of a category out of each one's home stock, as far as there are any."""
        for place in zip(consumers, categories, strict=True):
            self.home_stock[place] -= self.home_stock[place] > 0

    def wake(self, day: int, wave: int, consumers: Rows, causes: NDArray[np.int64]) -> None:
        """Their orders wake the dormant among these buyers, each at most once."""
        sleeps = self.is_dormant[consumers]
        who = consumers[sleeps]
        self.is_dormant[who] = False
        self.log.append(
            "departures", len(who), cause=causes[sleeps], day=day, wave=wave, consumer=who, outcome=Outcome.WOKE
        )

    def close_day(self, day: int, wave: int) -> None:
        """Flip attrition for those who had a need today and had bought before."""
        who = self._flipping
        if not self.settings.has_attrition or len(who) == 0:
            return
        satisfaction = self.columns["satisfaction"][who].astype(np.float64)
        p = expit(self.columns["attrition_logit"][who] + self.settings.satisfaction_effect * satisfaction)
        left = who[self.draws.uniform(ATTRITION, ALWAYS, who, self.n_needs[who]) < p]
        left = left[~self.is_dormant[left]]
        self.is_dormant[left] = True
        self.log.append("departures", len(left), day=day, wave=wave, consumer=left, outcome=Outcome.LEFT)


@compiled
def _arrive(
    arrival: np.uint64,
    category: np.uint64,
    season: float,
    n_categories: int,
    need_rate: NDArray[np.float32],
    joined_day: NDArray[np.int16],
    n_orders: NDArray[np.int32],
    is_dormant: NDArray[np.bool_],
    n_needs: NDArray[np.int32],
    home_stock: NDArray[np.uint16],
    open_need: NDArray[np.int16],
) -> tuple[Rows, Rows]:
    """Let new needs arrive; who comes for them, and for whom attrition is flipped tonight, both in ascending order.

    Args:
        arrival, category: Keys of these decisions.
        season: Today's need rate relative to the yearly mean.
        n_categories: Number of categories.
        need_rate, joined_day, n_orders, is_dormant: Columns, which are read.
        n_needs, home_stock, open_need: Columns, which are written.
    """
    coming, flipping = np.empty((2, len(need_rate)), np.intp)
    n_coming = n_flipping = 0
    for who in range(len(need_rate)):
        if uniform(arrival, who, 0) >= season * need_rate[who]:
            continue
        n_needs[who] += 1
        if joined_day[who] < 0 or is_dormant[who]:
            continue
        if n_orders[who] > 0:  # attrition is flipped per need after the first purchase, bought or not
            flipping[n_flipping] = who
            n_flipping += 1
        needed = int(uniform(category, who, 0) * n_categories)
        if home_stock[who, needed] > 0:
            home_stock[who, needed] -= 1
        else:
            open_need[who] = needed  # a new need displaces one that waits
            coming[n_coming] = who
            n_coming += 1
    return coming[:n_coming].copy(), flipping[:n_flipping].copy()
