"""Referred customers against others: a story told by hand, and runs of the market."""

from __future__ import annotations

import math
from typing import Any

import pytest

from simulator.records.events.codes import Origin, Outcome
from simulator.records.metrics import final_measures
from simulator.records.referred import referred_against_others

MONEY = {"paid_fen": 1000, "cost_fen": 600}
INVITER, LEAVER = 8, 9


def told(new_story: Any) -> Any:
    """Adopters 0 (by itself), 1 (through a group), 2 and 3 (referred; the inviter of 3 leaves), 4 (referred, late)."""
    story = new_story(n_consumers=10, n_prospects=5, days=200)
    story.join(0, 1, 2, 3, 4)
    story.order(0, 10, **MONEY)
    for day in (20, 41, 70):
        story.order(0, day, **MONEY)
    story.order(0, 71, **MONEY)  # a day too late
    story.order(1, 15, cause=story.invitation(INVITER, 1, 14), **MONEY)
    for who, inviter, day in ((2, INVITER, 20), (3, LEAVER, 30), (4, INVITER, 140)):
        referral = story.invitation(inviter, who, day - 1, origin=Origin.REFERRAL)
        story.order(who, day, cause=referral, **MONEY)
    story.order(2, 81, **MONEY)  # a day too late to be retained
    story.order(3, 60, **MONEY)  # a day too early
    for day, who, outcome in (
        (5, INVITER, Outcome.LEFT),
        (50, INVITER, Outcome.WOKE),
        (90, LEAVER, Outcome.LEFT),
        (91, LEAVER, Outcome.WOKE),
    ):
        story.tell("departures", day, consumer=who, outcome=outcome)
    return story.log()


def test_a_story_told_by_hand(new_story: Any) -> None:
    groups = referred_against_others(told(new_story))
    assert groups["n"].to_dict() == {"other": 2, "referred": 2, "inviter stayed": 1, "inviter left": 1}
    assert groups["retained"].to_dict() == {"other": 0.5, "referred": 0, "inviter stayed": 0, "inviter left": 0}
    assert groups["repeat_orders"].to_dict() == {"other": 1.5, "referred": 0.5, "inviter stayed": 0, "inviter left": 1}
    assert groups["value_yuan"].to_dict() == {"other": 10, "referred": 6, "inviter stayed": 4, "inviter left": 8}


def test_the_measures_compare_referred_with_other_new_customers(new_story: Any) -> None:
    measures = final_measures(told(new_story))
    assert measures["referred_value_ratio"] == pytest.approx(0.6)
    assert measures["referred_retention_ratio"] == 0


def test_they_are_undefined_where_nobody_is_referred(finished: Any) -> None:
    measures = final_measures(finished().log)
    assert math.isnan(measures["referred_value_ratio"])
    assert math.isnan(measures["referred_retention_ratio"])


def test_referred_customers_of_a_market_are_those_whom_a_referral_brought(finished: Any) -> None:
    referral = {"enabled": True, "refer": 1.0, "invitations": 8}
    changes = {f"mechanics.referral.{name}": value for name, value in referral.items()}
    market = finished(
        {**changes, "choice.appeal": 1.0, "days": 90, "post_days": 62, "consumers.prospect_fraction": 0.6}
    )
    groups = referred_against_others(market.log)
    measures = final_measures(market.log)
    assert groups["n"]["referred"] > 10
    assert groups["n"]["referred"] + groups["n"]["other"] <= measures["n_adopters"]
    assert groups["n"]["inviter stayed"] + groups["n"]["inviter left"] == groups["n"]["referred"]
    assert (groups["value_yuan"] > 0).all()
