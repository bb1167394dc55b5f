"""The oracle's market: the same rules as the engine's, told again with one plain Mesa agent per consumer.

Written from `simulator/README.md`, for comparison with the engine, event by event; see `test_oracle.py`.
"""

from __future__ import annotations

import mesa

from simulator import Market, Scenario
from simulator.mechanics.mechanic import MechanicSettings
from simulator.records.events.codes import Reason
from tests.oracle.bargains import Bargains
from tests.oracle.brand import Brand
from tests.oracle.capability import Capability
from tests.oracle.checkout import Checkout
from tests.oracle.consumer import Consumer
from tests.oracle.couponing import Couponing
from tests.oracle.evaluation import EVERY_DAYS, evaluation
from tests.oracle.groups import Groups
from tests.oracle.insight import Insight
from tests.oracle.invitations import Invitations
from tests.oracle.luck import Luck
from tests.oracle.pages import Pages
from tests.oracle.pricing import Pricing
from tests.oracle.privacy import Privacy
from tests.oracle.records import Invitation, Order, Product, Records, Row, Visit
from tests.oracle.referral import Referral
from tests.oracle.returns import Returns
from tests.oracle.service import Service
from tests.oracle.shelves import Shelves, Stocking
from tests.oracle.shop import Shop
from tests.oracle.stores import Stores
from tests.oracle.talk import Talk
from tests.oracle.trends import Trends
from tests.oracle.wallets import BlanketCoupons, Reminders, Wallets
from tests.oracle.workshop import Workshop

DAYS_OF_WEEK = 7
WEEKEND = (5, 6)


class Merchant(mesa.Agent):
    """A merchant, who earns."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.balance_fen = 0


class World(mesa.Model):
    """A market. Its people, network and products are those of a market of the engine that has not started yet."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        super().__init__(rng=seed)
        built = Market(scenario, rng=seed)
        self.settings = built.scenario
        self.luck = Luck(seed)
        self.records = Records()
        self.write = self.records.write
        self.day = self.wave = 0
        self.consumers = [Consumer(self, row, built.columns) for row in range(built.columns.n)]
        for consumer in self.consumers:
            consumer.friends = [self.consumers[friend] for friend in built.network.friends_of(consumer.row)]
        self.needing: list[Consumer] = []
        self.merchants = [Merchant(self) for _ in range(self.settings.merchants.n_merchants)]
        self.products = [Product.of(built.products, row) for row in range(len(built.products))]
        self.shop = Shop(self)
        self.shelves = Shelves(self)
        self.stocking = Stocking(self)
        self.capability = Capability(self)
        self.workshop = Workshop(self)
        self.privacy = Privacy(self)
        self.insight = Insight(self)
        self.pricing = Pricing(self)
        self.pages = Pages(self)
        self.couponing = Couponing(self)
        self.checkout = Checkout(self)
        self.wallets = Wallets(self)
        self.reminders = Reminders(self)
        self.invitations = Invitations(self)
        self.groups = Groups(self)
        self.bargains = Bargains(self)
        self.referral = Referral(self)
        self.talk = Talk(self)
        self.returns = Returns(self)
        self.trends = Trends(self)
        self.stores = Stores(self)
        self.service = Service(self)
        self.brand = Brand(self)
        self.blanket_coupons = BlanketCoupons(self)

    # Luck and time

    def u(self, decision: str, who: int, what: int = 0) -> float:
        """Today's uniform draw."""
        return self.luck.uniform(decision, self.day, who, what)

    def g(self, decision: str, who: int, what: int = 0) -> float:
        """Today's standard Gumbel draw."""
        return self.luck.gumbel(decision, self.day, who, what)

    def z(self, decision: str, who: int, what: int = 0) -> float:
        """Today's standard normal draw."""
        return self.luck.normal(decision, self.day, who, what)

    @property
    def tick(self) -> int:
        return self.day * self.settings.waves_per_day + self.wave

    @property
    def campaign_day(self) -> int:
        """Days since the campaign began; -1 outside it."""
        is_campaign = self.settings.burn_in_days <= self.day < self.settings.campaign_end
        return self.day - self.settings.burn_in_days if is_campaign else -1

    @property
    def is_last_day(self) -> bool:
        return self.day == self.settings.days - 1

    def is_open(self, mechanic: MechanicSettings) -> bool:
        """Whether a mechanic may start new things today."""
        return mechanic.enabled and self.campaign_day >= mechanic.from_day

    # The day

    def step(self) -> None:
        self.records.open_day(self.day)
        self.wave = 0
        self.morning()
        self.join()
        self.need()
        self.returns.open_day()
        self.trends.open_day()
        self.brand.open_day()
        self.groups.open_day()
        self.bargains.open_day()
        self.blanket_coupons.open_day()
        self.stores.open_day()
        self.service.open_day()
        self.reminders.open_day()
        for wave in range(self.settings.waves_per_day):
            self.wave = self.records.wave = wave
            self.run_wave()
        self.evening()
        self.day += 1

    def morning(self) -> None:
        self.wallets.expire()
        self.shelves.open_day()
        self.workshop.open_day()
        self.insight.open_day()
        self.capability.open_day()
        self.privacy.open_day()
        self.shop.open_day()
        self.pricing.open_day()
        self.stocking.open_day()
        self.workshop.order()
        self.pages.open_day()
        self.couponing.open_day()
        self.checkout.settled_today = []
        for consumer in self.consumers:
            consumer.attention_used = 0

    def join(self) -> None:
        """Prospects who join by themselves, all by what was yesterday."""
        prospects = [c for c in self.consumers if not c.is_member]
        joining = [c for c in prospects if self.u("joining.spontaneous", c.row) < c.chance_to_join()]
        for consumer in joining:
            consumer.joined_day = self.day
            self.write("joins", consumer=consumer.row)

    def need(self) -> None:
        for consumer in self.consumers:
            consumer.retry_or_forget()
        season = self.season()
        for consumer in self.consumers:
            consumer.need_something(season)
        self.needing = [consumer for consumer in self.consumers if consumer.wave_of_need >= 0]

    def season(self) -> float:
        """Today's need rate relative to the mean: weekends and festivals."""
        s = self.settings.needs
        season = DAYS_OF_WEEK / (5 + 2 * s.weekend_factor)
        if self.day % DAYS_OF_WEEK in WEEKEND:
            season *= s.weekend_factor
        if self.day in s.festival_days:
            season *= s.festival_factor
        return season

    def run_wave(self) -> None:
        self.checkout.open_wave()
        self.shelves.open_wave()
        read = self.invitations.deliver()
        self.groups.open_wave()
        self.bargains.open_wave(read)
        self.referral.welcome(read)
        self.talk.hear(read)
        self.blanket_coupons.open_wave(read)
        self.checkout.open_doors()
        lost_seats = {order.consumer: order for order in self.groups.lost_seats}
        wanted: list[Order] = []
        for consumer in {*self.needing, *self.reminders.reminded, *self.trends.drawn, *read, *lost_seats}:
            visit = self.visit(consumer, read.get(consumer), lost_seats.get(consumer))
            order = consumer.choose(visit) if visit else None
            if order:
                wanted.append(order)
        orders = self.checkout.take(wanted)
        self.pricing.find_out(orders)
        self.groups.bought(orders)
        self.bargains.begin(orders)
        self.stores.close_wave(orders)
        self.referral.settled(self.checkout.settled_in_wave)

    def visit(self, consumer: Consumer, invitation: Invitation | None, lost: Order | None) -> Visit | None:
        """All reasons to come in this wave, as one visit: a lost seat before an invitation before browsing."""
        reminded = self.reminders.visit(consumer)
        if in_store := self.stores.visit(consumer):
            return in_store
        browsing = consumer.visit_of_need() or self.trends.visit(consumer) or reminded
        category = browsing.category if browsing else None
        if lost:
            why = lost.visit.behind(lost.product)
            return Visit(Reason.LATECOMER, why.cause, category, called_to=lost.product, browsing=browsing)
        if invitation and invitation.tone >= 0:
            product, group = invitation.product, invitation.target
            reason = Reason.WORD_OF_MOUTH if invitation.tone > 0 else Reason.INVITATION
            return Visit(reason, invitation.id, category, product, group, browsing=browsing)
        return browsing

    def evening(self) -> None:
        lived = [(order, order.consumer.live_through(order)) for order in self.checkout.settled_today]
        self.returns.evening(lived)
        self.service.evening(lived)
        self.talk.evening(lived)
        for consumer in self.consumers:
            consumer.perhaps_leave()
        self.shelves.close_day()
        self.insight.close_day()
        self.shop.close_day()
        if self.insight.collection != "none" and (self.day % EVERY_DAYS == EVERY_DAYS - 1 or self.is_last_day):
            self.write("insights", consumer=-1, **evaluation(self.insight))
        if self.is_last_day:
            self.invitations.close_run()

    def run(self) -> World:
        """Simulate all days."""
        while self.day < self.settings.days:
            self.step()
        return self


def run(scenario: Scenario, seed: int) -> dict[str, list[Row]]:
    """Simulate all days of a market; returns its event tables, each a list of rows."""
    return World(scenario, seed).run().records.tables
