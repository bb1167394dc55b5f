"""Which products are wanted by the same people: item-based collaborative filtering.

The similarity of two products is the cosine of the angle between them, each taken as the set of consumers in whose
basket it is (Sarwar et al. 2001; Linden, Smith & York 2003): n(both) / √(n(one) · n(other)).
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from simulator.compiled import compiled
from simulator.draws import Floats
from simulator.policies.policy import Observations
from simulator.policies.recommendation.fallback import FallbackSettings
from simulator.settings import quantity

NEVER = -1


class SimilaritySettings(FallbackSettings):
    """How similarities are learned from baskets."""

    refresh_days: int = quantity(7, "days between two fits of the similarities", unit="day", ge=1, le=365)
    sample: int = quantity(20_000, "members whose baskets are read for a fit at most", unit="consumers", ge=1)
    neighbours: int = quantity(
        30, "most similar products kept for each product", unit="products", source="Sarwar et al. 2001", ge=1, le=1000
    )


class Similarities:
    """The nearest neighbours of each product with their similarity; its own, 1, is always among them."""

    carried: ClassVar[tuple[str, ...]] = ("_fitted_day", "_nearest")

    def __init__(self, settings: SimilaritySettings) -> None:
        self.settings = settings
        self._fitted_day = NEVER
        self._nearest: dict[str, NDArray[Any]] = {}

    def open_day(self, seen: Observations) -> None:
        """Learn anew on the first day, and every `refresh_days` after it."""
        s = self.settings
        if self._fitted_day != NEVER and seen.day < self._fitted_day + s.refresh_days:
            return
        self._fitted_day = seen.day
        members = np.flatnonzero(seen.joined_day >= 0)
        every = max(1, -(-len(members) // s.sample))  # evenly over the rows: they may be sorted by community
        baskets = seen.profiles.baskets(members[::every])
        self._nearest = nearest(baskets, len(seen.category), s.neighbours)

    def sums(self, baskets: NDArray[np.int32], products: NDArray[np.intp]) -> Floats:
        """Similarity of products to all that is in a basket, what is in it twice counting twice; shape as `products`.

        Before the first fit nothing is similar.

        Args:
            baskets: As `Profiles.baskets` gives them, shape (n_shoppers, memory).
            products: Shape (n_shoppers, n_candidates).
        """
        return _sums(baskets, products, **self._nearest) if self._nearest else np.zeros(products.shape)


def nearest(baskets: NDArray[np.int32], n_products: int, n_neighbours: int) -> dict[str, NDArray[Any]]:
    """The products most similar to each product, itself first, on a tie the smaller number.

    Args:
        baskets: As `Profiles.baskets` gives them, shape (n, memory).
        n_products: How many products there are.
        n_neighbours: How many are kept besides the product itself.

    Returns:
        `starts`, where the neighbours of each product begin, shape (n_products + 1,); `neighbours`; their `cosines`.
    """
    who, slot = np.nonzero(baskets >= 0)
    wants = csr_array((np.ones(len(who), dtype=np.int64), (who, baskets[who, slot])), shape=(len(baskets), n_products))
    wants.data[:] = 1  # what is in a basket twice was summed
    both = (wants.T @ wants).tocoo()
    n_wanting = both.diagonal()
    one, other = both.coords
    cosines = both.data / np.sqrt(n_wanting[one] * n_wanting[other])
    order = np.lexsort((other, -cosines, one != other, one))
    one, other, cosines = one[order], other[order], cosines[order]
    rank = np.arange(len(one)) - np.searchsorted(one, one)
    kept = rank <= n_neighbours
    starts = np.searchsorted(one[kept], np.arange(n_products + 1))
    return {"starts": starts, "neighbours": other[kept].astype(np.intp), "cosines": cosines[kept]}


@compiled
def _sums(
    baskets: NDArray[np.int32],
    products: NDArray[np.intp],
    starts: NDArray[np.intp],
    neighbours: NDArray[np.intp],
    cosines: Floats,
) -> Floats:
    sums = np.empty(products.shape)
    total = np.zeros(len(starts) - 1)
    for row in range(products.shape[0]):
        for item in baskets[row]:
            if item >= 0:
                for at in range(starts[item], starts[item + 1]):
                    total[neighbours[at]] += cosines[at]
        for place in range(products.shape[1]):
            sums[row, place] = total[products[row, place]]
        for item in baskets[row]:
            if item >= 0:
                for at in range(starts[item], starts[item + 1]):
                    total[neighbours[at]] = 0.0
    return sums
