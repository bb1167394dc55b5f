"""Competitor prices: the race to the floor, and what stops it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.draws import Draws
from simulator.policies.pricing import PricingSettings, make_pricing
from simulator.policies.pricing.competitor import rivals_level
from tests.simulator.policies.seen import observations

N = 40
MILLION = np.full(N, 1_000_000)
ONE_MARKET = {
    "list_fen": MILLION,
    "cost_fen": np.full(N, 600_000),
    "merchant": np.arange(N),
    "category": np.zeros(N, dtype=np.intp),
}
"""Each merchant sells one product, all in one category."""


def prices(n_days: int, offer_fen: Any = MILLION, world: dict[str, Any] = ONE_MARKET, **settings: float) -> Any:
    """What is asked on each day, the first being the day before; shape (n_days + 1, N)."""
    policy = make_pricing(PricingSettings(kind="competitor", competitor=settings))
    asked = [offer_fen]
    for _ in range(n_days):
        asked.append(policy.decide(observations(N, offer_fen=asked[-1], **world), np.arange(N), Draws(1)))
    return np.array(asked)


def test_undercutting_races_to_the_floor() -> None:
    asked = prices(30, undercut=0.02, floor_markup=0.1)
    for day in range(31):
        assert asked[day] == pytest.approx(max(1e6 * 0.98**day, 660_000), abs=day + 1)
    assert (asked[-1] == 660_000).all()


def test_without_undercutting_nobody_moves() -> None:
    assert (prices(5, undercut=0.0) == 1_000_000).all()


def test_merchants_who_keep_list_prices_stop_the_race() -> None:
    """F of N follow: x = (1 - u) · ((F - 1) · x + N - F)/(N - 1) in the end."""
    u = 0.05
    asked = prices(400, undercut=u, floor_markup=0.0, reach=0.6)[-1]
    follows = asked < 1_000_000
    f = int(follows.sum())
    assert 0.3 * N < f < 0.9 * N
    in_the_end = (1 - u) * (N - f) / (N - 1 - (1 - u) * (f - 1))
    assert asked[follows] == pytest.approx(1e6 * in_the_end, abs=30)


def test_the_floor_is_the_list_price_where_that_is_lower() -> None:
    world = {**ONE_MARKET, "cost_fen": np.full(N, 950_000)}
    assert (prices(3, world=world, undercut=0.05, floor_markup=0.1) == 1_000_000).all()


def test_rivals_are_the_other_merchants_of_the_category() -> None:
    merchant, category = np.array([0, 0, 1, 2, 2]), np.array([0, 0, 0, 0, 1])
    offer = np.array([900, 800, 1200, 600, 100])
    seen = observations(5, merchant=merchant, category=category, offer_fen=offer, list_fen=np.full(5, 1000))
    level = rivals_level(seen)
    assert level[:4] == pytest.approx([0.9, 0.9, 2.3 / 3, 2.9 / 3])
    assert np.isnan(level[4])
    policy = make_pricing(PricingSettings(kind="competitor", competitor={"undercut": 0.5, "floor_markup": 0.0}))
    assert policy.decide(seen, np.array([4]), Draws(1)) == [1000], "nobody to follow"


def test_the_race_is_run_in_the_market(new_market: Any) -> None:
    market = new_market({"policies.pricing.kind": "competitor", "policies.pricing.competitor.undercut": 0.05})
    lowest = np.minimum(np.rint(1.1 * market.products.cost_fen), market.products.list_fen)
    for _ in range(market.scenario.campaign_end):
        market.step()
    assert np.array_equal(market.products.offer_fen, lowest)
    market.run()
    assert np.array_equal(market.products.offer_fen, market.products.list_fen)
