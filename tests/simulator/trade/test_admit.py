"""Rationing: by priority within each resource's capacity, whatever the order of claims."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.draws import Draws
from simulator.trade.admit import SubsidyBudget, priorities, ration


@st.composite
def claims(draw: st.DrawFn) -> tuple[Any, ...]:
    n_resources, n = draw(st.integers(1, 4)), draw(st.integers(0, 30))
    resource = draw(st.lists(st.integers(0, n_resources - 1), min_size=n, max_size=n))
    amount = draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
    capacity = draw(st.lists(st.integers(0, 12), min_size=n_resources, max_size=n_resources))
    priority = draw(st.permutations(range(n)))
    return tuple(np.array(x, dtype=np.int64) for x in (resource, amount, capacity, priority))


@given(claims())
def test_claims_are_admitted_by_priority_until_the_first_that_does_not_fit(case: tuple[Any, ...]) -> None:
    resource, amount, capacity, priority = case
    expected = np.zeros(len(resource), dtype=bool)
    claimed = np.zeros(len(capacity), dtype=int)
    for claim in np.argsort(priority):
        claimed[resource[claim]] += amount[claim]
        expected[claim] = claimed[resource[claim]] <= capacity[resource[claim]]
    assert ration(resource, amount, capacity, priority.astype(float)).tolist() == expected.tolist()


@given(claims(), st.randoms(use_true_random=False))
def test_the_order_of_claims_does_not_matter(case: tuple[Any, ...], random: Any) -> None:
    resource, amount, capacity, priority = case
    shuffled = list(range(len(resource)))
    random.shuffle(shuffled)
    admitted = ration(resource, amount, capacity, priority.astype(float))
    again = ration(resource[shuffled], amount[shuffled], capacity, priority[shuffled].astype(float))
    assert again.tolist() == admitted[shuffled].tolist()


def test_priority_is_a_mood_of_the_day_for_a_product() -> None:
    who, what = np.arange(100), np.zeros(100, dtype=int)
    draws = Draws(1)
    assert np.array_equal(priorities(draws, 3, who, what), priorities(draws, 3, who, what))
    assert not np.array_equal(priorities(draws, 3, who, what), priorities(draws, 4, who, what))
    assert not np.array_equal(priorities(draws, 3, who, what), priorities(draws, 3, who, what + 1))


def test_the_subsidy_budget_is_a_share_of_sales_less_what_is_promised() -> None:
    budget = SubsidyBudget(0.02)
    assert budget.remaining_fen == 0
    budget.gmv_fen = 10_000
    assert budget.remaining_fen == 200
    budget.committed_fen = 150
    assert budget.remaining_fen == 50
    budget.committed_fen = 250
    assert budget.remaining_fen == 0
    assert SubsidyBudget(None).remaining_fen > 10**15
