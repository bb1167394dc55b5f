"""Capability: posts for specialists, who fills them, what they cost, and which employers are able to decide by data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from simulator.records.events.codes import Origin
from tests.oracle.luck import ALWAYS

if TYPE_CHECKING:
    from tests.oracle.world import World

PLATFORM = -1


class State(Enum):
    OPEN = 0
    IN_TRAINING = 1
    FILLED = 2


@dataclass(eq=False)
class Post:
    """A post for a specialist."""

    employer: Employer
    ordinal: int
    state: State = State.OPEN
    began: int = 0


class Employer:
    """A merchant, or the platform, which is the last; `number` is its address, `account` who pays."""

    def __init__(self, number: int, account: int, size: float, n_posts: int) -> None:
        self.number, self.account, self.size = number, account, size
        self.posts = [Post(self, ordinal) for ordinal in range(n_posts)]

    def count(self, state: State) -> int:
        return sum(post.state is state for post in self.posts)


class Capability:
    """The market for specialists, technology, and who is able."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = s = world.settings.capability
        n_products = [sum(p.merchant == m for p in world.products) for m in range(len(world.merchants))]
        smallest = min(n_products)
        self.employers = [Employer(m, m, n / smallest, self._posts(m, n)) for m, n in enumerate(n_products)]
        if s.platform_posts:
            size = s.platform_posts * s.products_per_post / smallest
            self.employers.append(Employer(len(n_products), PLATFORM, size, s.platform_posts))
        self.posts = [post for employer in self.employers for post in employer.posts]
        self.n_waiting = math.floor(len(self.posts) / s.talent.openings_per_candidate)

    def _posts(self, merchant: int, n_products: int) -> int:
        s = self.settings
        wants = self.world.luck.uniform("capability.technology", ALWAYS, merchant) < s.technology.reach
        return math.ceil(n_products / s.products_per_post) if wants else 0

    def is_able(self, merchant: int) -> bool:
        return not self.settings.enabled or self._has_enough(self.employers[merchant])

    @property
    def is_platform_able(self) -> bool:
        s = self.settings
        return not s.enabled or not s.platform_posts or self._has_enough(self.employers[-1])

    def _has_enough(self, employer: Employer) -> bool:
        needed = max(1, math.ceil(self.settings.able_from * len(employer.posts)))
        return employer.count(State.FILLED) >= needed

    def open_day(self) -> None:
        """A morning of the campaign."""
        if not self.settings.enabled or self.world.campaign_day < 0:
            return
        quits, trained, hired = self._quit(), self._end_courses(), self._hire()
        begun = self._begin_courses()
        self._pay(begun)
        for employer in self.employers:
            self.world.write(
                "staff",
                consumer=-1,
                merchant=employer.account,
                n_posts=len(employer.posts),
                n_filled=employer.count(State.FILLED),
                n_in_training=employer.count(State.IN_TRAINING),
                n_quit=sum(post.employer is employer for post in quits),
                n_trained=sum(post.employer is employer for post in trained),
                n_hired=sum(post.employer is employer for post in hired),
                is_able=self._has_enough(employer),
            )

    def _u(self, decision: str, post: Post) -> float:
        return self.world.u(decision, post.employer.number, post.ordinal)

    def _quit(self) -> list[Post]:
        chance = 1 - math.exp(-self.settings.talent.quits / 365)
        filled = [post for post in self.posts if post.state is State.FILLED]
        quits = [post for post in filled if self._u("capability.quits", post) < chance]
        for post in quits:
            post.state = State.OPEN
        self.n_waiting += len(quits)
        return quits

    def _end_courses(self) -> list[Post]:
        s, trained = self.settings.training, []
        for post in self.posts:
            if post.state is State.IN_TRAINING and post.began + s.days == self.world.day:
                succeeds = self._u("capability.succeeds", post) < s.success
                post.state = State.FILLED if succeeds else State.OPEN
                trained += [post] * succeeds
        return trained

    def _hire(self) -> list[Post]:
        s = self.settings.talent
        if self.world.campaign_day % s.every_days:
            return []

        def arrival(post: Post) -> float:
            pull = post.employer.size ** (s.size_premium * s.wage_pull)
            return float(-math.log(self._u("capability.hires", post)) / pull)

        wanting = sorted((post for post in self.posts if post.state is State.OPEN), key=arrival)
        hired = wanting[: self.n_waiting]
        for post in hired:
            post.state = State.FILLED
        self.n_waiting -= len(hired)
        return hired

    def _begin_courses(self) -> list[Post]:
        begun = []
        for post in self.posts:
            luck = self.world.luck.uniform("capability.trains", ALWAYS, post.employer.number)
            if post.state is State.OPEN and luck < self.settings.training.reach:
                post.state, post.began = State.IN_TRAINING, self.world.day
                begun.append(post)
        return begun

    def _pay(self, begun: list[Post]) -> None:
        s = self.settings
        for employer in self.employers:
            wage = self._fen(s.talent.wage_fen * employer.size**s.talent.size_premium)
            courses = sum(post.employer is employer for post in begun) * self._fen(s.training.cost_fen)
            self._spend(employer.account, Origin.TALENT, employer.count(State.FILLED) * wage + courses)
            if employer.account != PLATFORM and self._has_enough(employer):
                self._spend(employer.account, Origin.TECHNOLOGY, self._fen(s.technology.merchant_fen))
        self._spend(PLATFORM, Origin.TECHNOLOGY, self._fen(s.technology.platform_fen))

    def _fen(self, fen: float) -> int:
        """A sum per 1,000 consumers."""
        return round(fen * len(self.world.consumers) / 1000)

    def _spend(self, account: int, origin: Origin, fen: int) -> None:
        if fen == 0:
            return
        if account == PLATFORM:
            self.world.checkout.platform_fen -= fen
        else:
            self.world.merchants[account].balance_fen -= fen
        self.world.checkout.suppliers_fen += fen
        self.world.write("costs", consumer=-1, origin=origin, merchant=account, product=-1, cost_fen=fen)
