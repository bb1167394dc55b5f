"""Goods that can run out: what comes in, what is ordered from suppliers, what perishes, and what keeping them costs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scipy.special import ndtri

from simulator.records.events.codes import Origin
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Product

if TYPE_CHECKING:
    from tests.oracle.world import World


def rounded_up(x: float) -> int:
    """In whole units, from 9 decimals."""
    return math.ceil(round(x, 9))


class Shelves:
    """The shelves of all merchants."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = s = world.settings.merchants
        capacities = [cohort.daily_capacity for cohort in s.cohorts.values() for _ in range(cohort.count)]
        self.capacity = {p: capacities[p.merchant] for p in world.products if capacities[p.merchant] is not None}
        self.keeping = [p for p in world.products if p not in self.capacity] if s.stock_units is not None else []
        self.by_routine = set(self.keeping)
        self.on_the_way: dict[Product, dict[int, int]] = {p: {} for p in world.products}

    def coming(self, product: Product) -> int:
        """Units ordered that have not come by now."""
        return sum(units for day, units in self.on_the_way[product].items() if day > self.world.day)

    def open_day(self) -> None:
        """Before anybody looks."""
        s, day = self.settings, self.world.day
        for product in self.world.products:
            product.n_delivered = product.n_waves_in_stock = 0
        for product, units in self.capacity.items():
            assert units is not None
            product.stock = product.n_delivered = units
        for product in self.keeping:
            came = self.on_the_way[product].get(day, 0)
            product.stock += came
            product.n_delivered += came
            if product in self.by_routine and day % s.restock_days == 0 and s.stock_units is not None:
                lacking = max(s.stock_units - product.stock, 0)
                product.stock += lacking
                product.n_delivered += lacking
                if lacking:
                    self._pay(product.merchant, product.row, s.ordering_fen)

    def open_wave(self) -> None:
        for product in self.world.products:
            product.n_waves_in_stock += product.stock > 0

    def order(self) -> None:
        """What the stocking policy orders this morning, and what it leaves to the routine."""
        self.by_routine = set(self.keeping)
        for product in self.keeping:
            units = self.world.stocking.orders(product)
            if units is None:
                continue
            self.by_routine.discard(product)
            if units > 0:
                due = self.world.day + self.world.stocking.settings.lead_days
                self.on_the_way[product][due] = units
                self._pay(product.merchant, product.row, self.settings.ordering_fen)

    def give_back(self, product: Product, ordered_on: int) -> None:
        """A unit that was ordered is free again; yesterday's room is gone."""
        if product not in self.capacity or ordered_on == self.world.day:
            product.stock += 1

    def close_day(self) -> None:
        """Keeping goods is paid for; shelves are recorded."""
        for row in range(len(self.world.merchants)):
            kept = sum(p.stock for p in self.keeping if p.merchant == row)
            self._pay(row, -1, self.settings.holding_fen * kept)
        for product in (*self.keeping, *self.capacity):
            self.world.write(
                "shelves",
                consumer=-1,
                product=product.row,
                n_delivered=product.n_delivered,
                n_left=product.stock,
                is_perishable=product in self.capacity,
            )

    def _pay(self, merchant: int, product: int, fen: int) -> None:
        if fen == 0:
            return
        self.world.merchants[merchant].balance_fen -= fen
        self.world.checkout.suppliers_fen += fen
        self.world.write("costs", consumer=-1, origin=Origin.STOCKING, merchant=merchant, product=product, cost_fen=fen)


class Stocking:
    """Reorder points (s, S) of the merchants who follow them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.is_on = world.settings.policies.stocking.kind == "reorder"
        self.settings = world.settings.policies.stocking.reorder
        merchants = range(world.settings.merchants.n_merchants)
        luck = world.luck.uniform
        self.followers = {m for m in merchants if luck("stocking.follows", ALWAYS, m) < self.settings.reach}
        self.sold: dict[Product, float] = {}
        self.open: dict[Product, float] = {}

    def open_day(self) -> None:
        """Take in what has become known, then order."""
        if self.is_on and self.world.campaign_day >= 0:
            for product in self.world.products:
                self._forecast(product)
        self.world.shelves.order()

    def orders(self, product: Product) -> int | None:
        """Units of a product ordered this morning; None where that is left to the routine."""
        s, world = self.settings, self.world
        is_able = world.capability.is_able(product.merchant)
        if not (self.is_on and world.campaign_day >= 0 and product.merchant in self.followers and is_able):
            return None
        demand = self.sold[product] / max(self.open[product], 1 / self.world.settings.waves_per_day)
        mean = demand * (s.lead_days + s.review_days)
        low = max(rounded_up(mean + float(ndtri(s.service)) * math.sqrt(mean)), 0)
        high = low + max(rounded_up(demand * s.cover_days), 1)
        there = product.stock + world.shelves.coming(product)
        return high - there if world.campaign_day % s.review_days == 0 and there <= low else 0

    def _forecast(self, product: Product) -> None:
        s, first = self.settings, self.world.campaign_day == 0
        n_ordered, days = self._known(product, 0)
        if first:
            share = min(1.0, s.forecast_days / max(days, 1.0))
            self.sold[product], self.open[product] = n_ordered * share, days * share
            return
        before, days_before = self._known(product, 1)
        fades = 1 - 1 / s.forecast_days
        self.sold[product] = fades * self.sold[product] + n_ordered - before
        self.open[product] = fades * self.open[product] + days - days_before

    def _known(self, product: Product, mornings_ago: int) -> tuple[float, float]:
        """Orders, and days on which there was something to buy, as known this morning or some mornings ago."""
        insight, waves = self.world.insight, self.world.settings.waves_per_day
        n_waves = insight.fact(product, "n_waves_in_stock", mornings_ago)
        if not self.settings.corrects_stock_outs:
            n_waves = max(insight.seen_until + 1 - mornings_ago, 0) * waves
        return insight.fact(product, "n_ordered", mornings_ago), n_waves / waves
