"""Service (客服): complaints, and who takes them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.choice.experience import TrustReason
from simulator.records.events.codes import Agent, Kind, Origin, Outcome
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Order, single

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World


@dataclass(eq=False)
class Case:
    """A complaint that waits."""

    id: int
    order: Order
    opened_day: int
    loss: float
    is_defect: bool
    is_tried: bool = False


class Service:
    """The queue, AI and people."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = s = world.settings.mechanics.service
        self.in_reach = {c for c in world.consumers if world.luck.uniform("service.reach", ALWAYS, c.row) < s.reach}
        self.queue: list[Case] = []

    def evening(self, lived: list[tuple[Order, float]]) -> None:
        """Complaints about what has been lived through today, given with its surprise, join the queue by lot."""
        world, s = self.world, self.settings
        if not world.is_open(s):
            return
        complaints = [
            (order, surprise)
            for order, surprise in lived
            if order.consumer in self.in_reach
            and surprise <= -s.disappointed_from
            and world.u("service.complains", order.consumer.row, order.product.row) < s.complains
        ]
        complaints.sort(key=lambda c: world.u("service.priority", c[0].consumer.row, c[0].id))
        for order, surprise in complaints:
            who, product, e = order.consumer, order.product, world.settings.experience
            quality = surprise + order.expected
            x = 0.5 * (quality - e.standard) + 0.5 * surprise
            is_defect = world.u("experience.defect", who.row, product.row) < e.defect
            loss = -min((1 - e.satisfaction_carry) * x, 0.0)
            case = Case(world.records.new_id(Kind.CASE, who.row), order, world.day, loss, is_defect)
            self.queue.append(case)
            about = {"consumer": who.row, "merchant": product.merchant, "product": product.row}
            world.write("cases", id=case.id, cause=order.id, is_defect=is_defect, **about)

    def open_day(self) -> None:
        """Patience runs out; AI and people take what they can."""
        world, s = self.world, self.settings
        if not s.enabled:
            return
        owed: dict[int, int] = {}
        self._end([(case, False) for case in self.queue if world.day - case.opened_day > s.patience_days], Agent.NONE)
        if s.routing != "humans":
            tried = self._first([c for c in self.queue if not c.is_tried], s.ai_cases, "service.ai", owed, s.ai_fen)
            for case in tried:
                case.is_tried = True
            ends = [(case, self._difficulty(case) < s.ai_resolves) for case in tried]
            self._end([end for end in ends if end[1] or s.routing == "ai"], Agent.AI)
        if s.routing != "ai":
            waiting = [c for c in self.queue if c.is_tried or s.routing == "humans"]
            taken = self._first(waiting, s.human_cases, "service.humans", owed, s.human_fen)
            self._end([(case, self._difficulty(case) < s.human_resolves) for case in taken], Agent.HUMAN)
        self._pay(owed)

    def _first(self, cases: list[Case], per_day: float, luck: str, owed: dict[int, int], fen: int) -> list[Case]:
        """As many as can be taken today; what they cost is owed by their merchants."""
        taken = cases[: math.floor(per_day * len(self.in_reach) / 1000 + self.world.u(luck, 0))]
        for case in taken:
            merchant = case.order.product.merchant
            owed[merchant] = owed.get(merchant, 0) + fen
        return taken

    def _difficulty(self, case: Case) -> float:
        return self.world.luck.uniform("service.difficulty", ALWAYS, case.order.consumer.row, case.order.id)

    def _end(self, ends: list[tuple[Case, bool]], agent: Agent) -> None:
        """These cases are over, resolved or not."""
        s, world = self.settings, self.world
        moves: dict[Consumer, float] = {}
        self.queue = [case for case in self.queue if case not in [ended for ended, _ in ends]]
        for case, is_resolved in ends:
            who = case.order.consumer
            move = s.gives_back * case.loss if is_resolved else -s.takes_more * case.loss
            moves[who] = moves.get(who, 0.0) + move
            failed = Outcome.ABANDONED if agent == Agent.NONE else Outcome.UNRESOLVED
            outcome = Outcome.RESOLVED if is_resolved else failed
            world.write("case_ends", cause=case.id, consumer=who.row, outcome=outcome, agent=agent)
        for who, move in moves.items():
            who.satisfaction = single(who.satisfaction + move)
        trust = world.settings.experience.defect_trust
        for case, is_resolved in sorted(ends, key=lambda end: not end[1]):
            if case.is_defect and is_resolved:
                case.order.consumer.shift_trust(case.id, s.gives_back * trust, TrustReason.RESOLVED)
            elif case.is_defect:
                case.order.consumer.shift_trust(case.id, -s.takes_more * trust, TrustReason.LET_DOWN)

    def _pay(self, owed: dict[int, int]) -> None:
        world = self.world
        payers = {-1: sum(owed.values())} if self.settings.paid_by == "platform" else owed
        for merchant, fen in payers.items():
            if fen == 0:
                continue
            if merchant < 0:
                world.checkout.platform_fen -= fen
            else:
                world.merchants[merchant].balance_fen -= fen
            world.checkout.suppliers_fen += fen
            world.write("costs", consumer=-1, origin=Origin.SERVICE, merchant=merchant, product=-1, cost_fen=fen)
