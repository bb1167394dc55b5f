"""Coupons for accounts that have not bought yet."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.draws import Draws
from simulator.policies.couponing import NEVER, CouponingSettings, make_couponing
from tests.simulator.policies.seen import observations

NEW = {
    "mechanics.coupons.enabled": True,
    "mechanics.coupons.every_days": 4,
    "policies.couponing.kind": "new_customer",
}


def test_the_youngest_accounts_without_an_order_come_first() -> None:
    seen = observations(
        joined_day=np.array([0, 30, 12, 39, 12, -1], dtype=np.int16),
        has_ordered=np.array([False, False, False, True, True, False]),
    )
    score = make_couponing(CouponingSettings(kind="new_customer")).decide(seen, np.arange(5), Draws(1))
    assert np.argsort(-score)[:3].tolist() == [1, 2, 0]
    assert (score[3:] == NEVER).all()


def test_in_the_market_nobody_gets_one_after_the_first_settled_order(finished: Any) -> None:
    market = finished(NEW)
    coupons, settled = market.log.frame("coupons"), market.log.frame("settlements")
    first = settled.groupby("consumer")["day"].min()
    first_day = coupons["consumer"].map(first).fillna(market.scenario.days)
    assert len(coupons)
    assert (coupons["day"] <= first_day).all()


def test_with_few_coupons_they_go_to_those_who_joined_last(finished: Any) -> None:
    market = finished({**NEW, "policies.couponing.share": 0.05, "mechanics.coupons.noticed": 1.0})
    coupons = market.log.frame("coupons")
    joined = market.columns["joined_day"]
    settled = market.log.frame("settlements").groupby("consumer")["day"].min()
    first_order = np.full(len(joined), market.scenario.days)
    first_order[settled.index] = settled
    for day, got in coupons.groupby("day")["consumer"]:
        waits = np.flatnonzero((joined >= 0) & (joined <= day) & (first_order >= day))
        others = np.setdiff1d(waits, got)
        assert joined[got].min() >= joined[others].max()
