"""Group buying: prices, members and invitations, and what becomes of groups that lapse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import Market
from simulator.draws import ALWAYS, Draws
from simulator.mechanics.group_buying import GroupBuying
from simulator.records.events.codes import Origin, Outcome, Reason, Way

GROUP = "mechanics.group_buying."
BUSY: dict[str, Any] = {GROUP + "enabled": True, GROUP + "open_cost": -1.0}


def grouped_orders(market: Market) -> pd.DataFrame:
    ends = market.log.frame("settlements")[["cause", "outcome", "refund_fen", "day", "wave"]]
    orders = market.log.frame("orders").merge(ends, left_on="id", right_on="cause", suffixes=("", "_end"))
    return orders[orders["way"].isin([Way.OPEN, Way.JOIN])]


def test_a_lapse_gives_back_exactly_what_was_paid(finished: Any) -> None:
    market = finished({**BUSY, GROUP + "size": 5, "needs.rate": 0.05})
    orders = grouped_orders(market)
    undone = orders[orders["outcome"] == Outcome.REFUNDED]
    assert len(undone) > 20
    assert (undone["refund_fen"] == undone["paid_fen"]).all()
    assert (orders.loc[orders["outcome"] == Outcome.SETTLED, "refund_fen"] == 0).all()
    served = market.log.frame("orders").query("id not in @undone.id").groupby("consumer")["paid_fen"].sum()
    only_refunded = undone.loc[~undone["consumer"].isin(served.index), "consumer"]
    assert (market.columns["balance_fen"][only_refunded] == 0).all()


def alone_in_its_cell(new_market: Any, changes: dict[str, Any]) -> Market:
    """A market on whose first campaign day everybody in need opens a group that nobody joins."""
    return new_market(
        {
            **BUSY,
            GROUP + "size": 5,
            GROUP + "open_cost": -10.0,
            GROUP + "join_cost": 10.0,
            GROUP + "invitations": 0,
            "choice.appeal": 10.0,
            **changes,
        }
    )


def day_after_opening(market: Market) -> pd.DataFrame:
    """The groups opened on the first campaign day, once they have lapsed; the needs of the second day are held back."""
    while market.campaign_day < 0:
        market.step()
    market.step()
    opened = market.log.frame("groups")
    market.consumers.set("need_rate", 0.0)
    return opened


def test_a_lapse_gives_back_need_and_stock(new_market: Any) -> None:
    stock = {"merchants.stock_units": 1000, "merchants.restock_days": 300}
    market = alone_in_its_cell(new_market, {**stock, "needs.retry": 1.0, "needs.has_attrition": False})
    opened = day_after_opening(market)
    assert len(opened) > 20
    sold = np.bincount(market.log.frame("orders")["product"], minlength=10)
    assert np.array_equal(market.products.stock, 1000 - sold), "stock is reserved at payment"
    assert (market.columns["open_need"][opened["consumer"]] == -1).all(), "a need that was paid for is closed"
    market.step()
    ends = market.log.frame("group_ends")
    assert (ends["outcome"] == Outcome.LAPSED).all()
    assert set(ends["consumer"]) == set(opened["consumer"])
    orders = market.log.frame("orders")
    undone = market.log.frame("settlements").query(f"outcome == {Outcome.REFUNDED}")["cause"]
    kept = orders[~orders["id"].isin(undone)]
    assert np.array_equal(market.products.stock, 1000 - np.bincount(kept["product"], minlength=10))
    waiting = opened[~opened["consumer"].isin(orders.query("day == 6")["consumer"])]
    assert len(waiting) > 20
    category = market.products.category[waiting["product"]]
    assert np.array_equal(market.columns["open_need"][waiting["consumer"]], category)
    market.step()
    again = market.log.frame("orders").query("day == 7")
    assert set(waiting["consumer"]) <= set(again.loc[again["reason"] == Reason.NEED, "consumer"])


def test_satisfaction_falls_by_the_set_amount_when_a_group_lapses(new_market: Any) -> None:
    market = alone_in_its_cell(new_market, {GROUP + "lapse_satisfaction": 0.25})
    opened = day_after_opening(market)
    who = opened["consumer"].unique()
    before = market.columns["satisfaction"].copy()
    market.step()
    settled = market.log.frame("settlements").query("day == 6 and outcome == 1")["consumer"]
    only = np.setdiff1d(who, settled)
    n_lapsed = pd.Series(market.log.frame("group_ends")["consumer"]).value_counts()[only]
    assert len(only) > 20
    assert market.columns["satisfaction"][only] == pytest.approx(before[only] - 0.25 * n_lapsed, abs=1e-6)


def test_a_coupon_locked_in_a_lapsed_group_can_be_used_one_more_day(new_market: Any) -> None:
    market = alone_in_its_cell(
        new_market,
        {
            "mechanics.coupons.enabled": True,
            "mechanics.coupons.valid_days": 1,
            "mechanics.coupons.every_days": 300,
            "mechanics.coupons.noticed": 1.0,
            "mechanics.coupons.min_spend_fen": 1000,
            "platform.coupons_stack_on_groups": True,
            "platform.reminder_visit": 0.0,
        },
    )
    opened = day_after_opening(market)
    first = opened["day"].iloc[0]
    orders = market.log.frame("orders").query("day == @first and coupon != 0")
    assert len(orders) > 20
    assert (market.log.frame("coupons")["expires_day"] == first).all()
    while market.day < first + 4:
        market.step()
    ends = market.log.frame("coupon_ends")
    coupons = orders.set_index("coupon")
    lapsed = ends[ends["cause"].isin(coupons.index) & (ends["outcome"] == Outcome.EXPIRED)]
    assert len(lapsed) > 10
    assert set(lapsed["day"]) == {first + 3}, "lapsed on the next day, valid one day more, over on the day after"
    others = ends[~ends["cause"].isin(coupons.index) & (ends["outcome"] == Outcome.EXPIRED)]
    assert set(others["day"]) == {first + 1}


def test_members_of_full_groups_are_served_and_never_more_than_its_size(busy: Market) -> None:
    orders = grouped_orders(busy)
    assert (orders["way"] == Way.JOIN).sum() > 10
    group = orders.loc[orders["way"] == Way.JOIN, "target"]
    size = busy.scenario.mechanics.group_buying.size
    assert group.value_counts().max() == size - 1


def test_latecomers_look_again_in_the_next_wave(finished: Any) -> None:
    """Many want the last seat of a pair; those who find it taken come back at once for the product, as latecomers."""
    market = finished({**BUSY, GROUP + "size": 2, GROUP + "join_cost": -5.0, "needs.rate": 0.8, "choice.appeal": 5.0})
    orders = market.log.frame("orders")
    late = orders[orders["reason"] == Reason.LATECOMER]
    assert len(late) > 20
    assert (late["way"] != Way.JOIN).sum() > 5, "some open a group of their own or buy alone"
    joins = orders[orders["way"] == Way.JOIN]
    assert joins["target"].is_unique, "a pair has one joiner"


def test_the_price_of_a_group_is_the_offer_price_less_the_discount_borne_by_the_merchant(busy: Market) -> None:
    groups, discount = busy.log.frame("groups"), busy.scenario.mechanics.group_buying.discount
    list_fen = busy.products.list_fen[groups["product"]]
    assert np.array_equal(groups["price_fen"], np.rint(list_fen * (1 - discount)))
    opened = grouped_orders(busy)
    assert (opened["subsidy_fen"] == 0).all()


def test_the_hassle_of_groups_has_the_set_mean_and_spread(new_market: Any) -> None:
    changes = {GROUP + "enabled": True, GROUP + "open_cost": 0.3, GROUP + "cost_sd": 0.5, "consumers.n": 20_000}
    columns = new_market(changes).columns
    assert columns["group_open_hassle"].mean() == pytest.approx(0.3, abs=4 * 0.5 / np.sqrt(20_000))
    assert columns["group_open_hassle"].std() == pytest.approx(0.5, rel=0.03)
    assert columns["group_join_hassle"].mean() == pytest.approx(0.0, abs=4 * 0.5 / np.sqrt(20_000))
    assert abs(np.corrcoef(columns["group_open_hassle"], columns["group_join_hassle"])[0, 1]) < 4 / np.sqrt(20_000)


def test_only_consumers_in_reach_open_join_and_are_invited(finished: Any) -> None:
    market = finished({**BUSY, GROUP + "reach": 0.5})
    u = Draws(1).uniform(GroupBuying.reached_by, ALWAYS, np.arange(300))
    in_reach = np.flatnonzero(u < 0.5)
    assert set(grouped_orders(market)["consumer"]) <= set(in_reach)
    assert set(market.log.frame("invitations")["invitee"]) <= set(in_reach)
    assert len(grouped_orders(market)) > 20


def test_members_invite_friends_strongest_tie_first(finished: Any) -> None:
    market = finished({**BUSY, GROUP + "invitations": 2, "consumers.sociability": 0.99, GROUP + "size": 6})
    sent = market.log.frame("invitations").query(f"origin == {Origin.GROUP_BUYING}")
    per_order = sent.groupby("cause")["invitee"].agg(set)
    inviter = sent.groupby("cause")["consumer"].first()
    assert per_order.map(len).max() == 2
    full = per_order[per_order.map(len) == 2]
    two_closest = [set(market.network.friends_of(inviter[c])[:2].tolist()) for c in full.index]
    agree = np.mean([a == b for a, b in zip(full, two_closest, strict=True)])
    assert agree > 0.8, "nearly everybody asks with near certainty, so the first two are nearly always the closest two"
