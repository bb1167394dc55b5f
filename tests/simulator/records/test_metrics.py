"""Final measures as a whole, and those of repurchase and money, by hand and by plain loops."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.records.cascades import cascade_sizes, generations
from simulator.records.events.codes import Outcome
from simulator.records.events.log import EventLog
from simulator.records.measures import MEASURES, PRIMARIES
from simulator.records.metrics import final_measures, retention

DAYS, BURN_IN = 110, 5
NAN = math.nan

orders_told = st.lists(
    st.fixed_dictionaries(
        {
            "consumer": st.integers(0, 5),
            "day": st.integers(0, DAYS - 1),
            "delay": st.one_of(st.none(), st.integers(0, 2)),
            "outcome": st.sampled_from([Outcome.SETTLED, Outcome.SETTLED, Outcome.REFUNDED]),
            "paid_fen": st.integers(0, 5000),
            "subsidy_fen": st.integers(0, 300),
            "fee_fen": st.integers(0, 100),
            "cost_fen": st.integers(0, 3000),
            "surplus_fen": st.integers(-500, 500),
        }
    ),
    max_size=25,
)


def told(new_story: Any, orders: list[dict[str, Any]]) -> tuple[EventLog, list[dict[str, Any]]]:
    """The log of these orders (consumers 3, 4, 5 are prospects), and its sales with their day of settlement."""
    story = new_story(n_consumers=6, n_prospects=3, days=DAYS, burn_in_days=BURN_IN)
    story.join(3, 4, 5)
    sales = []
    for order in orders:
        fields = dict(order)
        delay = fields.pop("delay")
        settled_on = None if delay is None or order["day"] + delay >= DAYS else order["day"] + delay
        story.order(**fields, settled_on=settled_on)
        if settled_on is not None and order["outcome"] == Outcome.SETTLED:
            sales.append({**order, "sold": settled_on})
    return story.log(), sales


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else NAN


def same(found: float, expected: float) -> bool:
    return found == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_the_registry_names_every_measure_once_and_the_primaries_as_agreed() -> None:
    names = [m.name for m in MEASURES]
    assert len(set(names)) == len(names)
    assert PRIMARIES == ("p_two_orders", "prospects_reached", "contribution_total")


def test_an_empty_log_has_counts_and_sums_of_zero_and_no_ratios(new_story: Any) -> None:
    log = new_story(days=50).log()
    found = final_measures(log)
    assert list(found) == [m.name for m in MEASURES]
    zeros = {name for name, value in found.items() if value == 0}
    assert zeros == {
        *("p_two_orders", "orders_per_consumer", "buyers_share", "prospects_reached", "n_adopters", "joined_share"),
        *("gmv", "contribution_platform", "contribution_merchants", "contribution_total"),
        *("marketing_cost", "subsidy", "given_away", "orders", "surplus", "groups_opened", "unresolved_orders"),
        "coupons_issued",
        *("contribution_small", "specialists_trained", "talent_cost", "technology_cost", "capability_cost"),
        *(
            "contents_made",
            "views_per_consumer",
            "coupons_outstanding",
            "coupons_passed_on",
            "trust_shift",
            "bargains_opened",
            "joined_by_helping",
            "word_of_mouth_heard",
            *("abuse_from_platform", "abuse_from_merchants", "needs_met_second_hand"),
            *("honest_orders", "honest_barred_share", "accounts_reviewed"),
            *("leaks", "records_exposed", "exposed_share", "trust_lost_to_leaks", "consent_withdrawn"),
            *("privacy_cost", "privacy_fines", "gmv_kept", "lost_by_returns", "store_rent"),
            *("stock_cost", "sales_lost", "sales_lost_value", "redesigns", "redesign_cost"),
            *("complaints", "service_cost", "advertising_cost", "moves_copied", "moves_invented"),
        ),
    }
    assert all(math.isnan(value) for name, value in found.items() if name not in zeros)
    assert retention(log)["age_days"].tolist() == [30]
    assert cascade_sizes(log).shape == (0, 2)
    assert generations(log).shape == (0, 5)


def test_a_market_without_prospects_has_no_reach(new_story: Any) -> None:
    assert math.isnan(final_measures(new_story(n_prospects=0).log())["prospects_reached"])


def test_a_log_that_forgets_is_refused(new_story: Any) -> None:
    with pytest.raises(ValueError, match="keep=True"):
        final_measures(EventLog(new_story().facts, keep=False))


def test_a_settlement_of_an_unknown_order_is_refused(new_story: Any) -> None:
    story = new_story()
    story.order(1, 3)
    story.tell("settlements", 3, cause=99, consumer=1, outcome=Outcome.SETTLED)
    with pytest.raises(ValueError, match="names an order"):
        final_measures(story.log())


def test_repurchase_by_hand(new_story: Any) -> None:
    """Four consumers: one buys on days 10, 25, 85; one on day 10 twice; one on day 150; one never."""
    story = new_story(n_consumers=4, days=160)
    for consumer, day in [(0, 10), (1, 10), (0, 85), (0, 25), (1, 10), (2, 150)]:
        story.order(consumer, day)
    found = final_measures(story.log())
    assert found["p_two_orders"] == 2 / 4
    assert found["orders_per_consumer"] == 6 / 4
    assert found["buyers_share"] == 3 / 4
    assert found["orders_per_buyer"] == 2
    assert found["repeat_rate_30"] == 1  # the buyer of day 150 is censored; a second order of the same day counts
    assert found["mean_gap_days"] == (15 + 60 + 0) / 3
    assert found["retention_month_1"] == 1 / 2
    assert found["retention_month_2"] == 0
    assert found["retention_month_3"] == 1 / 2
    table = retention(story.log())
    assert table["age_days"].tolist() == [30, 60, 90, 120, 150]
    assert table["n"].tolist() == [2, 2, 2, 2, 0]
    assert table["share"].tolist()[:4] == [0.5, 0, 0.5, 0]


@pytest.mark.parametrize(("last_full_day", "expected"), [(69, 1.0), (70, NAN)])
def test_a_cohort_is_followed_to_the_last_day_and_no_further(
    new_story: Any, last_full_day: int, expected: float
) -> None:
    story = new_story(days=100)  # days 0 to 99
    story.order(0, last_full_day)
    story.order(0, 99)
    found = final_measures(story.log())
    assert same(found["repeat_rate_30"], expected)
    assert same(found["retention_month_1"], expected)


def test_the_burn_in_counts_for_nothing_but_who_is_new(new_story: Any) -> None:
    story = new_story(n_consumers=4, n_prospects=4, burn_in_days=30)
    story.join(0, 1, 2, day=3)
    story.join(3, day=40)
    story.order(0, 10, paid_fen=700)  # adopts in the burn-in ...
    story.order(0, 50, paid_fen=500)  # ... and is no adopter of the window
    story.order(1, 29, settled_on=30, paid_fen=300)  # adopts on the day of settlement
    found = final_measures(story.log())
    assert found["n_adopters"] == 1
    assert found["prospects_reached"] == 1 / 4
    assert found["joined_share"] == 1 / 4
    assert found["gmv"] == 8.0
    assert found["unresolved_orders"] == 0


@given(orders_told)
def test_repurchase_and_money_equal_plain_loops(new_story: Any, orders: list[dict[str, Any]]) -> None:
    log, all_sales = told(new_story, orders)
    sales = [sale for sale in all_sales if sale["sold"] >= BURN_IN]
    days = {c: sorted(s["sold"] for s in sales if s["consumer"] == c) for c in range(6)}
    buyers = {c: d for c, d in days.items() if d}
    adopters = {
        c for c in (3, 4, 5) if min((s["sold"] for s in all_sales if s["consumer"] == c), default=-1) >= BURN_IN
    }
    gaps = [b - a for d in buyers.values() for a, b in pairwise(d)]
    paid, subsidy, fee, cost, surplus = (
        sum(s[name] for s in sales) / 100 for name in ("paid_fen", "subsidy_fen", "fee_fen", "cost_fen", "surplus_fen")
    )
    ended = [o for o in orders if o["delay"] is not None and BURN_IN <= o["day"] + o["delay"] < DAYS]
    n_open = sum(o["day"] >= BURN_IN and (o["delay"] is None or o["day"] + o["delay"] >= DAYS) for o in orders)
    expected = {
        "p_two_orders": sum(len(d) >= 2 for d in days.values()) / 6,
        "orders_per_consumer": len(sales) / 6,
        "buyers_share": len(buyers) / 6,
        "mean_gap_days": ratio(sum(gaps), len(gaps)),
        "orders_per_buyer": ratio(len(sales), len(buyers)),
        "n_adopters": len(adopters),
        "prospects_reached": len(adopters) / 3,
        "gmv": paid + subsidy,
        "contribution_platform": fee - subsidy,
        "contribution_merchants": paid + subsidy - fee - cost,
        "contribution_total": paid - cost,
        "subsidy": subsidy,
        "subsidy_per_adopter": ratio(subsidy, len(adopters)),
        "subsidy_share": ratio(subsidy, paid + subsidy),
        "orders": len(sales),
        "average_order_value": ratio(paid + subsidy, len(sales)),
        "paid_per_buyer": ratio(paid, len(buyers)),
        "surplus": surplus,
        "refunded_share": ratio(sum(o["outcome"] == Outcome.REFUNDED for o in ended), len(ended)),
        "unresolved_orders": n_open,
    }
    for horizon in (30, 60, 90):
        followed = [d for d in buyers.values() if d[0] + horizon <= DAYS - 1]
        expected[f"repeat_rate_{horizon}"] = ratio(
            sum(len(d) > 1 and d[1] - d[0] <= horizon for d in followed), len(followed)
        )
        expected[f"retention_month_{horizon // 30}"] = ratio(
            sum(any(horizon - 30 < day - d[0] <= horizon for day in d) for d in followed), len(followed)
        )
    found = final_measures(log)
    wrong = {n: (found[n], e) for n, e in expected.items() if found[n] != pytest.approx(e, abs=1e-9, nan_ok=True)}
    assert not wrong
