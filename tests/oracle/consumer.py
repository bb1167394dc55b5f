"""A consumer: needs, retries, looks, chooses, lives through what it bought, and perhaps stays away for good."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa

from simulator.choice.experience import TrustReason
from simulator.records.events.codes import Outcome, Reason
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Coupon, Offer, Order, Product, Visit, single

if TYPE_CHECKING:
    from simulator.state.columns import Columns
    from tests.oracle.profile import Profile
    from tests.oracle.world import World

OUTSIDE = 2**31


class Consumer(mesa.Agent):
    """One person."""

    model: World

    def __init__(self, world: World, row: int, born: Columns) -> None:
        super().__init__(world)
        self.world = world
        self.row = row
        self.need_rate = float(born["need_rate"][row])
        self.attrition_logit = float(born["attrition_logit"][row])
        self.price_sensitivity = float(born["price_sensitivity"][row])
        self.taste = [float(x) for x in born["taste"][row]]
        self.sociability = float(born["sociability"][row])
        self.joined_day = int(born["joined_day"][row])
        self.trust = float(born["trust"][row])
        self.friends: list[Consumer] = []
        n_categories = world.settings.merchants.n_categories
        self.open_need: int | None = None
        self.wave_of_need = -1
        self.had_need_today = False
        self.had_bought_before = False
        self.n_needs = 0
        self.is_dormant = False
        self.home_stock = [0] * n_categories
        self.satisfaction = 0.0
        self.loyalty = [0.0] * world.settings.merchants.n_merchants
        self.reference = [1.0] * n_categories
        self.last_product: Product | None = None
        self.n_orders = 0
        self.balance_fen = 0
        self.attention_used = 0
        self.fatigue = 0.0
        self.fatigue_day = 0
        self.consents = False
        self.concern = 0.0
        self.wariness = 0.0
        self.profile: Profile
        self.slots: list[Coupon | None] = [None] * world.settings.platform.wallet_size

    @property
    def is_member(self) -> bool:
        return self.joined_day >= 0

    @property
    def may_be_recorded(self) -> bool:
        return self.is_member and self.consents

    @property
    def held(self) -> list[Coupon]:
        """The coupons it can use, slot by slot."""
        return [c for c in self.slots if c is not None and not c.is_locked]

    # Morning

    def chance_to_join(self) -> float:
        """The hazard of joining by itself today: Bass's, or Watts's where there is a threshold."""
        s = self.world.settings.joining
        joined = sum(f.is_member for f in self.friends)
        pull = joined / len(self.friends) if self.friends else 0.0
        if s.threshold is not None:
            pull = 1.0 if pull >= s.threshold else 0.0
        return 1 - math.exp(-(s.innovation + s.imitation * pull) / 365)

    def retry_or_forget(self) -> None:
        """An unmet need of yesterday is tried again or lost."""
        self.wave_of_need = -1
        if self.open_need is None:
            return
        if not self.is_dormant and self.world.u("need.retry", self.row) < self.world.settings.needs.retry:
            self._come_today()
        else:
            self.open_need = None

    def need_something(self, season: float) -> None:
        """Perhaps a new need, alike under every strategy."""
        self.had_need_today = False
        if self.world.u("need.arrival", self.row) >= self.need_rate * season:
            return
        self.n_needs += 1
        if not self.is_member or self.is_dormant:
            return
        self.had_need_today = True
        self.had_bought_before = self.n_orders > 0
        category = math.floor(self.world.u("need.category", self.row) * self.world.settings.merchants.n_categories)
        if self.home_stock[category] > 0:
            self.home_stock[category] -= 1
        else:
            self.open_need = category
            self._come_today()

    def _come_today(self) -> None:
        self.wave_of_need = math.floor(self.world.u("need.wave", self.row) * self.world.settings.waves_per_day)

    # Messages

    def takes_in(self, message: int) -> bool:
        """Whether it notices a message; if so it has less attention left for others, and is more tired of them."""
        s = self.world.settings.attention
        if self.attention_used >= s.per_day:
            return False
        if s.fatigue > 0:
            tired = self.fatigue * math.exp(-(self.world.day - self.fatigue_day) / s.recovery_days)
            if self.world.u("attention.notices", self.row, message) >= math.exp(-s.fatigue * tired):
                return False
            self.fatigue, self.fatigue_day = single(tired + 1), self.world.day
        self.attention_used += 1
        return True

    # Choice

    def choose(self, visit: Visit) -> Order | None:
        """Look at the page, product by product, and want the best if it beats staying away."""
        world = self.world
        stay_away = world.g("choice.epsilon", self.row, OUTSIDE) + self.wariness
        best: tuple[float, Product, Offer, Coupon | None] | None = None
        in_store = visit.store is not None
        is_seen = not in_store or world.stores.are_seen
        for rank, product in enumerate(world.shop.page(self, visit), start=1):
            product.count("n_shown", is_seen)
            chance = float(rank) ** -world.settings.platform.examination_decay
            if world.u("slate.examine", self.row, product.row) >= chance:
                continue
            product.count("n_examined", is_seen)
            worth, offer, coupon = self.best_way(visit, product)
            utility = (
                self.systematic(product, product.quality if in_store else product.quality_shown)
                + self.friends_add(product)
                + world.trends.adds(self, product)
                + world.g("choice.epsilon", self.row, product.row)
                - self.reserve(product)
                + worth
            )
            if utility - stay_away > -world.settings.choice.click_margin:
                product.count("n_clicked", is_seen)
            if utility > stay_away:
                product.count("n_carted", is_seen)
            if is_seen:
                world.insight.look(self, product, self._price(offer, coupon), utility - stay_away)
            if best is None or utility > best[0]:
                best = utility, product, offer, coupon
        if best is None or best[0] <= stay_away:
            return None
        utility, product, offer, coupon = best
        paid = self._price(offer, coupon)
        surplus = paid * math.expm1(min((utility - stay_away) / self.price_sensitivity, 20.0))
        expected = product.quality if in_store else product.quality_shown
        return Order(self, product, visit, offer, coupon, paid, round(surplus), expected, is_seen=is_seen)

    def best_way(self, visit: Visit, product: Product) -> tuple[float, Offer, Coupon | None]:
        """The way of buying that is worth most, the earlier one on a tie, and the coupon it would use."""
        offers = self.world.shop.offers(self, visit, product)
        alone = offers[0]
        worth_alone, coupon_alone = self._price_worth(product, alone)
        best = worth_alone, alone, coupon_alone
        for offer in offers[1:]:
            worth_if_bought, coupon = self._price_worth(product, offer)
            worth_if_lapsed = worth_alone - offer.lapse_cost
            worth = offer.chance * worth_if_bought + (1 - offer.chance) * worth_if_lapsed - offer.hassle
            if worth > best[0]:
                best = worth, offer, coupon
        return best

    def _price_worth(self, product: Product, offer: Offer) -> tuple[float, Coupon | None]:
        """u(price), with the best coupon taken off."""
        s = self.world.settings.choice
        coupon = self.world.shop.best_coupon(self, offer)
        dearer = math.log(self._price(offer, coupon) / product.list_fen)
        gain = math.log(self.reference[product.category]) - dearer
        weight = s.gain_weight if gain > 0 else s.gain_weight * s.loss_aversion
        return -self.price_sensitivity * dearer + weight * gain, coupon

    @staticmethod
    def _price(offer: Offer, coupon: Coupon | None) -> int:
        """What would be paid."""
        return offer.price_fen - offer.subsidy_fen - (coupon.takes_off(offer.price_fen) if coupon else 0)

    def systematic(self, product: Product, quality: float) -> float:
        """V without what friends add: what the product is worth at list price, apart from luck."""
        s = self.world.settings.choice
        match = sum(t * a for t, a in zip(self.taste, product.attributes, strict=True))
        return (
            s.appeal
            + s.quality_weight * (quality - self.world.settings.experience.standard)
            + s.taste_weight * match
            + s.loyalty_weight * self.loyalty[product.merchant]
            + s.trust_weight * (self.trust - s.trust_standard)
            + self.world.brand.adds(self, product.merchant)
        )

    def friends_add(self, product: Product) -> float:
        """What it adds to V that close friends bought the product last."""
        s = self.world.settings.choice
        buyers = sum(friend.last_product is product for friend in self.friends[: s.friends_seen])
        return s.friends_weight * min(buyers, s.friends_at_most)

    def reserve(self, product: Product) -> float:
        """How much more staying away is worth when the product is not needed."""
        s = self.world.settings.choice
        if product.category == self.open_need:
            return 0.0
        reserve = s.without_need
        if not self.is_member:
            reserve += s.prospect_reserve
        if self.home_stock[product.category] > 0:
            reserve += s.home_stock_reserve
        return reserve

    # Evening

    def live_through(self, order: Order) -> float:
        """The product arrives: satisfaction, trust, loyalty, reference price, perhaps a rating, perhaps home stock.

        Returns how much better it is than expected.
        """
        s, world, product = self.world.settings.experience, self.world, order.product
        noise = world.z("experience.quality", self.row, product.row)
        quality = min(max(product.quality + s.quality_noise * noise, 0.0), 1.0)
        if world.u("experience.defect", self.row, product.row) < s.defect:
            quality = 0.0
            self.lose_trust(order.id, s.defect_trust, TrustReason.DEFECT)
        surprise = 0.5 * (quality - s.standard) + 0.5 * (quality - order.expected)
        self.satisfaction = single(s.satisfaction_carry * self.satisfaction + (1 - s.satisfaction_carry) * surprise)
        self.loyalty = [
            single(s.loyalty_carry * x + (1 - s.loyalty_carry) * (m == product.merchant))
            for m, x in enumerate(self.loyalty)
        ]
        price = order.paid_fen / product.list_fen
        old = self.reference[product.category]
        self.reference[product.category] = single(s.reference_carry * old + (1 - s.reference_carry) * price)
        if order.is_seen and world.u("experience.rates", self.row, product.row) < s.rating:
            permille = round(1000 * quality)
            product.ratings += 1
            product.rating_sum_permille += permille
            world.write("ratings", cause=order.id, consumer=self.row, product=product.row, rating_permille=permille)
        self.last_product = product
        if not order.is_needed and world.u("need.home_stock", self.row, product.row) < world.settings.needs.home_stock:
            self.home_stock[product.category] += 1
        return quality - order.expected

    def lose_trust(self, cause: int, amount: float, reason: TrustReason) -> None:
        """At once, but not below 0."""
        self.shift_trust(cause, -amount, reason)

    def shift_trust(self, cause: int, amount: float, reason: TrustReason) -> None:
        """At once, kept between 0 and 1."""
        left = min(max(self.trust + amount, 0.0), 1.0)
        millionths = round((left - self.trust) * 1_000_000)
        self.trust = single(left)
        self.world.write("trust_shifts", cause=cause, consumer=self.row, reason=reason, amount_millionths=millionths)

    def perhaps_leave(self) -> None:
        """Attrition, flipped once for a need of today."""
        s = self.world.settings.needs
        if not (s.has_attrition and self.had_need_today and self.had_bought_before):
            return
        chance = 1 / (1 + math.exp(-(self.attrition_logit + s.satisfaction_effect * self.satisfaction)))
        if self.world.luck.uniform("need.attrition", ALWAYS, self.row, self.n_needs) < chance:
            self.is_dormant = True
            self.world.write("departures", consumer=self.row, outcome=Outcome.LEFT)

    def visit_of_need(self) -> Visit | None:
        """Its own visit in this wave, unless the need has been met."""
        if self.wave_of_need != self.world.wave or self.open_need is None:
            return None
        return Visit(Reason.NEED, category=self.open_need)
