"""What every policy must keep, of every family and kind. A new kind is tested here as soon as it is registered."""

from __future__ import annotations

import dataclasses
from typing import Any, get_args

import numpy as np
import pytest

from simulator import Market, Scenario, SettingsError
from simulator.bitwise import accounts, events
from simulator.draws import Draws
from simulator.policies.campaigning import CampaigningSettings, make_campaigning
from simulator.policies.couponing import CouponingSettings, make_couponing
from simulator.policies.policy import Observations
from simulator.policies.pricing import PricingSettings, make_pricing
from simulator.policies.product import ProductSettings, make_designing
from simulator.policies.recommendation import RecommendationSettings, make_recommendation
from simulator.policies.stocking import StockingSettings, make_stocking
from tests.simulator.policies.seen import observations, profiles

FAMILIES: dict[str, Any] = {
    "pricing": PricingSettings,
    "recommendation": RecommendationSettings,
    "couponing": CouponingSettings,
    "stocking": StockingSettings,
    "product": ProductSettings,
    "campaigning": CampaigningSettings,
}
OF_PRODUCTS = {
    "pricing": make_pricing,
    "stocking": lambda settings: make_stocking(settings, waves_per_day=8),
    "product": make_designing,
}
"""Families that decide for products; campaigning decides for merchants, the others for consumers."""
KINDS = [(name, kind) for name, s in FAMILIES.items() for kind in get_args(s.model_fields["kind"].annotation)]
COUPONS = {"mechanics.coupons.enabled": True, "mechanics.coupons.every_days": 3}
KNOWING = {**COUPONS, "privacy.collection": "everything", "merchants.stock_units": 30}

PRODUCT = "policies.product."
BRAND = {"mechanics.brand.enabled": True, "policies.campaigning.every_days": 3}
ENOUGH: dict[str, dict[str, Any]] = {
    "customised": {PRODUCT + "cost_fen": 0, PRODUCT + "customised.review_days": 3},
    "trend_following": {PRODUCT + "cost_fen": 0, PRODUCT + "trend_following.confidence": 0.0},
    "imitating": BRAND,
}
"""What a kind needs for something to happen among so few people in so little time."""

of_every_kind = pytest.mark.parametrize(("family", "kind"), KINDS, ids=[f"{f}-{k}" for f, k in KINDS])


def n_rows(family: str, seen: Observations) -> int:
    """For how many the family decides in these tests."""
    return {**dict.fromkeys(OF_PRODUCTS, 12), "campaigning": len(seen.moves)}.get(family, 60)


def truth(consumers: Any, products: Any) -> Any:
    """What only the oracle may ask for."""
    return np.sin(consumers + 2.0 * products)


def decide(family: str, kind: str, seen: Observations, rows: Any) -> Any:
    """The decision of a new policy, for products or consumers."""
    settings, draws = FAMILIES[family](kind=kind), Draws(1)
    if family in OF_PRODUCTS:
        return OF_PRODUCTS[family](settings).decide(seen, rows, draws)
    if family == "couponing":
        return make_couponing(settings).decide(seen, rows, draws)
    if family == "campaigning":
        moves = np.arange(len(seen.moves)) % 3
        seen = dataclasses.replace(seen, moves=moves)
        return make_campaigning(settings, window_days=7).choose(seen, rows, moves[rows], draws)
    policy = make_recommendation(settings, truth)
    policy.open_day(seen)
    return policy.decide(seen, rows, np.tile(np.arange(len(seen.merchant)), (len(rows), 1)), draws)


@of_every_kind
def test_it_is_repeatable_and_does_not_depend_on_company(family: str, kind: str) -> None:
    seen = observations()
    everybody = np.arange(n_rows(family, seen))
    decided = decide(family, kind, seen, everybody)
    assert len(decided) == len(everybody)
    assert not np.isnan(decided).any()
    assert np.array_equal(decide(family, kind, observations(), everybody), decided)
    some = everybody[[-1, 0, 1]]
    assert np.array_equal(decide(family, kind, seen, some), decided[some])
    assert len(decide(family, kind, seen, some[:0])) == 0
    for field in dataclasses.fields(seen):
        if field.name != "profiles":
            assert np.array_equal(getattr(seen, field.name), getattr(observations(), field.name), equal_nan=True)


@of_every_kind
def test_it_bears_a_first_day_on_which_nothing_is_known(family: str, kind: str) -> None:
    nothing = np.zeros(12, dtype=np.int64)
    seen = observations(
        units_sold=nothing,
        n_examined=nothing,
        n_clicked=np.zeros(12),
        n_ordered=nothing,
        profiles=profiles(known=False),
    )
    decided = decide(family, kind, seen, np.arange(min(n_rows(family, seen), 12)))
    assert not np.isnan(decided).any()


@of_every_kind
def test_prices_are_whole_and_scores_are_numbers(family: str, kind: str) -> None:
    seen = observations()
    decided = decide(family, kind, seen, np.arange(min(n_rows(family, seen), 12)))
    if family == "pricing":
        assert decided.dtype == np.int64
        assert (decided >= 1).all()
    elif family in ("stocking", "campaigning"):
        assert decided.dtype == np.int64
    else:
        assert decided.dtype == np.float64
        assert (decided < np.inf).all()


@of_every_kind
def test_it_acts_in_the_campaign_alone(new_market: Any, family: str, kind: str) -> None:
    """The burn-in is the same in all arms, and in the post-window prices are list prices again."""
    baseline, market = (new_market({**KNOWING, **k}) for k in ({}, {f"policies.{family}.kind": kind}))
    for _ in range(market.scenario.burn_in_days):
        baseline.step()
        market.step()
    assert events(market) == events(baseline)
    assert accounts(market) == accounts(baseline)
    market.run()
    if family == "pricing":
        assert np.array_equal(market.products.offer_fen, market.products.list_fen)


@of_every_kind
def test_it_decides_the_same_in_worlds_that_differ_in_hidden_truth(new_market: Any, family: str, kind: str) -> None:
    """Before anybody has come, records are the same whatever quality and taste are; the oracle alone is told."""
    hidden = {"merchants.quality_alpha": 1.0, "choice.taste_weight": 5.0}
    settings = {"consumers.n": 1000, "privacy.collection": "browsing"}
    decided = []
    for changes in ({}, hidden):
        market: Market = new_market({**settings, **changes})
        seen = dataclasses.replace(market.observe(), is_burn_in=False, campaign_day=3)
        draws, rows = market.draws, np.arange(len(market.products))
        policy: Any
        if family == "recommendation":
            policy = make_recommendation(FAMILIES[family](kind=kind), market._true_utility)
            policy.open_day(seen)
            decided.append(policy.decide(seen, np.arange(500), np.tile(rows, (500, 1)), draws))
        else:
            decided.append(decide(family, kind, seen, rows[: len(seen.moves)] if family == "campaigning" else rows))
    assert np.array_equal(*decided) == (kind != "oracle")


@of_every_kind
def test_it_runs_with_everything_on_and_money_adds_up(
    new_market: Any, all_on: dict[str, Any], family: str, kind: str
) -> None:
    market = new_market({**all_on, **KNOWING, f"policies.{family}.kind": kind, "merchants.ordering_fen": 90})
    while market.running:
        market.step()
        assert market.ledger.total == 0


@of_every_kind
def test_it_has_an_effect(finished: Any, family: str, kind: str) -> None:
    default = FAMILIES[family]().kind
    if kind != default:
        settings = {**KNOWING, "consumers.n": 600, **ENOUGH.get(kind, {})}
        assert events(finished({**settings, f"policies.{family}.kind": kind})) != events(finished(settings))


@pytest.mark.parametrize("family", FAMILIES)
def test_kinds_that_do_not_exist_are_refused(tiny_scenario: Scenario, family: str) -> None:
    with pytest.raises(SettingsError, match=rf"policies\.{family}\.kind='magic': no such choice"):
        tiny_scenario.replace(**{f"policies.{family}.kind": "magic"})
