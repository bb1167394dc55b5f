"""Personalised prices: who pays what, and what it costs when somebody finds out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Market
from simulator.bitwise import whole
from simulator.choice.experience import TrustReason
from simulator.draws import Draws
from simulator.policies.policy import Observations
from simulator.policies.pricing import PricingSettings, make_pricing
from simulator.records.events.codes import Way
from tests.simulator.policies.seen import observations, profiles

P = "policies.pricing.personalised."
PERSONAL = {"policies.pricing.kind": "personalised"}
KNOWING: dict[str, Any] = {**PERSONAL, "privacy.collection": "everything", "consumers.n": 1000}
N_CONSUMERS = 60


def seen_with(**beliefs: Any) -> Observations:
    """The usual observations, of costless products, with some beliefs changed."""
    known = profiles()
    known.all_beliefs = replace(known.all_beliefs, **beliefs)
    return observations(profiles=known, list_fen=np.full(12, 100_000), cost_fen=np.zeros(12, dtype=np.int64))


def factors(seen: Observations, product: int = 5, **settings: float) -> Any:
    """What every consumer is asked for a product over its list price; NaN if nobody is asked a price of their own."""
    policy = make_pricing(PricingSettings(kind="personalised", personalised=settings))
    everybody = np.arange(N_CONSUMERS)
    asked = policy.personal(seen, everybody, np.full(N_CONSUMERS, product), Draws(1))
    return np.full(N_CONSUMERS, np.nan) if asked is None else asked / seen.list_fen[product]


def test_the_price_is_the_best_markup_for_the_believed_elasticity() -> None:
    seen = seen_with()
    believed = seen.profiles.beliefs(np.arange(N_CONSUMERS))
    asked = factors(seen, depth=0.4, exploration=0.0, usual_elasticity=2.5)
    n_within = 0
    for i in range(N_CONSUMERS):
        if not believed.is_known[i]:
            assert asked[i] == 1
            continue
        utility = seen.appeal[5] + believed.appeal[i] + believed.taste[i] @ seen.attributes[5]
        p, p_average = 1 / (1 + np.exp(-utility)), 1 / (1 + np.exp(-seen.appeal[5]))
        e = believed.price_sensitivity[i] * (1 - p) / (1 - p_average)
        factor = e / (e - 1) / (2.5 / 1.5) if e > 1 else np.inf
        n_within += 0.6 < factor < 1.4
        assert asked[i] == pytest.approx(np.clip(factor, 0.6, 1.4), abs=1e-5)
    assert n_within > 10


def test_the_average_consumer_pays_the_offer_price() -> None:
    none = np.zeros(N_CONSUMERS)
    seen = seen_with(price_sensitivity=none + 2.0, appeal=none, taste=np.zeros((N_CONSUMERS, 3)))
    assert (factors(seen, exploration=0.0) == 1).all()


@given(st.floats(0.5, 8), st.floats(0.5, 8), st.floats(-3, 3))
def test_who_minds_the_price_less_or_likes_the_product_more_pays_no_less(one: float, other: float, like: float) -> None:
    sensitivity = np.where(np.arange(N_CONSUMERS) % 2, max(one, other), min(one, other))
    appeal = np.where(np.arange(N_CONSUMERS) < 30, like, 0.0)
    taste = np.zeros((N_CONSUMERS, 3))
    seen = seen_with(
        is_known=np.ones(N_CONSUMERS, dtype=np.bool_), price_sensitivity=sensitivity, appeal=appeal, taste=taste
    )
    asked = factors(seen, depth=0.9, exploration=0.0)
    assert (asked[::2] >= asked[1::2]).all()
    assert ((asked[:30] - asked[30:]) * np.sign(like) >= 0).all()


def test_exploration_is_random_bounded_and_new_every_day() -> None:
    none = np.zeros(N_CONSUMERS)
    seen = seen_with(
        is_known=np.ones(N_CONSUMERS, dtype=np.bool_),
        price_sensitivity=none + 2.0,
        appeal=none,
        taste=np.zeros((N_CONSUMERS, 3)),
    )
    today, tomorrow = (factors(s, exploration=0.1) for s in (seen, replace(seen, day=41)))
    assert 0.9 < today.min() < 0.92 < 1.08 < today.max() < 1.1
    assert abs(np.corrcoef(today, tomorrow)[0, 1]) < 4 / np.sqrt(N_CONSUMERS)
    assert (np.abs(factors(seen, exploration=0.5, depth=0.2) - 1) <= 0.2).all()


def test_nobody_is_sold_to_below_cost_unless_the_offer_price_is() -> None:
    seen = seen_with(price_sensitivity=np.full(N_CONSUMERS, 20.0))
    for cost, lowest in ((0, 0.6), (90_000, 0.9), (120_000, 1.0)):
        asked = factors(replace(seen, cost_fen=np.full(12, cost)), depth=0.4, exploration=0.0)
        assert asked.min() == lowest


def test_prices_are_personal_in_the_campaign_and_for_known_people_alone() -> None:
    assert np.isnan(factors(replace(seen_with(), campaign_day=-1))).all()
    assert np.isnan(factors(observations(profiles=profiles(known=False)))).all()
    seen = seen_with()
    policy = make_pricing(PricingSettings(kind="personalised"))
    assert np.array_equal(policy.decide(seen, np.arange(12), Draws(1)), seen.list_fen), "for all to see"


def test_without_data_personal_prices_are_fixed_prices(finished: Any, all_on: dict[str, Any]) -> None:
    unknown = {**all_on, "privacy.collection": "none"}
    assert whole(finished({**unknown, **PERSONAL})) == whole(finished(unknown))


@pytest.fixture(scope="module")
def noticed(finished: Any) -> Market:
    market: Market = finished({**KNOWING, P + "noticed": 0.3, P + "trust_lost": 0.05, P + "depth": 0.1})
    return market


def test_people_pay_different_prices_within_the_depth_and_for_buying_alone_only(finished: Any) -> None:
    market = finished({**KNOWING, P + "depth": 0.1, "mechanics.group_buying.enabled": True})
    orders = market.log.frame("orders").query("5 <= day < 22")
    alone, groups = orders.query(f"way == {Way.ALONE}"), orders.query(f"way != {Way.ALONE}")
    level = alone["paid_fen"] / alone["list_fen"]
    assert 0.899 < level.min() < 0.95 < 1.05 < level.max() < 1.101
    assert len(groups) > 20
    assert np.array_equal(groups["paid_fen"], np.rint(0.8 * groups["list_fen"]))


def test_finding_out_costs_trust_at_the_set_rate(noticed: Market) -> None:
    orders = noticed.log.frame("orders").set_index("id")
    dearer = orders[orders["paid_fen"] > orders["list_fen"]]
    shifts = noticed.log.frame("trust_shifts").query(f"reason == {TrustReason.UNFAIR_PRICE}")
    n = len(dearer)
    assert n > 200
    assert abs(len(shifts) - 0.3 * n) < 4 * np.sqrt(0.3 * 0.7 * n)
    assert shifts["cause"].is_unique
    assert set(shifts["cause"]) <= set(dearer.index)
    assert (dearer.loc[shifts["cause"], "consumer"].to_numpy() == shifts["consumer"]).all()
    assert (dearer.loc[shifts["cause"], "day"].to_numpy() == shifts["day"]).all()
    assert shifts["amount_millionths"].between(-50_001, 0).all()
    assert (shifts["amount_millionths"] == -50_000).mean() > 0.9


def test_a_group_that_was_opened_when_prices_were_higher_is_not_unfair(new_market: Any) -> None:
    """Its members pay more than today's offer price, but nobody else pays less for the same."""
    market = new_market(
        {
            "policies.pricing.kind": "bandit",
            "policies.pricing.bandit.levels": (0.9, 1.0),
            P + "noticed": 1.0,
            "mechanics.group_buying.enabled": True,
            "mechanics.group_buying.discount": 0.05,
            "mechanics.group_buying.deadline_days": 3,
            "mechanics.group_buying.friend_bonus": 3.0,
        }
    )
    n_dearer = 0
    while market.running:
        market.step()
        orders = market.log.today("orders")
        n_dearer += np.count_nonzero(orders["paid_fen"] > market.products.offer_fen[orders["product"]])
    assert n_dearer > 0
    assert not (market.log.frame("trust_shifts")["reason"] == TrustReason.UNFAIR_PRICE).any()


def test_what_nobody_notices_costs_no_trust(finished: Any) -> None:
    market = finished({**KNOWING, P + "noticed": 0.0})
    assert not (market.log.frame("trust_shifts")["reason"] == TrustReason.UNFAIR_PRICE).any()


def test_the_random_part_lets_sensitivity_be_learned(finished: Any) -> None:
    """From looks at list prices alone nothing can be learned of price sensitivity; from dispersed prices it is."""
    learned = []
    for exploration in (0.0, 0.4):
        settings = {P + "exploration": exploration, P + "depth": 0.0 if exploration == 0 else 0.4}
        market = finished({**KNOWING, "privacy.collection": "browsing", "needs.rate": 0.5, **settings})
        mean = market.pipe.profiles.beliefs(np.arange(1000)).price_sensitivity
        beta = market.columns["price_sensitivity"].astype(np.float64)
        bought = np.flatnonzero(market.columns["n_orders"] > 0)
        is_flat = np.ptp(mean[bought]) == 0
        learned.append(0.0 if is_flat else np.corrcoef(mean[bought], beta[bought])[0, 1])
    assert learned[0] == 0
    assert learned[1] > 0.1
