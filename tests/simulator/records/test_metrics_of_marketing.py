"""Final measures of spread, groups, bargains, coupons, exposure and trust, each by hand."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.records.events.codes import Kind, Origin, Outcome, Reason, Way
from simulator.records.metrics import final_measures

BURN_IN = 5
NAN = math.nan


def test_spread_by_hand(new_story: Any) -> None:
    story = new_story(n_prospects=5)  # 5 … 9
    story.join(5, 6, 7)
    first = story.invitation(0, 5, 10)
    story.invitation(0, 6, 10, outcome=Outcome.UNREAD)
    second = story.invitation(0, 7, 10)
    story.invitation(1, 8, 11, outcome=Outcome.CROWDED_OUT)
    story.invitation(1, 9, 199, outcome=Outcome.UNDER_WAY)
    story.order(5, 10, cause=first)
    story.order(7, 10, cause=second, outcome=Outcome.REFUNDED)
    story.order(7, 12)
    found = final_measures(story.log())
    assert found["n_adopters"] == 2
    assert found["joined_share"] == 3 / 5
    assert found["invited_share"] == 1 / 2  # the refunded order is nobody's first
    assert found["invitations_per_inviter"] == 5 / 2
    assert found["invitations_read_share"] == 2 / 4
    assert found["orders_per_invitation"] == 2 / 5


def test_groups_and_their_joiners_by_hand(new_story: Any) -> None:
    story = new_story(days=100)
    groups = [story.identified(Kind.GROUP, "groups", c, 90 + c) for c in range(4)]
    for group, outcome in zip(groups, [Outcome.FILLED, Outcome.FILLED, Outcome.LAPSED], strict=False):
        story.tell("group_ends", 95, cause=group, outcome=outcome)
    story.order(5, 90, way=Way.OPEN, reason=Reason.INVITATION, settled_on=None)
    story.order(6, 90, way=Way.JOIN, reason=Reason.INVITATION)
    story.order(7, 90, way=Way.JOIN, reason=Reason.NEED)
    story.order(8, 90, way=Way.JOIN, reason=Reason.LATECOMER, outcome=Outcome.REFUNDED)
    found = final_measures(story.log())
    assert found["groups_opened"] == 4
    assert found["groups_filled_share"] == 2 / 3
    assert found["joiners_invited_share"] == 1 / 3
    assert found["refunded_share"] == 1 / 3
    assert found["unresolved_orders"] == 1


def test_bargains_by_hand(new_story: Any) -> None:
    """Of three opened one comes about and one lapses; its order was never paid, so it is not refunded either."""
    story = new_story(days=100)
    bargains = [story.identified(Kind.BARGAIN, "bargains", c, 90 + c) for c in range(3)]
    story.tell("bargain_ends", 95, cause=bargains[0], outcome=Outcome.SETTLED, n_helpers=7)
    story.tell("bargain_ends", 96, cause=bargains[1], outcome=Outcome.LAPSED, n_helpers=2)
    story.order(0, 90, way=Way.BARGAIN)
    story.order(1, 91, way=Way.BARGAIN, outcome=Outcome.LAPSED)
    story.order(2, 92, way=Way.BARGAIN, settled_on=None)
    story.order(3, 92, way=Way.JOIN, outcome=Outcome.REFUNDED)
    for helper in (5, 6, 7):
        story.identified(Kind.CUT, "cuts", helper, 93, bargain=bargains[0], is_new=helper != 5)
    found = final_measures(story.log())
    assert found["bargains_opened"] == 3
    assert found["bargains_done_share"] == 1 / 2
    assert found["helpers_per_bargain"] == 9 / 2
    assert found["joined_by_helping"] == 2
    assert found["refunded_share"] == 1 / 2
    assert found["unresolved_orders"] == 1


def test_coupons_by_hand(new_story: Any) -> None:
    """Six issued in the window: redeemed, expired, displaced, unnoticed, and two still held; one older, redeemed."""
    story = new_story(burn_in_days=10)
    old = story.identified(Kind.COUPON, "coupons", 0, 9, is_noticed=True)
    story.tell("coupon_ends", 20, cause=old, outcome=Outcome.REDEEMED)
    coupons = [story.identified(Kind.COUPON, "coupons", c, 15, is_noticed=c != 3) for c in range(6)]
    for coupon, outcome in zip(coupons, [Outcome.REDEEMED, Outcome.EXPIRED, Outcome.DISPLACED], strict=False):
        story.tell("coupon_ends", 20, cause=coupon, outcome=outcome)
    found = final_measures(story.log())
    assert found["coupons_issued"] == 6
    assert found["coupons_noticed_share"] == 5 / 6
    assert found["coupons_outstanding"] == 2
    assert found["coupons_redeemed_share"] == 1 / 4


def test_a_coupon_passed_on_was_issued_once(new_story: Any) -> None:
    story = new_story()
    old, new = (
        story.identified(Kind.COUPON, "coupons", c, 15, is_noticed=True, origin=o)
        for c, o in ((0, Origin.COUPONS), (1, Origin.SHARED))
    )
    story.tell("coupon_ends", 20, cause=old, outcome=Outcome.PASSED_ON)
    story.tell("coupon_ends", 21, cause=new, outcome=Outcome.REDEEMED)
    found = final_measures(story.log())
    assert (found["coupons_issued"], found["coupons_passed_on"], found["coupons_redeemed_share"]) == (1, 1, 1.0)


def test_exposure_and_ratings_by_hand(new_story: Any) -> None:
    story = new_story(n_products=4)
    story.tell("exposures", 3, consumer=-1, product=1, n_shown=6, n_examined=4, n_clicked=3, n_ordered=1)
    story.tell("exposures", 4, consumer=-1, product=1, n_shown=2, n_examined=1, n_clicked=0, n_ordered=0)
    story.tell("exposures", 4, consumer=-1, product=2, n_shown=8, n_examined=5, n_clicked=2, n_ordered=2)
    story.tell("ratings", 4, consumer=1, rating_permille=900)
    story.tell("ratings", 5, consumer=2, rating_permille=400)
    found = final_measures(story.log())
    assert found["orders_per_shown"] == 3 / 16
    assert found["orders_per_examined"] == 3 / 10
    assert found["clicks_per_examined"] == 5 / 10
    assert found["exposure_gini"] == 0.5  # half of the products share all exposure equally
    assert found["products_shown_share"] == 0.5
    assert found["mean_rating"] == 0.65


def test_diversity_by_hand(new_story: Any) -> None:
    """Consumer 0 buys product 1 twice and 2 once; 1 buys 1 and 3; 2 buys once, and once in vain."""
    story = new_story(n_products=4, burn_in_days=5)
    for consumer, product in [(0, 1), (0, 2), (0, 1), (1, 1), (1, 3), (2, 1)]:
        story.order(consumer, 10, product=product)
    story.order(2, 11, product=2, outcome=Outcome.REFUNDED)
    story.order(3, 4, product=0)
    found = final_measures(story.log())
    assert found["buyer_diversity"] == pytest.approx((2 / 3 + 1) / 2)
    assert found["products_sold_effective"] == pytest.approx(36 / (4**2 + 1 + 1))
    assert found["sales_gini"] == pytest.approx((-3 * 0 - 1 + 1 + 3 * 4) / (4 * 6))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=30))
def test_diversity_equals_plain_counting(new_story: Any, sales: list[tuple[int, int]]) -> None:
    story = new_story(n_products=4)
    for consumer, product in sales:
        story.order(consumer, 10, product=product)
    found = final_measures(story.log())
    mine = [[p for c, p in sales if c == consumer] for consumer in range(5)]
    differing = [np.mean([a != b for a, b in combinations(bought, 2)]) for bought in mine if len(bought) > 1]
    shares = np.bincount([p for _, p in sales], minlength=4) / max(len(sales), 1)
    expected = {
        "buyer_diversity": np.mean(differing) if differing else NAN,
        "products_sold_effective": 1 / (shares**2).sum() if sales else NAN,
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-12, nan_ok=True)


def test_trust_gained_counts_the_window_only(new_story: Any) -> None:
    story = new_story(n_consumers=10, burn_in_days=BURN_IN)
    for day, amount in ((BURN_IN - 1, -500_000), (BURN_IN, -200_000), (BURN_IN + 1, 50_000)):
        story.tell("trust_shifts", day, consumer=1, amount_millionths=amount)
    assert final_measures(story.log())["trust_shift"] == pytest.approx(-0.015)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8))
def test_gini_is_half_the_relative_mean_difference(new_story: Any, shown: list[int]) -> None:
    story = new_story(n_products=len(shown), days=2)
    for product, n_shown in enumerate(shown):
        story.tell("exposures", 1, consumer=-1, product=product, n_shown=n_shown)
    x = np.array(shown, dtype=float)
    expected = np.abs(x[:, None] - x).mean() / (2 * x.mean()) if x.any() else NAN
    assert final_measures(story.log())["exposure_gini"] == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_what_is_given_away_is_the_subsidy_and_the_discounts_that_merchants_bear(new_story: Any) -> None:
    """A coupon of 3 yuan, a group price 10 yuan lower, a price above the list, one in the burn-in, and a seed's fee."""
    story = new_story(days=20, burn_in_days=5)
    for who, day, paid, subsidy in ((0, 6, 700, 300), (1, 7, 2000, 0), (2, 7, 1100, 0), (3, 2, 400, 0)):
        story.order(who, day, list_fen=3000 if who == 1 else 1000, paid_fen=paid, subsidy_fen=subsidy)
    story.tell("costs", 8, origin=Origin.SEEDING, merchant=-1, consumer=4, fee_fen=200, cost_fen=0)
    found = final_measures(story.log())
    assert found["subsidy"] == 3.0 + 2.0
    assert found["given_away"] == 3.0 + 10.0 + 2.0


def test_measures_of_channels_by_hand(new_story: Any) -> None:
    """0 buys through two channels and comes again, 1 as well and does not; 2 and 3 stay in the app, 3 comes again."""
    story = new_story(days=100)
    in_store = [story.order(0, 10), story.order(1, 10)]
    story.order(0, 20)
    story.order(0, 60)
    story.order(1, 20, reason=Reason.CONTENT)
    for who in (2, 3):
        story.order(who, 10)
        story.order(who, 20)
    story.order(3, 70, reason=Reason.WORD_OF_MOUTH)
    story.order(4, 80, reason=Reason.INVITATION)
    for order in (*in_store, 0, 0):
        story.tell("store_visits", 10, order=order)
    story.tell("costs", 10, origin=Origin.STORES, cost_fen=700)
    found = final_measures(story.log())
    assert [found[f"sales_{name}_share"] for name in ("app", "social", "content", "store")] == [
        6 / 11,
        2 / 11,
        1 / 11,
        2 / 11,
    ]
    assert found["store_conversion"] == 1 / 2
    assert found["store_rent"] == 7
    assert found["marketing_cost"] == 0
    assert found["contribution_merchants"] == -7
    assert found["multi_channel_share"] == 3 / 5
    assert found["repurchase_multi_channel"] == 1 / 2
    assert found["repurchase_one_channel"] == 1 / 2
