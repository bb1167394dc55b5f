"""Social influence makes success more unequal and less predictable (Salganik, Dodds & Watts 2006), in the market.

Their experiment: the same 48 songs in parallel worlds, with other people in each; people either choose by themselves or
see what others chose. Here products stand for songs, and the worlds are markets of other consumers with the same
catalogue. Influence is what the market has of it: friends' purchases, ratings shown, and pages ordered by sales.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t as student

from simulator import Market, Scenario

Shares = NDArray[np.float64]

N_SONGS = 48
CHANCE = 1e-3
"""Probability that a comparison below holds by luck of the seeds, if nothing were behind it."""

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


def shares(settings: dict[str, Any], n_worlds: int) -> Shares:
    """Market shares of the songs in worlds of other people, shape (n_worlds, N_SONGS)."""
    worlds = np.empty((n_worlds, N_SONGS))
    for seed in range(n_worlds):
        market = Market(Scenario().replace(**settings), rng=seed)
        for name, values in catalogue().items():
            getattr(market.products, name)[:] = values
        sold = market.run().log.columns("orders")["product"]
        worlds[seed] = np.bincount(sold, minlength=N_SONGS) / len(sold)
    return worlds


def inequality(worlds: Shares) -> Shares:
    """Gini coefficient of the shares in each world, shape (n_worlds,)."""
    weights = 2 * np.arange(1, N_SONGS + 1) - N_SONGS - 1
    return np.asarray(np.sort(worlds, axis=1) @ weights / N_SONGS)


def unpredictability(worlds: Shares) -> Shares:
    """Mean |difference| of a song's shares in two worlds, of pairs that share no world, shape (n_worlds / 2,).

    Salganik et al. average over all pairs; these are independent, and have the same mean.
    """
    return np.asarray(np.abs(worlds[::2] - worlds[1::2]).mean(axis=1))


def likeness_to_quality(worlds: Shares) -> Shares:
    """Correlation of the songs' shares with their true quality in each world, shape (n_worlds,)."""
    return np.array([np.corrcoef(world, catalogue()["quality"])[0, 1] for world in worlds])


def surely_rises(before: Shares, after: Shares) -> bool:
    """Whether the mean rises by more than chance has it, the same people being in the worlds of either side."""
    rise = after - before
    error = rise.std(ddof=1) / np.sqrt(len(rise))
    return bool(rise.mean() > student.ppf(1 - CHANCE, len(rise) - 1) * error)


def sampling_noise(n_orders: float, worlds: Shares) -> float:
    """Unpredictability of worlds with the mean shares in which every order is drawn by itself.

    The difference of two shares is then normal with variance 2·p·(1 - p)/n, and its mean size √(2/π) standard
    deviations.
    """
    p = worlds.mean(axis=0)
    return float(np.sqrt(2 / np.pi) * np.sqrt(2 * p * (1 - p) / n_orders).mean())


def test_social_influence_makes_success_more_unequal_and_less_predictable() -> None:
    alone, strong = shares({**SMALL, **ALONE}, 20), shares({**SMALL, **STRONG}, 20)
    assert surely_rises(inequality(alone), inequality(strong))
    assert surely_rises(unpredictability(alone), unpredictability(strong))


@pytest.mark.slow
def test_the_more_influence_the_more_of_both() -> None:
    alone, weak, strong = (shares({**LARGE, **influence}, 60) for influence in (ALONE, WEAK, STRONG))
    for measure in (inequality, unpredictability):
        assert surely_rises(measure(alone), measure(weak))
        assert surely_rises(measure(weak), measure(strong))


@pytest.mark.slow
@pytest.mark.parametrize("influence", [FRIENDS, {**ALONE, "policies.recommendation.kind": "popular"}])
def test_choices_of_others_do_it_alone(influence: dict[str, Any]) -> None:
    alone, influenced = shares({**LARGE, **ALONE}, 100), shares({**LARGE, **influence}, 100)
    assert surely_rises(inequality(alone), inequality(influenced))
    assert surely_rises(unpredictability(alone), unpredictability(influenced))


@pytest.mark.slow
def test_ratings_make_success_more_unequal_since_it_follows_quality() -> None:
    """Ratings tell of experience, not of choices: they feed no bandwagon, so nothing is claimed on unpredictability."""
    alone, rated = shares({**LARGE, **ALONE}, 60), shares({**LARGE, **RATINGS}, 60)
    assert surely_rises(inequality(alone), inequality(rated))
    assert surely_rises(likeness_to_quality(alone), likeness_to_quality(rated))


@pytest.mark.slow
def test_without_influence_worlds_differ_by_little_more_than_sampling() -> None:
    """By what is left of it: people buy more than once, and each has a taste."""
    worlds = shares({**LARGE, **ALONE}, 60)
    n_orders = LARGE["consumers.n"] * LARGE["days"] * LAB["needs.rate"]
    noise = sampling_noise(n_orders, worlds)
    assert noise < unpredictability(worlds).mean() < 2 * noise
