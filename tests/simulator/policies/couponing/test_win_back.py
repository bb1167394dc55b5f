"""Coupons for buyers who have long been silent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Market
from simulator.draws import Draws
from simulator.policies.couponing import NEVER, CouponingSettings, make_couponing
from simulator.policies.couponing.win_back import WinBackSettings
from tests.simulator.policies.couponing.people import people, seen_of


def scores(known: Any, silent_days: int = 30) -> Any:
    settings = CouponingSettings(kind="win_back", win_back=WinBackSettings(silent_days=silent_days))
    return make_couponing(settings).decide(seen_of(known), np.arange(len(known.all_beliefs.is_known)), Draws(1))


def test_by_hand() -> None:
    """(1 - P(alive)) · orders a month of one who still comes · mean paid for one."""
    known = people(
        3,
        n_orders=[2, 4, 4],
        recency_days=[40, 40, 29],
        age_days=[60, 60, 60],
        spend_fen=[6000, 20_000, 20_000],
        p_alive=[0.5, 0.25, 0.25],
        orders_per_month=[0.4, 0.5, 0.5],
    )
    assert scores(known).tolist() == pytest.approx([0.5 * 0.8 * 3000, 0.75 * 2.0 * 5000, NEVER])


@given(st.integers(1, 60))
def test_only_the_silent_are_won_back(silent_days: int) -> None:
    n = 80
    known = people(
        n,
        n_orders=np.where(np.arange(n) % 4, 2, 0),
        recency_days=np.where(np.arange(n) % 4, np.arange(n), -1),
        p_alive=np.full(n, 0.5),
        orders_per_month=np.ones(n),
    )
    gets = scores(known, silent_days) > NEVER
    assert np.array_equal(gets, (np.arange(n) % 4 > 0) & (np.arange(n) >= silent_days))


def test_of_the_equally_valuable_the_longer_silent_come_first(new_market: Any) -> None:
    """With P(alive) and orders from the market's own repurchase model."""
    market: Market = new_market({"privacy.collection": "orders", "consumers.n": 1000})
    for _ in range(25):
        market.step()
    everybody = np.arange(1000)
    bought = market.pipe.profiles.purchases(everybody)
    policy = make_couponing(CouponingSettings(kind="win_back", win_back=WinBackSettings(silent_days=1)))
    score = policy.decide(market.observe(), everybody, market.draws)
    alike = (bought.n_orders >= 3) & (bought.age_days >= 15) & (bought.recency_days >= 1)
    assert np.count_nonzero(alike) > 30
    worth = score[alike] * bought.n_orders[alike] / bought.spend_fen[alike] * (bought.age_days[alike] + 20)
    assert np.corrcoef(bought.recency_days[alike], worth / bought.n_orders[alike])[0, 1] > 0.7
    once = (bought.n_orders == 1) & (bought.recency_days >= 1)
    assert (score[once] == 0).all(), "after the others: the model has them alive for certain"


def test_nobody_lost_for_certain_breaks_it() -> None:
    known = people(
        1, n_orders=[5], recency_days=[400], age_days=[410], spend_fen=[9], p_alive=[0.0], orders_per_month=[0.0]
    )
    assert scores(known)[0] == 0
