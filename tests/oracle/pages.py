"""What products score on the page of a shopper."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.oracle.records import Product

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World


class Pages:
    """The recommendation policy."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kind = world.settings.policies.recommendation.kind
        self.settings: Any = getattr(world.settings.policies.recommendation, self.kind, None)
        self.likeness = Likeness(world)

    def open_day(self) -> None:
        """Learn which products go together, every so often in the campaign and after it."""
        world = self.world
        if self.kind in ("collaborative", "hybrid") and world.day >= world.settings.burn_in_days:
            self.likeness.open_day(self.settings)

    def score(self, shopper: Consumer, product: Product) -> float:
        """The larger the higher on the page. The burn-in is the same in all arms, so a policy starts after it."""
        if self.kind == "random" or self.world.day < self.world.settings.burn_in_days:
            return self._random(shopper, product)
        return float(getattr(self, f"_{self.kind}")(shopper, product))

    def _random(self, shopper: Consumer, product: Product) -> float:
        return self.world.u("recommendation.random", shopper.row, product.row)

    def _popular(self, shopper: Consumer, product: Product) -> float:
        return self.world.insight.units_sold(product) + self.world.u("recommendation.tie", product.row)

    def _oracle(self, shopper: Consumer, product: Product) -> float:
        return shopper.systematic(product, product.quality)

    def _fallback(self, shopper: Consumer, product: Product) -> float:
        return float(getattr(self, f"_{self.settings.fallback}")(shopper, product))

    def _personalised(self, shopper: Consumer, product: Product) -> float:
        if shopper.profile.n_records == 0:
            return self._fallback(shopper, product)
        insight = self.world.insight
        _, *tastes, sensitivity = insight.beliefs(shopper)
        likes = sum(w * a for w, a in zip(tastes, product.attributes, strict=True))
        return insight.appeal(product) + sensitivity * self._cut(product) + likes

    def _collaborative(self, shopper: Consumer, product: Product) -> float:
        fallback = self._fallback(shopper, product)
        if not shopper.profile.basket:
            return fallback
        return round(10_000 * self.likeness.to_basket(shopper, product)) + fallback / (1 + fallback)

    def _hybrid(self, shopper: Consumer, product: Product) -> float:
        if shopper.profile.n_records == 0:
            return self._fallback(shopper, product)
        rivals = [p for p in self.world.products if p.category == product.category]
        likeness = [self.likeness.to_basket(shopper, p) for p in rivals]
        mean, sd = float(np.mean(likeness)), float(np.std(likeness))
        standing = (likeness[rivals.index(product)] - mean) / sd if sd >= 1e-9 else 0.0
        x = [*product.attributes, self._cut(product)]
        variance = sum(v * x_k**2 for v, x_k in zip(shopper.profile.variances[1:], x, strict=True))
        exploring = self.world.z("recommendation.explores", shopper.row, product.row) * math.sqrt(variance)
        s = self.settings
        return float(self._personalised(shopper, product) + s.weight * standing + s.exploration * exploring)

    def _cut(self, product: Product) -> float:
        """How much below the list price it was yesterday."""
        return math.log(product.list_fen / product.offered_fen)


class Likeness:
    """How alike products are, judged by who wants both."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.learned_on = -math.inf
        self.neighbours: dict[Product, dict[Product, float]] = {}

    def open_day(self, s: Any) -> None:
        """Learn it anew if it is time."""
        if self.world.day - self.learned_on < s.refresh_days:
            return
        self.learned_on = self.world.day
        members = [c for c in self.world.consumers if c.is_member]
        step = math.ceil(len(members) / s.sample)
        self.neighbours = self._learn([set(c.profile.basket) for c in members[:: max(step, 1)]], s.neighbours)

    def _learn(self, baskets: list[set[Product]], at_most: int) -> dict[Product, dict[Product, float]]:
        @cache
        def n(*products: Product) -> int:
            return sum(all(p in basket for p in products) for basket in baskets)

        learned = {}
        for one in (p for p in self.world.products if n(p) > 0):
            others = [p for p in self.world.products if p is not one and n(p) > 0]
            alike = {other: n(one, other) / math.sqrt(n(one) * n(other)) for other in others}
            closest = sorted(others, key=lambda other: (-alike[other], other.row))[:at_most]
            learned[one] = {one: 1.0} | {other: alike[other] for other in closest}
        return learned

    def to_basket(self, shopper: Consumer, product: Product) -> float:
        """How alike a product is to all that the shopper last wanted."""
        return sum(self.neighbours.get(one, {}).get(product, 0.0) for one in shopper.profile.basket)
