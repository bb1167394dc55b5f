"""Measures of privacy, by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulator.records.events.codes import Kind, Origin
from simulator.records.events.ids import record_ids
from simulator.records.metrics import final_measures
from simulator.records.privacy import leaks_growth


def leak(story: Any, day: int, exposed: tuple[int, ...], merchant: int = 0) -> int:
    record = int(record_ids(Kind.LEAK, day, merchant, 0))
    story.tell("leaks", day, id=record, consumer=-1, merchant=merchant, n_exposed=len(exposed))
    for who in exposed:
        story.tell("exposed", day, cause=record, consumer=who)
    return record


def spend(story: Any, who: int, *days_and_fen: tuple[int, int]) -> None:
    for day, fen in days_and_fen:
        story.order(who, day, paid_fen=fen)


def test_what_leaks_and_what_it_costs(new_story: Any) -> None:
    story = new_story(burn_in_days=40)
    first, second = leak(story, 50, (1, 2)), leak(story, 60, (2,))
    story.tell("withdrawals", 50, cause=first, consumer=1)
    story.tell("trust_shifts", 50, cause=first, consumer=1, amount_millionths=-100_000)
    story.tell("trust_shifts", 55, cause=77, consumer=3, amount_millionths=-900_000)
    paid = {"consumer": -1, "merchant": -1, "product": -1}
    for day, origin, cause, fen in ((50, 10, first, 200), (60, 10, second, 100), (61, 10, 0, 700), (62, 10, 0, 5000)):
        story.tell("costs", day, cause=cause, origin=origin, cost_fen=fen, **paid)
    story.tell("costs", 63, origin=Origin.CONTENT, cost_fen=10_000, **paid)
    story.tell("audits", 62, consumer=-1, fine_fen=5000)
    story.tell("consents", 50, consumer=-1, n_members=5, n_consenting=5)
    story.tell("consents", 51, consumer=-1, n_members=8, n_consenting=6)
    found = final_measures(story.log())
    expected = {
        "leaks": 2,
        "records_exposed": 3,
        "exposed_share": 0.2,
        "trust_lost_to_leaks": 0.01,
        "consent_withdrawn": 1,
        "consent_share": 0.75,
        "privacy_cost": 60.0,
        "privacy_fines": 53.0,
        "marketing_cost": 100.0,
        "subsidy": 100.0,
        "contribution_platform": -160.0,
        "contribution_total": -160.0,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_the_spending_of_the_exposed_is_set_against_that_of_other_customers(new_story: Any) -> None:
    story = new_story(burn_in_days=40)
    leak(story, 50, (1,))
    spend(story, 1, (5, 9999), (20, 100), (49, 300), (50, 60), (79, 40), (80, 9999))
    spend(story, 2, (10, 1), (30, 200), (60, 400))  # a customer who was not exposed
    spend(story, 3, (55, 9999))  # becomes one later
    assert final_measures(story.log())["exposed_spending"] == pytest.approx((100 / 400) / (400 / 200))


@pytest.mark.parametrize("day", [29, 171])
def test_leaks_too_close_to_the_ends_of_the_run_are_left_out(new_story: Any, day: int) -> None:
    story = new_story(days=200)
    leak(story, day, (1,))
    for who in (1, 2):
        spend(story, who, (day - 10, 100), (day + 10, 100))
    assert math.isnan(final_measures(story.log())["exposed_spending"])
    leak(story, 100, (1,))
    assert math.isnan(final_measures(story.log())["exposed_spending"])  # nobody spends around it
    for who in (1, 2):
        spend(story, who, (90, 100), (110, 50))
    assert final_measures(story.log())["exposed_spending"] == 1


def test_growth_of_leaks_by_hand() -> None:
    """Four leaks in the first year, seven in the second, nine in the third; what is beyond does not count."""
    days = np.repeat([0, 364, 365, 729, 730, 1094, 1095], [3, 1, 5, 2, 8, 1, 30])
    assert leaks_growth(days, 1100) == pytest.approx((9 / 4) ** 0.5 - 1)
    assert leaks_growth(days, 800) == pytest.approx(7 / 4 - 1)
    assert leaks_growth(days[:4], 800) == -1.0
    assert math.isnan(leaks_growth(days, 729))
    assert math.isnan(leaks_growth(days[4:], 1100))
