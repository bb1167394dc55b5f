"""The workshop: redesigns are paid for when ordered, take their time, and change what is sold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import Market, final_measures
from simulator.bitwise import whole
from simulator.records.events.codes import Origin

P = "policies.product."
KNOWING = {"privacy.collection": "browsing", "needs.rate": 0.4}
CUSTOM: dict[str, Any] = {
    **KNOWING,
    P + "kind": "customised",
    P + "cost_fen": 300,
    P + "lead_days": 4,
    P + "customised.review_days": 3,
    P + "customised.fewest": 10,
    P + "customised.payback_days": 1000,
}


@pytest.fixture(scope="module")
def redesigned(new_market: Any) -> tuple[Market, Any]:
    """A finished market, and where its products stood on each evening."""
    market = new_market(CUSTOM)
    stood = []
    while market.running:
        market.step()
        assert market.ledger.total == 0
        stood.append(market.products.attributes.copy())
    return market, np.array(stood)


def test_a_product_changes_when_its_redesign_is_ready_and_then_only(redesigned: tuple[Market, Any]) -> None:
    market, stood = redesigned
    ordered = market.log.frame("redesigns")
    assert len(ordered) > 10
    assert (ordered["ready_day"] - ordered["day"] == 4).all()
    changed = {(int(d) + 1, int(p)) for d, p in np.argwhere((np.diff(stood, axis=0) != 0).any(axis=2))}
    assert changed == set(zip(ordered["ready_day"], ordered["product"], strict=True))
    assert np.abs(np.linalg.norm(stood, axis=2) - 1).max() < 1e-5
    for row in ordered.itertuples():
        old, new = stood[row.day, row.product], stood[row.ready_day, row.product]
        assert row.likeness_permille == pytest.approx(1000 * old @ new, abs=0.51)


def test_only_one_redesign_of_a_product_is_in_work(redesigned: tuple[Market, Any]) -> None:
    ordered = redesigned[0].log.frame("redesigns")
    for _, days in ordered.groupby("product")["day"]:
        assert (np.diff(days) >= 4).all()


def test_the_merchant_pays_when_it_orders_and_it_is_no_marketing(redesigned: tuple[Market, Any]) -> None:
    market, _ = redesigned
    ordered, costs = market.log.frame("redesigns"), market.log.frame("costs")
    assert set(costs["origin"]) == {Origin.PRODUCT}
    assert (costs["cost_fen"] == 300).all()
    for name in ("day", "product", "merchant"):
        assert np.array_equal(costs[name], ordered[name])
    measures = final_measures(market.log)
    assert measures["redesigns"] == len(ordered)
    assert measures["redesign_cost"] == 3 * len(ordered)
    assert measures["marketing_cost"] == measures["subsidy"] == 0


def test_it_is_of_the_campaign(redesigned: tuple[Market, Any]) -> None:
    market, s = redesigned[0], redesigned[0].scenario
    assert market.log.frame("redesigns")["day"].between(s.burn_in_days, s.campaign_end - 1).all()


def test_without_data_customised_products_are_fixed_products(finished: Any) -> None:
    without = {**CUSTOM, "privacy.collection": "none"}
    assert whole(finished(without)) == whole(finished({**without, P + "kind": "fixed"}))


@pytest.mark.parametrize("change", [{"customised.reach": 0.0}, {"customised.payback_days": 0}])
def test_where_nobody_wants_it_nothing_changes(finished: Any, change: dict[str, Any]) -> None:
    named = {P + key: value for key, value in change.items()}
    assert whole(finished({**CUSTOM, **named})) == whole(finished({**CUSTOM, P + "kind": "fixed"}))


def test_shoppers_and_pages_see_the_new_product(new_market: Any) -> None:
    """Made to stand where one shopper's taste points, it becomes that shopper's best; the pages' beliefs follow."""
    market: Market = new_market({**KNOWING, "policies.recommendation.kind": "oracle"})
    taste = market.columns["taste"][7].astype(float)
    rows = np.arange(len(market.products))
    before = market._true_utility(np.full(len(rows), 7), rows)
    market.workshop.order(0, np.where(rows[:, None] == 3, taste / np.linalg.norm(taste), market.products.attributes))
    market.workshop.open_day(7)
    after = market._true_utility(np.full(len(rows), 7), rows)
    likeness = market.columns["taste"][7].astype(float) @ market.products.attributes[3]
    assert likeness == pytest.approx(np.linalg.norm(taste))
    assert after[3] > before[3]
    assert np.array_equal(np.delete(after, 3), np.delete(before, 3))
    assert np.array_equal(market.observe().attributes, market.products.attributes)


def test_looks_are_learned_from_as_what_was_looked_at(new_market: Any) -> None:
    """Redesigned tonight: what was recorded today is taken in tomorrow as it was, not as it will be."""
    market, other = new_market(KNOWING), new_market(KNOWING)
    for m in (market, other):
        for _ in range(3):
            m.step()
    other.products.attributes[:] = other.products.attributes[::-1].copy()
    for m in (market, other):
        m.pipe.open_day(m.day)
    known = market.pipe.profiles.beliefs(np.arange(300))
    assert known.is_known.sum() > 50
    assert np.array_equal(known.taste, other.pipe.profiles.beliefs(np.arange(300)).taste)
