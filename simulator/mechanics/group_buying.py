"""Group buying (拼团): buy at a lower price if enough others join before a deadline.

The opener pays and invites friends; friends and strangers join until the group is full, or it lapses and everybody
gets back exactly what they paid. Shoppers weigh the lower price against the chance that the group does not fill.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.choice.visits import Looks, Visits, called, nobody
from simulator.draws import ALWAYS, decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings
from simulator.mechanics.sight import NONE, joinable, show
from simulator.mechanics.tipping import Tipping
from simulator.records.events.codes import Kind, Origin, Outcome, Reason, Way
from simulator.records.events.ids import count_within
from simulator.settings import quantity, share
from simulator.state.columns import Column
from simulator.state.tables import LiveTable, Pool
from simulator.trade.admit import ration
from simulator.trade.orders import Orders, Wants, nothing
from simulator.trade.quote import Offer

if TYPE_CHECKING:
    from simulator.market import Market

HASSLE = decision("group_buying.hassle")
INVITES = decision("group_buying.invites")


class GroupBuyingSettings(MechanicSettings):
    """Group buying (拼团)."""

    size: int = quantity(3, "members a group needs", unit="consumers", ge=2, le=100)
    discount: float = quantity(0.2, "price cut of the group price, borne by the merchant", unit="share", ge=0, lt=1)
    deadline_days: int = quantity(1, "life of a group", unit="day", ge=1, le=14)
    cell_size: int = quantity(10_000, "consumers who can see each other's groups", unit="consumers", ge=2)
    open_cost: float = quantity(0.3, "mean utility cost of opening a group", source="trial", ge=-10, le=10)
    join_cost: float = quantity(0.0, "mean utility cost of joining a group", source="trial", ge=-10, le=10)
    cost_sd: float = quantity(0.5, "standard deviation of both over consumers", source="trial", ge=0, le=10)
    lapse_cost: float = quantity(0.5, "utility cost of a group that lapses", source="trial", ge=0, le=10)
    friend_bonus: float = quantity(0.7, "utility of a friend's invitation", source="trial", ge=0, le=10)
    invitations: int = quantity(6, "friends a member invites at most", unit="consumers", source="trial", ge=0, le=1000)
    tipping_days: int = quantity(7, "whole days of ended groups behind the published chance", unit="day", ge=1, le=365)
    prior_groups: float = quantity(20.0, "pseudo-groups behind the published chance", unit="groups", gt=0)
    prior_filled: float = share(0.7, "share of the pseudo-groups that filled")
    lapse_satisfaction: float = quantity(0.05, "satisfaction lost when a group lapses", ge=0, le=1)


class GroupBuying(Mechanic):
    """Opens, fills and lapses groups."""

    name = "group_buying"
    reached_by = decision("group_buying.reach")
    uses = frozenset({"invitations", "attention"})
    carried = ("groups", "held", "_n_held_ever", "tipping", "_latecomers")

    def __init__(self, settings: GroupBuyingSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings
        self.life = settings.deadline_days * market.scenario.waves_per_day
        everybody = np.arange(market.columns.n)
        self.cell = everybody // settings.cell_size
        self.open_hassle = self._hassle("open", settings.open_cost, 0)
        self.join_hassle = self._hassle("join", settings.join_cost, 1)
        self.stacks = market.scenario.platform.coupons_stack_on_groups
        self.tipping = Tipping(
            settings.size, self.life, settings.tipping_days, settings.prior_groups, settings.prior_filled
        )
        self.groups = LiveTable(
            {
                "id": np.int64,
                "product": np.int32,
                "cell": np.int32,
                "price_fen": np.int64,
                "n_members": np.int16,
                "opened_tick": np.int32,
                "members": (np.int32, settings.size),
                "held": (np.int32, settings.size),
                "missing_at_age": (np.int16, self.life),
            }
        )
        self.held = Pool({"number": np.int64, **{name: getattr(nothing(), name).dtype for name in Orders.names()}})
        self._n_held_ever = 0
        self._latecomers = nobody(everybody[:0])
        self._visible = np.full((int(self.cell.max()) + 1, len(market.products), 2), NONE, dtype=np.intp)

    def _hassle(self, action: str, mean: float, number: int) -> NDArray[np.float32]:
        everybody = np.arange(self.market.columns.n)
        z = self.market.draws.normal(HASSLE, ALWAYS, everybody, number)
        column = Column(f"group_{action}_hassle", self.name, np.float32, f"utility cost to {action} a group")
        values: NDArray[np.float32] = self.market.columns.add(column, mean + self.settings.cost_sd * z)
        return values

    def open_day(self) -> None:
        """Bring the published filling rates up to date."""
        self.tipping.open_day()

    def open_wave(self, read: dict[str, NDArray[Any]]) -> None:
        """Lapse the groups whose time is over; note where the others stand; find those that strangers can see."""
        groups, tick = self.groups, self.market.tick
        self._end(np.flatnonzero(groups["opened_tick"] + self.life <= tick), Outcome.LAPSED)
        self._by_id = np.argsort(groups["id"])
        self._ids = groups["id"][self._by_id]
        if len(groups) == 0:
            return
        rows = np.arange(len(groups))
        groups["missing_at_age"][rows, tick - groups["opened_tick"]] = self._missing()
        self._find_visible()

    def visits(self) -> list[Visits]:
        """Those who came too late for a seat look again."""
        late, self._latecomers = self._latecomers, nobody(self._latecomers.consumer[:0])
        return [late]

    def offers(self, visits: Visits, looks: Looks) -> list[Offer]:
        """Opening a group, and joining the one a friend called to or the fullest in sight."""
        offers = [self._open_offer(looks)] if self.is_open else []
        return [*offers, self._join_offer(visits, looks)] if len(self.groups) else offers

    def _open_offer(self, looks: Looks) -> Offer:
        at = np.flatnonzero(self.in_reach[looks.consumer])
        return Offer(
            way=Way.OPEN,
            at=at,
            price_fen=self._group_price()[looks.product[at]],
            p_success=self.tipping.p_fills(self.settings.size - 1, self.life),
            lapse_cost=self.settings.lapse_cost,
            hassle=self.open_hassle[looks.consumer[at]].astype(np.float64),
            takes_coupons=self.stacks,
        )

    def _join_offer(self, visits: Visits, looks: Looks) -> Offer:
        groups = self.groups
        at, row, is_invited = joinable(
            looks.visit,
            looks.consumer,
            looks.product,
            self.in_reach,
            visits.product,
            self._rows_of(visits.target),
            self.settings.cell_size,
            self._visible,
            groups["members"],
            groups["n_members"],
        )
        left = groups["opened_tick"][row] + self.life - self.market.tick
        bonus = self.settings.friend_bonus * is_invited
        return Offer(
            way=Way.JOIN,
            at=at,
            price_fen=groups["price_fen"][row],
            p_success=self.tipping.p_fills(self._missing()[row] - 1, left),
            lapse_cost=self.settings.lapse_cost,
            hassle=self.join_hassle[looks.consumer[at]].astype(np.float64) - bonus,
            target=groups["id"][row],
            takes_coupons=self.stacks,
        )

    def admit(self, wants: Wants, priority: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Seats go by priority; those who find none look at the product again in the next wave."""
        admitted = np.ones(len(wants), dtype=np.bool_)
        joins = np.flatnonzero(wants.way == Way.JOIN)
        if len(joins) == 0:
            return admitted
        row = self._rows_of(wants.target[joins])
        admitted[joins] = ration(row, np.ones(len(joins), dtype=np.int64), self._missing(), priority[joins])
        late = wants.take(~admitted)
        if len(late):
            self._latecomers = called(late.consumer, late.product, 0, late.cause, Reason.LATECOMER)
        return admitted

    def bought(self, orders: Orders) -> None:
        """Seat openers and joiners, settle the groups that are full, and let the members of the others invite."""
        if not np.any(orders.way != Way.ALONE):
            return
        opens, joins = np.flatnonzero(orders.way == Way.OPEN), np.flatnonzero(orders.way == Way.JOIN)
        paid, n_opened = orders.take(np.concatenate([opens, joins])), len(opens)
        opened, joined = paid.take(slice(n_opened)), paid.take(slice(n_opened, None))
        held = self._hold(paid)
        row = self._join(joined, held[n_opened:])
        new_groups = self._open(opened, held[:n_opened])
        waits = np.concatenate([np.ones(n_opened, dtype=np.bool_), self._missing()[row] > 0])
        self._end(np.flatnonzero(self._missing() == 0), Outcome.FILLED)
        self._invite(paid.take(waits), np.concatenate([new_groups, joined.target])[waits])

    def _hold(self, orders: Orders) -> NDArray[np.intp]:
        """Keep orders until their groups end, numbered in the order of payment; returns where they are held."""
        numbers = self._n_held_ever + np.arange(len(orders))
        self._n_held_ever += len(orders)
        return self.held.add(len(orders), number=numbers, **{name: getattr(orders, name) for name in Orders.names()})

    def _open(self, orders: Orders, held: NDArray[np.intp]) -> NDArray[np.int64]:
        market, who, size = self.market, orders.consumer, self.settings.size
        ids = market.log.new_ids(Kind.GROUP, market.day, who)
        price = self._group_price()[orders.product]
        new = self.groups.append(
            len(orders),
            id=ids,
            product=orders.product,
            cell=self.cell[who],
            price_fen=price,
            n_members=1,
            opened_tick=market.tick,
        )
        self.groups["members"][new, 0] = who
        self.groups["held"][new, 0] = held
        self.groups["missing_at_age"][new, 0] = size - 1
        market.log.append(
            "groups",
            len(orders),
            id=ids,
            cause=orders.id,
            day=market.day,
            wave=market.wave,
            consumer=who,
            product=orders.product,
            size=size,
            price_fen=price,
            deadline_tick=market.tick + self.life,
        )
        return ids

    def _join(self, orders: Orders, held: NDArray[np.intp]) -> NDArray[np.intp]:
        """Seat the buyers in the groups they joined; returns the groups' rows."""
        row = self._rows_of(orders.target)
        seat = self.groups["n_members"][row] + count_within(row)
        self.groups["members"][row, seat] = orders.consumer
        self.groups["held"][row, seat] = held
        np.add.at(self.groups["n_members"], row, 1)
        return row

    def _end(self, rows: NDArray[np.intp], outcome: Outcome) -> None:
        """Groups end: all their orders are settled or refunded."""
        if len(rows) == 0:
            return
        market, groups = self.market, self.groups
        ended = groups.take(rows)
        self.tipping.record(ended["missing_at_age"], market.tick - ended["opened_tick"], outcome == Outcome.FILLED)
        market.log.append(
            "group_ends",
            len(rows),
            cause=ended["id"],
            day=market.day,
            wave=market.wave,
            consumer=ended["members"][:, 0],
            outcome=outcome,
            n_members=ended["n_members"],
        )
        is_taken = np.arange(self.settings.size) < ended["n_members"][:, None]
        taken = self.held.remove(ended["held"][is_taken])
        by_payment = np.argsort(taken["number"])
        orders = Orders(**{name: taken[name][by_payment] for name in Orders.names()})
        kept = np.ones(len(groups), dtype=np.bool_)
        kept[rows] = False
        groups.keep(kept)
        if outcome == Outcome.FILLED:
            market.checkout.settle(market.day, market.wave, orders)
        else:
            market.checkout.refund(market.day, market.wave, orders)
            market.experience.shift_satisfaction(orders.consumer, -self.settings.lapse_satisfaction)

    def _invite(self, orders: Orders, groups: NDArray[np.int64]) -> None:
        market = self.market
        market.invitations.send(
            INVITES,
            Origin.GROUP_BUYING,
            market.day,
            market.wave,
            market.tick,
            inviters=orders.consumer,
            p_invite=market.columns["sociability"][orders.consumer].astype(np.float64),
            at_most=self.settings.invitations,
            causes=orders.id,
            products=orders.product,
            targets=groups,
            may_receive=lambda friends: self.in_reach[friends],
        )

    def _group_price(self) -> NDArray[np.int64]:
        """Today's group price of each product, shape (n_products,)."""
        offer = self.market.products.offer_fen
        price: NDArray[np.int64] = np.maximum(np.rint(offer * (1 - self.settings.discount)), 1).astype(np.int64)
        return price

    def _missing(self) -> NDArray[np.int64]:
        """Members each open group still needs, shape (n_groups,)."""
        missing: NDArray[np.int64] = self.settings.size - self.groups["n_members"].astype(np.int64)
        return missing

    def _rows_of(self, ids: NDArray[np.int64]) -> NDArray[np.intp]:
        """Rows of the groups open since the start of the wave, -1 for those that have ended (or 0)."""
        if len(self._ids) == 0:
            return np.full(len(ids), NONE, dtype=np.intp)
        place = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
        return np.where(self._ids[place] == ids, self._by_id[place], NONE)

    def _find_visible(self) -> None:
        """Per cell and product the two groups on show: the fullest, then the oldest, then the one of smallest id."""
        groups = self.groups
        self._visible[:] = NONE
        show(groups["n_members"], groups["opened_tick"], groups["id"], groups["cell"], groups["product"], self._visible)
