"""Channels: who goes to which store, what is known there, what it costs, and what the platform sees of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import Market, final_measures
from simulator.bitwise import whole
from simulator.choice.visits import NONE, called, in_stores, merge
from simulator.records.events.codes import Origin, Reason

C = "mechanics.channels."
ALL_GO: dict[str, Any] = {
    **{C + "enabled": True, C + "stores": 0.6, C + "n_regions": 3, C + "lure": 20.0, C + "trip": 0.0},
    **{"choice.appeal": 1.0, "platform.slate_size": 8, "privacy.collection": "browsing"},
}
"""Every need leads to a store, if there is one with the category in the region."""
SILOS: dict[str, Any] = {**ALL_GO, C + "history": "silos"}
COUPONS: dict[str, Any] = {
    **{"mechanics.coupons.enabled": True, "mechanics.coupons.noticed": 1.0, "mechanics.coupons.every_days": 4},
    **{"mechanics.coupons.kind": "fixed", "mechanics.group_buying.enabled": True},
}


@pytest.fixture(scope="module")
def one(finished: Any) -> Market:
    market: Market = finished({**ALL_GO, **COUPONS})
    return market


@pytest.fixture(scope="module")
def silos(finished: Any) -> Market:
    market: Market = finished({**SILOS, **COUPONS})
    return market


def in_campaign(market: Market, table: str) -> pd.DataFrame:
    s = market.scenario
    return market.log.frame(table).query(f"{s.burn_in_days} <= day < {s.campaign_end}")


def split(market: Market) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Orders in stores and in the app, with the visit of those in stores."""
    orders = market.log.frame("orders")
    visits = market.log.frame("store_visits").set_index("order")[["region", "merchant", "category"]]
    in_store = orders["id"].isin(visits.index)
    return orders[in_store].join(visits.add_prefix("store_"), on="id"), orders[~in_store]


def test_needs_lead_to_stores_of_the_region_with_the_category_and_nowhere_else(one: Market) -> None:
    visits, products, region = in_campaign(one, "store_visits"), one.products, one.columns["region"]
    assert len(visits) > 300
    assert len(visits) == len(one.log.columns("store_visits")["day"]), "stores are open in the campaign only"
    assert np.array_equal(visits["region"], region[visits["consumer"]])
    sells = set(zip(products.merchant.tolist(), products.category.tolist(), strict=True))
    stores = set(zip(visits["merchant"], visits["region"], strict=True))
    assert len(stores) < 4 * 3, "not every merchant has a store everywhere"
    assert set(zip(visits["merchant"], visits["category"], strict=True)) <= sells
    served = {(r, c) for m, r in stores for n, c in sells if n == m}
    _, app = split(one)
    left = app[app["day"].between(one.scenario.burn_in_days, one.scenario.campaign_end - 1)].query("reason == 0")
    assert not set(zip(region[left["consumer"]], products.category[left["product"]], strict=True)) & served


def test_a_store_sells_what_its_merchant_has(one: Market) -> None:
    bought, _ = split(one)
    assert len(bought) > 100
    assert (bought["merchant"] == bought["store_merchant"]).all()
    assert (bought["reason"] == Reason.NEED).all()
    is_needed = one.products.category[bought["product"]] == bought["store_category"]
    assert np.array_equal(is_needed, bought["is_needed"])
    assert is_needed.any()
    assert not is_needed.all(), "other shelves are passed too"


def test_without_stores_or_without_any_lure_nothing_is_different_but_rent(finished: Any) -> None:
    absent = finished()
    assert whole(finished({C + "enabled": True, C + "stores": 0.0})) == whole(absent)
    unseen = finished({C + "enabled": True, C + "lure": -20.0, C + "rent_fen": 0})
    assert unseen.log.frame("orders").equals(absent.log.frame("orders"))


def test_who_lives_near_goes_more_often(finished: Any) -> None:
    market = finished({**ALL_GO, C + "lure": 0.0, C + "trip": 6.0, C + "stores": 1.0, "consumers.n": 800})
    visits = market.log.frame("store_visits")["consumer"]
    nearness, rate = market.columns["nearness"], market.columns["need_rate"]
    near, far = ((nearness >= 0.5), (nearness < 0.5))
    n_near, n_far = (np.isin(visits, np.flatnonzero(part)).sum() / rate[part].sum() for part in (near, far))
    assert n_near > 3 * n_far > 0


def test_who_likes_a_merchant_goes_to_its_store(new_market: Any) -> None:
    market = new_market({**ALL_GO, C + "stores": 1.0, "choice.loyalty_weight": 20.0, "merchants.n_categories": 1})
    while market.day <= market.scenario.burn_in_days:
        market.step()
    loyalty = market.columns["loyalty"].copy()
    market.step()
    visits = pd.DataFrame(market.log.today("store_visits"))
    is_loyal = loyalty[visits["consumer"]].max(axis=1) > 0.1
    best = loyalty[visits["consumer"]].argmax(axis=1)
    assert is_loyal.any()
    assert (best == visits["merchant"])[is_loyal].mean() > 0.7


def test_a_store_shows_true_quality_so_only_the_base_share_comes_back(finished: Any) -> None:
    returns = {"enabled": True, "base": 0.05, "disappointment": 50.0, "fit_sd": 0.1}
    settings = {
        **{f"mechanics.returns.{name}": value for name, value in returns.items()},
        **{"experience.quality_noise": 0.0, "experience.defect": 0.0, "experience.rating": 0.0},
        **{"merchants.quality_alpha": 4.0, "consumers.n": 1000, C + "trip": 0.0, C + "lure": 0.0},
    }
    market = finished({**ALL_GO, **settings})
    back = set(market.log.frame("return_ends")["cause"])
    bought, app = split(market)
    app = app[app["day"].between(market.scenario.burn_in_days, market.scenario.campaign_end - 1)]
    n = len(bought)
    assert n > 200
    assert abs(bought["id"].isin(back).sum() - 0.05 * n) < 4 * np.sqrt(0.05 * 0.95 * n)
    assert app["id"].isin(back).mean() > 0.15
    sent = market.log.frame("return_ends").set_index("cause")["shipping_fen"]
    assert (sent[sent.index.isin(bought["id"])] == 0).all()
    assert (sent[~sent.index.isin(bought["id"])] == market.scenario.mechanics.returns.shipping_fen).all()


def test_true_quality_decides_what_is_bought(finished: Any) -> None:
    """Where quality counts a lot, better products are bought in stores than in the app, where nobody rates."""
    market = finished({**ALL_GO, "choice.quality_weight": 10.0, "experience.rating": 0.0, C + "lure": 0.0})
    bought, app = split(market)
    quality = market.products.quality
    assert quality[bought["product"]].mean() > quality[app["product"]].mean() + 0.03


def test_merchants_pay_rent_and_nothing_for_sending(one: Market) -> None:
    s = one.scenario.mechanics.channels
    rent = in_campaign(one, "costs").query(f"origin == {Origin.STORES}")
    n_days = one.scenario.campaign_end - one.scenario.burn_in_days
    around = np.bincount(one.columns["region"], minlength=s.n_regions)
    per_store = np.rint(s.rent_fen * around / 1000)
    has_store = one.mechanics[-1].has_store  # type: ignore[attr-defined]
    owed = (has_store * per_store).sum(axis=1)
    assert (owed > 0).any()
    assert (rent.groupby("merchant")["cost_fen"].sum() == n_days * owed[owed > 0]).all()
    assert final_measures(one.log)["store_rent"] * 100 == pytest.approx(n_days * owed.sum())
    bought, app = split(one)
    cost, saved = one.products.cost_fen, one.scenario.merchants.fulfilment_fen
    assert np.array_equal(bought["cost_fen"], cost[bought["product"]] - saved)
    assert np.array_equal(app["cost_fen"], cost[app["product"]])


def test_with_one_history_a_store_is_a_part_of_the_platform(one: Market) -> None:
    bought, _ = split(one)
    assert (bought["coupon"] != 0).any()
    assert (bought["way"] != 0).any(), "groups are open to who stands in the store"
    assert np.array_equal(bought["fee_fen"], np.rint(0.03 * (bought["paid_fen"] + bought["subsidy_fen"])))
    assert one.log.frame("ratings")["cause"].isin(bought["id"]).any()
    assert one.log.columns("exposures")["n_ordered"].sum() == len(one.log.columns("orders")["id"])
    assert one.columns["hidden_orders"].sum() == 0


def test_in_silos_the_platform_sees_nothing_of_it(silos: Market) -> None:
    bought, app = split(silos)
    assert len(bought) > 100
    assert (bought[["coupon", "subsidy_fen", "fee_fen", "way"]] == 0).all().all()
    assert (app["coupon"] != 0).any()
    assert not silos.log.frame("ratings")["cause"].isin(bought["id"]).any()
    exposures = silos.log.frame("exposures")
    assert exposures["n_ordered"].sum() == len(app)
    everybody = np.arange(silos.columns.n)
    settled = np.bincount(app["consumer"], minlength=silos.columns.n)
    known = silos.pipe.profiles.purchases(everybody).n_orders
    assert (known <= settled).all()
    assert known.sum() > 0
    assert (known[~silos.columns["consents"]] == 0).all()
    assert np.array_equal(silos.columns["n_orders"] - silos.columns["hidden_orders"] > 0, silos.observe().has_ordered)
    hidden = np.bincount(bought["consumer"], minlength=silos.columns.n)
    assert np.array_equal(silos.columns["hidden_orders"], hidden)
    assert (hidden[settled == 0] > 0).any()


def test_in_silos_store_sales_earn_no_budget(finished: Any) -> None:
    market = finished({**SILOS, "burn_in_days": 1})
    _, app = split(market)
    assert market.budget.gmv_fen == app["paid_fen"].sum()
    assert market.ledger.platform == app["fee_fen"].sum()


def test_who_is_in_a_store_answers_no_call() -> None:
    three, products, ids = np.arange(3), np.array([5, 6, 7]), np.array([11, 12, 13])
    calls = called(three, products, 0, ids, Reason.INVITATION)
    both = merge([calls, in_stores(three[1:2], np.array([4]), np.array([2]))])
    assert both.store.tolist() == [NONE, 2, NONE]
    assert both.product.tolist() == [5, NONE, 7]
    assert both.call_cause.tolist() == [11, 0, 13]
    assert both.category.tolist() == [NONE, 4, NONE]
