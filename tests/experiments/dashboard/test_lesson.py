"""What the classroom watches is what happened in the market."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from experiments.dashboard import lesson
from experiments.dashboard.lesson import Frame, Lesson
from simulator import Market, Scenario, final_measures
from simulator.records.cascades import FOLLOW_UP_DAYS
from simulator.records.events.codes import Outcome, Way
from simulator.records.reading import Reading

SEED = 2


@pytest.fixture(scope="module")
def scenario(tiny_scenario: Scenario) -> Scenario:
    return tiny_scenario.replace(**{"consumers.prospect_fraction": 0.7, "mechanics.group_buying.discount": 0.4})


@pytest.fixture(scope="module")
def told(scenario: Scenario) -> tuple[Lesson, list[list[Frame]]]:
    """A lesson that is over, and all that it told."""
    teaching = Lesson((scenario.replace(**{"mechanics.group_buying.enabled": True}), scenario), SEED)
    return teaching, [teaching.next_day() for _ in range(scenario.days)]


def column(days: list[list[Frame]], side: int, name: str, width: int) -> list[tuple[int, ...]]:
    flat = [value for pair in days for value in pair[side][name]]
    return [tuple(flat[i : i + width]) for i in range(0, len(flat), width)]


def test_the_frames_tell_every_event(told: tuple[Lesson, list[list[Frame]]]) -> None:
    teaching, days = told
    log = teaching.sides[0].market.log
    orders, ends = log.columns("orders"), log.columns("group_ends")
    assert [who for who, _ in column(days, 0, "buys", 2)] == orders["consumer"].tolist()
    assert len(column(days, 0, "members", 3)) == np.count_nonzero(orders["way"] == Way.JOIN) > 0
    assert len(column(days, 0, "flights", 4)) == len(log.columns("invitations")["id"]) > 0
    assert [who for who, _, _ in column(days, 0, "joins", 3)] == log.columns("joins")["consumer"].tolist()
    filled = [number for number, _, is_filled in column(days, 0, "ends", 3) if is_filled]
    assert len(filled) == np.count_nonzero(ends["outcome"] == Outcome.FILLED) > 0


def test_groups_fill_when_their_members_are_there(told: tuple[Lesson, list[list[Frame]]]) -> None:
    _, days = told
    size = {number: size for _, _, number, size in column(days, 0, "opens", 4)}
    members = [number for _, _, number in column(days, 0, "members", 3)]
    for number, _, is_filled in column(days, 0, "ends", 3):
        assert (1 + members.count(number) == size[number]) == bool(is_filled)


def test_the_last_counters_are_those_of_the_run(told: tuple[Lesson, list[list[Frame]]]) -> None:
    teaching, days = told
    market = teaching.sides[0].market
    final, counters = final_measures(market.log), days[-1][0]["counters"]
    assert counters["opened"] == counters["filled"] + counters["lapsed"] == len(market.log.columns("groups")["id"])
    assert counters["orders"] == len(market.log.columns("orders")["id"])
    assert counters["subsidy"] == pytest.approx(final["subsidy"])
    reading = Reading(market.log)
    sold, orders = reading.all_sales.row, reading.table("orders")
    assert (
        counters["discounts"] == ((orders["list_fen"] - orders["paid_fen"] - orders["subsidy_fen"])[sold]).sum() / 100
    )
    assert counters["reach"] == market.today["adopters_cumulative_share"] > days[-1][1]["counters"]["reach"]


def test_both_markets_have_the_same_luck(told: tuple[Lesson, list[list[Frame]]], scenario: Scenario) -> None:
    _, days = told
    before = days[: scenario.burn_in_days]
    assert [pair[0] for pair in before] == [pair[1] for pair in before]
    assert days[-1][1]["opens"] == [] == days[-1][1]["flights"]
    assert days[-1][1]["counters"]["k"] is None


def test_what_is_told_is_plain_and_finite(told: tuple[Lesson, list[list[Frame]]]) -> None:
    teaching, days = told
    json.dumps([teaching.world(), days], allow_nan=False)


def test_days_come_in_batches_up_to_the_last(scenario: Scenario, told: tuple[Lesson, list[list[Frame]]]) -> None:
    teaching = Lesson((scenario.replace(**{"mechanics.group_buying.enabled": True}), scenario), SEED)
    assert teaching.next_days(3) + teaching.next_days(1000) == told[1]
    assert teaching.next_days(5) == []


def test_k_is_that_of_the_reports_with_their_follow_up(
    monkeypatch: pytest.MonkeyPatch, tiny_scenario: Scenario
) -> None:
    monkeypatch.setattr(lesson, "K_DAYS", FOLLOW_UP_DAYS)
    settings: Mapping[str, Any] = {
        "days": 110,
        "mechanics.group_buying.enabled": True,
        "mechanics.group_buying.size": 2,
        "consumers.prospect_fraction": 0.8,
    }
    market = Market(tiny_scenario, rng=1, **settings).run()
    k = final_measures(market.log)["k_factor"]
    assert lesson.k_so_far(Reading(market.log), market.day) == k > 0.0


def test_k_is_not_known_before_anybody_was_followed(told: tuple[Lesson, list[list[Frame]]]) -> None:
    _, days = told
    known = [pair[0]["counters"]["k"] is not None for pair in days]
    assert not any(known[: lesson.K_DAYS])
    assert known[-1]
