"""Trends (热点): what is in fashion, and who comes to look."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.records.events.codes import Kind, Reason
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Product, Visit

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World


@dataclass(frozen=True)
class Trend:
    """A direction of taste that is in fashion in a category."""

    id: int
    category: int
    began_day: int
    direction: list[float]

    def fits(self, product: Product) -> float:
        """How well a product fits it."""
        if product.category != self.category:
            return 0.0
        return max(sum(d * a for d, a in zip(self.direction, product.attributes, strict=True)), 0.0)


class Trends:
    """The trends that are on, and the members whom they draw today."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = s = world.settings.mechanics.trends
        self.in_reach = {c for c in world.consumers if world.luck.uniform("trends.reach", ALWAYS, c.row) < s.reach}
        self.hot: list[Trend] = []
        self.drawn: dict[Consumer, Trend] = {}

    def open_day(self) -> None:
        """Old trends are over, one may begin, members are drawn."""
        world, s = self.world, self.settings
        self.hot = [trend for trend in self.hot if world.day - trend.began_day < s.life_days]
        if world.is_open(s) and self.in_reach:
            self._perhaps_begin()
        self.drawn = {}
        for consumer in world.consumers:
            if consumer in self.in_reach and consumer.is_member and not consumer.is_dormant:
                calling = [t for t in self.hot if world.u("trends.comes", consumer.row, t.id) < s.visits * self.heat(t)]
                if calling:
                    self.drawn[consumer] = calling[0]

    def _perhaps_begin(self) -> None:
        world, s = self.world, self.settings
        if world.campaign_day not in s.festival_days and world.u("trends.begins", 0) >= 1 / s.every_days:
            return
        steps = [world.z("trends.direction", 0, k) for k in range(world.settings.consumers.taste_dimensions)]
        length = math.sqrt(sum(x * x for x in steps))
        category = math.floor(world.u("trends.category", 0) * world.settings.merchants.n_categories)
        trend = Trend(world.records.new_id(Kind.TREND, 0), category, world.day, [x / length for x in steps])
        self.hot.append(trend)
        world.write("trends", id=trend.id, consumer=-1, category=category)

    def heat(self, trend: Trend) -> float:
        """It cools."""
        return 0.5 ** ((self.world.day - trend.began_day) / self.settings.half_life_days)

    def adds(self, consumer: Consumer, product: Product) -> float:
        """What fashion adds to U."""
        if consumer not in self.in_reach:
            return 0.0
        return self.settings.strength * sum(self.heat(trend) * trend.fits(product) for trend in self.hot)

    def visit(self, consumer: Consumer) -> Visit | None:
        """The visit of one who comes to look in this wave, if there is no need to see to."""
        trend, world = self.drawn.get(consumer), self.world
        if trend is None or consumer.open_need is not None:
            return None
        if math.floor(world.u("trends.wave", consumer.row) * world.settings.waves_per_day) != world.wave:
            return None
        return Visit(Reason.TREND, cause=trend.id, category=trend.category)
