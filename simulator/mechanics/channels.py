"""Channels (渠道): stores beside the app, and whether both know of each other (全渠道) or not.

Merchants have stores in some of the regions that consumers live in. An own need may lead to one instead of to the app,
the more likely the nearer it is. There is only what its merchant sells, but it can be seen and touched: its true
quality is known before buying, whatever the ratings say, and that it fits; so less of it disappoints, and less comes
back (offline showrooms: Bell, Gallino & Moreno 2018). Nothing is sent, but rent is due, whether anybody comes or not.

With one history what happens in a store is as if it happened in the app: it is in the records of who consents, counts
for pages, prices and coupons, pays the fee, and coupons and groups are open to who stands in the store. In silos the
platform sees nothing of it, and nothing of the platform's is to be had there. Social and content channels are the
mechanics that bring shoppers to the app (invitations, word of mouth, content); the log tells which channel an order
came through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from simulator.choice.visits import NONE, Visits, in_stores, nobody
from simulator.draws import ALWAYS, decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings
from simulator.records.events.codes import Origin
from simulator.settings import quantity, share
from simulator.state.columns import Column
from simulator.trade.orders import Orders

if TYPE_CHECKING:
    from simulator.market import Market

REGION = decision("channels.region")
NEARNESS = decision("channels.nearness")
HAS_STORE = decision("channels.has_store")
GOES = decision("channels.goes")
STORE = decision("channels.store")

Ints = NDArray[np.intp]


class ChannelSettings(MechanicSettings):
    """Stores (门店) in regions, and how far they and the app are one."""

    history: Literal["one", "silos"] = quantity(
        "one", "whether the platform sees what happens in stores, and what it offers is to be had there"
    )
    n_regions: int = quantity(4, "regions that consumers live in", ge=1, le=1000)
    stores: float = share(0.3, "probability that a merchant has a store in a region")
    lure: float = quantity(
        0.0, "log odds that a need leads who lives next door to a store, where one has the category", ge=-20, le=20
    )
    trip: float = quantity(3.0, "what the trip takes off these log odds from the far end of the region", ge=0, le=40)
    rent_fen: int = quantity(
        150, "rent of a store per day and 1,000 consumers in reach in its region", unit="fen", ge=0, le=1_000_000
    )
    take_rate: float = share(0.03, "platform fee in stores under one history, as a share of receipts; in silos none")

    @property
    def idle(self) -> tuple[str, ...]:
        """The settings that have no effect with these others."""
        return ("take_rate",) if self.history == "silos" else ()


class Channels(Mechanic):
    """Opens stores, pays for them, and lets needs lead to them."""

    name = "channels"
    reached_by = decision("channels.reach")
    uses = frozenset()

    def __init__(self, settings: ChannelSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings
        everybody, draws = np.arange(market.columns.n), market.draws
        region = (draws.uniform(REGION, ALWAYS, everybody) * settings.n_regions).astype(np.intp)
        self.region = market.columns.add(Column("region", self.name, np.int16, "the region lived in"), region)
        self.nearness = market.columns.add(
            Column("nearness", self.name, np.float32, "nearness to the stores of the region, 1 next door", "share"),
            draws.uniform(NEARNESS, ALWAYS, everybody),
        )
        self.hidden_orders = market.columns.add(
            Column("hidden_orders", self.name, np.int32, "settled orders that the platform has not seen", "orders")
        )
        merchants, regions = np.arange(market.scenario.merchants.n_merchants), np.arange(settings.n_regions)
        luck = draws.uniform(HAS_STORE, ALWAYS, merchants[:, None], regions[None, :])
        self.has_store: NDArray[np.bool_] = luck < settings.stores
        is_one = settings.history == "one"
        market.chooser.watches_stores = is_one
        market.checkout.store_take_rate = settings.take_rate if is_one else 0.0
        market.checkout.store_saves_fen = market.scenario.merchants.fulfilment_fen
        self._here = nobody(everybody[:0])

    def open_day(self) -> None:
        """Merchants pay the rent of their stores."""
        if not (self.is_open and self.in_reach.any()):
            return
        market = self.market
        n_around = np.bincount(self.region[self.in_reach], minlength=self.settings.n_regions)
        rent = np.rint(self.settings.rent_fen * n_around / 1000).astype(np.int64)
        merchant = np.flatnonzero(self.has_store.any(axis=1))
        cost = (self.has_store[merchant] * rent).sum(axis=1)
        nobody_paid = np.full(len(merchant), NONE)
        market.checkout.spend(
            market.day, 0, Origin.STORES, merchant, nobody_paid, nobody_paid, np.zeros_like(cost), cost
        )

    def visits(self) -> list[Visits]:
        """Those whose need leads them to a store in this wave."""
        market, s = self.market, self.settings
        who = market.needs.shoppers(market.wave)
        who = who[self.in_reach[who] & self.is_open]
        p_goes = expit(s.lure - s.trip * (1 - self.nearness[who].astype(np.float64)))
        who = who[market.draws.uniform(GOES, market.day, who) < p_goes]
        category = market.columns["open_need"][who].astype(np.intp)
        store = self._store_for(who, category)
        finds = store != NONE
        self._here = in_stores(who[finds], category[finds], store[finds])
        return [self._here]

    def _store_for(self, who: Ints, category: Ints) -> Ints:
        """The store each goes to, of those in the region that have the category: a logit in loyalty; -1 for none."""
        market, products = self.market, self.market.products
        sells = np.zeros((len(self.has_store), market.scenario.merchants.n_categories), dtype=np.bool_)
        sells[products.merchant, products.category] = True
        is_there = self.has_store[:, self.region[who]].T & sells[:, category].T
        draw = market.draws.gumbel(STORE, market.day, who[:, None], np.arange(len(sells))[None, :])
        loyalty = market.columns["loyalty"][who].astype(np.float64)
        score = np.where(is_there, market.scenario.choice.loyalty_weight * loyalty + draw, -np.inf)
        return np.where(is_there.any(axis=1), score.argmax(axis=1), NONE)

    def bars(self, consumers: Ints) -> NDArray[np.bool_] | None:
        """In silos: who is in a store, where there are neither coupons nor groups."""
        if self.settings.history == "one" or len(self._here) == 0:
            return None
        return np.isin(consumers, self._here.consumer)

    def bought(self, orders: Orders) -> None:
        """Write down who was in which store, and what was bought there."""
        market, here, in_store = self.market, self._here, orders.store != NONE
        order = np.zeros(len(here), dtype=np.int64)
        order[np.searchsorted(here.consumer, orders.consumer[in_store])] = orders.id[in_store]
        np.add.at(self.hidden_orders, orders.consumer[~orders.is_seen], 1)
        market.log.append(
            "store_visits",
            len(here),
            day=market.day,
            wave=market.wave,
            consumer=here.consumer,
            merchant=here.store,
            region=self.region[here.consumer],
            category=here.category,
            order=order,
        )
