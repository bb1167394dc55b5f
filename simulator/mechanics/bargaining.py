"""Bargaining (砍价): friends cut a price down to its floor before a deadline, or nothing comes of it.

Modelled on Pinduoduo's bargains: nothing is paid before the floor is reached, every cut takes a share of what is left,
and the opener sees less left than there is. The opener asks friends at once, and again after each whole day with a
will that grows with the progress shown (goal gradient: Kivetz, Urminsky & Zheng 2006), so a flattering display brings
in more helpers and, where it ends in a lapse all the same, costs trust.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.choice.experience import TrustReason
from simulator.choice.visits import Looks, Visits
from simulator.draws import ALWAYS, Floats, decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings
from simulator.records.events.codes import Kind, Origin, Outcome, Way
from simulator.records.events.ids import count_within
from simulator.settings import quantity, share
from simulator.state.columns import Column
from simulator.state.tables import LiveTable
from simulator.trade.orders import Orders, nothing
from simulator.trade.quote import Offer

if TYPE_CHECKING:
    from simulator.market import Market

HASSLE = decision("bargaining.hassle")
INVITES = decision("bargaining.invites")
HELPS = decision("bargaining.helps")
NONE = -1
Rows = NDArray[np.intp]
Fen = NDArray[np.int64]


class BargainingSettings(MechanicSettings):
    """Bargaining (砍价)."""

    floor: float = quantity(0.5, "floor price over offer price", unit="share", gt=0, lt=1)
    platform_share: float = share(1.0, "share of the cut that the platform pays; the merchant bears the rest")
    deadline_days: int = quantity(3, "life of a bargain", unit="day", ge=1, le=14)
    cut: float = quantity(0.5, "share of what is left that a member cuts", unit="share", gt=0, le=1)
    new_cut: float = quantity(
        0.8, "share of what is left that a prospect cuts, joining by it", unit="share", gt=0, le=1
    )
    rounded_off: float = quantity(0.01, "share of the whole cut whose rest is waived", unit="share", ge=0, lt=1)
    flattery: float = quantity(
        0.9, "share of what is left that the display keeps back; 0: it is honest", unit="share", ge=0, lt=1
    )
    help: float = share(0.6, "probability that a member who reads the invitation helps")
    new_help: float = share(0.3, "probability that a prospect who reads it helps, and so joins")
    invitations: int = quantity(10, "friends an opener asks at a time at most", unit="consumers", ge=0, le=1000)
    open_cost: float = quantity(0.3, "mean utility cost of opening a bargain", ge=-10, le=10)
    cost_sd: float = quantity(0.5, "standard deviation of it over consumers", ge=0, le=10)
    lapse_cost: float = quantity(0.5, "utility cost of a bargain that lapses", ge=0, le=10)
    success_days: int = quantity(
        7, "whole days of ended bargains behind the published chance", unit="day", ge=1, le=365
    )
    prior_bargains: float = quantity(20.0, "pseudo-bargains behind the published chance", unit="bargains", gt=0)
    prior_done: float = share(0.3, "share of the pseudo-bargains that came about")
    lapse_satisfaction: float = quantity(0.05, "satisfaction lost when a bargain lapses", ge=0, le=1)
    near_miss: float = share(0.02, "share of the whole cut still displayed up to which a lapse is a near miss")
    near_miss_trust: float = quantity(0.02, "trust lost through a near miss", unit="share", ge=0, le=1)


class Bargaining(Mechanic):
    """Opens bargains, lets friends cut, and settles or lapses them. A consumer has one open bargain at a time."""

    name = "bargaining"
    reached_by = decision("bargaining.reach")
    uses = frozenset({"invitations", "attention"})
    carried = ("bargains", "_ended")

    def __init__(self, settings: BargainingSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings
        self.life = settings.deadline_days * market.scenario.waves_per_day
        everybody = np.arange(market.columns.n)
        hassle = settings.open_cost + settings.cost_sd * market.draws.normal(HASSLE, ALWAYS, everybody)
        column = Column("bargain_hassle", self.name, np.float32, "utility cost to open a bargain")
        self.hassle: NDArray[np.float32] = market.columns.add(column, hassle)
        most_helpers = min(settings.invitations * settings.deadline_days, int(market.network.degrees.max()))
        self.bargains = LiveTable(
            {
                **{name: getattr(nothing(), name).dtype for name in Orders.names()},
                "bargain": np.int64,
                "to_cut_fen": np.int64,
                "left_fen": np.int64,
                "opened_tick": np.int32,
                "n_helpers": np.int16,
                "helpers": (np.int32, most_helpers),
            }
        )
        self._row_of = np.full(market.columns.n, NONE, dtype=np.intp)
        self._ended = np.zeros((settings.success_days + 1, 2), dtype=np.int64)
        self.p_done = settings.prior_done

    def open_day(self) -> None:
        """Publish the share of bargains that came about, of those that ended on the last whole days."""
        self._ended_today[:] = 0
        done, ended = self._ended.sum(axis=0)
        prior = self.settings.prior_bargains
        self.p_done = float((done + prior * self.settings.prior_done) / (ended + prior))

    @property
    def _ended_today(self) -> NDArray[np.int64]:
        """Bargains that came about today, and that ended; shape (2,)."""
        today: NDArray[np.int64] = self._ended[self.market.day % len(self._ended)]
        return today

    def open_wave(self, read: dict[str, NDArray[Any]]) -> None:
        """Lapse the bargains whose time is over, let friends cut, sell what is done, and let the other openers ask."""
        if len(self.bargains) == 0:
            return
        self._number_rows()
        self._lapse(np.flatnonzero(self.bargains["opened_tick"] + self.life <= self.market.tick))
        self._help(read)
        self._sell(np.flatnonzero(self._is_done()))
        age = self.market.tick - self.bargains["opened_tick"]
        again = np.flatnonzero(age % self.market.scenario.waves_per_day == 0)
        self._invite(again, 1 - self._displayed()[again] / self.bargains["to_cut_fen"][again])

    def offers(self, visits: Visits, looks: Looks) -> list[Offer]:
        """Opening a bargain, for those who have none open, on what the platform can pay its part of."""
        if not self.is_open:
            return []
        s, price_fen = self.settings, self.market.products.offer_fen
        floor_fen = np.maximum(np.rint(s.floor * price_fen), 1).astype(np.int64)
        subsidy_fen = np.rint(s.platform_share * (price_fen - floor_fen)).astype(np.int64)
        is_offered = (floor_fen < price_fen) & (subsidy_fen <= self.market.budget.remaining_fen)
        may_open = self.in_reach[looks.consumer] & (self._row_of[looks.consumer] == NONE)
        at = np.flatnonzero(may_open & is_offered[looks.product])
        product = looks.product[at]
        return [
            Offer(
                way=Way.BARGAIN,
                at=at,
                price_fen=floor_fen[product] + subsidy_fen[product],
                subsidy_fen=subsidy_fen[product],
                p_success=self.p_done,
                lapse_cost=s.lapse_cost,
                hassle=self.hassle[looks.consumer[at]].astype(np.float64),
                takes_coupons=False,
            )
        ]

    def bought(self, orders: Orders) -> None:
        """Open the bargains of these orders and let their openers invite."""
        opened = orders.take(orders.way == Way.BARGAIN)
        if len(opened) == 0:
            return
        market = self.market
        ids = market.log.new_ids(Kind.BARGAIN, market.day, opened.consumer)
        price_fen = market.products.offer_fen[opened.product]
        to_cut_fen = price_fen - opened.paid_fen
        new = self.bargains.append(
            len(opened),
            **{name: getattr(opened, name) for name in Orders.names()},
            bargain=ids,
            to_cut_fen=to_cut_fen,
            left_fen=to_cut_fen,
            opened_tick=market.tick,
            helpers=NONE,
        )
        self._number_rows()
        market.log.append(
            "bargains",
            len(opened),
            id=ids,
            cause=opened.id,
            day=market.day,
            wave=market.wave,
            consumer=opened.consumer,
            product=opened.product,
            price_fen=price_fen,
            floor_fen=opened.paid_fen,
            deadline_tick=market.tick + self.life,
        )
        self._invite(np.arange(new.start, new.stop), np.ones(len(opened)))

    def _invite(self, rows: Rows, will: Floats) -> None:
        """Openers ask friends in reach who have not helped, with their sociability times `will`, shape (n_rows,)."""
        market, bargains = self.market, self.bargains.take(rows)
        who = bargains["consumer"]
        tie = market.network.ties(who)[0]
        market.invitations.send(
            INVITES,
            Origin.BARGAINING,
            market.day,
            market.wave,
            market.tick,
            inviters=who,
            p_invite=market.columns["sociability"][who] * will,
            at_most=self.settings.invitations,
            causes=bargains["id"],
            products=bargains["product"],
            targets=bargains["bargain"],
            may_receive=lambda friends: self.in_reach[friends] & ~_is_among(friends, bargains["helpers"][tie]),
        )

    def _help(self, read: dict[str, NDArray[Any]]) -> None:
        """Friends who read an invitation to a bargain that is open may cut, each once."""
        bargains = self.bargains
        ours = np.flatnonzero(read["origin"] == Origin.BARGAINING)
        if len(bargains) == 0 or len(ours) == 0:
            return
        helper, opener, cause = (read[name][ours] for name in ("invitee", "consumer", "id"))
        row = self._row_of[opener]
        is_new = self.market.columns["joined_day"][helper] < 0
        luck = self.market.draws.uniform(HELPS, self.market.day, helper, opener)
        helps = luck < np.where(is_new, self.settings.new_help, self.settings.help)
        helps &= bargains["bargain"][row] == read["target"][ours]  # an invitation may outlive its bargain
        helps &= ~_is_among(helper, bargains["helpers"][row])
        row, helper, is_new, cause = row[helps], helper[helps].astype(np.intp), is_new[helps], cause[helps]
        turn = count_within(row)
        for n_before in range(int(turn.max(initial=NONE)) + 1):
            now = (turn == n_before) & ~self._is_done()[row]
            self._cut(row[now], helper[now], is_new[now], cause[now])

    def _cut(self, row: Rows, helper: Rows, is_new: NDArray[np.bool_], cause: NDArray[np.int64]) -> None:
        """One helper for each of these bargains takes a share of what is left, at least a fen; prospects join."""
        market, bargains, s = self.market, self.bargains, self.settings
        left = bargains["left_fen"][row]
        left = left - np.maximum(np.rint(np.where(is_new, s.new_cut, s.cut) * left), 1).astype(np.int64)
        bargains["left_fen"][row] = left
        bargains["helpers"][row, bargains["n_helpers"][row]] = helper
        bargains["n_helpers"][row] += 1
        market.log.append(
            "cuts",
            len(row),
            id=market.log.new_ids(Kind.CUT, market.day, helper),
            cause=cause,
            day=market.day,
            wave=market.wave,
            consumer=helper,
            bargain=bargains["bargain"][row],
            displayed_fen=self._displayed()[row],
            true_fen=left,
            is_new=is_new,
        )
        market.joining.accept(market.day, market.wave, helper, cause)

    def _is_done(self) -> NDArray[np.bool_]:
        """Which bargains have so little left that it is waived, shape (n_bargains,)."""
        done: NDArray[np.bool_] = self.bargains["left_fen"] <= self.settings.rounded_off * self.bargains["to_cut_fen"]
        return done

    def _displayed(self) -> Fen:
        """What the openers see left: less than there is, but something until it is done; shape (n_bargains,)."""
        shown = np.maximum(np.floor((1 - self.settings.flattery) * self.bargains["left_fen"]), 1)
        return np.where(self._is_done(), 0, shown).astype(np.int64)

    def _sell(self, rows: Rows) -> None:
        ended = self._end(rows, Outcome.SETTLED)
        self.market.checkout.collect(self.market.day, self.market.wave, _orders(ended))

    def _lapse(self, rows: Rows) -> None:
        market, s = self.market, self.settings
        displayed = self._displayed()[rows]
        ended = self._end(rows, Outcome.LAPSED)
        market.checkout.cancel(market.day, market.wave, _orders(ended))
        who, is_near = ended["consumer"], displayed <= s.near_miss * ended["to_cut_fen"]
        market.experience.shift_satisfaction(who, -s.lapse_satisfaction)
        market.experience.shift_trust(
            market.day, market.wave, who[is_near], -s.near_miss_trust, TrustReason.NEAR_MISS, ended["bargain"][is_near]
        )

    def _end(self, rows: Rows, outcome: Outcome) -> dict[str, NDArray[Any]]:
        """Take bargains out of the table; returns them by field."""
        market, ended = self.market, self.bargains.take(rows)
        market.log.append(
            "bargain_ends",
            len(rows),
            cause=ended["bargain"],
            day=market.day,
            wave=market.wave,
            consumer=ended["consumer"],
            outcome=outcome,
            n_helpers=ended["n_helpers"],
            displayed_fen=self._displayed()[rows],
            true_fen=ended["left_fen"],
        )
        self._ended_today[:] += (len(rows) * (outcome == Outcome.SETTLED), len(rows))
        kept = np.ones(len(self.bargains), dtype=np.bool_)
        kept[rows] = False
        self.bargains.keep(kept)
        self._row_of[ended["consumer"]] = NONE
        self._number_rows()
        return ended

    def _number_rows(self) -> None:
        """Note whose open bargain stands where in the table."""
        self._row_of[self.bargains["consumer"]] = np.arange(len(self.bargains))


def _orders(bargains: dict[str, NDArray[Any]]) -> Orders:
    return Orders(**{name: bargains[name] for name in Orders.names()})


def _is_among(one: NDArray[Any], several: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether each value stands in its row, shape (n,)."""
    return np.asarray((several == one[:, None]).any(axis=1))
