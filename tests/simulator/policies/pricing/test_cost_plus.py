"""Cost-plus prices."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.draws import Draws
from simulator.policies.pricing import PricingSettings, make_pricing
from tests.simulator.policies.seen import observations

COST_PLUS = {"policies.pricing.kind": "cost_plus"}


@given(markup=st.floats(0, 20), cost_fen=st.integers(0, 10_000_000))
def test_the_price_is_cost_and_markup_whatever_the_list_price(markup: float, cost_fen: int) -> None:
    policy = make_pricing(PricingSettings(kind="cost_plus", cost_plus={"markup": markup}))
    price = policy.decide(observations(cost_fen=np.full(12, cost_fen)), np.arange(12), Draws(1))
    assert (price == max(round(cost_fen * (1 + markup)), 1)).all()


def test_every_sale_alone_earns_the_markup(finished: Any) -> None:
    market = finished(COST_PLUS)
    in_campaign = "5 <= day < 22"
    orders = market.log.frame("orders").query(in_campaign)
    assert len(orders) > 50
    assert np.array_equal(orders["paid_fen"], np.rint(1.5 * orders["cost_fen"]))
