"""Seeding (KOC, KOL): the platform rewards a few well-chosen consumers for recommending a product to their friends.

A seed gets the product for nothing or at a discount, a fee, or both, and recommends what it would like best itself. The
platform pays: the fee to the seed, a gift at cost to its merchant's suppliers (a sample, on top of the stock), all as
subsidies against the one budget, so that a campaign has as many seeds as it can pay. A gift is no sale: it counts in no
measure of purchases, and a prospect who becomes a seed joins but is not an adopter until it buys. A discounted product
is a sale like any other: it is offered to those chosen, who are free to refuse, and only who buys it recommends it.

Whom to choose: anybody; those with most friends (Hinz, Skiera, Barrot & Becker 2011), most between others, with most
ties into other circles, or whose invitations have brought most orders before, whatever mechanic they were for (after
Aral & Walker 2012). The platform sees the network and its own records, and nothing else of anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from simulator.choice.visits import Looks, Visits, browsing, called, nobody
from simulator.draws import decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings
from simulator.records.events.codes import Kind, Origin, Reason, Way
from simulator.records.events.ids import id_consumer, id_kind
from simulator.settings import quantity, share
from simulator.social.centrality import betweenness, local_bridges
from simulator.state.columns import Column
from simulator.trade.orders import Orders
from simulator.trade.quote import Offer

if TYPE_CHECKING:
    from simulator.market import Market

PRIORITY = decision("seeding.priority")
CATEGORY = decision("seeding.category")
INVITES = decision("seeding.invites")

NONE = -1
Choice = Literal["random", "degree", "betweenness", "bridges", "learned"]


class SeedingSettings(MechanicSettings):
    """Seeding (KOC/KOL 种草)."""

    choose: Choice = quantity("degree", "whom the platform chooses as seeds")
    seed_fraction: float = share(0.01, "share of the consumers in reach who become seeds in a round at most")
    every_days: int = quantity(30, "days between two rounds", unit="day", ge=1, le=365)
    product: Literal["gift", "discount", "none"] = quantity("gift", "how a seed comes by the product it recommends")
    discount: float = quantity(
        0.5, "price cut for those chosen if product is discount, paid by the platform", unit="share", gt=0, lt=1
    )
    fee_fen: int = quantity(1000, "fee of a seed", unit="fen", ge=0, le=10_000_000)
    invitations: int = quantity(50, "friends a seed recommends it to at most", unit="consumers", ge=0, le=1000)

    @property
    def idle(self) -> tuple[str, ...]:
        """The settings that have no effect with these others."""
        return () if self.product == "discount" else ("discount",)


class Seeding(Mechanic):
    """Chooses seeds, rewards them, lets them recommend."""

    name = "seeding"
    reached_by = decision("seeding.reach")
    uses = frozenset({"invitations", "attention"})

    def __init__(self, settings: SeedingSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings
        self.orders_brought = market.columns.add(
            Column("orders_brought", self.name, np.int32, "orders that one's invitations have brought", "orders")
        )
        self._standing: NDArray[Any] | None = None
        self._offered: NDArray[np.intp] | None = None
        self._called = nobody(np.arange(0))

    def open_day(self) -> None:
        """Hold a round on the first day and every `every_days` after it."""
        self._offered = None
        if not self.is_open or (self.market.campaign_day - self.from_day) % self.settings.every_days:
            return
        who, product = self._matched(self._chosen())
        if self.settings.product == "discount":
            self._offered = np.full(self.market.columns.n, NONE)
            self._offered[who] = product
            self._called = called(who, product, 0, np.zeros(len(who), dtype=np.int64), Reason.SEEDING)
        else:
            cost = self.market.products.cost_fen[product] * (self.settings.product == "gift")
            self._reward(0, who, product, cost, np.zeros(len(who), dtype=np.int64))

    def visits(self) -> list[Visits]:
        """Those chosen look at the product that they can have at a discount."""
        chosen, self._called = self._called, nobody(self._called.consumer[:0])
        return [chosen]

    def offers(self, visits: Visits, looks: Looks) -> list[Offer]:
        """The discount, on the day of the round, as far as the platform can pay it."""
        if self._offered is None:
            return []
        price_fen = self.market.products.offer_fen
        subsidy_fen = np.rint(self.settings.discount * price_fen).astype(np.int64)
        is_payable = subsidy_fen[looks.product] <= self.market.budget.remaining_fen
        at = np.flatnonzero((self._offered[looks.consumer] == looks.product) & is_payable)
        product = looks.product[at]
        return [
            Offer(
                way=Way.ALONE,
                at=at,
                price_fen=price_fen[product],
                subsidy_fen=subsidy_fen[product],
                takes_coupons=False,
            )
        ]

    def _chosen(self) -> NDArray[np.intp]:
        """The consumers to be seeds, the first choice first; those who stand alike by lot."""
        market, score = self.market, self._score()
        who = np.flatnonzero(self.in_reach)
        n_seeds = int(self.settings.seed_fraction * len(who))
        if n_seeds == 0:
            return np.asarray(who[:0])
        last = len(who) - n_seeds
        who = who[score[who] >= np.partition(score[who], last)[last]]  # no others come into question
        best_first = np.lexsort((market.draws.uniform(PRIORITY, market.day, who), -score[who]))
        return np.asarray(who[best_first[:n_seeds]])

    def _score(self) -> NDArray[Any]:
        """How much the platform wants each consumer as a seed, shape (n_consumers,)."""
        if self.settings.choose == "learned":
            return self.orders_brought
        if self._standing is None:
            self._standing = self._stand()
        return self._standing

    def _stand(self) -> NDArray[Any]:
        """How each consumer stands in the network, which does not change; shape (n_consumers,)."""
        market = self.market
        match self.settings.choose:
            case "degree":
                return market.network.degrees
            case "betweenness":
                return betweenness(market.network, market.draws)
            case "bridges":
                return local_bridges(market.network)
        return np.zeros(market.columns.n)

    def _matched(self, who: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Those who find a product on the page of a category drawn by lot, and the one that each likes best."""
        market = self.market
        luck = market.draws.uniform(CATEGORY, market.day, who)
        category = (luck * market.scenario.merchants.n_categories).astype(np.intp)
        pages = market.slates.pages(browsing(who, category, Reason.NEED))
        rows = np.repeat(who, pages.shape[1])
        worth = market.utility.systematic(rows, np.maximum(pages, 0).ravel(), market.quality_above_standard)
        best = np.where(pages >= 0, worth.reshape(pages.shape), -np.inf).argmax(axis=1)
        product = pages[np.arange(len(who)), best]
        return who[product >= 0], product[product >= 0]

    def _reward(
        self,
        wave: int,
        who: NDArray[np.intp],
        product: NDArray[np.intp],
        cost: NDArray[np.int64],
        orders: NDArray[np.int64],
    ) -> None:
        """Pay the seeds, as many as the budget covers, in this order; the prospects among them join; all recommend.

        Args:
            wave: When.
            who: The seeds, shape (n,), as are the others.
            product: What they recommend.
            cost: What a gift costs.
            orders: Their orders of it; 0 for none.
        """
        market = self.market
        fee = np.full(len(who), self.settings.fee_fen, dtype=np.int64)
        is_paid = np.cumsum(fee + cost) <= market.budget.remaining_fen
        who, product, cost, orders, fee = who[is_paid], product[is_paid], cost[is_paid], orders[is_paid], fee[is_paid]
        market.checkout.spend(market.day, wave, Origin.SEEDING, np.full(len(who), NONE), who, product, fee, cost)
        market.joining.accept(market.day, wave, who, orders)
        market.invitations.send(
            INVITES,
            Origin.SEEDING,
            market.day,
            wave,
            market.day * market.scenario.waves_per_day + wave,
            inviters=who,
            p_invite=market.columns["sociability"][who].astype(np.float64),
            at_most=self.settings.invitations,
            causes=orders,
            products=product,
            targets=np.zeros(len(who), dtype=np.int64),
            may_receive=lambda friends: self.in_reach[friends],
        )

    def bought(self, orders: Orders) -> None:
        """Who bought at the discount is a seed; note whose invitations brought these orders."""
        if self._offered is not None:
            is_seed = (self._offered[orders.consumer] == orders.product) & (orders.way == Way.ALONE)
            seeds = orders.take(is_seed & (orders.subsidy_fen > 0))
            self._offered[seeds.consumer] = NONE
            self._reward(self.market.wave, seeds.consumer, seeds.product, np.zeros_like(seeds.id), seeds.id)
        is_brought = id_kind(orders.cause) == Kind.INVITATION
        np.add.at(self.orders_brought, id_consumer(orders.cause[is_brought]), 1)
