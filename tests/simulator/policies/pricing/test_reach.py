"""Reach: which merchants follow a pricing policy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import Market
from simulator.bitwise import whole
from simulator.draws import Draws
from simulator.policies.pricing import PricingSettings, make_pricing
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


@pytest.mark.parametrize("kind", FOLLOWED)
def test_who_is_not_able_to_decide_by_data_sells_at_list_prices(kind: str) -> None:
    n = 30
    by_hand = kind in ("cost_plus", "promotion_calendar")
    is_able = np.arange(n) % 2 == 0
    policy = PricingSettings(kind=kind)
    asked = {}
    for name, able in (("all", np.ones(n, dtype=np.bool_)), ("some", is_able)):
        seen = observations(n, merchant=np.arange(n), is_able=able)
        prices, draws, rows = make_pricing(policy), Draws(1), np.arange(n)
        personal = prices.personal(seen, np.full(n, 1), rows, draws)
        asked[name] = prices.decide(seen, rows, draws) if personal is None else personal
    assert (asked["all"][~is_able] != seen.list_fen[~is_able]).any()
    assert np.array_equal(asked["some"], asked["all"] if by_hand else np.where(is_able, asked["all"], seen.list_fen))


def test_a_bandit_learns_nothing_while_its_merchant_is_not_able_to_ask_its_levels() -> None:
    """Who becomes able later asks what who becomes able in a world without that time would ask."""

    def asked(n_examined: list[int]) -> list[Any]:
        prices = make_pricing(PricingSettings(kind="bandit", bandit={"every_days": 4}))
        return [
            prices.decide(
                observations(
                    day=30 + c,
                    campaign_day=c,
                    n_examined=np.full(12, looks),
                    n_ordered=np.zeros(12, dtype=np.int64),
                    is_able=np.full(6, c >= 3),
                ),
                np.arange(12),
                Draws(1),
            )
            for c, looks in enumerate(n_examined)
        ]

    seen = observations()
    before, first, *after = asked([0, 500, 900, 900, 1000])[2:]
    assert np.array_equal(before, seen.list_fen)
    assert not np.array_equal(first, seen.list_fen), "it begins at once, whatever day of the rhythm it is"
    assert np.array_equal(after, asked([0, 0, 0, 0, 100])[4:])
