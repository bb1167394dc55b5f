"""Training: the way around scarcity. An employer teaches staff of its own what no candidate is there to do.

Who was trained and quits looks for a post like any other specialist: whoever trains, trains also for the others.
"""

from __future__ import annotations

import numpy as np

from simulator.capability.talent import FILLED, IN_TRAINING, OPEN, Flags, Posts
from simulator.draws import ALWAYS, Draws, decision
from simulator.settings import Settings, quantity, share

TRAINS = decision("capability.trains")
SUCCEEDS = decision("capability.succeeds")


class TrainingSettings(Settings):
    """Courses for staff of one's own."""

    reach: float = share(0.0, "share of employers who train staff for posts that stay open")
    cost_fen: float = quantity(
        900.0, "what a course costs, per 1,000 consumers; 60 days of wages", unit="fen", ge=0, le=1_000_000
    )
    days: int = quantity(60, "days a course takes", unit="day", ge=1, le=3650)
    success: float = share(0.7, "share of courses that make a specialist")


class Training:
    """Courses, from one post to the next.

    Args:
        settings: What they take.
        posts: The posts they are for.
        draws: The market's luck.
    """

    def __init__(self, settings: TrainingSettings, posts: Posts, draws: Draws) -> None:
        self.settings, self.posts, self.draws = settings, posts, draws
        employers = np.arange(len(posts.n_posts))
        trains = draws.uniform(TRAINS, ALWAYS, employers) < settings.reach
        self._for: Flags = trains[posts.employer]

    def end(self, day: int) -> Flags:
        """Courses end; which posts they fill, shape (n_posts,). The others are open again."""
        posts = self.posts
        ends = (posts.state == IN_TRAINING) & (posts.ready_day == day)
        luck = self.draws.uniform(SUCCEEDS, day, posts.employer, posts.ordinal)
        fills: Flags = ends & (luck < self.settings.success)
        posts.state[ends] = OPEN
        posts.state[fills] = FILLED
        return fills

    def begin(self, day: int) -> Flags:
        """Courses begin for all open posts of who trains; for which, shape (n_posts,)."""
        posts = self.posts
        begins: Flags = (posts.state == OPEN) & self._for
        posts.state[begins] = IN_TRAINING
        posts.ready_day[begins] = day + self.settings.days
        return begins
