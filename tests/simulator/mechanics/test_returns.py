"""Returns: what comes back, when, and what is undone by it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from simulator import Market, final_measures
from simulator.choice.experience import LoyaltyReason
from simulator.records.events.codes import Origin, Outcome

R = "mechanics.returns."
PLAIN: dict[str, Any] = {R + "enabled": True, R + "base": 0.3, R + "disappointment": 0.0, "choice.appeal": 1.0}
"""A third of all orders comes back, whatever they are like."""
CERTAIN: dict[str, Any] = {**PLAIN, R + "base": 1.0}
COUPONS: dict[str, Any] = {
    "mechanics.coupons.enabled": True,
    "mechanics.coupons.noticed": 1.0,
    "mechanics.coupons.every_days": 4,
}


@pytest.fixture(scope="module")
def plain(finished: Any) -> Market:
    market: Market = finished(PLAIN)
    return market


@pytest.fixture(scope="module")
def with_coupons(finished: Any) -> Market:
    market: Market = finished({**CERTAIN, **COUPONS, R + "coupon_back": True})
    return market


def returnable(market: Market) -> pd.DataFrame:
    """The orders settled in the campaign, with the day of settlement."""
    sold = market.log.frame("settlements").query(f"outcome == {Outcome.SETTLED}")
    sold = sold[sold["day"].between(market.scenario.burn_in_days, market.scenario.campaign_end - 1)]
    orders = market.log.frame("orders").set_index("id").loc[sold["cause"]]
    return orders.assign(settled_day=sold["day"].to_numpy())


def ends(market: Market) -> pd.DataFrame:
    return market.log.frame("return_ends").set_index("cause")


def test_of_what_is_just_as_expected_the_base_share_comes_back(plain: Market) -> None:
    n, n_back = len(returnable(plain)), len(ends(plain))
    assert n > 300
    assert abs(n_back - 0.3 * n) < 4 * np.sqrt(0.3 * 0.7 * n)
    assert final_measures(plain.log)["return_rate"] == n_back / n


def test_it_comes_back_once_within_the_window_and_is_refunded_exactly(plain: Market) -> None:
    asked, back = plain.log.frame("returns").set_index("cause"), ends(plain)
    orders = returnable(plain).loc[asked.index]
    assert asked.index.is_unique
    assert set(asked.index) == set(back.index), "the post-window is longer than the return window"
    assert np.array_equal(asked["day"], orders["settled_day"])
    assert np.array_equal(asked["due_day"].loc[back.index], back["day"])
    waits = asked["due_day"] - asked["day"]
    assert sorted(waits.unique()) == [1, 2, 3, 4, 5, 6, 7]
    same = orders.loc[back.index]
    assert np.array_equal(back["refund_fen"], same["paid_fen"])
    assert np.array_equal(back["fee_fen"], same["fee_fen"])
    assert np.array_equal(back["merchant"], same["merchant"])


def test_the_worse_it_is_the_more_comes_back(finished: Any) -> None:
    """Quality as it is and expected at the standard: each product's return rate follows the law."""
    settings = {
        **{R + "enabled": True, R + "base": 0.2, R + "disappointment": 4.0, R + "fit_sd": 0.0},
        **{"experience.quality_noise": 0.0, "experience.defect": 0.0, "experience.rating": 0.0},
        **{"merchants.quality_alpha": 4.0, "consumers.n": 1500},
    }
    market = finished(settings)
    sold = returnable(market)
    n = sold.groupby("product").size()
    n_back = ends(market).groupby("product").size().reindex(n.index, fill_value=0)
    p = expit(logit(0.2) - 4.0 * (market.products.quality[n.index] - 0.8))
    assert np.ptp(p) > 0.2
    assert (abs(n_back - n * p) < 4 * np.sqrt(n * p * (1 - p)) + 1).all()


def test_what_fits_by_chance_comes_back_more(finished: Any) -> None:
    same = {R + "enabled": True, R + "base": 0.05}
    sure, chancy = (final_measures(finished({**same, R + "fit_sd": sd}).log)["return_rate"] for sd in (0.0, 0.5))
    assert chancy > sure + 0.05


@pytest.mark.parametrize("kept", [False, True])
def test_subsidy_and_fee_go_back_if_the_rules_say_so(finished: Any, kept: bool) -> None:
    rules = {R + "subsidy_back": not kept, R + "fee_back": not kept, R + "restocked": 0.5, R + "salvage": 0.25}
    market = finished({**CERTAIN, **COUPONS, **rules})
    back = ends(market)
    orders = returnable(market).loc[back.index]
    assert (orders["subsidy_fen"] > 0).any()
    assert np.array_equal(back["subsidy_fen"], orders["subsidy_fen"] * (not kept))
    assert np.array_equal(back["fee_fen"], orders["fee_fen"] * (not kept))
    unit = orders["cost_fen"] - market.scenario.merchants.fulfilment_fen
    assert np.array_equal(back["salvage_fen"], np.where(back["is_restocked"], unit, np.rint(0.25 * unit)))
    assert back["is_restocked"].mean() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    "rules", [{}, {R + "base": 0.6, R + "subsidy_back": False}, {R + "fee_back": False, R + "coupon_back": True}]
)
def test_measures_of_money_are_what_the_ledger_gained(new_market: Any, all_on: Any, rules: dict[str, Any]) -> None:
    """With everything on: since the end of the burn-in, to the fen, whatever went back; and day by day."""
    market = new_market({**all_on, **rules})
    while market.day < market.scenario.burn_in_days:
        market.step()
    platform, merchants = market.ledger.platform, int(market.ledger.merchants.sum())
    measures = final_measures(market.run().log)
    gained = {
        "contribution_platform": market.ledger.platform - platform,
        "contribution_merchants": int(market.ledger.merchants.sum()) - merchants,
    }
    for name, fen in gained.items():
        assert round(100 * measures[name]) == fen, name
    assert round(100 * measures["contribution_total"]) == sum(gained.values())
    daily = market.datacollector.get_model_vars_dataframe()["contribution_total_yuan"]
    assert round(100 * daily.sum()) == market.ledger.platform + market.ledger.merchants.sum()
    assert len(market.log.columns("return_ends")["day"]) > 0
    assert measures["gmv_kept"] < measures["gmv"]


def test_the_budget_forgets_what_was_sold(finished: Any) -> None:
    market = finished({**CERTAIN, "burn_in_days": 1, "days": 25, "post_days": 12})
    sold = market.log.frame("orders").set_index("id")["paid_fen"]
    assert market.budget.gmv_fen == sold.sum() - ends(market)["refund_fen"].sum()


def test_goods_are_on_the_shelf_again(finished: Any) -> None:
    stock = {"merchants.stock_units": 1000, "merchants.restock_days": 90}
    market = finished({**CERTAIN, **stock, R + "restocked": 0.5})
    sold = np.bincount(market.log.frame("orders")["product"], minlength=len(market.products))
    back = ends(market).query("is_restocked")["product"]
    assert 0 < len(back) < len(ends(market))
    assert np.array_equal(market.products.stock, 1000 - sold + np.bincount(back, minlength=len(sold)))


def test_the_need_is_open_again(new_market: Any) -> None:
    """Everything bought for a need comes back the next day: who has no new need and tries again has the old one."""
    market = new_market({**CERTAIN, R + "window_days": 1, "needs.retry": 1.0, "needs.home_stock": 0.0})
    while market.day <= market.scenario.burn_in_days + 1:
        market.step()
    first = returnable(market).query(f"settled_day == {market.scenario.burn_in_days} and is_needed")
    again = first.drop_duplicates("consumer")
    category = market.products.category[again["product"]]
    is_open = market.columns["open_need"][again["consumer"]] == category
    new_need = market.columns["open_need"][again["consumer"]] != category
    assert is_open.mean() > 0.5
    assert (is_open | new_need).all()


def test_what_was_kept_at_home_leaves_it(finished: Any) -> None:
    """Bought without need, kept at home, sent back: nothing is left of it."""
    settings = {
        **{"mechanics.content.enabled": True, "mechanics.content.pull": 1.0, "mechanics.content.opens": 1.0},
        **{"mechanics.content.audience": 1.0, "mechanics.content.life_days": 1},
        **{"choice.appeal": 1.0, "needs.home_stock": 1.0, "needs.rate": 0.001},
    }
    kept, sent = finished(settings), finished({**settings, **CERTAIN})
    assert kept.columns["home_stock"].sum() > 20
    assert not returnable(sent)["is_needed"].all()
    assert sent.columns["home_stock"].sum() < 0.2 * kept.columns["home_stock"].sum()


def test_the_coupon_is_worth_the_same_again(with_coupons: Market) -> None:
    coupons = with_coupons.log.frame("coupons").set_index("id")
    again = coupons[coupons["origin"] == Origin.RETURNS]
    orders = returnable(with_coupons)
    used = orders[orders["coupon"] != 0]
    old = coupons.loc[orders.loc[again["cause"], "coupon"]]
    assert len(again) > 10
    assert set(again["cause"]) == set(used.index) & set(ends(with_coupons).index)
    for name in ("face_fen", "min_spend_fen", "percent", "consumer"):
        assert np.array_equal(again[name], old[name])
    assert np.array_equal(again["expires_day"], np.maximum(old["expires_day"].to_numpy(), again["day"] + 1))


def test_without_the_rule_the_coupon_stays_redeemed(finished: Any) -> None:
    market = finished({**CERTAIN, **COUPONS})
    assert not (market.log.columns("coupons")["origin"] == Origin.RETURNS).any()


def test_loyalty_falls_and_satisfaction_moves_as_set(new_market: Any) -> None:
    market = new_market({**CERTAIN, R + "window_days": 1, R + "satisfaction": 0.25, R + "loyalty_lost": 0.1})
    while market.day <= market.scenario.burn_in_days:
        market.step()
    before = market.columns["satisfaction"].astype(float)
    orders = len(market.log.columns("orders")["id"])
    market.fork().run()  # a fork does not disturb
    market.step()
    back = ends(market)
    shifts = market.log.frame("loyalty_shifts")
    assert (shifts["reason"] == LoyaltyReason.RETURN).all()
    assert np.array_equal(shifts["cause"], back.index)
    assert shifts["amount_millionths"].isin([-100_000]).mean() > 0.9
    bought_again = market.log.frame("orders")["consumer"][orders:]
    who, times = np.unique(back["consumer"], return_counts=True)
    quiet = ~np.isin(who, bought_again)
    moved = market.columns["satisfaction"].astype(float)[who] - before[who]
    assert quiet.any()
    assert moved[quiet] == pytest.approx(0.25 * times[quiet], abs=1e-6)
