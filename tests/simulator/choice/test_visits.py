"""Visits: who comes, why, and how several reasons to come are merged into one visit."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.choice.visits import NONE, browsing, called, merge
from simulator.records.events.codes import Kind, Reason
from simulator.records.events.ids import id_kind

NOTHING = np.zeros(0, dtype=np.intp)


def ints(*values: int) -> Any:
    return np.array(values, dtype=np.intp)


def test_merging_gives_one_visit_per_shopper_in_ascending_order() -> None:
    visits = merge(
        [
            browsing(ints(5, 9), ints(0, 1), Reason.NEED),
            called(ints(2, 9), ints(7, 8), np.array([70, 80]), np.array([700, 800]), Reason.INVITATION),
        ]
    )
    assert visits.consumer.tolist() == [2, 5, 9]
    assert visits.category.tolist() == [NONE, 0, 1]
    assert visits.product.tolist() == [7, NONE, 8]
    assert visits.target.tolist() == [70, 0, 80]
    assert visits.call_cause.tolist() == [700, 0, 800]
    assert visits.call_reason.tolist() == [Reason.INVITATION, 0, Reason.INVITATION]
    assert visits.reason.tolist() == [Reason.NEED, Reason.NEED, Reason.NEED]


def test_one_part_comes_out_as_it_went_in() -> None:
    part = browsing(ints(1, 4), ints(0, 0), Reason.COUPON, np.array([11, 44]))
    assert merge([browsing(NOTHING, NOTHING, Reason.NEED), part]) is part


def test_nothing_merges_to_nothing() -> None:
    assert len(merge([browsing(NOTHING, NOTHING, Reason.NEED)])) == 0


def test_the_later_call_stands_and_a_need_decides_the_page() -> None:
    visits = merge(
        [
            browsing(ints(3), ints(2), Reason.COUPON, np.array([33])),
            browsing(ints(3), ints(1), Reason.NEED),
        ]
    )
    assert (visits.category.tolist(), visits.reason.tolist(), visits.cause.tolist()) == ([1], [Reason.NEED], [0])


MARKETING = {
    "joining.innovation": 0.0,
    "joining.imitation": 0.0,
    "choice.appeal": 2.0,
    "invitations.read": 1.0,
    "platform.reminder_visit": 1.0,
    "mechanics.referral.enabled": True,
    "mechanics.referral.refer": 1.0,
    "mechanics.referral.valid_days": 2,
    "mechanics.referral.invitations": 10,
    "waves_per_day": 2,
    "needs.rate": 0.6,
    "social.degree": 20,
    "consumers.sociability": 0.9,
    "consumers.n": 1000,
}
"""Prospects are welcomed with a coupon that ends on the next day, when some are reminded and invited in one wave."""


def test_without_need_an_order_has_another_reason_than_need(finished: Any) -> None:
    """A prospect has no need visits, so its first order was brought by an invitation or a coupon, and says by which.

    A shopper who is reminded of a coupon and invited at once, and buys another product than the one it was called to,
    came for the coupon.
    """
    n_both = 0
    for seed in range(4):
        market = finished(MARKETING, seed=seed)
        joins = market.log.frame("joins")
        orders = market.log.frame("orders")
        firsts = orders[orders["consumer"].isin(joins["consumer"])].drop_duplicates("consumer")
        assert len(firsts) > 10
        assert (firsts["reason"] != Reason.NEED).all()
        assert set(id_kind(firsts["cause"].to_numpy())) <= {Kind.INVITATION, Kind.COUPON}
        assert (joins["cause"] != 0).all()
        n_both += int((firsts["reason"] == Reason.COUPON).sum())
    assert n_both > 0


def test_without_marketing_everybody_comes_for_a_need(finished: Any) -> None:
    orders = finished().log.frame("orders")
    assert (orders["reason"] == Reason.NEED).all()
    assert orders["is_needed"].all()
    assert (orders["cause"] == 0).all()


def test_an_invited_shopper_who_buys_something_else_does_not_name_the_invitation(busy: Any) -> None:
    orders, invitations = busy.log.frame("orders"), busy.log.frame("invitations").set_index("id")
    by_friend = orders[orders["reason"] == Reason.INVITATION]
    assert len(by_friend) > 20
    assert (invitations.loc[by_friend["cause"], "product"].to_numpy() == by_friend["product"]).all()
    assert (orders.loc[orders["reason"] == Reason.NEED, "cause"] == 0).all()
