"""The market for specialists: how many posts are filled, whose, and how people move."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.capability.talent import FILLED, IN_TRAINING, OPEN, Posts, TalentSettings, wages
from simulator.capability.training import Training, TrainingSettings
from simulator.draws import Draws


def posts(n_posts: Any, size: Any = None, seed: int = 1, **changes: Any) -> Posts:
    n_posts = np.asarray(n_posts)
    size = np.ones(len(n_posts)) if size is None else np.asarray(size, dtype=np.float64)
    return Posts(TalentSettings(**changes), n_posts, size, Draws(seed))


@given(n_posts=st.lists(st.integers(0, 5), min_size=1, max_size=12), ratio=st.floats(0.2, 8), seed=st.integers(0, 99))
@settings(max_examples=30)
def test_as_many_posts_are_filled_as_there_are_candidates_or_posts(n_posts: list[int], ratio: float, seed: int) -> None:
    market = posts(n_posts, seed=seed, openings_per_candidate=ratio)
    n = sum(n_posts)
    assert market.n_waiting == int(n / ratio)
    hired = market.hire(30)
    assert np.count_nonzero(hired) == market.n_filled.sum() == min(int(n / ratio), n)
    assert (market.n_filled <= n_posts).all()
    assert market.n_waiting == int(n / ratio) - np.count_nonzero(hired)
    assert not market.hire(31).any()


def test_at_the_ratio_of_the_paper_at_most_27_percent_of_the_posts_are_filled() -> None:
    market = posts([1] * 16 + [2] * 4)
    market.hire(30)
    assert market.n_filled.sum() == 6 == int(24 / 3.7)
    assert market.n_filled.sum() / 24 <= 0.27


def test_more_candidates_fill_the_same_posts_and_more() -> None:
    filled = []
    for ratio in (5.0, 3.7, 2.0, 1.0):
        market = posts([1, 2, 3] * 10, openings_per_candidate=ratio)
        market.hire(30)
        filled.append(market.state == FILLED)
    for fewer, more in pairwise(filled):
        assert (fewer <= more).all()
        assert more.sum() > fewer.sum()
    assert filled[-1].all()


def test_posts_that_pay_the_same_are_filled_alike_and_those_that_pay_more_in_proportion_to_their_pull() -> None:
    """With one candidate for many posts, chances are proportional to wage^pull (Luce 1959)."""
    size = np.array([1.0] * 50 + [3.0] * 50)
    hired = np.zeros(100)
    for seed in range(4000):
        market = posts(np.ones(100, dtype=int), size, seed, openings_per_candidate=100.0, size_premium=0.5, wage_pull=2)
        hired += market.hire(30)
    small, large = hired[:50].sum(), hired[50:].sum()
    assert small + large == 4000
    assert abs(large / 4000 - 0.75) < 4 * np.sqrt(0.75 * 0.25 / 4000)


def test_a_new_post_elsewhere_takes_no_luck_from_the_others() -> None:
    one, other = posts([2, 1, 2], openings_per_candidate=1.0), posts([2, 2, 2], openings_per_candidate=1.0)
    for day in range(60):
        assert np.array_equal(one.quit(day), np.delete(other.quit(day), 3))
        one.state[:], other.state[:] = FILLED, FILLED


def test_specialists_quit_at_their_hazard_and_look_for_another_post() -> None:
    market = posts(np.full(200, 10), openings_per_candidate=1.0, quits=2.0)
    market.hire(0)
    assert market.n_waiting == 0
    quits = market.quit(1)
    assert market.n_waiting == np.count_nonzero(quits) == np.count_nonzero(market.state == OPEN)
    expected = 2000 * -np.expm1(-2 / 365)
    assert abs(np.count_nonzero(quits) - expected) < 4 * np.sqrt(expected)
    n_waiting = market.n_waiting
    assert np.count_nonzero(market.hire(2)) == n_waiting
    assert (market.state == FILLED).all()


def test_wages_grow_with_size_and_with_the_market() -> None:
    s = TalentSettings()
    small, large = wages(s, np.array([1.0, 2.25]), 20_000)
    assert small == 300
    assert large / small == pytest.approx(1.35, abs=0.01)
    assert wages(s, np.array([1.0]), 200_000)[0] == 3000


def trained(n: int = 1000, **changes: Any) -> tuple[Posts, Training]:
    market = posts(np.ones(n, dtype=int), openings_per_candidate=4.0)
    return market, Training(TrainingSettings(**{"reach": 1.0, "days": 10, "success": 0.7, **changes}), market, Draws(1))


def test_training_fills_posts_that_no_candidate_fills() -> None:
    market, training = trained()
    market.hire(0)
    begun = training.begin(0)
    assert np.count_nonzero(begun) == 750
    assert not market.hire(1).any(), "a post in training is not open"
    for day in range(1, 10):
        assert not training.end(day).any()
    ended = training.end(10)
    assert abs(np.count_nonzero(ended) - 525) < 4 * np.sqrt(750 * 0.7 * 0.3)
    assert np.count_nonzero(market.state == FILLED) == 250 + np.count_nonzero(ended)
    assert not (market.state == IN_TRAINING).any()
    again = training.begin(10)
    assert np.array_equal(again, begun & ~ended), "who fails tries again"


def test_only_employers_who_train_do_so() -> None:
    market, training = trained(reach=0.4)
    begun = training.begin(0)
    assert abs(np.count_nonzero(begun) - 400) < 4 * np.sqrt(1000 * 0.4 * 0.6)
    assert np.array_equal(begun, market.state == IN_TRAINING)


def test_who_was_trained_and_quits_looks_for_a_post_like_anybody() -> None:
    market, training = trained(success=1.0)
    market.hire(0)
    training.begin(0)
    training.end(10)
    assert (market.state == FILLED).all()
    n_quit = sum(int(np.count_nonzero(market.quit(day))) for day in range(11, 100))
    assert market.n_waiting == n_quit > 0
