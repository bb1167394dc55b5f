"""Reach: which merchants follow a pricing policy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import Market
from simulator.draws import Draws
from simulator.policies.pricing import PricingSettings, make_pricing
from tests.bitwise import whole
from tests.simulator.policies.seen import observations

FOLLOWED = [name for name in PricingSettings.model_fields if name != "kind"]
KNOWING = {"privacy.collection": "everything"}


@pytest.fixture(scope="module")
def at_list_prices(finished: Any) -> Market:
    market: Market = finished(KNOWING)
    return market


@pytest.mark.parametrize("kind", FOLLOWED)
def test_a_policy_that_nobody_follows_equals_fixed_prices(finished: Any, at_list_prices: Market, kind: str) -> None:
    policy = {"policies.pricing.kind": kind, f"policies.pricing.{kind}.reach": 0.0}
    assert whole(finished({**KNOWING, **policy})) == whole(at_list_prices)


@pytest.mark.parametrize("kind", ["cost_plus", "competitor"])
def test_the_set_share_of_merchants_follows(kind: str) -> None:
    n = 2000
    seen = observations(n, merchant=np.arange(n), cost_fen=np.ones(n, dtype=np.int64))
    policy = make_pricing(PricingSettings(**{"kind": kind, kind: {"reach": 0.3}}))
    follows = policy.decide(seen, np.arange(n), Draws(1)) != seen.list_fen
    assert abs(follows.mean() - 0.3) < 4 * np.sqrt(0.3 * 0.7 / n)


def test_all_policies_are_followed_by_the_same_merchants() -> None:
    n = 50
    seen = observations(n, merchant=np.arange(n), cost_fen=np.ones(n, dtype=np.int64))
    follows = [
        make_pricing(PricingSettings(**{"kind": kind, kind: {"reach": 0.5}})).decide(seen, np.arange(n), Draws(1))
        != seen.list_fen
        for kind in ("cost_plus", "competitor")
    ]
    assert np.array_equal(*follows)
