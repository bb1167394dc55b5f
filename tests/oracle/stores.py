"""Stores (门店) of the merchants in the regions that people live in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.records.events.codes import Origin, Reason
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Order, Product, Visit, single

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World


class Stores:
    """Where there are stores, who goes to them, and what they cost."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = s = world.settings.mechanics.channels
        luck = world.luck
        people, merchants = world.consumers, range(world.settings.merchants.n_merchants)
        self.in_reach = {c for c in people if luck.uniform("channels.reach", ALWAYS, c.row) < s.reach}
        self.region = {c: math.floor(luck.uniform("channels.region", ALWAYS, c.row) * s.n_regions) for c in people}
        self.nearness = {c: single(luck.uniform("channels.nearness", ALWAYS, c.row)) for c in people}
        self.stores = {
            (m, r)
            for m in merchants
            for r in range(s.n_regions)
            if luck.uniform("channels.has_store", ALWAYS, m, r) < s.stores
        }
        self.hidden_orders: dict[Consumer, int] = dict.fromkeys(people, 0)
        self.here: dict[Consumer, Visit] = {}

    @property
    def are_seen(self) -> bool:
        """Whether the platform sees what happens in stores."""
        return self.settings.history == "one"

    def open_day(self) -> None:
        """Rent."""
        world = self.world
        if not world.is_open(self.settings) or not self.in_reach:
            return
        for m, merchant in enumerate(world.merchants):
            regions = [r for r in range(self.settings.n_regions) if (m, r) in self.stores]
            if regions:
                rent = sum(round(self.settings.rent_fen * self._n_around(r) / 1000) for r in regions)
                merchant.balance_fen -= rent
                world.checkout.suppliers_fen += rent
                if rent:
                    world.write("costs", consumer=-1, origin=Origin.STORES, merchant=m, product=-1, cost_fen=rent)

    def _n_around(self, region: int) -> int:
        return sum(self.region[c] == region for c in self.in_reach)

    def visit(self, consumer: Consumer) -> Visit | None:
        """The visit to a store that takes the place of one to the app with an own need."""
        s, world, need = self.settings, self.world, consumer.visit_of_need()
        if need is None or need.category is None or not world.is_open(s) or consumer not in self.in_reach:
            return None
        log_odds = s.lure - s.trip * (1 - self.nearness[consumer])
        if world.u("channels.goes", consumer.row) >= 1 / (1 + math.exp(-log_odds)):
            return None
        have = {p.merchant for p in world.products if p.category == need.category}
        near = [m for m in sorted(have) if (m, self.region[consumer]) in self.stores]
        if not near:
            return None
        likes = world.settings.choice.loyalty_weight
        best = max(near, key=lambda m: likes * consumer.loyalty[m] + world.g("channels.store", consumer.row, m))
        self.here[consumer] = visit = Visit(Reason.NEED, category=need.category, store=best)
        return visit

    def page(self, visit: Visit) -> list[Product]:
        """What its merchant sells, the category needed first."""
        mine = [p for p in self.world.products if p.merchant == visit.store]
        return sorted(mine, key=lambda p: p.category != visit.category)[: self.world.settings.platform.slate_size]

    def close_wave(self, orders: list[Order]) -> None:
        """Write down who was where."""
        bought = {order.consumer: order for order in orders}
        for consumer, visit in self.here.items():
            order = bought.get(consumer)
            self.hidden_orders[consumer] += order is not None and not order.is_seen
            self.world.write(
                "store_visits",
                consumer=consumer.row,
                merchant=visit.store,
                region=self.region[consumer],
                category=visit.category,
                order=order.id if order else 0,
            )
        self.here = {}
