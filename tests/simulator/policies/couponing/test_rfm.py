"""RFM: quintiles of recency, frequency and money, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.draws import Draws
from simulator.policies.couponing import NEVER, CouponingSettings, make_couponing
from tests.simulator.policies.couponing.people import people, seen_of


def scores(known: Any, consumers: Any = None, **changes: Any) -> Any:
    n = len(known.all_beliefs.is_known)
    asked = np.arange(n) if consumers is None else consumers
    return make_couponing(CouponingSettings(kind="rfm")).decide(seen_of(known, **changes), asked, Draws(1))


def buyers(recency: Any, n_orders: Any, spend: Any) -> Any:
    return people(len(recency), recency_days=recency, age_days=recency, n_orders=n_orders, spend_fen=spend)


def test_ten_buyers_by_hand() -> None:
    recency = np.array([90, 80, 70, 60, 50, 40, 30, 20, 10, 0])
    orders = np.array([1, 1, 1, 1, 1, 1, 2, 2, 3, 9])
    spend = np.array([500, 100, 300, 200, 400, 600, 900, 700, 800, 1000])
    r = np.array([1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    f = np.array([1, 1, 1, 1, 1, 1, 4, 4, 5, 5])  # six with one order have nobody below them
    m = np.array([3, 1, 2, 1, 2, 3, 5, 4, 4, 5])
    assert np.array_equal(scores(buyers(recency, orders, spend)), r + f + m)


def test_quintiles_are_those_of_all_members_who_have_bought_whoever_is_asked() -> None:
    rng = np.random.default_rng(1)
    orders = rng.integers(0, 6, 200)
    recency = np.where(orders > 0, rng.integers(0, 99, 200), -1)
    joined = np.where(rng.random(200) < 0.2, -1, 0).astype(np.int16)
    known = buyers(recency, orders, orders * rng.integers(1000, 5000, 200))
    members = np.flatnonzero(joined >= 0)
    score = scores(known, members, joined_day=joined)
    assert (score[orders[members] == 0] == NEVER).all()
    has = orders[members] > 0
    ranked = [
        np.sort(-recency[members][has]),
        np.sort(orders[members][has]),
        np.sort(known.all_purchases.spend_fen[members][has]),
    ]
    first = members[has][0]
    own = (-recency[first], orders[first], known.all_purchases.spend_fen[first])
    by_hand = sum(1 + 5 * np.count_nonzero(r < x) // has.sum() for r, x in zip(ranked, own, strict=True))
    assert score[has][0] == by_hand


def test_distinct_values_fall_into_five_equal_groups() -> None:
    values = np.random.default_rng(2).permutation(1000)
    score = scores(buyers(np.zeros(1000, dtype=int), np.ones(1000, dtype=int), values))
    assert np.bincount(score.astype(int)).tolist() == [0, 0, 0, 200, 200, 200, 200, 200]
