"""Fixed prices and the promotion calendar."""

from __future__ import annotations

from typing import Any

import numpy as np

CALENDAR = "policies.pricing.promotion_calendar."


def test_fixed_prices_are_list_prices(finished: Any) -> None:
    orders = finished().log.frame("orders")
    assert (orders["paid_fen"] == orders["list_fen"]).all()


def test_promotions_have_the_set_depth_rhythm_and_dates(new_market: Any) -> None:
    calendar = {CALENDAR + "discount": 0.2, CALENDAR + "period_days": 6, CALENDAR + "length_days": 2}
    market = new_market({"policies.pricing.kind": "promotion_calendar", **calendar})
    is_cut = []
    while market.running:
        market.step()
        price = market.products.offer_fen
        cut = price < market.products.list_fen
        assert np.array_equal(price[cut], np.rint(0.8 * market.products.list_fen[cut]))
        assert np.array_equal(price[~cut], market.products.list_fen[~cut])
        is_cut.append(cut)
    days = np.array(is_cut)
    assert not days[:5].any(), "burn-in"
    assert not days[22:].any(), "post-window"
    for product in range(10):
        on = np.flatnonzero(days[5:17, product])
        assert len(on) == 4, "two days of every six"
        same_merchant = market.products.merchant == market.products.merchant[product]
        assert (days[:, same_merchant] == days[:, [product]]).all(), "a merchant has one calendar"
    assert len({tuple(column) for column in days.T}) > 1, "merchants have their own dates"
