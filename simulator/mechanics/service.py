"""Service (客服): buyers whom an order has let down may complain; people or AI take their cases, as many as they can.

A case waits in one queue, the oldest first, until an agent takes it or its owner's patience runs out. How hard it is
belongs to the case: AI resolves the easy ones, people harder ones too, some are beyond both. What a resolved case gives
back is part of what the order took, and a case that is let down, or never heard, takes more of the same (a double
deviation: Bitner, Booms & Tetreault 1990). Whether people stay follows from their satisfaction as ever.

Without service nobody hears complaints, and they change nothing: the order's own effect stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from simulator.choice.experience import TrustReason
from simulator.draws import ALWAYS, Decision, decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings
from simulator.records.events.codes import Agent, Kind, Origin, Outcome
from simulator.settings import quantity, share
from simulator.state.tables import LiveTable
from simulator.trade.orders import Orders

if TYPE_CHECKING:
    from simulator.market import Market

COMPLAINS = decision("service.complains")
PRIORITY = decision("service.priority")
HUMANS = decision("service.humans")
AI = decision("service.ai")
DIFFICULTY = decision("service.difficulty")

PER = 1000
"""Capacities are per so many consumers, so that a queue does not depend on the size of the market."""

Cases = dict[str, NDArray[Any]]


class ServiceSettings(MechanicSettings):
    """Service (客服)."""

    routing: Literal["humans", "ai", "ai_first"] = quantity(
        "ai_first", "who takes a case: people, AI, or AI first and people where it fails"
    )
    paid_by: Literal["merchants", "platform"] = quantity("merchants", "who pays for cases, the seller or the platform")
    disappointed_from: float = quantity(
        0.4, "quality below the expected from which a buyer may complain", unit="points (0–1)", ge=0, le=1
    )
    complains: float = share(0.5, "probability that such a buyer complains about an order")
    human_cases: float = quantity(
        0.3, "cases people can take a day, per 1,000 consumers in reach", unit="cases/day", ge=0, le=1000
    )
    ai_cases: float = quantity(
        3.0, "cases AI can take a day, per 1,000 consumers in reach", unit="cases/day", ge=0, le=1000
    )
    human_resolves: float = share(0.75, "share of cases that people can resolve")
    ai_resolves: float = share(0.5, "share of cases that AI can resolve, the easiest")
    human_fen: int = quantity(600, "cost of a case taken by people", unit="fen", ge=0, le=1_000_000)
    ai_fen: int = quantity(50, "cost of a case taken by AI", unit="fen", ge=0, le=1_000_000)
    patience_days: int = quantity(3, "days after which a case that waits is given up", unit="day", ge=1, le=365)
    gives_back: float = quantity(
        0.6, "share of what the order took that a resolved case gives back", unit="share", ge=0, le=2
    )
    takes_more: float = quantity(
        0.4,
        "what a case let down or given up takes, as a share of what the order took",
        unit="share",
        source="sign: Bitner, Booms & Tetreault 1990; size assumed",
        ge=0,
        le=2,
    )

    @property
    def idle(self) -> tuple[str, ...]:
        """The settings that have no effect with these others."""
        match self.routing:
            case "humans":
                return ("ai_cases", "ai_resolves", "ai_fen")
            case "ai":
                return ("human_cases", "human_resolves", "human_fen")
            case "ai_first":
                return ()


class Service(Mechanic):
    """Takes complaints in the evening, and cases in the morning."""

    name = "service"
    reached_by = decision("service.reach")
    uses = frozenset()
    carried = ("queue",)

    def __init__(self, settings: ServiceSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings
        self.n_in_reach = int(np.count_nonzero(self.in_reach))
        self.queue = LiveTable(
            {
                **{
                    "id": np.int64,
                    "order": np.int64,
                    "consumer": np.int32,
                    "merchant": np.int16,
                    "opened_day": np.int16,
                },
                **{"satisfaction": np.float64, "is_defect": np.bool_, "is_tried": np.bool_},
            }
        )

    def lived(self, orders: Orders, surprise: NDArray[np.float64]) -> None:
        """Some of those whom an order has let down complain about it; the cases of an evening queue by lot."""
        if not self.is_open:
            return
        market, s, day = self.market, self.settings, self.market.day
        complains = market.draws.uniform(COMPLAINS, day, orders.consumer, orders.product) < s.complains
        rows = np.flatnonzero((surprise <= -s.disappointed_from) & complains & self.in_reach[orders.consumer])
        rows = rows[np.argsort(market.draws.uniform(PRIORITY, day, orders.consumer[rows], orders.id[rows]))]
        orders, surprise = orders.take(rows), surprise[rows]
        who, product = orders.consumer, orders.product
        merchant, ids = market.products.merchant[product], market.log.new_ids(Kind.CASE, day, who)
        is_defect = market.experience.are_defects(day, who, product)
        took = market.experience.satisfaction_moved(surprise, orders.expected)
        self.queue.append(
            len(ids),
            id=ids,
            order=orders.id,
            consumer=who,
            merchant=merchant,
            opened_day=day,
            satisfaction=np.minimum(took, 0.0),
            is_defect=is_defect,
        )
        market.log.append(
            "cases",
            len(ids),
            id=ids,
            cause=orders.id,
            day=day,
            wave=market.wave,
            consumer=who,
            merchant=merchant,
            product=product,
            is_defect=is_defect,
        )

    def open_day(self) -> None:
        """Patience runs out; agents take the cases that they can, from the head of the queue."""
        s, queue = self.settings, self.queue
        self._end(self.market.day - queue["opened_day"] > s.patience_days, Agent.NONE)
        by_ai = by_humans = queue["merchant"][:0]
        if s.routing != "humans":
            by_ai = self._take(~queue["is_tried"], AI, s.ai_cases, s.ai_resolves, Agent.AI)
        if s.routing != "ai":
            waits = queue["is_tried"] if s.routing == "ai_first" else ~queue["is_tried"]
            by_humans = self._take(waits, HUMANS, s.human_cases, s.human_resolves, Agent.HUMAN)
        self._pay(by_ai, by_humans)

    def _take(
        self, waits: NDArray[np.bool_], luck: Decision, cases: float, resolves: float, agent: Agent
    ) -> NDArray[np.int16]:
        """Agents try as many of the cases that wait for them as they can; the merchants these are about.

        What AI fails at stays for people, where they come next; all else that is tried ends.
        """
        queue, market = self.queue, self.market
        n = int(cases * self.n_in_reach / PER + float(market.draws.uniform(luck, market.day, 0)))
        rows = np.flatnonzero(waits)[:n]
        merchants = queue["merchant"][rows].copy()
        difficulty = market.draws.uniform(DIFFICULTY, ALWAYS, queue["consumer"][rows], queue["order"][rows])
        is_resolved, is_over = np.zeros((2, len(queue)), dtype=np.bool_)
        is_resolved[rows] = is_over[rows] = difficulty < resolves
        queue["is_tried"][rows] = True
        if not (agent == Agent.AI and self.settings.routing == "ai_first"):
            is_over[rows] = True
        self._end(is_over, agent, is_resolved)
        return merchants

    def _end(self, is_over: NDArray[np.bool_], agent: Agent, is_resolved: NDArray[np.bool_] | bool = False) -> None:
        """These cases leave the queue, and change what their owners think."""
        if not is_over.any():
            return
        market, s, day = self.market, self.settings, self.market.day
        is_resolved = np.broadcast_to(is_resolved, is_over.shape)[is_over]
        ended: Cases = self.queue.take(is_over)
        self.queue.keep(~is_over)
        who, case = ended["consumer"].astype(np.intp), ended["id"]
        back = np.where(is_resolved, s.gives_back, -s.takes_more)
        market.experience.shift_satisfaction(who, -back * ended["satisfaction"])
        for share_back, reason, mine in (
            (s.gives_back, TrustReason.RESOLVED, is_resolved),
            (-s.takes_more, TrustReason.LET_DOWN, ~is_resolved),
        ):
            lost = np.flatnonzero(mine & ended["is_defect"])
            trust = share_back * market.experience.settings.defect_trust
            market.experience.shift_trust(day, 0, who[lost], trust, reason, case[lost])
        failed = Outcome.ABANDONED if agent == Agent.NONE else Outcome.UNRESOLVED
        outcome = np.where(is_resolved, Outcome.RESOLVED, failed)
        market.log.append("case_ends", len(who), cause=case, day=day, consumer=who, outcome=outcome, agent=agent)

    def _pay(self, by_ai: NDArray[np.int16], by_humans: NDArray[np.int16]) -> None:
        """Pay for the cases taken today, given by the merchants they are about."""
        market, s = self.market, self.settings
        n = len(market.merchants)
        cost = s.ai_fen * np.bincount(by_ai, minlength=n) + s.human_fen * np.bincount(by_humans, minlength=n)
        if s.paid_by == "platform":
            market.checkout.bear(market.day, Origin.SERVICE, int(cost.sum()))
            return
        payer = np.flatnonzero(cost)
        nobody, cost = np.full(len(payer), -1), cost[payer]
        market.checkout.spend(market.day, 0, Origin.SERVICE, payer, nobody, nobody, np.zeros_like(cost), cost)
