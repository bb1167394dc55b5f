"""The music lab in the market: 48 equal songs, parallel worlds of other people, with and without influence (S10).

After Salganik, Dodds & Watts (2006): the same 48 songs in parallel worlds; people either choose by themselves or see
what others chose. Here products stand for songs, and the worlds are markets of other consumers with the same
catalogue. Influence is what the market has of it: friends' purchases, ratings shown, and pages ordered by sales.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.validation.target import Floats, Found
from simulator import Market, Scenario

N_SONGS = 48
LAB: dict[str, Any] = {
    "burn_in_days": 1,
    "post_days": 1,
    "waves_per_day": 1,
    "consumers.prospect_fraction": 0.0,
    "needs.rate": 0.2,
    "needs.has_attrition": False,
    "merchants.n_categories": 1,
    "merchants.cohorts": {"songs": {"count": N_SONGS, "products_each": 1}},
    "platform.slate_size": N_SONGS,
    "choice.loyalty_weight": 0.0,
}
SMALL: dict[str, Any] = {**LAB, "days": 40, "consumers.n": 300}
LARGE: dict[str, Any] = {**LAB, "days": 60, "consumers.n": 500}

ALONE = {"choice.friends_weight": 0.0, "experience.rating": 0.0, "policies.recommendation.kind": "random"}
FRIENDS = {**ALONE, "choice.friends_weight": 0.5}
RATINGS = {**ALONE, "experience.rating": 0.3}
WEAK = {**FRIENDS, "experience.rating": 0.3}
"""Others' choices can be seen, on pages in random order (their first experiment)."""
STRONG = {**WEAK, "policies.recommendation.kind": "popular"}
"""Besides, what sold best stands on top (their second)."""


@cache
def catalogue() -> dict[str, NDArray[Any]]:
    """The songs, as one more market would have drawn them."""
    products = Market(Scenario().replace(**SMALL), rng=10**6).products
    return {name: getattr(products, name) for name in ("attributes", "quality", "list_fen", "offer_fen", "cost_fen")}


def shares_of_world(seed: int, settings: dict[str, Any]) -> Found:
    """Market shares of the songs in a world of other people."""
    market = Market(Scenario().replace(**settings), rng=seed)
    for name, values in catalogue().items():
        getattr(market.products, name)[:] = values
    sold = market.run().log.columns("orders")["product"]
    return {"shares": (np.bincount(sold, minlength=N_SONGS) / len(sold)).tolist()}


def inequality(worlds: Floats) -> Floats:
    """Gini coefficient of the shares in each world, shape (n_worlds,)."""
    weights = 2 * np.arange(1, N_SONGS + 1) - N_SONGS - 1
    return np.asarray(np.sort(worlds, axis=1) @ weights / N_SONGS)


def unpredictability(worlds: Floats) -> Floats:
    """Mean |difference| of a song's shares in two worlds, of pairs that share no world, shape (n_worlds / 2,).

    Salganik et al. average over all pairs; these are independent, and have the same mean.
    """
    return np.asarray(np.abs(worlds[::2] - worlds[1::2]).mean(axis=1))


def likeness_to_quality(worlds: Floats) -> Floats:
    """Correlation of the songs' shares with their true quality in each world, shape (n_worlds,)."""
    return np.array([np.corrcoef(world, catalogue()["quality"])[0, 1] for world in worlds])
