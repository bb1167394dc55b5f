"""The page: which products a shopper sees, in which order, and which of them they look at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.agents.merchants import Products
from simulator.agents.platform import PlatformSettings
from simulator.choice.visits import NONE, Visits
from simulator.draws import Draws, decision
from simulator.policies.policy import Observations
from simulator.policies.recommendation import RandomPage, Recommendation

EXAMINE = decision("slate.examine")


class Slates:
    """Makes pages with the platform's recommendation policy."""

    def __init__(
        self, settings: PlatformSettings, products: Products, n_categories: int, policy: Recommendation, draws: Draws
    ) -> None:
        self.settings = settings
        self.campaign_policy = policy
        self.policy: Recommendation = policy
        self.draws = draws
        self.size = settings.slate_size
        by_category = [np.flatnonzero(products.category == c) for c in range(n_categories)]
        widest = max((len(c) for c in by_category), default=0)
        self.candidates = np.full((n_categories, max(widest, 1)), NONE, dtype=np.intp)
        for category, rows in enumerate(by_category):
            self.candidates[category, : len(rows)] = rows
        self._shared: NDArray[np.intp] | None = None

    def open_day(self, seen: Observations) -> None:
        """Take in the day's observations; a policy that is the same for everybody decides once a day.

        In the burn-in pages are random in all arms, so that arms with different policies start from the same day.
        """
        self.seen = seen
        self.policy = RandomPage() if seen.is_burn_in else self.campaign_policy
        nobody = np.zeros(len(self.candidates), dtype=np.intp)
        self._shared = None if self.policy.is_personal else self._top(nobody, self.candidates)

    def pages(self, visits: Visits) -> NDArray[np.intp]:
        """Products in order of rank, shape (n_shoppers, slate_size), -1 where the page has no more.

        Those who were called to a product see it first; those who came for it alone see nothing else.
        """
        if len(visits) and bool(np.all(visits.category == NONE)):
            return visits.product[:, None]
        page = np.full((len(visits), self.size), NONE, dtype=np.intp)
        browses = visits.category != NONE
        category = visits.category[browses]
        if self._shared is not None:
            shown = self._shared[category]
        else:
            shown = self._top(visits.consumer[browses], self.candidates[category])
        page[browses, : shown.shape[1]] = shown
        called = visits.product != NONE
        page[called] = _put_first(visits.product[called], page[called])
        return page

    def examined(self, day: int, consumers: NDArray[np.intp], page: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which products on the page are looked at: rank r with probability r^-decay (rank 1 always)."""
        p = np.arange(1, page.shape[1] + 1) ** -self.settings.examination_decay
        u = self.draws.uniform(EXAMINE, day, consumers[:, None], np.maximum(page, 0))
        looks: NDArray[np.bool_] = (page != NONE) & (u < p)
        return looks

    def _top(self, consumers: NDArray[np.intp], candidates: NDArray[np.intp]) -> NDArray[np.intp]:
        """The best-scored candidates of each row, best first."""
        scores = self.policy.decide(self.seen, consumers, np.maximum(candidates, 0), self.draws)
        scores = np.where(candidates == NONE, -np.inf, scores)
        order = np.argsort(-scores, axis=1, kind="stable")  # on a tie the smaller product number goes first
        return np.take_along_axis(candidates, order[:, : self.size], axis=1)


def _put_first(product: NDArray[np.intp], page: NDArray[np.intp]) -> NDArray[np.intp]:
    """Pages with a product moved to the top, or put there so that the last one falls off."""
    is_there = page == product[:, None]
    old_place = np.where(is_there.any(axis=1), is_there.argmax(axis=1), page.shape[1] - 1)
    place = np.arange(page.shape[1] - 1)
    rest = np.take_along_axis(page, place + (place >= old_place[:, None]), axis=1)
    return np.concatenate([product[:, None], rest], axis=1)
