"""Adoption by thresholds: global cascades between Watts's two mean degrees only (TARGETS A6)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import poisson

from simulator import Market, Scenario, SettingsError
from tests.simulator.social.quiet import QUIET

Curve = NDArray[np.float64]

GLOBAL = 0.02
"""A cascade is global if it takes in so much of the population; at the lower end of the window they begin small."""


def cascade_window(threshold: float) -> tuple[float, float]:
    """Mean degrees of a Poisson network between which global cascades are possible (Watts 2002).

    Those who give way to a single friend have at most K = 1/threshold friends; they percolate where
    Σ k(k - 1)·P(k) over k ≤ K exceeds the mean degree z, that is where z·P(Poisson(z) ≤ K - 2) > 1.
    """
    at_most = int(1 / threshold)

    def above_one(z: float) -> float:
        return float(z * poisson.cdf(at_most - 2, z)) - 1

    top = max(np.linspace(0.5, 20, 200), key=above_one)
    return brentq(above_one, 0.5, top), brentq(above_one, top, 40)


def cascades(threshold: float, degree: float, n: int, n_first: int, seeds: range) -> Curve:
    """The share that joins in each of several worlds, after a few people have at the start; shape (n_seeds,)."""
    settings = {
        **QUIET,
        "days": 250,
        "consumers.n": n,
        "consumers.prospect_fraction": 1 - n_first / n,
        "joining.innovation": 0.0,
        "joining.imitation": 1e9,  # who is past the threshold joins the next day
        "joining.threshold": threshold,
        "social.kind": "random",
        "social.degree": degree,
    }
    shares = []
    for seed in seeds:
        market = Market(Scenario(), rng=seed, **settings)
        market.step()
        while market.running and market.today["joins"]:
            market.step()
        shares.append(float((market.columns["joined_day"] >= 0).mean()))
    return np.array(shares)


@pytest.mark.parametrize(("threshold", "low", "high"), [(0.18, 1.02, 5.77), (0.10, 1.00, 13.66)])
def test_the_window_of_cascades_is_that_of_the_targets(threshold: float, low: float, high: float) -> None:
    assert cascade_window(threshold) == (pytest.approx(low, abs=1e-2), pytest.approx(high, abs=1e-2))


@pytest.mark.parametrize("threshold", [0.18, 0.10])
@pytest.mark.parametrize(
    ("n", "n_first", "margin"), [(10_000, 4, 1.2), pytest.param(200_000, 10, 1.06, marks=pytest.mark.slow)]
)
def test_global_cascades_happen_between_the_two_mean_degrees_only(
    threshold: float, n: int, n_first: int, margin: float
) -> None:
    """Few people start them, so the window is sharp but for the margin, which shrinks with the population."""
    low, high = cascade_window(threshold)
    seeds = range(4)
    for inside in (low * margin, (low + high) / 2, high / margin):
        assert cascades(threshold, inside, n, n_first, seeds).max() > GLOBAL, inside
    for outside in (low / margin, high * margin):
        assert cascades(threshold, outside, n, n_first, seeds).max() < GLOBAL, outside


def test_with_a_threshold_of_one_all_friends_must_have_joined() -> None:
    assert cascades(1.0, 4.0, 5_000, 5, range(2)).max() < 0.005


@pytest.mark.parametrize("threshold", [0, -0.1, 1.1, "some"])
def test_a_bad_threshold_is_refused(threshold: Any) -> None:
    with pytest.raises(SettingsError, match=r"joining\.threshold"):
        Scenario().replace(**{"joining.threshold": threshold})
