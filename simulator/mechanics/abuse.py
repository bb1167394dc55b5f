"""Abuse (薅羊毛): people who buy to resell what the platform makes cheap, rings of them, and the detector against them.

Rings are accounts that one person runs, or people who act as one. What they do goes through the doors that are open to
everybody: they look for deals, and buy what a discount makes cheaper than its resale price; who opens a group calls
the ring to fill it (fake groups: nothing spreads); who opens a bargain has the ring cut (self-bargaining). For a ring
even registration pays, so its unused accounts join as if new people had been won. What is resold goes in part to people
who need it and then do not buy it here. Abusers have needs of their own besides, and buy for those like anybody.

The detector sees the platform's records only: how many deals each account has had lately, or how often it has met the
same others again, filling groups or cutting bargains with them (rings leave dense traces of their own: Akoglu, Tong &
Koutra 2015). Frequent honest buyers have many deals as well, and honest people buy with the same few friends, so it
raises false alarms (the base-rate problem: Axelsson 2000). Somebody is paid to look at each account that it flags, and
clears some of the honest ones. Who is not cleared buys alone and without coupons for a time, and trusts the platform
less. Who is an abuser is recorded for the measures; within the market only the ring and, in part, the reviewer know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from simulator.choice.experience import TrustReason
from simulator.choice.visits import Visits, browsing, called, nobody
from simulator.draws import ALWAYS, decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings
from simulator.records.events.codes import Origin, Reason, Way
from simulator.records.events.ids import count_within, id_consumer
from simulator.settings import quantity, share
from simulator.state.columns import Column
from simulator.state.tables import LiveTable
from simulator.trade.admit import ration
from simulator.trade.orders import Orders

if TYPE_CHECKING:
    from simulator.market import Market

RING = decision("abuse.ring")
COMES = decision("abuse.comes")
WAVE = decision("abuse.wave")
CATEGORY = decision("abuse.category")
PRIORITY = decision("abuse.priority")
CLEARED = decision("abuse.cleared")
SOLD_HERE = decision("abuse.sold_here")
BUYS = decision("abuse.buys")

BEYOND = np.iinfo(np.int64).max
"""Larger than the number of any pair."""
Rows = NDArray[np.intp]
Ids = NDArray[np.int64]


class AbuseSettings(MechanicSettings):
    """Abuse (薅羊毛), and the detector against it."""

    abusers: float = share(0.01, "share of accounts that abuse, a ring at a time")
    ring_size: int = quantity(5, "accounts in a ring", unit="consumers", ge=1, le=1000)
    activity: float = share(0.2, "probability that an abuser looks for deals on a day")
    resale: float = quantity(0.9, "resale price over list price", unit="share", gt=0, le=1)
    sold_here: float = share(0.5, "share of what is resold that meets the need of a consumer in reach")
    signal: Literal["deals", "meetings"] = quantity(
        "deals", "what the detector counts of an account: its deals, or how often it met others again"
    )
    flag_from: int | None = quantity(
        6, "count in a period from which an account is flagged; null: no detector", unit="times", ge=1, le=10_000
    )
    period_days: int = quantity(30, "days after which the count begins anew", unit="day", ge=1, le=365)
    review_fen: int = quantity(500, "cost of reviewing an account", unit="fen", ge=0, le=10_000_000)
    clears: float = share(0.5, "probability that a review clears an honest consumer")
    bar_days: int = quantity(90, "days for which an account is barred from deals", unit="day", ge=1, le=3650)
    bar_trust: float = quantity(0.1, "trust lost by being barred", unit="share", ge=0, le=1)

    @property
    def idle(self) -> tuple[str, ...]:
        """The settings that have no effect with these others."""
        detector = ("signal", "period_days", "review_fen", "clears", "bar_days", "bar_trust")
        return detector if self.flag_from is None else ()


class Abuse(Mechanic):
    """Lets abusers look for deals and help each other; counts what the detector sees, reviews and bars."""

    name = "abuse"
    reached_by = decision("abuse.reach")
    uses = frozenset({"attention"})
    carried = ("_calls", "_for_sale", "_met")

    def __init__(self, settings: AbuseSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings
        everybody = np.arange(market.columns.n)
        in_ring = market.draws.uniform(RING, ALWAYS, everybody // settings.ring_size) < settings.abusers
        self.is_abuser: NDArray[np.bool_] = in_ring & self.in_reach
        self.counted = market.columns.add(
            Column(
                "counted", self.name, np.int32, "deals, or meetings again, since the detector began to count", "times"
            )
        )
        self.barred_until = market.columns.add(
            Column("barred_until", self.name, np.int16, "last day of being barred from deals", "day", initial=-1)
        )
        self._for_sale = LiveTable({"order": np.int64, "category": np.int16})
        self._met = np.array([BEYOND])
        self._looking: Rows = everybody[:0]
        self._wave_of = everybody[:0]
        self._calls = nobody(everybody[:0])

    def open_day(self) -> None:
        """Sell second-hand; review who is flagged; decide who looks for deals today, and when."""
        self._resell()
        self._looking = self._looking[:0]
        if not self.is_open:
            return
        market, day = self.market, self.market.day - self.market.scenario.burn_in_days - self.from_day
        if day == 0:
            who = np.flatnonzero(self.is_abuser)
            market.log.append("abusers", len(who), day=market.day, consumer=who)
        if self.settings.flag_from is not None:
            self._review(self.settings.flag_from)
            if day % self.settings.period_days == 0:
                self.counted[:] = 0
                self._met = np.array([BEYOND])
        who = np.flatnonzero(self.is_abuser & (market.columns["joined_day"] >= 0))
        who = who[~self.bars(who)]
        self._looking = who[market.draws.uniform(COMES, market.day, who) < self.settings.activity]
        luck = market.draws.uniform(WAVE, market.day, self._looking)
        self._wave_of = (luck * market.scenario.waves_per_day).astype(np.intp)

    def _resell(self) -> None:
        """Meet today's needs of honest consumers second-hand, by lot, as far as there is something of the category."""
        if len(self._for_sale) == 0:
            return
        market, category = self.market, self.market.columns["open_need"]
        who = np.flatnonzero((category >= 0) & self.in_reach & ~self.is_abuser)
        who = who[np.argsort(market.draws.uniform(BUYS, market.day, who))]
        _, buyer, unit = np.intersect1d(
            _queue(category[who]), _queue(self._for_sale["category"]), assume_unique=True, return_indices=True
        )
        who, orders = who[buyer], self._for_sale["order"][unit]
        market.needs.met(who, category[who].astype(np.intp))
        market.log.append("resales", len(who), cause=orders, day=market.day, consumer=who)
        is_left = np.ones(len(self._for_sale), dtype=np.bool_)
        is_left[unit] = False
        self._for_sale.keep(is_left)

    def _review(self, flag_from: int) -> None:
        """Look at flagged accounts, as many as the budget pays by lot; clear some honest ones and bar the others."""
        market, s = self.market, self.settings
        who = np.flatnonzero(self.counted >= flag_from)
        cost = np.full(len(who), s.review_fen, dtype=np.int64)
        capacity = np.array([market.budget.remaining_fen])
        luck = market.draws.uniform(PRIORITY, market.day, who)
        is_paid = ration(np.zeros(len(who), dtype=np.intp), cost, capacity, luck)
        who, cost = who[is_paid], cost[is_paid]
        nothing = np.zeros(len(who), dtype=np.int64)
        market.checkout.spend(market.day, 0, Origin.ABUSE, nothing - 1, who, nothing - 1, nothing, cost)
        is_cleared = ~self.is_abuser[who] & (market.draws.uniform(CLEARED, market.day, who) < s.clears)
        market.log.append(
            "reviews", len(who), day=market.day, consumer=who, n_counted=self.counted[who], is_barred=~is_cleared
        )
        self.counted[who] = 0
        barred = who[~is_cleared]
        self.barred_until[barred] = market.day + s.bar_days - 1
        none = np.zeros(len(barred), dtype=np.int64)
        market.experience.shift_trust(market.day, 0, barred, -s.bar_trust, TrustReason.BARRED, none)

    def bars(self, consumers: Rows) -> NDArray[np.bool_]:
        """Which of these consumers may only buy alone, and without coupons, shape (n,)."""
        return np.asarray(self.barred_until[consumers] >= self.market.day)

    def visits(self) -> list[Visits]:
        """Abusers who look for deals, unless they shop for a need today; and those whom their ring calls to a group."""
        market = self.market
        who = self._looking[self._wave_of == market.wave] if len(self._looking) else self._looking
        who = who[market.columns["open_need"][who] < 0]
        luck = market.draws.uniform(CATEGORY, market.day, who)
        category = (luck * market.scenario.merchants.n_categories).astype(np.intp)
        calls, self._calls = self._calls, nobody(who[:0])
        return [browsing(who, category, Reason.ABUSE), calls]

    def open_wave(self, read: dict[str, NDArray[Any]]) -> None:
        """Take note of who has just cut whose bargain."""
        if self._counts("meetings"):
            cuts = self.market.log.today("cuts")
            now = cuts["wave"] == self.market.wave
            self._meet(id_consumer(cuts["bargain"][now]), cuts["consumer"][now])

    def bought(self, orders: Orders) -> None:
        """The ring is called to the groups and bargains that its members have just opened to resell."""
        market, opened = self.market, orders.id[orders.reason == Reason.ABUSE]
        if len(opened) == 0:
            return
        _, mate, product, group = self._mates("groups", opened)
        mate, first = np.unique(mate, return_index=True)
        self._calls = called(mate, product[first], group[first], group[first], Reason.ABUSE)
        opener, mate, product, bargain = self._mates("bargains", opened)
        market.invitations.hand(
            Origin.BARGAINING, market.day, market.tick, opener, mate, bargain, product, targets=bargain
        )

    def _mates(self, table: str, orders: Ids) -> tuple[Rows, Rows, Rows, Ids]:
        """For what these orders opened, and each other account of the ring: opener, that account, product, id."""
        made, size = self.market.log.today(table), self.settings.ring_size
        opener, product, ids = (made[name][np.isin(made["cause"], orders)] for name in ("consumer", "product", "id"))
        accounts = (opener // size * size)[:, None] + np.arange(size)
        row, seat = np.nonzero((accounts != opener[:, None]) & (accounts < len(self.is_abuser)))
        mate = accounts[row, seat]
        acts = self.is_abuser[mate] & ~self.bars(mate)
        row, mate = row[acts], mate[acts]
        return opener[row].astype(np.intp), mate, product[row].astype(np.intp), ids[row]

    def settled(self, orders: Orders) -> None:
        """Put up for sale what was bought to resell; count deals (orders paid below the offer price) or meetings."""
        market, products = self.market, self.market.products
        luck = market.draws.uniform(SOLD_HERE, market.day, orders.consumer, orders.product)
        sold = np.flatnonzero((orders.reason == Reason.ABUSE) & (luck < self.settings.sold_here))
        self._for_sale.append(len(sold), order=orders.id[sold], category=products.category[orders.product[sold]])
        if self._counts("deals"):
            is_deal = orders.paid_fen < products.offer_fen[orders.product]
            np.add.at(self.counted, orders.consumer[is_deal & self.in_reach[orders.consumer]], 1)
        elif self._counts("meetings"):
            self._meet(*_pairs_in_groups(orders))

    def _counts(self, signal: str) -> bool:
        """Whether the detector counts this today."""
        return self.is_open and self.settings.flag_from is not None and self.settings.signal == signal

    def _meet(self, one: Rows, other: Rows) -> None:
        """Count, for both, meetings of accounts in reach that have met before in the period, shape (n_meetings,)."""
        is_seen = self.in_reach[one] & self.in_reach[other]
        low, high = np.minimum(one, other), np.maximum(one, other)
        meetings: Ids = ((low.astype(np.int64) << 32) | high)[is_seen]
        pairs, times = np.unique(meetings, return_counts=True)
        place = np.searchsorted(self._met, pairs)
        is_first = self._met[place] != pairs
        for who in (pairs >> 32, pairs & 0xFFFFFFFF):
            np.add.at(self.counted, who, times - is_first)
        self._met = np.insert(self._met, place[is_first], pairs[is_first])


def _pairs_in_groups(orders: Orders) -> tuple[Rows, Rows]:
    """The pairs of consumers who filled a group together, of the groups filled by these orders.

    The ids of a group and of the order that opened it begin alike, so that sorted by id openers and groups agree.
    """
    joins, opens = orders.take(orders.way == Way.JOIN), orders.take(orders.way == Way.OPEN)
    if len(opens) == 0:
        return opens.consumer, opens.consumer
    openers = opens.consumer[np.argsort(opens.id)]
    joiners = joins.consumer[np.argsort(joins.target)].reshape(len(openers), -1)
    members = np.column_stack([openers, joiners])
    one, other = np.triu_indices(members.shape[1], 1)
    return members[:, one].ravel(), members[:, other].ravel()


def _queue(categories: NDArray[Any]) -> NDArray[np.int64]:
    """A number for each place in the queues of the categories, first come, first in line; shape of `categories`."""
    places: NDArray[np.int64] = (count_within(categories) << 16) | categories
    return places
