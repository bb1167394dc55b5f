"""The shop window: the page, the ways of buying, and what a coupon takes off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.records.events.codes import Way
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
        """Fix the quality shown."""
        s = self.world.settings
        for product in self.products:
            stars = product.rating_sum_permille / 1000 + s.experience.prior_ratings * s.experience.standard
            product.quality_shown = stars / (product.ratings + s.experience.prior_ratings)
            product.today = {}

    def page(self, shopper: Consumer, visit: Visit) -> list[Product]:
        """The products shown, best first; what the shopper is called to stands on top."""
        if visit.store is not None:
            return self.world.stores.page(visit)
        size = self.world.settings.platform.slate_size
        page: list[Product] = []
        if visit.category is not None:
            candidates = [p for p in self.products if p.category == visit.category]
            page = sorted(candidates, key=lambda p: self.world.pages.score(shopper, p), reverse=True)[:size]
        if visit.called_to is not None:
            page = [visit.called_to, *(p for p in page if p is not visit.called_to)][:size]
        return page

    def offers(self, shopper: Consumer, visit: Visit, product: Product) -> list[Offer]:
        """All ways of buying the product now: alone, open, join, bargain."""
        in_store, stores = visit.store is not None, self.world.stores
        price = product.offer_fen if in_store else self.world.pricing.alone_fen(shopper, product)
        if in_store and not stores.are_seen:
            return [Offer(Way.ALONE, price, takes_coupons=False)]
        alone = Offer(Way.ALONE, price)
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
            self.world.write("exposures", consumer=-1, product=product.row, **product.today)
