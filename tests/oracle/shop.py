"""The shop window: prices of the day, the page, the ways of buying, and what a coupon takes off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.records.events import Way
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Coupon, Offer, Product, Visit

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World


class Shop:
    """What shoppers see."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.products = world.products

    def open_day(self) -> None:
        """Restock, price, and fix the quality shown."""
        world, s = self.world, self.world.settings
        for product in self.products:
            if s.merchants.stock_units is not None and world.day % s.merchants.restock_days == 0:
                product.stock = max(product.stock, s.merchants.stock_units)
            product.offer_fen = self._offer_fen(product)
            stars = product.rating_sum_permille / 1000 + s.experience.prior_ratings * s.experience.standard
            product.quality_shown = stars / (product.ratings + s.experience.prior_ratings)
            product.today = {}

    def _offer_fen(self, product: Product) -> int:
        """The list price, lower while the merchant's promotion lasts."""
        world, s = self.world, self.world.settings.policies.pricing
        calendar, merchant = s.promotion_calendar, product.merchant
        if s.kind == "fixed" or world.campaign_day < 0:
            return product.list_fen
        if world.luck.uniform("pricing.follows_calendar", ALWAYS, merchant) >= calendar.reach:
            return product.list_fen
        offset = int(world.luck.uniform("pricing.calendar_offset", ALWAYS, merchant) * calendar.period_days)
        if (world.campaign_day + offset) % calendar.period_days >= calendar.length_days:
            return product.list_fen
        return max(round(product.list_fen * (1 - calendar.discount)), 1)

    def page(self, shopper: Consumer, visit: Visit) -> list[Product]:
        """The products shown, best first; what the shopper is called to stands on top."""
        size = self.world.settings.platform.slate_size
        page: list[Product] = []
        if visit.category is not None:
            candidates = [p for p in self.products if p.category == visit.category]
            page = sorted(candidates, key=lambda p: self._score(shopper, p), reverse=True)[:size]
        if visit.called_to is not None:
            page = [visit.called_to, *(p for p in page if p is not visit.called_to)][:size]
        return page

    def _score(self, shopper: Consumer, product: Product) -> tuple[float, float]:
        world = self.world
        kind = world.settings.policies.recommendation.kind
        # The burn-in is the same in all arms, so a recommendation policy starts after it.
        if kind == "random" or world.day < world.settings.burn_in_days:
            return world.u("recommendation.random", shopper.row, product.row), 0.0
        if kind == "popular":
            return self._units_seen(product), world.u("recommendation.tie", product.row)
        return shopper.systematic(product, product.quality), 0.0

    def _units_seen(self, product: Product) -> int:
        """Units ordered in the sales window, as old as policies may see."""
        s = self.world.settings.platform
        newest = self.world.day - s.reaction_days
        return sum(product.units_by_day.get(newest - age, 0) for age in range(s.sales_window_days))

    def offers(self, shopper: Consumer, visit: Visit, product: Product) -> list[Offer]:
        """All ways of buying the product now: alone, open, join, bargain."""
        alone = Offer(Way.ALONE, product.offer_fen)
        grouped = self.world.groups.offers(shopper, visit, product)
        return [alone, *grouped, *self.world.bargains.offers(shopper, product)]

    def best_coupon(self, shopper: Consumer, offer: Offer) -> Coupon | None:
        """The held coupon that takes most off this offer, the first slot on a tie."""
        if not offer.takes_coupons or not self.world.checkout.shows_coupons:
            return None
        usable = [c for c in shopper.held if c.takes_off(offer.price_fen) > 0]
        return max(usable, key=lambda c: c.takes_off(offer.price_fen), default=None)

    def close_day(self) -> None:
        """Count what was shown, clicked and ordered today."""
        for product in self.products:
            product.units_by_day[self.world.day] = product.today.get("n_ordered", 0)
            self.world.write("exposures", consumer=-1, product=product.row, **product.today)
