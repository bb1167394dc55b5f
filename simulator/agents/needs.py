"""Needs: who needs which category today, what is tried again tomorrow, and who falls dormant.

Needs arrive exogenously: the same person needs the same things on the same days under every strategy. At most one
need a day arrives per consumer, with probability min(1, rate), which keeps the mean rate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from simulator.agents.consumers import NeedSettings
from simulator.draws import ALWAYS, Draws, decision
from simulator.records.events import EventLog, Outcome, count_within
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
        self._everybody = np.arange(columns.n)
        self._rate = columns["need_rate"]
        self._is_met_today = np.zeros(columns.n, dtype=np.bool_)
        self._waiting: list[Rows] = []
        self._flipping: Rows = self._everybody[:0]
        self._today: Rows = self._everybody[:0]
        self._waves: Rows = self._everybody[:0]

    def arrive(self, day: int) -> None:
        """Today's needs: new arrivals, and yesterday's unmet ones that are tried again."""
        retried = self._retry(day)
        arrived = np.flatnonzero(self.draws.uniform(ARRIVAL, day, self._everybody) < self._rates(day))
        self.n_needs[arrived] += 1
        comes = (self.columns["joined_day"][arrived] >= 0) & ~self.is_dormant[arrived]
        # Attrition is flipped per need after the first purchase, bought or not.
        self._flipping = arrived[comes & (self.columns["n_orders"][arrived] > 0)]
        arrived = arrived[comes]
        category = (self.draws.uniform(CATEGORY, day, arrived) * self.n_categories).astype(np.intp)
        stocked = self.home_stock[arrived, category] > 0
        self.home_stock[arrived[stocked], category[stocked]] -= 1
        arrived, category = arrived[~stocked], category[~stocked]
        self.open_need[arrived] = category  # a new need displaces one that waits
        self._today = distinct(np.concatenate([retried, arrived]))
        self._is_met_today[self._today] = False
        self._waves = (self.draws.uniform(WAVE, day, self._today) * self.n_waves).astype(np.intp)

    def _rates(self, day: int) -> NDArray[np.floating]:
        """Everybody's probability of a new need today, shape (n,)."""
        season = self._season(day)
        return self._rate if season == 1.0 else self._rate.astype(np.float64) * season

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
        due = self._today[self._waves == wave]
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
        kept = self.draws.uniform(HOME_STOCK, day, consumers, products) < self.settings.home_stock
        np.add.at(self.home_stock, (consumers[kept], categories[kept]), 1)

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
