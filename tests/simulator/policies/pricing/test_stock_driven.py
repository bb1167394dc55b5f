"""Stock-driven prices: sales against the usual pace, and scarcity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.draws import Draws
from simulator.policies.pricing import PricingSettings, make_pricing
from simulator.policies.pricing.pricing import Pricing
from tests.simulator.policies.seen import observations

START = 30
PLENTY = 2**31 - 1
LIST = np.full(4, 10_000)


def policy(**settings: float) -> Pricing:
    return make_pricing(PricingSettings(kind="stock_driven", stock_driven=settings))


def prices(asks: Pricing, n_ordered: Any, stock: int = PLENTY, reaction_days: int = 1) -> Any:
    """What is asked on the mornings of a campaign; n_ordered by morning, shape (n_days, 4)."""
    return np.array(
        [
            asks.decide(
                observations(
                    4,
                    day=START + c,
                    campaign_day=c,
                    reaction_days=reaction_days,
                    list_fen=LIST,
                    stock=np.full(4, stock),
                    n_ordered=known,
                ),
                np.arange(4),
                Draws(1),
            )
            for c, known in enumerate(np.asarray(n_ordered))
        ]
    )


@pytest.mark.parametrize("reaction_days", [1, 5])
def test_a_constant_pace_leaves_list_prices(reaction_days: int) -> None:
    pace = np.array([0, 1, 3, 50])
    days_on_record = START + np.arange(20)[:, None] - reaction_days + 1
    assert (prices(policy(), pace * days_on_record, reaction_days=reaction_days) == LIST).all()


def test_a_rush_makes_dearer_and_a_lull_cheaper_by_the_set_elasticity() -> None:
    """Usual pace 10 a day; from the first morning of the campaign on 20, 0, 10 and 11."""
    days = np.arange(15)[:, None]
    known = 10 * START + days * np.array([20, 0, 10, 11])
    asked = prices(policy(bound=0.9, demand_response=0.5, prior_units=4, recent_days=5), known)
    for c in range(15):
        w = min(c, 5)
        for product, pace in enumerate((20, 0, 10, 11)):
            usual = (10 * START + c * pace) / (START + c)
            demand = (pace * w + 4) / (usual * w + 4)
            assert asked[c, product] == pytest.approx(10_000 * demand**0.5, abs=1)
    assert (asked[0] == LIST).all(), "nothing is known yet"
    assert (asked[1:, 0] > 10_000).all()
    assert (asked[1:, 1] < 10_000).all()


def test_prices_stay_within_the_bound() -> None:
    known = 10 * START + np.arange(15)[:, None] * np.array([1000, 0, 0, 1000])
    asked = prices(policy(bound=0.1, demand_response=5.0), known)
    assert (asked[5:] == [11_000, 9000, 9000, 11_000]).all()


def test_what_runs_out_becomes_dearer_and_plenty_changes_nothing() -> None:
    """10 a day on 7 days: 70 units are just enough; of 35 each counts twice."""
    known = 10 * (START + np.arange(9)[:, None]) * np.ones(4, dtype=np.int64)
    for stock, factor in ((PLENTY, 1.0), (70, 1.0), (35, 2**0.25), (0, 70**0.25)):
        asked = prices(policy(bound=0.99, stock_response=0.25), known, stock)
        assert asked[-1, 0] == pytest.approx(10_000 * min(factor, 1.99), abs=1)


def test_a_festival_raises_prices_in_the_days_after(finished: Any, new_market: Any) -> None:
    settings = {
        "policies.pricing.kind": "stock_driven",
        "policies.pricing.stock_driven.recent_days": 3,
        "consumers.n": 1000,
        "needs.festival_days": (12, 13),
        "needs.festival_factor": 5.0,
    }
    market = new_market(settings)
    level = []
    while market.running:
        market.step()
        level.append((market.products.offer_fen / market.products.list_fen).mean())
    assert min(level[13:16]) > 1.05 > max(level[:12])
    assert level[17] < 1.02
