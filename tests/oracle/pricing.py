"""What products cost who buys alone: today's offer price, or one's own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from scipy.special import betaincinv

from simulator.choice.experience import TrustReason
from simulator.records.events.codes import Way
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Order, Product

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World

BY_HAND = ("fixed", "cost_plus", "promotion_calendar")


def clip(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


class Pricing:
    """The pricing policy of those merchants who follow it; the others keep list prices."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kind = world.settings.policies.pricing.kind
        self.settings: Any = getattr(world.settings.policies.pricing, self.kind, None)
        s = self.settings
        merchants = range(world.settings.merchants.n_merchants)
        follows = {m for m in merchants if s and world.luck.uniform("pricing.follows", ALWAYS, m) < s.reach}
        self.followed = {p for p in world.products if p.merchant in follows}
        self.arms = {product: Arms(self, product) for product in self.followed} if self.kind == "bandit" else {}

    def open_day(self) -> None:
        """Set the offer prices, all from what they were yesterday."""
        price = getattr(self, f"_{self.kind}")
        if self.world.campaign_day >= 0:
            for product, arms in self.arms.items():
                arms.open_day(is_able=self.world.capability.is_able(product.merchant))
        asked = {p: price(p) if self._follows(p) else float(p.list_fen) for p in self.world.products}
        for product, fen in asked.items():
            product.offered_fen, product.offer_fen = product.offer_fen, max(round(fen), 1)

    def _follows(self, product: Product) -> bool:
        """Whether its price is set by the policy today: others do not want to, or are not able to."""
        is_able = self.kind in BY_HAND or self.world.capability.is_able(product.merchant)
        return self.world.campaign_day >= 0 and product in self.followed and is_able

    def _fixed(self, product: Product) -> float:
        return product.list_fen

    def _cost_plus(self, product: Product) -> float:
        return float(product.cost_fen * (1 + self.settings.markup))

    def _promotion_calendar(self, product: Product) -> float:
        s, world = self.settings, self.world
        offset = math.floor(world.luck.uniform("pricing.calendar_offset", ALWAYS, product.merchant) * s.period_days)
        is_on = (world.campaign_day + offset) % s.period_days < s.length_days
        return product.list_fen * (1 - s.discount) if is_on else product.list_fen

    def _stock_driven(self, product: Product) -> float:
        s, world, insight = self.settings, self.world, self.world.insight
        days = min(world.campaign_day, s.recent_days)
        ordered = insight.fact(product, "n_ordered")
        recent = ordered - insight.fact(product, "n_ordered", mornings_ago=days)
        usual = ordered * days / max(insight.seen_until + 1, 1)
        demand = (recent + s.prior_units) / (usual + s.prior_units)
        scarcity = max(s.cover_days * recent / max(days, 1) / max(product.stock, 1), 1)
        move = demand**s.demand_response * scarcity**s.stock_response
        return product.list_fen * clip(move, 1 - s.bound, 1 + s.bound)

    def _competitor(self, product: Product) -> float:
        s = self.settings
        rivals = [
            p.offer_fen / p.list_fen
            for p in self.world.products
            if p.category == product.category and p.merchant != product.merchant
        ]
        if not rivals:
            return product.list_fen
        followed = product.list_fen * sum(rivals) / len(rivals) * (1 - s.undercut)
        return float(max(followed, min(product.cost_fen * (1 + s.floor_markup), product.list_fen)))

    def _bandit(self, product: Product) -> float:
        return product.list_fen * self.arms[product].level

    def _personalised(self, product: Product) -> float:
        return product.list_fen

    def alone_fen(self, shopper: Consumer, product: Product) -> int:
        """What this shopper pays alone."""
        is_personal = self.kind == "personalised" and self._follows(product)
        if not is_personal or shopper.profile.n_records == 0:
            return product.offer_fen
        s, insight = self.settings, self.world.insight
        appeal, beliefs = insight.appeal(product), insight.beliefs(shopper)
        likes = sum(w * a for w, a in zip(beliefs[1:-1], product.attributes, strict=True))
        elasticity = beliefs[-1] * (1 - logistic(appeal + beliefs[0] + likes)) / (1 - logistic(appeal))
        markup = self._markup(elasticity) / self._markup(s.usual_elasticity)
        explored = 1 + s.exploration * (2 * self.world.u("pricing.explores", shopper.row, product.row) - 1)
        price = product.list_fen * clip(markup * explored, 1 - s.depth, 1 + s.depth)
        return max(round(max(price, min(product.cost_fen, product.list_fen))), 1)

    @staticmethod
    def _markup(elasticity: float) -> float:
        return elasticity / (elasticity - 1) if elasticity > 1 else math.inf

    def find_out(self, orders: list[Order]) -> None:
        """Some who paid more than the offer price alone find out."""
        for order in orders:
            if order.offer.way is Way.ALONE and order.paid_fen > order.product.offer_fen:
                buyer = order.consumer
                if self.world.u("fairness.finds_out", buyer.row, order.product.row) < self.settings.noticed:
                    buyer.lose_trust(order.id, self.settings.trust_lost, TrustReason.UNFAIR_PRICE)


class Arms:
    """The price levels of a product, and what is believed of the rate at which each sells: Beta(a, b)."""

    def __init__(self, pricing: Pricing, product: Product) -> None:
        self.pricing, self.product = pricing, product
        s = self.settings = pricing.settings
        self.a = [s.prior_looks * s.prior_conversion for _ in s.levels]
        self.b = [s.prior_looks - a for a in self.a]
        self.chosen: list[int | None] = []  # by campaign day; None where nobody was able to

    @property
    def level(self) -> float:
        """Today's."""
        chosen = self.chosen[-1]
        assert chosen is not None
        return float(self.settings.levels[chosen])

    def open_day(self, *, is_able: bool) -> None:
        """Learn what is seen this morning; choose a level, or keep it."""
        s, insight, day = self.settings, self.pricing.world.insight, self.pricing.world.campaign_day
        told = day - self.pricing.world.settings.platform.reaction_days
        of_then = self.chosen[told] if told >= 0 else None
        if of_then is not None:
            looks, orders = (
                insight.fact(self.product, what) - insight.fact(self.product, what, mornings_ago=1)
                for what in ("n_examined", "n_ordered")
            )
            self.a[of_then] += orders
            self.b[of_then] += looks - orders
        before = self.chosen[-1] if day % s.every_days else None
        choice = self._best() if before is None else before
        self.chosen.append(choice if is_able else None)

    def _best(self) -> int:
        p = self.product
        gains = [
            betaincinv(a, b, self.pricing.world.u("pricing.bandit_rate", p.row, k)) * (level * p.list_fen - p.cost_fen)
            for k, (level, a, b) in enumerate(zip(self.settings.levels, self.a, self.b, strict=True))
        ]
        return gains.index(max(gains))
