"""The market for specialists: open posts, those who can fill them, and who gets them.

Candidates choose among open posts in proportion to wage^pull, one after the other (Plackett 1975; Luce 1959): each post
draws -ln(u)/wage^pull, and the smallest are filled. So whether a post is filled depends on how many candidates there
are and on its own luck among the others', and a market with more candidates fills the same posts and more.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Draws, Floats, decision
from simulator.settings import Settings, quantity

HIRES = decision("capability.hires")
QUITS = decision("capability.quits")

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
DAYS_PER_YEAR = 365
OPEN, IN_TRAINING, FILLED = 0, 1, 2


class TalentSettings(Settings):
    """Who can be had, and at what wage."""

    openings_per_candidate: float = quantity(
        3.7,
        "posts per specialist to be had when the campaign begins",
        unit="ratio",
        source="the paper",
        ge=0.1,
        le=1000,
    )
    wage_fen: float = quantity(
        15.0,
        "wage of a specialist of the smallest merchant, per day and 1,000 consumers; .6 % of its sales",
        unit="fen",
        source="CMO Survey 2018: 6 % of budgets of 10 % of sales",
        ge=0,
        le=1_000_000,
    )
    size_premium: float = quantity(
        0.37,
        "elasticity of the wage to the number of products: 2.25 times as many, 35 % more",
        source="Oi & Idson 1999",
        ge=0,
        le=5,
    )
    wage_pull: float = quantity(3.0, "elasticity of a post's chance of a candidate to its wage", ge=0, le=20)
    every_days: int = quantity(30, "days from one hiring round to the next", unit="day", ge=1, le=3650)
    quits: float = quantity(0.2, "hazard of quitting, for those who look for another post", unit="1/year", ge=0, le=365)


class Posts:
    """The posts of all employers, one row each, and the specialists without a post.

    Args:
        settings: How the market works.
        n_posts: Posts of each employer, shape (n_employers,).
        size: How large each employer is, over the smallest merchant, same shape; decides its wage.
        draws: The market's luck.

    Attributes:
        employer: Whose post it is, shape (n_posts,).
        ordinal: Which of its employer's posts it is, from 0.
        state: OPEN, IN_TRAINING or FILLED.
        ready_day: The day on which a course for it ends; of the last one, if it is over.
        n_waiting: Specialists who have no post.
    """

    carried: ClassVar[tuple[str, ...]] = ("state", "ready_day", "n_waiting")

    def __init__(self, settings: TalentSettings, n_posts: Ints, size: Floats, draws: Draws) -> None:
        self.settings, self.draws = settings, draws
        self.n_posts = n_posts
        self.employer = np.repeat(np.arange(len(n_posts)), n_posts)
        self.ordinal = np.concatenate([np.arange(0), *map(np.arange, n_posts.tolist())])
        self.state = np.full(len(self.employer), OPEN, dtype=np.int64)
        self.ready_day = np.zeros(len(self.employer), dtype=np.int64)
        self.n_waiting = int(len(self.employer) / settings.openings_per_candidate)
        self._pull: Floats = size[self.employer] ** (settings.size_premium * settings.wage_pull)

    @property
    def n_filled(self) -> Ints:
        """How many posts of each employer are filled, shape (n_employers,)."""
        return self.count(self.state == FILLED)

    def count(self, which: Flags) -> Ints:
        """How many of these posts each employer has, shape (n_employers,)."""
        return np.bincount(self.employer[which], minlength=len(self.n_posts))

    def quit(self, day: int) -> Flags:
        """Some specialists leave their post and look for another one; which posts that opens, shape (n_posts,)."""
        p_quits = -np.expm1(-self.settings.quits / DAYS_PER_YEAR)
        quits: Flags = self.draws.uniform(QUITS, day, self.employer, self.ordinal) < p_quits
        quits &= self.state == FILLED
        self.state[quits] = OPEN
        self.n_waiting += int(np.count_nonzero(quits))
        return quits

    def hire(self, day: int) -> Flags:
        """A hiring round: as many open posts are filled as there are candidates; which, shape (n_posts,)."""
        is_open = np.flatnonzero(self.state == OPEN)
        luck = self.draws.uniform(HIRES, day, self.employer[is_open], self.ordinal[is_open])
        arrival = -np.log(luck) / self._pull[is_open]
        hired: Flags = np.zeros(len(self.state), dtype=np.bool_)
        hired[is_open[np.argsort(arrival, kind="stable")[: self.n_waiting]]] = True
        self.state[hired] = FILLED
        self.n_waiting -= int(np.count_nonzero(hired))
        return hired


def wages(settings: TalentSettings, size: Floats, n_consumers: int) -> Ints:
    """Wage of a post per day by employer in whole fen, half to even, shape (n_employers,)."""
    wage = settings.wage_fen * (n_consumers / 1000) * size**settings.size_premium
    return np.rint(wage).astype(np.int64)
