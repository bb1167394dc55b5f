from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.records.daily import Daybook, daily_measures
from simulator.records.events.codes import Kind, Outcome
from simulator.records.events.log import EventLog
from simulator.records.metrics import final_measures

DAYS = 12


def busy_story(new_story: Any, orders: list[tuple[int, int, int | None, Outcome]]) -> Any:
    story = new_story(n_consumers=6, n_prospects=3, days=DAYS)
    story.join(3, 4, 5, day=1)
    for consumer, day, delay, outcome in orders:
        settled_on = day + delay if delay is not None and day + delay < DAYS else None
        story.order(
            consumer,
            day,
            settled_on=settled_on,
            outcome=outcome,
            paid_fen=1000 + day,
            subsidy_fen=50,
            fee_fen=30,
            cost_fen=600,
        )
    return story


orders_told = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(1, DAYS - 1),
        st.one_of(st.none(), st.integers(0, 3)),
        st.sampled_from([Outcome.SETTLED, Outcome.SETTLED, Outcome.REFUNDED]),
    ),
    max_size=20,
)


def test_a_day_by_hand(new_story: Any) -> None:
    story = new_story(n_prospects=5, days=3)
    story.join(5, 6, day=0)
    story.order(5, 0, settled_on=1, paid_fen=900, subsidy_fen=100, fee_fen=30, cost_fen=500)
    story.order(5, 1, paid_fen=400, cost_fen=100)
    story.order(6, 1, settled_on=2, outcome=Outcome.REFUNDED)
    story.join(7, day=1)
    story.invitation(5, 6, 1)
    group = story.identified(Kind.GROUP, "groups", 5, 1)
    story.tell("group_ends", 1, cause=group, outcome=Outcome.FILLED)
    bargains = [story.identified(Kind.BARGAIN, "bargains", consumer, 1) for consumer in (5, 6, 7)]
    for helper in (1, 2):
        story.identified(Kind.CUT, "cuts", helper, 1, bargain=bargains[0])
    story.identified(Kind.CUT, "cuts", 1, 2, bargain=bargains[1])
    story.tell("bargain_ends", 1, cause=bargains[0], outcome=Outcome.SETTLED)
    story.tell("bargain_ends", 2, cause=bargains[1], outcome=Outcome.LAPSED)
    story.tell("coupon_ends", 1, outcome=Outcome.REDEEMED)
    story.tell("coupon_ends", 1, outcome=Outcome.EXPIRED)
    table = daily_measures(story.log())
    assert table.iloc[2][["bargains_settled", "bargains_lapsed", "bargain_helpers"]].tolist() == [0, 1, 1]
    assert table.iloc[1].to_dict() == {
        "day": 1,
        "orders": 2,
        "settled_orders": 2,
        "gmv_yuan": 14.0,
        "subsidy_yuan": 1.0,
        "contribution_total_yuan": 7.0,
        "joins": 1,
        "adopters": 1,
        "adopters_cumulative_share": 0.2,
        "invitations": 1,
        "groups_opened": 1,
        "groups_filled": 1,
        "groups_lapsed": 0,
        "bargains_opened": 3,
        "bargains_settled": 1,
        "bargains_lapsed": 0,
        "bargain_helpers": 2,
        "coupons_redeemed": 1,
        "active_buyers": 1,
    }


@given(orders_told)
def test_a_book_kept_day_by_day_equals_the_table_of_the_finished_log(new_story: Any, orders: list[Any]) -> None:
    story = busy_story(new_story, orders)
    forgetful = EventLog(story.facts, keep=False)
    book = Daybook(story.facts)
    rows = [book.enter(day, forgetful.today) for day in story.days_of(forgetful)]
    pd.testing.assert_frame_equal(pd.DataFrame(rows), daily_measures(story.log()))


@given(orders_told)
def test_the_days_add_up_to_the_run(new_story: Any, orders: list[Any]) -> None:
    log = busy_story(new_story, orders).log()
    days, run = daily_measures(log), final_measures(log)
    assert len(days) == DAYS
    assert days["orders"].sum() == len(orders)
    assert days["settled_orders"].sum() == run["orders"]
    assert days["gmv_yuan"].sum() == pytest.approx(run["gmv"])
    assert days["subsidy_yuan"].sum() == pytest.approx(run["subsidy"])
    assert days["contribution_total_yuan"].sum() == pytest.approx(run["contribution_total"])
    assert days["adopters"].sum() == run["n_adopters"]
    assert days["adopters_cumulative_share"].iloc[-1] == pytest.approx(run["prospects_reached"])


def test_rows_told_late_stand_on_their_own_day(new_story: Any) -> None:
    """An invitation is recorded when it is read or not, which may be the morning after it was sent."""
    log = EventLog(new_story(days=3).facts)
    for day in (1, 0, 1):
        log.append("invitations", 1, day=day)
    assert daily_measures(log)["invitations"].tolist() == [1, 2, 0]


def test_an_empty_log_gives_a_row_for_every_day(new_story: Any) -> None:
    table = daily_measures(new_story(n_prospects=0, days=3).log())
    assert table["day"].tolist() == [0, 1, 2]
    assert all(math.isnan(share) for share in table["adopters_cumulative_share"])
    assert (table.drop(columns=["day", "adopters_cumulative_share"]) == 0).all(axis=None)
