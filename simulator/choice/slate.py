"""The page: which products a shopper sees, in which order, and which of them they look at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.agents.merchants import Products
from simulator.agents.platform import PlatformSettings
from simulator.choice.visits import Looks, Visits
from simulator.compiled import compiled
from simulator.draws import Draws, Floats, decision, uniform
from simulator.policies.policy import Observations
from simulator.policies.recommendation import RandomPage, Recommendation

EXAMINE = decision("slate.examine")
NONE = -1
SCORES = 2**17
"""Scores made at once, so that they stay in the cache (2^17 are 1 MB). Pages do not depend on it."""


class Slates:
    """Makes pages with the platform's recommendation policy."""

    def __init__(
        self, settings: PlatformSettings, products: Products, n_categories: int, policy: Recommendation, draws: Draws
    ) -> None:
        self.settings = settings
        self.products = products
        self.campaign_policy = policy
        self.policy: Recommendation = policy
        self.draws = draws
        self.size = settings.slate_size
        self.p_examined: Floats = np.arange(1.0, self.size + 1) ** -settings.examination_decay
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
        self.policy.open_day(seen)
        categories = np.arange(len(self.candidates))
        self._shared = None if self.policy.is_personal else self._top(np.zeros_like(categories), categories)

    def pages(self, visits: Visits) -> NDArray[np.intp]:
        """Products in order of rank, shape (n_shoppers, slate_size), -1 where the page has no more.

        Those who were called to a product see it first; those who came for it alone see nothing else. Who is in a
        store sees what its merchant sells.
        """
        pages, in_store = self._online(visits), np.flatnonzero(visits.store != NONE)
        if len(in_store):
            wanted = (visits.store[in_store], visits.category[in_store])
            pages[in_store] = _shelves(*wanted, self.products.merchant, self.products.category, self.size)
        return pages

    def _online(self, visits: Visits) -> NDArray[np.intp]:
        if self._shared is not None:
            return _pages(visits.product, visits.category, self._shared, self.size)
        browses = np.flatnonzero((visits.category != NONE) & (visits.store == NONE))
        own = np.full(len(visits), NONE, dtype=np.intp)
        own[browses] = np.arange(len(browses))
        return _pages(visits.product, own, self._top(visits.consumer[browses], visits.category[browses]), self.size)

    def looks(self, day: int, visits: Visits, pages: NDArray[np.intp], n_shown: NDArray[np.int64]) -> Looks:
        """What is looked at: rank r with probability r^-decay (rank 1 always).

        Args:
            day: Today.
            visits: The shoppers.
            pages: What they are shown, as `pages` has it.
            n_shown: How often each product was shown, shape (n_products,); counts on.
        """
        return Looks(*_looks(self.draws.key(EXAMINE, day), self.p_examined, visits.consumer, pages, n_shown))

    def _top(self, consumers: NDArray[np.intp], categories: NDArray[np.intp]) -> NDArray[np.intp]:
        """The best-scored products of each one's category, best first; shape (n, ≤ slate_size), -1 for no more."""
        step = max(1, SCORES // self.candidates.shape[1])
        parts = (slice(start, start + step) for start in range(0, max(len(consumers), 1), step))
        return np.concatenate([self._best(consumers[part], categories[part]) for part in parts])

    def _best(self, consumers: NDArray[np.intp], categories: NDArray[np.intp]) -> NDArray[np.intp]:
        candidates = self.candidates[categories]
        scores = self.policy.decide(self.seen, consumers, np.maximum(candidates, 0), self.draws)
        return _best_first(np.ascontiguousarray(scores, dtype=np.float64), candidates, self.size)


@compiled
def _pages(
    called_to: NDArray[np.intp], which: NDArray[np.intp], browsed: NDArray[np.intp], size: int
) -> NDArray[np.intp]:
    """See `Slates.pages`.

    Args:
        called_to: The product that stands on top, shape (n_shoppers,), -1 for none.
        which: The row of `browsed` that comes after it, shape (n_shoppers,), -1 for none.
        browsed: As `Slates._top` gives them.
        size: Products on a page at most.
    """
    pages = np.full((len(called_to), size), NONE)
    for visit, first in enumerate(called_to):
        n_shown = 0
        if first != NONE:
            pages[visit, 0] = first
            n_shown = 1
        if which[visit] == NONE:
            continue
        for item in browsed[which[visit]]:
            if item == NONE or n_shown == size:
                break
            if item != first:
                pages[visit, n_shown] = item
                n_shown += 1
    return pages


@compiled
def _shelves(
    store: NDArray[np.intp],
    category: NDArray[np.intp],
    merchant_of: NDArray[np.intp],
    category_of: NDArray[np.intp],
    size: int,
) -> NDArray[np.intp]:
    """What each shopper finds in a store, shape (n_shoppers, size): the category needed, then all else, by number.

    Args:
        store, category: Whose store each is in, and what they need.
        merchant_of, category_of: Of each product, shape (n_products,).
        size: Products on a page at most.
    """
    pages = np.full((len(store), size), NONE)
    for visit in range(len(store)):
        n_shown = 0
        for comes_second in (False, True):
            for item in range(len(merchant_of)):
                is_other = category_of[item] != category[visit]
                if n_shown < size and merchant_of[item] == store[visit] and is_other == comes_second:
                    pages[visit, n_shown] = item
                    n_shown += 1
    return pages


@compiled
def _looks(
    key: np.uint64,
    p_examined: Floats,
    consumer: NDArray[np.intp],
    pages: NDArray[np.intp],
    n_shown: NDArray[np.int64],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Visit, consumer and product of every look, shape (n_looks,); `p_examined` goes by rank, shape (slate_size,)."""
    visit, who, product = np.empty((3, pages.size), np.intp)
    n_looks = 0
    for v in range(len(consumer)):
        for rank, item in enumerate(pages[v]):
            if item == NONE:
                break
            n_shown[item] += 1
            if uniform(key, consumer[v], item) < p_examined[rank]:
                visit[n_looks], who[n_looks], product[n_looks] = v, consumer[v], item
                n_looks += 1
    return visit[:n_looks], who[:n_looks], product[:n_looks]


@compiled
def _best_first(scores: Floats, candidates: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    """The candidates with the highest scores of each row, best first, on a tie the one that stands first.

    Args:
        scores: Shape (n, n_candidates).
        candidates: As `scores`; a row ends where it has -1.
        size: How many are wanted.
    """
    n, n_candidates = scores.shape
    size = min(size, n_candidates)
    top = np.full((n, size), NONE)
    top_scores = np.empty(size)
    for row in range(n):
        n_found = 0
        for place in range(n_candidates):
            if candidates[row, place] == NONE:
                break
            score = scores[row, place]
            if n_found < size:
                n_found += 1
            elif score <= top_scores[size - 1]:
                continue
            rank = n_found - 1
            while rank > 0 and top_scores[rank - 1] < score:
                top_scores[rank], top[row, rank] = top_scores[rank - 1], top[row, rank - 1]
                rank -= 1
            top_scores[rank], top[row, rank] = score, candidates[row, place]
    return top
