"""Imitating campaigns: merchants copy the moves of those who sell more, and may invent one of their own in a crowd.

Whom to copy is decided as in the simplest account of imitation that works (Schlag 1998): look at one other by chance,
and follow it if it does better. All that is seen of another is public: what it sells, and the campaign it runs. Whether
it sells more *because* of the campaign nobody knows.
"""

from __future__ import annotations

import numpy as np

from simulator.draws import Draws, decision
from simulator.policies.campaigning.campaigning import NEW, Campaigning
from simulator.policies.policy import Ints, Numbers, Observations, Rows
from simulator.settings import Settings, share

IMITATES = decision("campaigning.imitates")
LOOKS_AT = decision("campaigning.looks_at")
INVENTS = decision("campaigning.invents")


class ImitatingSettings(Settings):
    """How moves spread between merchants."""

    imitation: float = share(0.3, "probability, at each decision, of looking at another merchant to copy it")
    invention: float = share(0.0, "probability, at each decision, that one in a crowd invents a move of its own")
    crowded_from: float = share(0.3, "share of the others on one's own move from which it is a crowd")


class ImitatingCampaigns(Campaigning):
    """Copies the more successful, and invents in a crowd."""

    def __init__(self, reach: float, budget_share: float, window_days: int, settings: ImitatingSettings) -> None:
        super().__init__(reach, budget_share, window_days)
        self.settings = settings

    def choose(self, seen: Observations, merchants: Rows, moves: Ints, draws: Draws) -> Ints:
        s, n_merchants = self.settings, len(seen.moves)
        invents = draws.uniform(INVENTS, seen.day, merchants) < s.invention
        invents &= crowd(seen, merchants, moves) >= s.crowded_from
        imitates = ~invents & (draws.uniform(IMITATES, seen.day, merchants) < s.imitation) & (n_merchants > 1)
        other = (draws.uniform(LOOKS_AT, seen.day, merchants) * (n_merchants - 1)).astype(np.intp)
        other = np.minimum(other + (other >= merchants), n_merchants - 1)
        success = sales_per_product(seen)
        copies = imitates & (seen.moves[other] >= 0) & (success[other] > success[merchants])
        return np.where(invents, NEW, np.where(copies, seen.moves[other], moves))


def crowd(seen: Observations, merchants: Rows, moves: Ints) -> Numbers:
    """Share of the other merchants seen to advertise that run each one's move; 0 where nobody else does, shape (n,)."""
    is_other = np.arange(len(seen.moves)) != merchants[:, None]
    n_others = np.count_nonzero(is_other & (seen.moves >= 0), axis=1)
    n_alike = np.count_nonzero(is_other & (seen.moves == moves[:, None]), axis=1)
    return np.asarray(n_alike / np.maximum(n_others, 1))


def sales_per_product(seen: Observations) -> Numbers:
    """Units sold of late per product of each merchant, for all to see, shape (n_merchants,)."""
    n_merchants = len(seen.moves)
    units = np.zeros(n_merchants, dtype=np.int64)
    np.add.at(units, seen.merchant, seen.units_sold)
    return np.asarray(units / np.bincount(seen.merchant, minlength=n_merchants))
