"""Trends (热点): hot events and festivals that nobody in the market makes, the same in all arms.

For some weeks a direction in taste space is in fashion in one category: products that point there please more, and
people come to look without need. What is hot, and when, no policy is told; it shows in what sells. Who notices early
and has something that fits gains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.choice.utility import Fashion
from simulator.choice.visits import Visits, browsing
from simulator.draws import Floats, decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings
from simulator.records.events.codes import Kind, Reason
from simulator.records.events.ids import record_ids
from simulator.settings import quantity, share
from simulator.state.tables import LiveTable

if TYPE_CHECKING:
    from simulator.market import Market

BEGINS = decision("trends.begins")
CATEGORY = decision("trends.category")
DIRECTION = decision("trends.direction")
COMES = decision("trends.comes")
WAVE = decision("trends.wave")

NONE = -1


class TrendSettings(MechanicSettings):
    """Trends (热点): hot events and festivals."""

    every_days: float = quantity(20.0, "mean days from one hot event to the next", unit="day", ge=1, le=100_000)
    festival_days: tuple[int, ...] = quantity((), "campaign days on which a trend begins for certain", unit="day")
    life_days: int = quantity(30, "days a trend lasts", unit="day", ge=1, le=3650)
    half_life_days: float = quantity(10.0, "days in which its heat halves", unit="day", gt=0, le=3650)
    strength: float = quantity(1.0, "utility a hot trend adds to a product that fits it wholly", ge=0, le=20)
    visits: float = share(0.01, "probability that a member comes on the first day of a trend to look")


class Trends(Mechanic):
    """Lets trends begin and cool, and brings those who want to see."""

    name = "trends"
    reached_by = decision("trends.reach")
    uses = frozenset()
    carried = ("hot",)

    def __init__(self, settings: TrendSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings
        n_attributes = market.products.attributes.shape[1]
        self.hot = LiveTable(
            {"id": np.int64, "category": np.int16, "began_day": np.int16, "direction": (np.float64, n_attributes)}
        )
        self._coming: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []

    def open_day(self) -> None:
        """Old trends are over, one may begin; what is hot today, and who comes for it."""
        market, s = self.market, self.settings
        self.hot.keep(market.day - self.hot["began_day"] < s.life_days)
        if self.is_open and self.in_reach.any():
            self._begin()
        heat = 0.5 ** ((market.day - self.hot["began_day"]) / s.half_life_days)
        market.utility.fashion = Fashion(self._worth(heat), self.in_reach) if len(heat) else None
        self._draw_visitors(heat)

    def _begin(self) -> None:
        market, s, day = self.market, self.settings, self.market.day
        is_festival = market.campaign_day in s.festival_days
        if not is_festival and float(market.draws.uniform(BEGINS, day, 0)) >= 1 / s.every_days:
            return
        attributes = np.arange(self.hot["direction"].shape[1])
        direction = market.draws.normal(DIRECTION, day, 0, attributes)
        direction /= np.sqrt((direction * direction).sum())
        category = int(float(market.draws.uniform(CATEGORY, day, 0)) * market.scenario.merchants.n_categories)
        trend = record_ids(Kind.TREND, day, 0, 0)
        self.hot.append(1, id=trend, category=category, began_day=day, direction=direction)
        market.log.append("trends", 1, id=trend, day=day, consumer=NONE, category=category)

    def _worth(self, heat: Floats) -> Floats:
        """What today's trends add to the utility of each product, shape (n_products,)."""
        products = self.market.products
        fit = np.maximum(np.einsum("pd,td->pt", products.attributes, self.hot["direction"]), 0.0)
        fit *= products.category[:, None] == self.hot["category"]
        return np.asarray(self.settings.strength * np.einsum("pt,t->p", fit, heat))

    def _draw_visitors(self, heat: Floats) -> None:
        """The members whom a trend draws today, with their trend, by wave."""
        market, n_waves = self.market, self.market.scenario.waves_per_day
        columns = market.columns
        awake = np.flatnonzero(self.in_reach & (columns["joined_day"] >= 0) & ~columns["is_dormant"])
        drawn = np.full(len(awake), NONE)
        for trend in reversed(range(len(heat))):  # the oldest last, for it goes before the others
            luck = market.draws.uniform(COMES, market.day, awake, self.hot["id"][trend])
            drawn[luck < self.settings.visits * heat[trend]] = trend
        who, trend_of = awake[drawn != NONE], drawn[drawn != NONE]
        wave = (market.draws.uniform(WAVE, market.day, who) * n_waves).astype(np.int8)
        self._coming = [(who[wave == w], trend_of[wave == w]) for w in range(n_waves)]

    def visits(self) -> list[Visits]:
        """Those who come to look, but for those who come for a need."""
        who, trend = self._coming[self.market.wave]
        is_idle = self.market.needs.open_need[who] == NONE
        who, trend = who[is_idle], trend[is_idle]
        return [browsing(who, self.hot["category"][trend], Reason.TREND, self.hot["id"][trend])]
