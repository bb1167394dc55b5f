"""What of social influence acts alone (after Salganik, Dodds & Watts 2006); that it acts is target S10."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t as student

from experiments.validation.songs import (
    ALONE,
    FRIENDS,
    LAB,
    LARGE,
    RATINGS,
    inequality,
    likeness_to_quality,
    shares_of_world,
    unpredictability,
)

Shares = NDArray[np.float64]

CHANCE = 1e-3
"""Probability that a comparison below holds by luck of the seeds, if nothing were behind it."""


def shares(settings: dict[str, Any], n_worlds: int) -> Shares:
    """Market shares of the songs in worlds of other people, shape (n_worlds, N_SONGS)."""
    return np.array([shares_of_world(seed, settings)["shares"] for seed in range(n_worlds)])


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
