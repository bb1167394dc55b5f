"""BG/NBD: published values, refits of simulated customers, and when the market refits it; of real ones: target T2."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.validation.cdnow import EXACT, in_standard_errors
from simulator.insight.repurchase import BgNbd

CDNOW = BgNbd(0.243, 4.414, 0.793, 2.426)
"""In weeks, as published (Fader, Hardie & Lee 2005, table 2)."""


def simulate(model: BgNbd, n: int, days: int, seed: int) -> tuple[Any, Any, Any]:
    """Histories of n customers who first bought up to a third of the time ago, by the rules of the model."""
    rng = np.random.default_rng(seed)
    rate, leaves = rng.gamma(model.r, 1 / model.alpha, n), rng.beta(model.a, model.b, n)
    age = rng.integers(2 * days // 3, days + 1, n)
    n_repeat, last, now = np.zeros(n, dtype=np.int64), np.zeros(n), np.zeros(n)
    stays = np.ones(n, dtype=np.bool_)
    while stays.any():
        now = now + rng.exponential(1 / rate)
        stays &= now <= age
        n_repeat += stays
        last = np.where(stays, now, last)
        stays &= rng.random(n) >= leaves
    return n_repeat, last.astype(np.int64), age


def test_it_gives_the_published_values() -> None:
    """Fader, Hardie & Lee 2005 (their spreadsheet) and the manual of R's BTYD (Dziurzynski, Wadsworth & McCarthy)."""
    n_repeat, recency, age = np.array([2, 26]), np.array([30.43, 30.86]), np.array([38.86, 31.0])
    expected = CDNOW.expected(n_repeat, recency, age, 39.0)[0], CDNOW.expected(n_repeat, recency, age, 52.0)[1]
    assert expected == pytest.approx((1.226, 25.76), abs=0.005)
    assert CDNOW.p_alive(n_repeat, recency, age)[0] == pytest.approx(0.7266, abs=5e-5)


def test_the_silent_are_less_likely_alive_and_who_bought_once_is_alive_for_certain() -> None:
    recency, age = np.array([0, 50, 20, 1]), np.array([100, 50, 100, 100])
    p_alive = EXACT.p_alive(np.array([0, 5, 5, 5]), recency, age)
    assert p_alive[0] == 1
    assert (np.diff(p_alive) < 0).all()


@pytest.mark.parametrize("b", [0.3, 6.0])
@pytest.mark.parametrize("a", [0.2, 0.8, 1.5])
def test_what_it_expects_is_what_comes(a: float, b: float) -> None:
    """Without a history: the mean of simulated customers."""
    model = BgNbd(0.8, 25.0, a, b)
    n_repeat, _, age = simulate(model, 100_000, 90, seed=2)
    nothing = np.zeros(1, dtype=np.int64)
    expected = [model.expected(nothing, nothing, nothing, float(days))[0] for days in range(60, 91)]
    at_age = np.array(expected)[age - 60]
    assert abs((n_repeat - at_age).mean()) < 4 * n_repeat.std() / np.sqrt(len(age))


def test_many_orders_do_not_overflow() -> None:
    many = np.array([500, 3000])
    expected = EXACT.expected(many, np.array([100, 100]), np.array([100, 100]), 30.0)
    assert (0 < expected).all()
    assert (expected < 30 * (EXACT.r + many) / (EXACT.alpha + 100)).all(), "fewer than of one who stays for certain"


@pytest.mark.parametrize("truth", [EXACT, BgNbd(), BgNbd(2.0, 30.0, 0.4, 8.0)], ids=["cdnow", "default", "loyal"])
def test_refitted_parameters_are_within_three_standard_errors(truth: BgNbd) -> None:
    hundredths = replace(truth, alpha=100 * truth.alpha)  # so that whole numbers hardly round
    histories = simulate(hundredths, 20_000, 27_300, seed=1)
    fitted = BgNbd().fit(*histories, at_least=100)
    assert np.abs(in_standard_errors(fitted, hundredths, histories)).max() < 3


def test_a_fit_is_the_same_whatever_the_order_and_the_former_parameters() -> None:
    n_repeat, recency, age = simulate(EXACT, 3000, 273, seed=4)
    other = np.random.default_rng(5).permutation(len(age))
    fitted = BgNbd().fit(n_repeat, recency, age, at_least=1)
    assert EXACT.fit(n_repeat[other], recency[other], age[other], at_least=1) == fitted


@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=30),
)
def test_a_fit_is_finite_whoever_the_customers_are(rows: list[tuple[int, int, int]]) -> None:
    n_repeat, first, second = np.array(rows).T
    recency, age = np.where(n_repeat > 0, np.minimum(first, second), 0), np.maximum(first, second)
    fitted = BgNbd().fit(n_repeat, recency, age, at_least=1)
    assert (np.array(astuple(fitted)) > 0).all()
    assert np.isfinite(astuple(fitted)).all()
    p_alive = fitted.p_alive(n_repeat, recency, age)
    assert ((0 <= p_alive) & (p_alive <= 1)).all()
    assert (fitted.expected(n_repeat, recency, age, 30.0) >= 0).all()


def test_too_few_repeat_buyers_leave_it_as_it_was() -> None:
    histories = simulate(BgNbd(), 50, 90, seed=6)
    n_again = int(np.count_nonzero(histories[0]))
    assert EXACT.fit(*histories, at_least=n_again + 1) is EXACT
    assert EXACT.fit(*histories, at_least=n_again) != EXACT


def test_the_market_refits_on_the_set_days_once_enough_are_known(new_market: Any) -> None:
    settings = {"privacy.collection": "orders", "insight.refit_days": 6, "insight.refit_buyers": 40}
    market = new_market(settings)
    changes, n_again = [], []
    while market.running:
        before = market.pipe.profiles.repurchase
        market.step()
        profiles = market.pipe.profiles
        n_again.append(np.count_nonzero(market.columns["insight_orders"] > 1))
        if profiles.repurchase != before:
            changes.append(market.day - 1)
    delay = market.scenario.platform.reaction_days
    enough = [day for day in range(30) if (day - delay) % 6 == 0 and n_again[day] >= 40]
    assert 0 < len(enough) < 5
    assert changes == enough
