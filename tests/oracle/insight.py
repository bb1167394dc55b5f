"""What the platform is told of people and of products, and when it gets to see it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.oracle.luck import ALWAYS
from tests.oracle.profile import Likeness, Profile
from tests.oracle.records import Order, Product, Record, single
from tests.oracle.repurchase import Repurchase

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World


@dataclass
class DayBook:
    """What was recorded of people on a day."""

    records: list[Record]
    sales: list[Order]


class Insight:
    """The pipe from records to profiles and facts. What is known of people may be older than what is of products."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = world.settings.insight
        privacy = world.settings.privacy
        self.collection = privacy.collection
        self.sees_looks = self.collection in ("browsing", "everything")
        self.epsilon = privacy.noise.epsilon if self.collection != "none" else None
        self.p_flip = 0.0 if self.epsilon is None else 1 / (1 + math.exp(self.epsilon))
        self._appeal: dict[Product, float] = {}
        self._beliefs: dict[Consumer, list[float]] = {}
        self.profile_sd = privacy.noise.profile_sd
        share = {"opt_in": privacy.consent.opt_in, "opt_out": privacy.consent.opt_out, "unasked": 1.0}
        for c in world.consumers:
            c.concern = single(world.luck.uniform("privacy.concern", ALWAYS, c.row))
            c.consents = self.collection != "none" and c.concern < share[privacy.consent.kind]
            self.forget(c)
        self.likeness = Likeness(self)
        self.told_until = -1
        self.repurchase = Repurchase(self)
        self.books: dict[int, DayBook] = {}
        self.today: list[Record] = []
        self.seen_until = -1

    # What is recorded

    def look(self, consumer: Consumer, product: Product, price_fen: int, above: float) -> None:
        """Somebody looks at a product, whose utility is so far above that of buying nothing."""
        if not self.sees_looks:
            return
        is_clicked = above > -self.world.settings.choice.click_margin
        if self.epsilon is not None:
            is_clicked ^= self.world.u("privacy.flips", consumer.row, product.row) < self.p_flip
        product.n_reported += is_clicked
        if consumer.may_be_recorded:
            cut = math.log(product.list_fen / price_fen)
            if above > 0 and self.epsilon is None:
                self.today.append(Record(consumer, product, cut, 0.0, is_above=True, is_wish=True))
            else:
                margin = self.settings.click_margin
                self.today.append(Record(consumer, product, cut, margin, is_clicked, False, self.p_flip))

    def close_day(self) -> None:
        """Record today's orders and shares."""
        world = self.world
        seen = [order for order in world.checkout.settled_today if order.is_seen]
        sales = [order for order in seen if order.consumer.may_be_recorded]
        if not self.sees_looks or self.epsilon is not None:
            for order in sales:
                cut = math.log(order.product.list_fen / order.paid_fen)
                self.today.append(Record(order.consumer, order.product, cut, 0.0, is_above=True, is_wish=True))
        if self.collection == "everything":
            for row in sorted(world.records.tables["invitations"], key=lambda row: row["id"]):
                sender = world.consumers[row["consumer"]]
                if row["day"] == world.day and row["tone"] >= 0 and sender.may_be_recorded:
                    product = world.products[row["product"]]
                    self.today.append(Record(sender, product, 0.0, 0.0, is_above=True, is_wish=True))
        self.books[world.day] = DayBook(self.today, sales)
        self.today = []
        for product in world.products:
            product.facts.append(self._facts_of_today(product))
            product.n_reported = 0

    def _facts_of_today(self, product: Product) -> dict[str, float]:
        examined, clicked = (float(product.today.get(what, 0)) for what in ("n_examined", "n_clicked"))
        if self.epsilon is not None and self.sees_looks:
            clicked = (product.n_reported - examined * self.p_flip) / (1 - 2 * self.p_flip)
        return {
            "n_examined": examined,
            "n_clicked": clicked,
            "n_ordered": product.today.get("n_ordered", 0),
            "n_waves_in_stock": product.n_waves_in_stock,
            "mean_rating": product.rating_sum_permille / 1000 / product.ratings if product.ratings else math.nan,
        }

    # What is seen

    def open_day(self) -> None:
        """Let in what is old enough this morning."""
        self.seen_until = self.world.day - self.world.settings.platform.reaction_days
        self.told_until = newest = self.seen_until - self.world.privacy.delay_days
        self._beliefs = {}
        self._appeal = {product: self._appeal_of(product) for product in self.world.products}
        if self.collection == "none":
            return
        if self.collection == "everything" and self.world.day % self.settings.refit_days == 0:
            self.likeness.fit()
        book = self.books.get(newest, DayBook([], []))
        records = [record for record in book.records if record.consumer.may_be_recorded]
        if self.collection == "everything":
            self.likeness.read_newcomers({r.consumer for r in records if r.consumer.profile.n_records == 0})
        for record in records:
            record.consumer.profile.learn(record, self.appeal(record.product))
        for order in book.sales:
            if order.consumer.may_be_recorded:
                order.consumer.profile.buy(newest, order.paid_fen)
        if newest % self.settings.refit_days == 0:
            self.repurchase.fit()

    def forget(self, consumer: Consumer) -> None:
        """As if there had never been a profile."""
        consumer.profile = Profile(self.settings, len(self.world.products[0].attributes))
        self._beliefs.pop(consumer, None)

    def fact(self, product: Product, what: str, mornings_ago: int = 0) -> float:
        """A count of a product, from the start until the newest day seen; or as it was known some mornings ago."""
        return sum(day[what] for day in product.facts[: max(self.seen_until + 1 - mornings_ago, 0)])

    def mean_rating(self, product: Product) -> float:
        """Of a product, on the evening of the newest day seen."""
        return product.facts[self.seen_until]["mean_rating"] if self.seen_until >= 0 else math.nan

    def units_sold(self, product: Product) -> int:
        """Units ordered in the sales window."""
        first = self.seen_until + 1 - self.world.settings.platform.sales_window_days
        days = product.facts[max(first, 0) : max(self.seen_until + 1, 0)]
        return int(sum(day["n_ordered"] for day in days))

    def appeal(self, product: Product) -> float:
        """What the product is worth to the average consumer, as of this morning."""
        return self._appeal[product]

    def _appeal_of(self, product: Product) -> float:
        """From its click rate."""
        s = self.settings
        looks = self.fact(product, "n_examined") + s.prior_looks
        clicks = self.fact(product, "n_clicked") + s.prior_looks * s.prior_clicks
        rate = min(max(clicks, 0.5), looks - 0.5) / looks
        return math.log(rate / (1 - rate)) - s.click_margin

    def beliefs(self, consumer: Consumer) -> list[float]:
        """The weights that policies read: of appeal, of each attribute, of the price."""
        if consumer not in self._beliefs:
            luck = self.world.luck
            self._beliefs[consumer] = [
                w + self.profile_sd * luck.normal("insight.profile_noise", ALWAYS, consumer.row, k)
                for k, w in enumerate(consumer.profile.weights)
            ]
        return self._beliefs[consumer]
