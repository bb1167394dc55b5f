"""Trend following: what is found in sales, what is taken for chance, and where products go."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.draws import Draws
from simulator.policies.product import ProductSettings, make_designing
from simulator.policies.product.trend_following import trend
from tests.simulator.policies.seen import observations

N, START = 40, 40
RNG = np.random.default_rng(6)
PLACES = RNG.normal(size=(N, 3))
PLACES /= np.linalg.norm(PLACES, axis=1)[:, None]
HOT = np.array([0.0, 0.6, 0.8])


def redesigned(pace: Any, days: int = 12, usual: float = 10.0, cost_fen: int = 0, **settings: Any) -> Any:
    """On which mornings which products are to be something else, and what: before the campaign all sell as usual."""
    block = {"prior_units": 1.0, "step": 1.0, **settings}
    policy = make_designing(ProductSettings(kind="trend_following", cost_fen=cost_fen, trend_following=block))
    made = []
    for c in range(days):
        seen = observations(
            N,
            day=START + c,
            campaign_day=c,
            attributes=PLACES,
            category=np.zeros(N, dtype=np.intp),
            merchant=np.arange(N),
            list_fen=np.full(N, 1000),
            cost_fen=np.full(N, 600),
            n_ordered=np.rint(usual * START + np.asarray(pace) * c).astype(np.int64) + np.zeros(N, dtype=np.int64),
        )
        made.append(policy.decide(seen, np.arange(N), Draws(1)))
    return np.array(made)


def test_products_go_where_sales_grow_as_soon_as_that_is_sure() -> None:
    made = redesigned(10 * np.exp(1.5 * PLACES @ HOT))
    moves = (made != PLACES).any(axis=2)
    assert not moves[:7].any(), "nothing is recent before the seventh day"
    assert moves[7].sum() > N / 2
    assert (made[7][moves[7]] @ HOT > 0.99).all()
    assert not moves[7][PLACES @ HOT > 0.999].any()


def test_steady_sales_move_nothing() -> None:
    assert np.array_equal(redesigned(10.0), np.tile(PLACES, (12, 1, 1)))
    assert np.array_equal(redesigned(20.0), np.tile(PLACES, (12, 1, 1))), "nor does what grows everywhere alike"


def test_chance_is_taken_for_a_trend_as_rarely_as_said() -> None:
    """The slope's test, on Poisson counts without a trend."""
    n_tries, mean = 2000, 60.0
    found = 0
    for _ in range(n_tries):
        recent, usual = RNG.poisson(mean, N), RNG.poisson(mean, N)
        found += trend(PLACES, np.log(recent / usual), 1 / (1 / recent + 1 / usual), 0.95).any()
    assert abs(found / n_tries - 0.05) < 4 * np.sqrt(0.05 * 0.95 / n_tries) + 0.01


def test_the_slope_is_that_of_weighted_least_squares() -> None:
    slope = np.array([0.5, -0.3, 0.9])
    weights = RNG.uniform(1, 30, N)
    assert trend(PLACES, 0.7 + PLACES @ slope, weights, 0.5) == pytest.approx(slope, abs=1e-5)
    assert not trend(PLACES[:3], PLACES[:3] @ slope, weights[:3], 0.0).any(), "three products cannot tell"


def test_it_must_pay_before_the_trend_is_over() -> None:
    pace = 10 * np.exp(PLACES @ HOT)
    dear = {"cost_fen": 200_000}
    assert (redesigned(pace, **dear, payback_days=200)[-1] != PLACES).any()
    assert (redesigned(pace, **dear, payback_days=3)[-1] == PLACES).all()
