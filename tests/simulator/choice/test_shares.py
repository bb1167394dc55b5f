"""Who is moved by a promotion or a coupon of one product; that shares are those of a logit is target A10."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.validation.choice import CALENDAR, reach_of_one


def test_a_promotion_of_one_product_moves_nobody_between_two_others(new_market: Any) -> None:
    """The lesson of pairing: errors are keyed by (consumer, product), so only the promoted product gains."""
    seed = 4
    calendar = {"policies.pricing.kind": "promotion_calendar", CALENDAR + "period_days": 28}
    changes = {
        "consumers.n": 5000,
        "needs.rate": 0.9,
        "merchants.cohorts": {"each": {"count": 10, "products_each": 1}},
        "merchants.n_categories": 1,
        "platform.slate_size": 10,
        "platform.examination_decay": 0.0,
        **calendar,
        CALENDAR + "length_days": 28,
        CALENDAR + "discount": 0.3,
    }
    bought = first_campaign_day(new_market, {**changes, CALENDAR + "reach": 0.0}, seed)
    promoted = first_campaign_day(new_market, {**changes, CALENDAR + "reach": reach_of_one(10, seed)}, seed)
    changed = bought != promoted
    assert changed.sum() > 50
    assert len(np.unique(promoted[changed])) == 1


def test_a_coupon_for_one_product_moves_nobody_between_two_others(new_market: Any) -> None:
    changes = {
        "consumers.n": 5000,
        "needs.rate": 0.9,
        "merchants.n_categories": 1,
        "platform.slate_size": 10,
        "mechanics.coupons.noticed": 1.0,
        "mechanics.coupons.face_fen": 1000,
    }
    market = new_market(changes, 4)
    dearest = int(market.products.list_fen.argmax())
    threshold = {"mechanics.coupons.min_spend_fen": int(market.products.list_fen[dearest])}
    bought = first_campaign_day(new_market, changes, 4)
    couponed = first_campaign_day(new_market, {**changes, **threshold, "mechanics.coupons.enabled": True}, 4)
    changed = bought != couponed
    assert changed.sum() > 10
    assert set(couponed[changed]) == {dearest}


def first_campaign_day(new_market: Any, changes: dict[str, Any], seed: int) -> NDArray[np.int64]:
    """What each consumer bought on the first day of the campaign; -1 for nothing."""
    market = new_market(changes, seed)
    while market.day <= market.scenario.burn_in_days:
        market.step()
    orders = market.log.frame("orders").query(f"day == {market.scenario.burn_in_days}")
    assert orders["consumer"].is_unique
    bought = np.full(len(market.consumers), -1)
    bought[orders["consumer"]] = orders["product"]
    return bought
