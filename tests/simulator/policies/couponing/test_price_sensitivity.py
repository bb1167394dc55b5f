"""Coupons for those who are believed to be the most price-sensitive."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.draws import Draws
from simulator.policies.couponing import NEVER, CouponingSettings, make_couponing
from tests.simulator.policies.couponing.people import people, seen_of


def test_the_highest_believed_sensitivity_comes_first() -> None:
    known = people(4, price_sensitivity=[1.5, 3.0, 2.2, 9.0], is_known=[True, True, True, False])
    score = make_couponing(CouponingSettings(kind="price_sensitivity")).decide(seen_of(known), np.arange(4), Draws(1))
    assert np.argsort(-score).tolist() == [1, 2, 0, 3]
    assert score[3] == NEVER


def test_in_the_market_coupons_go_to_the_truly_sensitive_as_far_as_beliefs_are_right(finished: Any) -> None:
    """Device data tell of it, with an error."""
    market = finished(
        {
            "consumers.n": 2000,
            "mechanics.coupons.enabled": True,
            "privacy.collection": "everything",
            "insight.device_sd": 0.2,
            "policies.couponing.kind": "price_sensitivity",
            "policies.couponing.share": 0.3,
        }
    )
    coupons = market.log.frame("coupons")
    truth = market.columns["price_sensitivity"]
    others = np.setdiff1d(np.flatnonzero(market.columns["insight_looks"] > 0), coupons["consumer"])
    assert truth[coupons["consumer"]].mean() > truth[others].mean() + 0.3
