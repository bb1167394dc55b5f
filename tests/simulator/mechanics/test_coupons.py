"""Coupons: rhythm, notice, expiry, kinds, budget, and passing them on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Market, SettingsError, final_measures
from simulator.records.events.codes import Kind, Origin, Outcome, Reason
from simulator.records.events.ids import id_kind
from simulator.records.events.log import EventLog, Facts
from simulator.trade.wallet import NO_SLOT, Terms, Wallets

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


@pytest.mark.parametrize("percent", [5, 30])
def test_a_percentage_is_taken_off_in_whole_fen_up_to_the_cap(finished: Any, percent: int) -> None:
    changes = {C + "kind": "percentage", C + "percent": percent, C + "face_fen": 900, C + "every_days": 3}
    used = finished({**ON, **changes}).log.frame("orders").query("coupon != 0")
    assert len(used) > 20
    assert (used["subsidy_fen"] == np.minimum(used["list_fen"] * percent // 100, 900)).all()
    assert ((used["subsidy_fen"] == 900).any(), (used["subsidy_fen"] < 900).any()) == (percent == 30, True)
    assert (used["list_fen"] >= 2000).all()


def test_a_fixed_coupon_has_no_threshold_and_leaves_a_fen_to_pay(finished: Any) -> None:
    changes = {C + "kind": "fixed", C + "face_fen": 4000, C + "min_spend_fen": 5000, C + "every_days": 3}
    used = finished({**ON, **changes}).log.frame("orders").query("coupon != 0")
    assert (used["subsidy_fen"] == np.minimum(used["list_fen"] - 1, 4000)).all()
    assert (used["paid_fen"] == 1).any()
    assert (used["list_fen"] < 5000).any()


@given(
    coupons=st.lists(st.tuples(st.integers(1, 2000), st.integers(1, 5000), st.integers(1, 100)), max_size=4),
    price_fen=st.integers(1, 6000),
)
def test_the_coupon_that_takes_off_most_is_used_alone(coupons: list[tuple[int, int, int]], price_fen: int) -> None:
    log = EventLog(Facts(1, 1, 0, 1, 1, days=30, burn_in_days=0, campaign_end=30, catalogue=(1,)))
    wallets, somebody = Wallets(1, 4, log), np.zeros(1, dtype=np.intp)
    for terms in coupons:
        wallets.issue(0, 0, somebody, Origin.COUPONS, Terms(*terms, expires_day=9), np.ones(1, dtype=np.bool_))
    found, slot = wallets.best_discount(somebody, somebody, np.array([price_fen]), True)
    off = [min(face, price_fen * percent // 100, price_fen - 1) * (price_fen >= low) for face, low, percent in coupons]
    assert found[0] == max(off, default=0)
    assert slot[0] == (off.index(found[0]) if found[0] else NO_SLOT)


SHARED = {
    **ON,
    C + "every_days": 4,
    C + "valid_days": 4,
    C + "noticed": 1.0,
    C + "transferable": True,
    C + "pass_on": 1.0,
    C + "pass_on_days": 2,
    "choice.appeal": 1.0,
    "invitations.read": 1.0,
}


def passed_on(market: Market) -> pd.DataFrame:
    """Coupons that friends got, beside the invitations that brought them and the coupons that they had been."""
    got = coupons(market).query(f"origin == {Origin.SHARED}")
    invitations = market.log.frame("invitations").set_index("id")
    both = got.merge(invitations, left_on="cause", right_index=True, suffixes=("", "_invitation"))
    return both.merge(
        coupons(market).set_index("id"), left_on="cause_invitation", right_index=True, suffixes=("", "_old")
    )


def test_a_holder_passes_a_coupon_on_to_a_friend_and_has_it_no_longer(finished: Any) -> None:
    market = finished(SHARED)
    got = passed_on(market)
    assert len(got) > 30
    assert (got["outcome"] == Outcome.READ).all()
    assert (got["origin_invitation"] == Origin.SHARED).all()
    assert (got["consumer"] == got["invitee"]).all()
    for name in ("face_fen", "min_spend_fen", "percent", "expires_day"):
        assert (got[name] == got[f"{name}_old"]).all(), "nothing is added to its worth or its time"
    assert (got["day"] <= got["expires_day"]).all()
    ends = market.log.frame("coupon_ends")
    assert ends["cause"].is_unique
    given = ends.query(f"outcome == {Outcome.PASSED_ON}").set_index("cause")
    assert set(given.index) == set(got["cause_invitation"])
    assert (given.loc[got["cause_invitation"], "consumer"].to_numpy() == got["consumer_invitation"]).all()
    friends = [market.network.friends_of(who).tolist() for who in got["consumer_invitation"]]
    assert all(who in theirs for who, theirs in zip(got["consumer"], friends, strict=True))


def test_what_was_passed_on_is_used_by_the_friend_alone(finished: Any) -> None:
    market = finished(SHARED)
    used, got = market.log.frame("orders").query("coupon != 0").set_index("coupon"), passed_on(market)
    by_friends = used.loc[used.index.intersection(got["id"])]
    assert len(by_friends) > 5
    assert (by_friends["consumer"] == got.set_index("id").loc[by_friends.index, "consumer"]).all()
    assert not set(used.index) & set(got["cause_invitation"])


def test_friends_come_for_what_the_holder_bought_and_some_join(finished: Any) -> None:
    market = finished(SHARED)
    sent, joins = market.log.frame("invitations"), market.log.frame("joins")
    orders = market.log.frame("orders")
    bought = set(zip(orders["consumer"], orders["product"], strict=True))
    assert set(zip(sent["consumer"], sent["product"], strict=True)) <= bought
    assert (id_kind(joins["cause"].to_numpy()) == Kind.INVITATION).sum() > 3
    assert set(orders.loc[orders["reason"] == Reason.INVITATION, "cause"]) <= set(sent["id"])


def test_passing_on_is_no_issue(finished: Any) -> None:
    """Neither the issue budget nor the number of coupons issued knows of it."""
    changes = {**SHARED, C + "budget_fen": 60_000}
    market = finished(changes)
    issued = coupons(market).query(f"origin == {Origin.COUPONS}")
    assert len(passed_on(market)) > 5
    assert len(issued) == 150
    assert final_measures(market.log)["coupons_issued"] == 150
    assert final_measures(market.log)["coupons_passed_on"] == len(passed_on(market))


@pytest.mark.parametrize("off", [{C + "transferable": False}, {C + "pass_on": 0.0}])
def test_coupons_stay_where_they_are_unless_they_may_be_passed_on(finished: Any, off: dict[str, Any]) -> None:
    market = finished({**SHARED, **off})
    assert len(market.log.frame("invitations")) == 0
    assert (coupons(market)["origin"] == Origin.COUPONS).all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({C + "kind": "gift"}, "threshold, fixed or percentage"),
        ({C + "kind": "percentage", C + "percent": 100}, "1 to 99"),
        ({C + "transferable": True, C + "pass_on_days": 14}, "pass_on_days=14 must be below valid_days=14"),
    ],
)
def test_coupons_that_make_no_sense_are_refused(new_market: Any, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        new_market({**ON, **changes})
