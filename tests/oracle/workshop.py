"""Redesigns: merchants move their products for learned taste, or toward what has begun to sell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtri

from simulator.records.events.codes import Origin
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Product

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World

Vector = list[float]
SHORTEST = 1e-9
ROUNDS = 20


def dot(a: Vector, b: Vector) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def on_the_way(a: Vector, b: Vector, step: float) -> Vector:
    """From one unit vector to another."""
    between = [(1 - step) * x + step * y for x, y in zip(a, b, strict=True)]
    length = math.sqrt(dot(between, between))
    return a if length < SHORTEST else [round(x / length, 6) for x in between]


@dataclass
class Reader:
    """Somebody whose profile is read: what is believed of them, how much they count, and e^u of every product."""

    beliefs: Vector
    weight: float
    worth: dict[Product, float]

    @property
    def tastes(self) -> Vector:
        return self.beliefs[1:-1]

    def chance(self, product: Product, x: Vector) -> float:
        """That they buy it, were it like x."""
        mine = self.worth[product]
        others = sum(worth for p, worth in self.worth.items() if p.category == product.category and p is not product)
        y = mine * math.exp(dot(self.tastes, [new - old for new, old in zip(x, product.attributes, strict=True)]))
        return y / (1 + others + y)


class Workshop:
    """Redesigns in work, and the policy that orders them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kind = world.settings.policies.product.kind
        self.costs = world.settings.policies.product
        self.settings: Any = getattr(self.costs, self.kind, None)
        self.in_work: dict[Product, tuple[int, Vector]] = {}

    def open_day(self) -> None:
        """What is ready is sold from today on."""
        for product, (day, attributes) in list(self.in_work.items()):
            if day == self.world.day:
                product.attributes = attributes
                del self.in_work[product]

    def order(self) -> None:
        """What merchants have redesigned."""
        if self.kind == "fixed" or self.world.campaign_day < 0:
            return
        propose = self._customise() if self.kind == "customised" else self._follow_trends()
        for product in self.world.products:
            if not self._may(product.merchant) or product in self.in_work:
                continue
            wanted, gain = propose(product)
            if wanted != product.attributes and self._pays(product, gain):
                self._begin(product, wanted)

    def _may(self, merchant: int) -> bool:
        s, world = self.settings, self.world
        turn = math.floor(world.luck.uniform("product.turn", ALWAYS, merchant) * s.review_days)
        wants = world.luck.uniform("product.follows", ALWAYS, merchant) < s.reach
        return wants and world.capability.is_able(merchant) and (world.campaign_day + turn) % s.review_days == 0

    @property
    def _days_known(self) -> int:
        return max(self.world.insight.seen_until + 1, 1)

    def _pays(self, product: Product, gain: float) -> bool:
        pace = self.world.insight.fact(product, "n_ordered") / self._days_known
        worth = gain * pace * max(product.list_fen - product.cost_fen, 0) * self.settings.payback_days
        return bool(worth > 0 and worth >= self.costs.cost_fen)

    def _begin(self, product: Product, wanted: Vector) -> None:
        world, fen = self.world, self.costs.cost_fen
        ready = world.day + self.costs.lead_days
        self.in_work[product] = (ready, wanted)
        likeness = dot(product.attributes, wanted)
        world.write(
            "redesigns",
            consumer=-1,
            product=product.row,
            merchant=product.merchant,
            ready_day=ready,
            likeness_permille=round(1000 * likeness),
        )
        if fen:
            world.merchants[product.merchant].balance_fen -= fen
            world.checkout.suppliers_fen += fen
            payer = {"merchant": product.merchant, "product": product.row}
            world.write("costs", consumer=-1, origin=Origin.PRODUCT, cost_fen=fen, **payer)

    # Customised

    def _customise(self) -> Any:
        s, world = self.settings, self.world
        members = [c for c in world.consumers if c.is_member]
        asked = members[:: max(math.ceil(len(members) / s.sample), 1)]
        known = [self._reader(c) for c in asked if c.profile.n_records > 0]
        panel, jury = known[::2], known[1::2]

        def propose(product: Product) -> tuple[Vector, float]:
            if len(known) < s.fewest:
                return product.attributes, 0.0
            x = product.attributes
            for _ in range(ROUNDS):
                x = self._better(product, panel, x)
            wanted = on_the_way(product.attributes, x, s.step)
            now = sum(r.weight * r.chance(product, product.attributes) for r in jury)
            then = sum(r.weight * r.chance(product, wanted) for r in jury)
            return wanted, then / now - 1 if now else 0.0

        return propose

    def _reader(self, consumer: Consumer) -> Reader:
        beliefs = self.world.insight.beliefs(consumer)
        worth = {p: math.exp(self._utility(p, beliefs)) for p in self.world.products}
        return Reader(beliefs, 1 + consumer.profile.n_orders, worth)

    def _utility(self, product: Product, beliefs: Vector) -> float:
        cut = math.log(product.list_fen / product.offered_fen)
        likes = dot(beliefs[1:-1], product.attributes)
        return float(self.world.insight.appeal(product) + beliefs[0] + beliefs[-1] * cut + likes)

    def _better(self, product: Product, panel: list[Reader], x: Vector) -> Vector:
        direction = [0.0] * len(x)
        for reader in panel:
            p = reader.chance(product, x)
            pull = reader.weight * p * (1 - p)
            direction = [d + pull * w for d, w in zip(direction, reader.tastes, strict=True)]
        length = math.sqrt(dot(direction, direction))
        return [d / length for d in direction] if length else x

    # Trends

    def _follow_trends(self) -> Any:
        slopes: dict[int, Vector | None] = {}

        def propose(product: Product) -> tuple[Vector, float]:
            if product.category not in slopes:
                slopes[product.category] = self._slopes(product.category)
            slope = slopes[product.category]
            if slope is None or not any(slope):
                return product.attributes, 0.0
            length = math.sqrt(dot(slope, slope))
            wanted = on_the_way(product.attributes, [s / length for s in slope], self.settings.step)
            moved = [new - old for new, old in zip(wanted, product.attributes, strict=True)]
            return wanted, math.exp(dot(slope, moved)) - 1

        return propose

    def _slopes(self, category: int) -> Vector | None:
        """How sales have lately changed along each attribute; None if that may be chance."""
        s, insight = self.settings, self.world.insight
        products = [p for p in self.world.products if p.category == category]
        n_attributes = len(products[0].attributes)
        if self.world.campaign_day < s.recent_days or len(products) <= n_attributes:
            return None
        known = [insight.fact(p, "n_ordered") for p in products]
        before = [insight.fact(p, "n_ordered", mornings_ago=s.recent_days) for p in products]
        recent = np.array(known) - np.array(before) + s.prior_units
        usual = np.array(known) * s.recent_days / self._days_known + s.prior_units
        weights, rise = 1 / (1 / recent + 1 / usual), np.log(recent / usual)
        a = np.array([p.attributes for p in products])
        a = a - weights @ a / weights.sum()
        rise = rise - weights @ rise / weights.sum()
        information = (a.T * weights) @ a + 1e-9 * np.eye(n_attributes)
        found = np.linalg.solve(information, (a.T * weights) @ rise)
        if found @ information @ found <= chdtri(n_attributes, 1 - s.confidence):
            return None
        return [round(float(x), 6) for x in found]
