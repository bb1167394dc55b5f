"""Needs: how often they come, what becomes of unmet ones, home stock, dormancy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.records.events.codes import Outcome

EVEN = {"needs.rate_shape": 1e9, "consumers.prospect_fraction": 0.0, "needs.has_attrition": False}
NOBODY_BUYS = {"choice.appeal": -20.0}


def visits(market: Any) -> Any:
    """Visits per day: what is shown on pages of one product."""
    return market.log.frame("exposures").groupby("day")["n_shown"].sum().to_numpy()


ONE_PRODUCT = {"merchants.cohorts": {"one": {"count": 1, "products_each": 1}}, "merchants.n_categories": 1}


@pytest.mark.parametrize("rate", [0.02, 0.3])
def test_needs_come_at_their_rate(finished: Any, rate: float) -> None:
    market = finished({**EVEN, "needs.rate": rate, "consumers.n": 2000})
    n = 2000 * 30
    assert abs(market.columns["n_needs"].sum() - n * rate) < 4 * np.sqrt(n * rate * (1 - rate))


def test_an_unmet_need_is_tried_again_with_the_set_probability(finished: Any) -> None:
    """With retries at r, every need makes 1/(1-r) visits in the long run, unless a new one displaces it."""
    base = {**EVEN, **NOBODY_BUYS, **ONE_PRODUCT, "needs.rate": 0.02, "consumers.n": 4000}
    once = visits(finished({**base, "needs.retry": 0.0}))[8:].sum()
    often = visits(finished({**base, "needs.retry": 0.5}))[8:].sum()
    assert (
        once
        == finished({**base, "needs.retry": 0.0}).columns["n_needs"].sum()
        - visits(finished({**base, "needs.retry": 0.0}))[:8].sum()
    )
    displaced = 0.5 * 0.02  # a waiting need meets a new one
    expected = once / (1 - 0.5 * (1 - displaced))
    assert abs(often - expected) < 4 * np.sqrt(2 * expected) + displaced * expected


def test_with_certain_retries_unmet_needs_stay_and_visit_every_day(finished: Any) -> None:
    base = {**EVEN, **NOBODY_BUYS, **ONE_PRODUCT, "needs.rate": 0.05, "needs.retry": 1.0}
    market = finished(base)
    assert (np.diff(visits(market)) >= 0).all()
    assert visits(market)[-1] == (market.columns["open_need"] == 0).sum() == (market.columns["n_needs"] > 0).sum()


def test_prospects_have_needs_but_do_not_visit(finished: Any) -> None:
    market = finished({"consumers.prospect_fraction": 1.0, "joining.innovation": 0.0, "joining.imitation": 0.0})
    assert market.columns["n_needs"].sum() > 100
    assert visits(market).sum() == 0
    assert (market.columns["open_need"] == -1).all()


def test_waves_and_categories_of_needs_are_uniform(finished: Any) -> None:
    market = finished({**EVEN, "choice.appeal": 20.0, "needs.rate": 0.5, "waves_per_day": 4})
    orders = market.log.frame("orders")
    for counts in (orders["wave"].value_counts(), (orders["product"] % 2).value_counts()):
        assert len(counts) in (2, 4)
        assert (np.abs(counts - len(orders) / len(counts)) < 4 * np.sqrt(len(orders) / len(counts))).all()


def test_weekends_and_festivals_shift_needs_but_keep_the_weeks_mean(finished: Any) -> None:
    base = {**EVEN, "needs.rate": 0.1, "consumers.n": 4000, "choice.appeal": 20.0, **ONE_PRODUCT}
    per_day = visits(finished({**base, "needs.weekend_factor": 3.0, "needs.festival_days": [17], "needs.retry": 0.0}))
    day = np.arange(30)
    weekend, festival = day % 7 >= 5, day == 17
    plain = 4000 * 0.1 * 7 / 11
    for days, expected in ((~weekend & ~festival, plain), (weekend, 3 * plain), (festival, 2 * plain)):
        assert abs(per_day[days].mean() - expected) < 4 * np.sqrt(expected / days.sum())
    assert 7 / 11 * 0.1 * (5 + 2 * 3) == pytest.approx(0.7)


def test_home_stock_meets_a_later_need_without_a_visit(finished: Any) -> None:
    """Purchases without need are kept at home; a need then takes a unit instead of making a visit."""
    brought = {
        "mechanics.coupons.enabled": True,
        "mechanics.coupons.every_days": 3,
        "mechanics.coupons.valid_days": 1,
        "mechanics.coupons.noticed": 1.0,
        "platform.reminder_visit": 1.0,
        "choice.appeal": 3.0,
        "choice.home_stock_reserve": 0.0,
        "needs.retry": 0.0,
        "needs.rate": 0.05,
        **EVEN,
    }
    stocked, unstocked = finished({**brought, "needs.home_stock": 1.0}), finished({**brought, "needs.home_stock": 0.0})
    extra = stocked.log.frame("orders").query("not is_needed")
    assert len(extra) > 200
    assert (unstocked.columns["home_stock"] == 0).all()
    at_home = stocked.columns["home_stock"].sum(axis=1)
    bought = np.bincount(extra["consumer"], minlength=300)
    used = bought - at_home
    assert (used >= 0).all()
    assert (used <= stocked.columns["n_needs"]).all()
    met = [m.log.frame("orders").query("is_needed") for m in (stocked, unstocked)]
    assert used.sum() > 50
    assert len(met[0]) < len(met[1])


def test_leaving_takes_a_first_purchase_and_happens_at_the_set_rate(finished: Any) -> None:
    """Per need after the first purchase, bought or not: here with the same p for all, satisfaction left out."""
    p = 0.1
    sure = {
        **EVEN,
        **ONE_PRODUCT,
        "needs.has_attrition": True,
        "needs.attrition_alpha": 1e7 * p,
        "needs.attrition_beta": 1e7 * (1 - p),
        "needs.satisfaction_effect": 0.0,
        "needs.rate": 0.3,
        "choice.appeal": 20.0,
        "consumers.n": 1000,
    }
    market = finished(sure)
    orders, left = market.log.frame("orders"), market.log.frame("departures")
    assert (left["outcome"] == Outcome.LEFT).all()
    assert left["consumer"].is_unique, "with marketing off nobody comes back"
    n_flips = len(orders) - orders["consumer"].nunique()  # every need is bought; the first one is not flipped
    assert abs(len(left) - p * n_flips) < 4 * np.sqrt(n_flips * p * (1 - p))
    last = orders.groupby("consumer")["day"].max()
    gone = left.set_index("consumer")["day"]
    assert (last.loc[gone.index] == gone).all(), "the last need was bought, then they left for good"
    assert market.columns["is_dormant"].sum() == len(left)
    assert len(finished({**sure, **NOBODY_BUYS}).log.frame("departures")) == 0


def test_satisfaction_keeps_people(finished: Any) -> None:
    effect = {"needs.satisfaction_effect": -20.0, "consumers.n": 1000, "merchants.quality_alpha": 100.0}
    good = finished({**effect, "merchants.quality_beta": 0.1}).log.frame("departures")
    bad = finished({**effect, "merchants.quality_beta": 100.0}).log.frame("departures")
    assert len(bad) > 1.5 * len(good)


def test_an_invitation_can_wake_the_dormant_and_a_need_cannot(finished: Any, all_on: dict[str, Any]) -> None:
    quick = {"needs.attrition_alpha": 5.0, "needs.attrition_beta": 15.0, "choice.appeal": 0.0}
    without = finished(quick).log.frame("departures")
    assert len(without) > 50
    assert (without["outcome"] == Outcome.LEFT).all()
    woken = finished({**quick, **all_on}).log.frame("departures").query(f"outcome == {Outcome.WOKE}")
    assert len(woken) > 10
