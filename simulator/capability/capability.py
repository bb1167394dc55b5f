"""Capability in the market: who is able to decide by data today, and what that costs.

Employers are the merchants, in order, and after them the platform, if it has posts. Everything here happens in the
mornings of the campaign; when it is over, nobody moves and nothing is paid any more, and who is able stays so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from simulator.capability import CapabilitySettings
from simulator.capability.talent import IN_TRAINING, Flags, Ints, Posts, wages
from simulator.capability.technology import per_day
from simulator.capability.training import Training
from simulator.draws import ALWAYS, Floats, decision
from simulator.records.events.codes import Origin

if TYPE_CHECKING:
    from simulator.market import Market

TECHNOLOGY = decision("capability.technology")
NOBODY = -1


class Capability:
    """Specialists and technology of all employers.

    Args:
        settings: What deciding by data takes.
        market: The market.

    Attributes:
        posts: The posts, and who waits for one.
    """

    carried: ClassVar[tuple[str, ...]] = ("posts",)

    def __init__(self, settings: CapabilitySettings, market: Market) -> None:
        s, n = settings, market.columns.n
        self.settings, self.market = settings, market
        n_posts, size = self._employers()
        self.posts = Posts(s.talent, n_posts, size, market.draws)
        self.training = Training(s.training, self.posts, market.draws)
        self.wage_fen = wages(s.talent, size, n)
        self.course_fen = per_day(s.training.cost_fen, n)
        self.technology_fen = per_day(s.technology.merchant_fen, n)
        self.infrastructure_fen = per_day(s.technology.platform_fen, n)
        self._needed = np.maximum(np.ceil(s.able_from * n_posts), 1)

    def _employers(self) -> tuple[Ints, Floats]:
        """Posts and size of each employer; the platform is as large as a merchant with so many posts."""
        s, market = self.settings, self.market
        merchants = np.arange(market.scenario.merchants.n_merchants)
        n_products = np.bincount(market.products.merchant, minlength=len(merchants))
        wants = market.draws.uniform(TECHNOLOGY, ALWAYS, merchants) < s.technology.reach
        n_posts = np.where(wants, -(-n_products // s.products_per_post), 0)
        size = n_products / n_products.min()
        if s.platform_posts:
            n_posts = np.append(n_posts, s.platform_posts)
            size = np.append(size, s.platform_posts * s.products_per_post / n_products.min())
        return n_posts, size

    @property
    def are_able(self) -> Flags:
        """Whether each employer has enough specialists, shape (n_employers,)."""
        return np.asarray(self.posts.n_filled >= self._needed)

    @property
    def is_able(self) -> Flags:
        """Whether each merchant has, shape (n_merchants,)."""
        return self.are_able[: self.market.scenario.merchants.n_merchants]

    @property
    def is_platform_able(self) -> bool:
        """Whether the platform has, or needs none."""
        return not self.settings.platform_posts or bool(self.are_able[-1])

    def open_day(self) -> None:
        """In the morning of a campaign day: people quit, courses end, posts are filled, courses begin, all is paid."""
        market, posts = self.market, self.posts
        if market.campaign_day < 0:
            return
        quits = posts.quit(market.day)
        trained = self.training.end(market.day)
        hired = np.zeros_like(quits)
        if market.campaign_day % self.settings.talent.every_days == 0:
            hired = posts.hire(market.day)
        begun = self.training.begin(market.day)
        self._pay(posts.count(begun))
        n = len(posts.n_posts)
        market.log.append(
            "staff",
            n,
            day=market.day,
            consumer=NOBODY,
            merchant=self._payers(),
            n_posts=posts.n_posts,
            n_filled=posts.n_filled,
            n_in_training=posts.count(posts.state == IN_TRAINING),
            n_quit=posts.count(quits),
            n_trained=posts.count(trained),
            n_hired=posts.count(hired),
            is_able=self.are_able,
        )

    def _payers(self) -> Ints:
        """The employers as accounts, the platform being -1, shape (n_employers,)."""
        employers = np.arange(len(self.posts.n_posts))
        return np.where(employers < self.market.scenario.merchants.n_merchants, employers, NOBODY)

    def _pay(self, n_begun: Ints) -> None:
        """Wages and courses; technology, of able merchants, and that of the platform."""
        checkout, day, payers = self.market.checkout, self.market.day, self._payers()
        talent_fen = self.posts.n_filled * self.wage_fen + n_begun * self.course_fen
        technology_fen = np.where(self.are_able & (payers != NOBODY), self.technology_fen, 0)
        checkout.bear(day, Origin.TALENT, talent_fen, payers=payers)
        checkout.bear(day, Origin.TECHNOLOGY, technology_fen, payers=payers)
        checkout.bear(day, Origin.TECHNOLOGY, self.infrastructure_fen)
