"""Policies: decisions from observations only, the same for the same observations; what each of them decides."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from simulator import Market
from simulator.choice.visits import browsing
from simulator.draws import Draws
from simulator.policies.policy import Observations
from simulator.policies.pricing import PricingSettings, PromotionCalendarSettings, make_pricing
from simulator.policies.recommendation import RecommendationSettings, make_recommendation
from simulator.records.events import Reason

CALENDAR = "policies.pricing.promotion_calendar."
PRICING = ["fixed", "promotion_calendar"]
RECOMMENDATION = ["random", "popular", "oracle"]


def observations(n: int = 12, **changes: Any) -> Observations:
    told: dict[str, Any] = {
        "day": 40,
        "is_burn_in": False,
        "campaign_day": 10,
        "merchant": np.repeat(np.arange(n // 2), 2),
        "category": np.arange(n) % 3,
        "list_fen": 1000 + 100 * np.arange(n),
        "cost_fen": 500 + 50 * np.arange(n),
        "units_sold": np.arange(n)[::-1].copy(),
        "mean_rating": np.full(n, np.nan),
    }
    return Observations(**{**told, **changes})


def no_truth(consumers: Any, page: Any) -> Any:
    raise AssertionError("only the oracle may ask for the truth")


@pytest.mark.parametrize("kind", PRICING)
def test_pricing_is_repeatable_and_does_not_depend_on_company(kind: str) -> None:
    policy = make_pricing(PricingSettings(kind=kind))  # type: ignore[arg-type]
    seen, everything = observations(), np.arange(12)
    prices = policy.decide(seen, everything, Draws(1))
    assert prices.dtype == np.int64
    assert np.array_equal(policy.decide(seen, everything, Draws(1)), prices)
    some = np.array([7, 2, 3])
    assert np.array_equal(policy.decide(seen, some, Draws(1)), prices[some])
    assert np.array_equal(seen.list_fen, observations().list_fen), "observations are left alone"


@pytest.mark.parametrize("kind", ["random", "popular"])
def test_recommendation_is_repeatable_and_does_not_depend_on_company(kind: str) -> None:
    policy = make_recommendation(RecommendationSettings(kind=kind), no_truth)  # type: ignore[arg-type]
    seen, who = observations(), np.arange(50)
    page = np.tile(np.arange(12), (50, 1))
    scores = policy.decide(seen, who, page, Draws(1))
    assert scores.shape == page.shape
    some = np.array([30, 4])
    assert np.array_equal(policy.decide(seen, who[some], page[some], Draws(1)), scores[some])
    assert np.array_equal(policy.decide(seen, who, page[:, ::-1], Draws(1)), scores[:, ::-1])


def first_pages(new_market: Any, kind: str, changes: dict[str, Any]) -> Any:
    """What a thousand shoppers would be shown on the first day if the campaign had begun."""
    base = {"platform.slate_size": 2, "consumers.n": 1000, "policies.recommendation.kind": kind}
    market: Market = new_market({**base, **changes})
    market.slates.open_day(dataclasses.replace(market.observe(), is_burn_in=False))
    everybody = np.arange(1000)
    return market.slates.pages(browsing(everybody, np.zeros(1000, dtype=np.intp), Reason.NEED))


@pytest.mark.parametrize("kind", RECOMMENDATION)
@pytest.mark.parametrize(
    "hidden", [{"merchants.quality_alpha": 1.0, "experience.standard": 0.8}, {"choice.taste_weight": 5.0}], ids=str
)
def test_worlds_that_differ_in_hidden_truth_get_the_same_decisions(
    new_market: Any, kind: str, hidden: dict[str, Any]
) -> None:
    """On the first day nobody has bought, so observations are the same whatever quality and taste are."""
    one, other = first_pages(new_market, kind, {}), first_pages(new_market, kind, hidden)
    assert np.array_equal(one, other) == (kind != "oracle")


def test_prices_do_not_follow_hidden_truth(new_market: Any) -> None:
    worlds = [
        new_market({"policies.pricing.kind": "promotion_calendar", **h}) for h in ({}, {"merchants.quality_alpha": 1.0})
    ]
    for _ in range(20):
        for market in worlds:
            market.step()
        assert np.array_equal(worlds[0].products.offer_fen, worlds[1].products.offer_fen)


def test_observations_are_read_only(busy: Market) -> None:
    seen = busy.observe()
    arrays = [f.name for f in dataclasses.fields(seen) if isinstance(getattr(seen, f.name), np.ndarray)]
    assert len(arrays) == 6
    for name in arrays:
        with pytest.raises(ValueError, match="read-only"):
            getattr(seen, name)[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        seen.day = 3  # type: ignore[misc]


def test_what_is_seen_follows_from_the_events(new_market: Any) -> None:
    market = new_market({"platform.sales_window_days": 4, "needs.rate": 0.5})
    for _ in range(9):
        market.step()
    seen = market.observe()
    orders, ratings = market.log.frame("orders"), market.log.frame("ratings")
    assert (seen.day, seen.campaign_day) == (9, 4)
    assert np.array_equal(seen.units_sold, np.bincount(orders.query("5 <= day")["product"], minlength=10))
    mean = ratings.groupby("product")["rating_permille"].mean().reindex(range(10)) / 1000
    np.testing.assert_allclose(seen.mean_rating, mean)
    assert np.array_equal(seen.list_fen, market.products.list_fen)


@pytest.mark.parametrize("reaction_days", [1, 3, 6])
def test_nothing_newer_than_the_reaction_time_is_seen(new_market: Any, reaction_days: int) -> None:
    """`reaction_days` is the age of the newest record that policies may see: of sales and of ratings."""
    market = new_market({"platform.reaction_days": reaction_days, "needs.rate": 0.5, "experience.rating": 1.0})
    for _ in range(9):
        market.step()
    seen = market.observe()
    visible = f"day <= {9 - reaction_days}"
    orders, ratings = market.log.frame("orders").query(visible), market.log.frame("ratings").query(visible)
    assert np.array_equal(seen.units_sold, np.bincount(orders["product"], minlength=10))
    mean = ratings.groupby("product")["rating_permille"].mean().reindex(range(10)) / 1000
    np.testing.assert_allclose(seen.mean_rating, mean)


# Pricing


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


def test_the_set_share_of_merchants_follows_the_calendar() -> None:
    policy = make_pricing(
        PricingSettings(
            kind="promotion_calendar",
            promotion_calendar=PromotionCalendarSettings(reach=0.3, length_days=28, period_days=28),
        )
    )
    n = 2000
    seen = observations(n, merchant=np.arange(n))
    follows = policy.decide(seen, np.arange(n), Draws(1)) < seen.list_fen
    assert abs(follows.mean() - 0.3) < 4 * np.sqrt(0.3 * 0.7 / n)


def test_a_calendar_nobody_follows_equals_fixed_prices(finished: Any) -> None:
    nobody = finished({"policies.pricing.kind": "promotion_calendar", CALENDAR + "reach": 0.0})
    fixed = finished()
    for table in ("orders", "settlements", "exposures", "ratings"):
        assert nobody.log.arrow(table) == fixed.log.arrow(table)
    assert nobody.ledger.merchants.tolist() == fixed.ledger.merchants.tolist()


# Recommendation


def test_a_random_page_is_new_for_each_shopper_and_day() -> None:
    policy = make_recommendation(RecommendationSettings(kind="random"), no_truth)
    page = np.tile(np.arange(12), (400, 1))
    today = policy.decide(observations(), np.arange(400), page, Draws(1)).argmax(axis=1)
    tomorrow = policy.decide(observations(day=41), np.arange(400), page, Draws(1)).argmax(axis=1)
    assert len(set(today)) == 12
    assert (today == tomorrow).mean() < 0.2


def test_a_popular_page_ranks_by_sales_and_breaks_ties_by_lot() -> None:
    policy = make_recommendation(RecommendationSettings(kind="popular"), no_truth)
    page = np.arange(12)[None, :]
    nobody = np.zeros(1, dtype=int)
    assert np.argsort(-policy.decide(observations(), nobody, page, Draws(1))[0]).tolist() == list(range(12))
    ties = observations(units_sold=np.zeros(12, dtype=int))
    order = {tuple(np.argsort(policy.decide(ties, nobody, page, Draws(seed))[0])) for seed in range(5)}
    assert len(order) == 5
