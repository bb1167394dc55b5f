"""Blanket coupons: rhythm, notice, expiry, threshold, budget."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import Market
from simulator.records.events import Origin, Outcome, Reason

C = "mechanics.coupons."
ON: dict[str, Any] = {C + "enabled": True, C + "min_spend_fen": 2000}


def coupons(market: Market) -> pd.DataFrame:
    return market.log.frame("coupons")


def test_members_get_one_on_the_first_day_and_at_every_interval_of_the_campaign(finished: Any) -> None:
    market = finished({**ON, C + "every_days": 5, C + "from_day": 1, C + "noticed": 0.0})
    issued = coupons(market)
    assert sorted(issued["day"].unique()) == [6, 11, 16, 21]
    members = finished().columns["joined_day"]  # unnoticed coupons move nobody, so who joins when is the same
    for day, who in issued.groupby("day")["consumer"]:
        assert who.tolist() == np.flatnonzero((members >= 0) & (members <= day)).tolist()
    assert (issued["origin"] == Origin.COUPONS).all()
    assert (issued["cause"] == 0).all()


@pytest.mark.parametrize("noticed", [0.0, 0.3, 1.0])
def test_the_set_share_is_noticed_and_only_those_can_be_used(finished: Any, noticed: float) -> None:
    market = finished({**ON, C + "noticed": noticed, C + "every_days": 2})
    issued = coupons(market)
    error = np.sqrt(noticed * (1 - noticed) / len(issued))
    assert abs(issued["is_noticed"].mean() - noticed) <= 4 * error
    used = set(market.log.frame("orders")["coupon"]) - {0}
    assert used <= set(issued.loc[issued["is_noticed"], "id"])
    assert bool(used) == (noticed > 0)


def test_coupons_end_after_their_last_day(finished: Any) -> None:
    market = finished({**ON, C + "valid_days": 4, C + "every_days": 30, "platform.reminder_visit": 0.0})
    assert set(coupons(market)["expires_day"]) == {8}, "the day of issue counts"
    ends = market.log.frame("coupon_ends")
    redeemed = ends[ends["outcome"] == Outcome.REDEEMED]
    assert redeemed["day"].between(5, 8).all()
    assert redeemed["day"].max() == 8, "the last day counts as well"
    assert set(ends.loc[ends["outcome"] == Outcome.EXPIRED, "day"]) == {9}
    assert len(ends) == coupons(market)["is_noticed"].sum()


def test_coupons_take_their_face_off_prices_from_the_threshold_on(finished: Any) -> None:
    market = finished({**ON, C + "face_fen": 700, C + "min_spend_fen": 4000, C + "every_days": 3})
    orders = market.log.frame("orders")
    used = orders[orders["coupon"] != 0]
    assert len(used) > 20
    assert (used["subsidy_fen"] == 700).all()
    assert (used["paid_fen"] == used["list_fen"] - 700).all()
    assert (used["list_fen"] >= 4000).all()
    assert (orders.loc[orders["coupon"] == 0, "subsidy_fen"] == 0).all()


@pytest.mark.parametrize("budget_fen", [0, 399, 400, 10_123])
def test_the_budget_bounds_the_face_value_issued(finished: Any, budget_fen: int) -> None:
    issued = coupons(finished({**ON, C + "budget_fen": budget_fen, C + "every_days": 3}))
    assert len(issued) == budget_fen // 400, "there are more members than money, so it is used up"


def test_the_budget_is_dealt_by_lot_and_not_by_position(finished: Any) -> None:
    issued = coupons(finished({**ON, C + "budget_fen": 40 * 400, "consumers.n": 2000, C + "every_days": 30}))
    assert issued["consumer"].max() > 1200
    assert issued["consumer"].min() < 800


def test_without_a_subsidy_budget_no_coupon_is_used(finished: Any) -> None:
    market = finished({**ON, "platform.subsidy_cap_fraction": 0.0})
    assert (market.log.frame("orders")["coupon"] == 0).all()
    assert len(coupons(market)) > 100
    assert market.ledger.platform > 0


def test_a_wallet_gives_up_the_coupon_that_ends_first(finished: Any) -> None:
    changes = {C + "every_days": 1, C + "valid_days": 10, C + "noticed": 1.0, "platform.wallet_size": 2}
    market = finished({**ON, **changes, "needs.rate": 0.001})
    ends = market.log.frame("coupon_ends").query(f"outcome == {Outcome.DISPLACED}")
    issued = coupons(market).set_index("id")["day"]
    ends = ends[~ends["consumer"].isin(market.log.frame("orders")["consumer"])]  # a used coupon makes room
    assert len(ends) > 100
    assert (ends["day"] - issued.loc[ends["cause"]].to_numpy() == 2).all(), "the third coupon pushes out the first"


def test_some_holders_come_on_the_last_day_to_use_it(finished: Any) -> None:
    changes = {C + "valid_days": 3, C + "every_days": 4, C + "noticed": 1.0, "choice.appeal": 1.0}
    came = finished({**ON, **changes, "platform.reminder_visit": 1.0}).log.frame("orders")
    reminded = came[came["reason"] == Reason.COUPON]
    assert len(reminded) > 30
    expires = coupons(finished({**ON, **changes, "platform.reminder_visit": 1.0})).set_index("id")["expires_day"]
    assert (expires.loc[reminded["cause"]].to_numpy() == reminded["day"]).all()
    quiet = finished({**ON, **changes, "platform.reminder_visit": 0.0}).log.frame("orders")
    assert (quiet["reason"] == Reason.NEED).all()


@pytest.mark.parametrize("stacks", [True, False])
def test_coupons_are_used_on_group_prices_only_where_they_stack(finished: Any, stacks: bool) -> None:
    changes = {
        C + "min_spend_fen": 1000,
        C + "every_days": 2,
        "mechanics.group_buying.enabled": True,
        "platform.coupons_stack_on_groups": stacks,
    }
    orders = finished({**ON, **changes}).log.frame("orders")
    assert ((orders["coupon"] != 0) & (orders["way"] == 0)).any()
    assert ((orders["coupon"] != 0) & (orders["way"] != 0)).any() == stacks


def test_a_larger_coupon_is_used_before_a_smaller_one(finished: Any) -> None:
    """Referral rewards and blanket coupons lie in one wallet; the best one for the product is taken."""
    changes = {
        **ON,
        C + "face_fen": 200,
        C + "noticed": 1.0,
        "mechanics.referral.enabled": True,
        "mechanics.referral.refer": 1.0,
        "mechanics.referral.inviter_reward_fen": 900,
        "mechanics.referral.invitee_reward_fen": 900,
        "mechanics.referral.min_spend_fen": 2000,
        "invitations.read": 1.0,
        "choice.appeal": 2.0,
    }
    market = finished(changes)
    issued, orders = coupons(market), market.log.frame("orders")
    ends = market.log.frame("coupon_ends").set_index("cause")["day"]
    small = orders[orders["subsidy_fen"] == 200]
    assert (orders["subsidy_fen"] == 900).sum() > 10
    large = issued[(issued["face_fen"] == 900) & issued["is_noticed"]]
    for order in small[small["consumer"].isin(large["consumer"])].itertuples():
        theirs = large[(large["consumer"] == order.consumer) & (large["day"] < order.day)]
        alive = theirs[theirs["id"].map(ends).fillna(10**6) > order.day]
        assert alive.empty, "a coupon of 900 lay in the wallet while one of 200 was used"


@pytest.mark.parametrize(("above", "is_used"), [(0, True), (1, False)])
def test_the_threshold_is_exact_to_the_fen(new_market: Any, above: int, is_used: bool) -> None:
    market = new_market({**ON, "choice.appeal": 2.0, "needs.rate": 0.5})
    dearest = int(market.products.list_fen.max())
    changes = {C + "min_spend_fen": dearest + above, C + "every_days": 1, C + "noticed": 1.0}
    orders = new_market({**ON, "choice.appeal": 2.0, "needs.rate": 0.5, **changes}).run().log.frame("orders")
    assert (orders["list_fen"] == dearest).sum() > 30
    assert (orders["coupon"] != 0).any() == is_used
