"""What delivered orders do: satisfaction, loyalty, reference prices, ratings, trust."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import Market
from simulator.records.events.codes import Outcome

CERTAIN = {"experience.quality_noise": 0.0, "experience.defect": 0.0, "needs.has_attrition": False}


def one_by_one(market: Market) -> Any:
    """Settled orders in the order in which they are lived through: by day, then as they came."""
    orders = market.log.frame("orders").set_index("id")
    settled = market.log.frame("settlements").query(f"outcome == {Outcome.SETTLED}")
    return orders.loc[settled["cause"]].assign(lived=settled["day"].to_numpy())


def test_loyalty_and_reference_price_follow_from_the_orders(finished: Any) -> None:
    market = finished({"policies.pricing.kind": "promotion_calendar", "mechanics.group_buying.enabled": True})
    loyalty = np.zeros((300, 4))
    reference = np.ones((300, 2))
    last = np.full(300, -1)
    for order in one_by_one(market).itertuples():
        who, category = order.consumer, market.products.category[order.product]
        loyalty[who] *= 0.875
        loyalty[who, order.merchant] += 0.125
        ratio = order.paid_fen / order.list_fen
        reference[who, category] = 0.75 * reference[who, category] + 0.25 * ratio
        last[who] = order.product
    assert (reference < 0.99).any()
    np.testing.assert_allclose(market.columns["loyalty"], loyalty, atol=1e-5)
    np.testing.assert_allclose(market.columns["reference"], reference, atol=1e-5)
    assert np.array_equal(market.columns["last_product"], last)


def test_satisfaction_is_smoothed_from_quality_against_standard_and_expectation(finished: Any) -> None:
    """x = .5(Q - .8) + .5(Q - expected); with ratings off, what is expected is the standard."""
    market = finished({**CERTAIN, "experience.rating": 0.0})
    satisfaction = np.zeros(300)
    for order in one_by_one(market).itertuples():
        x = market.products.quality[order.product] - 0.8
        satisfaction[order.consumer] = 0.8 * satisfaction[order.consumer] + 0.2 * x
    np.testing.assert_allclose(market.columns["satisfaction"], satisfaction, atol=1e-6)


def test_what_is_expected_is_the_quality_shown_on_the_morning_of_the_order(finished: Any) -> None:
    """x = .5(Q - .8) + .5(Q - expected), where the rating shown counts five pseudo-ratings at .8."""
    market = finished({**CERTAIN, "experience.rating": 1.0})
    satisfaction, quality = np.zeros(300), market.products.quality
    count, total = np.zeros(10), np.zeros(10)
    for _, orders in one_by_one(market).groupby("lived"):
        expected = (total + 5 * 0.8) / (count + 5)
        for order in orders.itertuples():
            q = quality[order.product]
            x = 0.5 * (q - 0.8) + 0.5 * (q - expected[order.product])
            satisfaction[order.consumer] = 0.8 * satisfaction[order.consumer] + 0.2 * x
        np.add.at(count, orders["product"], 1)
        np.add.at(total, orders["product"], np.rint(1000 * quality[orders["product"]]) / 1000)
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(market.columns["satisfaction"], satisfaction, atol=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_set_share_of_orders_is_rated_with_the_quality_lived(finished: Any, share: float) -> None:
    market = finished({**CERTAIN, "experience.rating": share, "consumers.n": 1000})
    ratings, n = market.log.frame("ratings"), len(one_by_one(market))
    assert abs(len(ratings) - share * n) <= 4 * np.sqrt(n * share * (1 - share))
    true = np.rint(1000 * market.products.quality[ratings["product"]])
    assert np.array_equal(ratings["rating_permille"], true)
    shown = market.experience.quality_shown()
    count = np.bincount(ratings["product"], minlength=10)
    total = np.bincount(ratings["product"], weights=ratings["rating_permille"], minlength=10)
    assert shown == pytest.approx((total / 1000 + 5 * 0.8) / (count + 5))


def test_defects_cost_trust_at_the_set_rate(finished: Any) -> None:
    market = finished({"experience.defect": 0.3, "experience.defect_trust": 0.1, "consumers.n": 1000})
    shifts, n = market.log.frame("trust_shifts"), len(one_by_one(market))
    assert abs(len(shifts) - 0.3 * n) < 4 * np.sqrt(n * 0.3 * 0.7)
    clipped = shifts["amount_millionths"] > -99_990
    assert (shifts.loc[~clipped, "amount_millionths"].between(-100_010, -99_990)).all()
    fresh = market.__class__(market.scenario, rng=1).columns["trust"]
    lost = np.bincount(shifts["consumer"], weights=shifts["amount_millionths"], minlength=1000) / 1e6
    np.testing.assert_allclose(market.columns["trust"], fresh + lost, atol=1e-4)
    assert set(shifts["cause"]) <= set(one_by_one(market).index)


def test_expected_quality_moves_choice_towards_better_rated_products(finished: Any) -> None:
    """With true ratings and a heavy weight, good products sell better than bad ones; with weight 0 they do not."""
    correlation = {}
    for weight in (0.0, 20.0):
        changes = {
            **CERTAIN,
            "experience.rating": 1.0,
            "experience.prior_ratings": 0.1,
            "choice.quality_weight": weight,
        }
        equal = {"choice.taste_weight": 0.0, "choice.friends_weight": 0.0, "choice.loyalty_weight": 0.0}
        market = finished({**changes, **equal, "needs.rate": 0.5, "consumers.n": 1000})
        sold = np.bincount(market.log.frame("orders").query("day > 10")["product"], minlength=10)
        correlation[weight] = np.corrcoef(sold, market.products.quality)[0, 1]
    assert correlation[20.0] > 0.5
    assert correlation[20.0] > correlation[0.0]
