"""Checkout through the market: stock, fees, budget."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.records.events.codes import Outcome


def test_stock_is_sold_out_and_refilled_on_restocking_days(finished: Any) -> None:
    stock = {"merchants.stock_units": 3, "merchants.restock_days": 10, "needs.rate": 0.5}
    market = finished(stock)
    orders = market.log.frame("orders")
    sold = orders.groupby([orders["day"] // 10, "product"]).size().unstack()
    assert (sold == 3).all().all(), "demand is far above supply"
    assert (orders["day"] % 10 <= 5).all(), "and then the shelves are empty"


def test_scarce_stock_goes_by_lot_and_not_by_position(finished: Any) -> None:
    market = finished({"merchants.stock_units": 1, "merchants.restock_days": 1, "needs.rate": 0.9, "waves_per_day": 1})
    buyers = market.log.frame("orders")["consumer"]
    assert len(buyers) > 200
    assert abs(buyers.mean() - 149.5) < 4 * 300 / np.sqrt(12 * len(buyers))


@pytest.mark.parametrize("take_rate", [0.0, 0.03, 1.0])
def test_the_platform_takes_its_share_of_receipts(finished: Any, take_rate: float) -> None:
    market = finished({"platform.take_rate": take_rate})
    orders = market.log.frame("orders")
    assert np.array_equal(orders["fee_fen"], np.rint(take_rate * orders["paid_fen"]))
    assert market.platform.balance_fen == orders["fee_fen"].sum()


def test_surplus_is_the_price_rise_that_would_make_the_buyer_indifferent(finished: Any) -> None:
    """Positive for every purchase; and who would buy at a higher price has more of it."""
    orders = finished({"consumers.n": 1000}).log.frame("orders")
    assert (orders["surplus_fen"] >= 0).all()
    assert orders["surplus_fen"].median() > 0


def test_buyers_with_a_surplus_above_the_rise_still_buy_after_it(new_market: Any) -> None:
    """On a first day at list price and at 20 % off, paired: those with a surplus above the rise buy at both prices."""
    calendar = "policies.pricing.promotion_calendar."
    same = {
        "policies.pricing.kind": "promotion_calendar",
        calendar + "length_days": 28,
        "consumers.n": 5000,
        "needs.rate": 0.9,
        "choice.appeal": 0.0,
        "choice.gain_weight": 0.0,
    }
    bought = {}
    for discount in (0.0, 0.2):
        market = new_market({**same, calendar + "discount": discount})
        while market.day <= 5:
            market.step()
        bought[discount] = market.log.frame("orders").query("day == 5").set_index("consumer")
    cheap = bought[0.2]
    needed = cheap["list_fen"] - cheap["paid_fen"]
    clear = (cheap["surplus_fen"] - needed).abs() > 3  # prices and surplus are whole fen
    would_buy = cheap["surplus_fen"] > needed
    still_buys = cheap.index.isin(bought[0.0].index)
    assert clear.sum() > 500
    assert 50 < (~would_buy).sum()
    assert np.array_equal(would_buy[clear], still_buys[clear])


def test_the_first_settled_order_is_marked_once(busy: Any) -> None:
    settled = busy.log.frame("settlements").query(f"outcome == {Outcome.SETTLED}")
    assert settled["is_first"].sum() == settled["consumer"].nunique()
    firsts = settled.drop_duplicates("consumer")
    assert firsts["is_first"].all()


FREE: dict[str, Any] = {
    "mechanics.channels.rent_fen": 0.0,
    "mechanics.content.cost_fen": 0,
    "mechanics.content.ai_cost_fen": 0,
    "mechanics.abuse.review_fen": 0,
    "mechanics.brand.invention_fen": 0,
    "policies.product.cost_fen": 0,
}


def test_what_costs_nothing_leaves_no_record(finished: Any, all_on: dict[str, Any]) -> None:
    costs = finished({**all_on, **FREE}).log.frame("costs")
    assert len(costs) > 0
    assert (costs["fee_fen"] + costs["cost_fen"] > 0).all()
