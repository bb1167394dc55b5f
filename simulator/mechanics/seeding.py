"""Seeding (KOC, KOL): the platform rewards a few well-chosen consumers for recommending a product to their friends.

A seed is given the product, a fee, or both, and recommends what it would like best itself. The platform pays: the fee
to the seed, the product at cost to its merchant's suppliers (a sample, on top of the stock), both as subsidies against
the one budget, so that a campaign has as many seeds as it can pay. A gift is no sale: it counts in no measure of
purchases, and a prospect who becomes a seed joins but is not an adopter until it buys.

Whom to choose: anybody; those with most friends (Hinz, Skiera, Barrot & Becker 2011), most between others, with most
ties into other circles, or whose invitations have brought most orders before, whatever mechanic they were for (after
Aral & Walker 2012). The platform sees the network and its own records, and nothing else of anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from simulator.choice.visits import browsing
from simulator.draws import decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings
from simulator.records.events import Kind, Origin, Reason, id_consumer, id_kind
from simulator.settings import quantity, share
from simulator.social.centrality import betweenness, local_bridges
from simulator.state.columns import Column
from simulator.trade.orders import Orders

if TYPE_CHECKING:
    from simulator.market import Market

PRIORITY = decision("seeding.priority")
CATEGORY = decision("seeding.category")
INVITES = decision("seeding.invites")

Choice = Literal["random", "degree", "betweenness", "bridges", "learned"]


class SeedingSettings(MechanicSettings):
    """Seeding (KOC/KOL 种草)."""

    choose: Choice = quantity("degree", "whom the platform chooses as seeds")
    seed_fraction: float = share(0.01, "share of the consumers in reach who become seeds in a round at most")
    every_days: int = quantity(30, "days between two rounds", unit="day", ge=1, le=365)
    gives_product: bool = quantity(True, "whether a seed gets the product for nothing")
    fee_fen: int = quantity(1000, "fee of a seed", unit="fen", ge=0, le=10_000_000)
    invitations: int = quantity(50, "friends a seed recommends it to at most", unit="consumers", ge=0, le=1000)


class Seeding(Mechanic):
    """Chooses seeds, rewards them, lets them recommend."""

    name = "seeding"
    reached_by = decision("seeding.reach")

    def __init__(self, settings: SeedingSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings
        self.orders_brought = market.columns.add(
            Column("orders_brought", self.name, np.int32, "orders that one's invitations have brought", "orders")
        )
        self._standing: NDArray[Any] | None = None

    def open_day(self) -> None:
        """Hold a round on the first day and every `every_days` after it."""
        market, s = self.market, self.settings
        if not self.is_open or (market.campaign_day - self.from_day) % s.every_days:
            return
        who, product = self._matched(self._chosen())
        fee = np.full(len(who), s.fee_fen, dtype=np.int64)
        cost = market.products.cost_fen[product] * s.gives_product
        is_paid = np.cumsum(fee + cost) <= market.budget.remaining_fen
        self._reward(who[is_paid], product[is_paid], fee[is_paid], cost[is_paid])

    def _chosen(self) -> NDArray[np.intp]:
        """The consumers to be seeds, the first choice first; those who stand alike by lot."""
        market = self.market
        who = np.flatnonzero(self.in_reach)
        lot = market.draws.uniform(PRIORITY, market.day, who)
        best_first = np.lexsort((lot, -self._score()[who]))
        return np.asarray(who[best_first[: int(self.settings.seed_fraction * len(who))]])

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
        self, who: NDArray[np.intp], product: NDArray[np.intp], fee: NDArray[np.int64], cost: NDArray[np.int64]
    ) -> None:
        """Pay the seeds; the prospects among them join; all recommend."""
        market, nothing = self.market, np.zeros(len(who), dtype=np.int64)
        by_platform = np.full(len(who), -1)
        market.checkout.spend(market.day, 0, Origin.SEEDING, by_platform, who, product, fee, cost)
        market.joining.accept(market.day, 0, who, nothing)
        market.invitations.send(
            INVITES,
            Origin.SEEDING,
            market.day,
            0,
            market.day * market.scenario.waves_per_day,
            inviters=who,
            p_invite=market.columns["sociability"][who].astype(np.float64),
            at_most=self.settings.invitations,
            causes=nothing,
            products=product,
            targets=nothing,
            may_receive=lambda friends: self.in_reach[friends],
        )

    def bought(self, orders: Orders) -> None:
        """Note whose invitations brought these orders."""
        is_brought = id_kind(orders.cause) == Kind.INVITATION
        np.add.at(self.orders_brought, id_consumer(orders.cause[is_brought]), 1)
