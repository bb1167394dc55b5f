"""Reorder points: the forecast, its correction for empty shelves, and when how much is ordered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from simulator import Market, final_measures
from simulator.bitwise import whole
from simulator.draws import Draws
from simulator.policies.stocking import ROUTINE, StockingSettings, make_stocking
from simulator.policies.stocking.stocking import Stocking
from tests.simulator.policies.seen import observations

START = 30
W = 8
SCARCE: dict[str, Any] = {"merchants.stock_units": 12, "needs.rate": 0.5, "choice.appeal": 0.0}
REORDER = {"policies.stocking.kind": "reorder"}


def policy(**settings: Any) -> Stocking:
    return make_stocking(StockingSettings(kind="reorder", reorder=settings), W)


def orders(orders_by: Stocking, stock: int, pace: Any, in_stock: Any = 1.0, mornings: int = 1, **seen: Any) -> Any:
    """What is ordered on the mornings of a campaign; each product sells `pace` a day when it is there."""
    pace, in_stock = np.broadcast_arrays(np.asarray(pace), np.asarray(in_stock, dtype=float))
    n = len(pace)
    made = []
    for c in range(mornings):
        days = START + c
        known = {
            "n_ordered": np.rint(pace * in_stock * days).astype(np.int64),
            "n_waves_in_stock": np.rint(W * in_stock * days).astype(np.int64),
            "stock": np.full(n, stock),
            "on_order": np.zeros(n, dtype=np.int64),
        }
        told = observations(n, **{"day": days, "campaign_day": c, **known, **seen})
        made.append(orders_by.decide(told, np.arange(n), Draws(1)))
    return np.array(made)


@pytest.mark.parametrize("service", [0.5, 0.9, 0.99])
def test_stock_is_to_last_until_the_next_delivery_and_then_for_the_days_to_cover(service: float) -> None:
    """s is the quantile of demand until then, S a cover above it: checked against its normal approximation."""
    pace, lead, review, cover = np.array([2, 10, 40]), 3, 2, 5
    settings = {"lead_days": lead, "review_days": review, "cover_days": cover, "service": service}
    mean = pace * (lead + review)
    lower = np.ceil(norm.ppf(service, mean, np.sqrt(mean)).round(9))
    assert np.array_equal(orders(policy(**settings), 0, pace)[0], lower + pace * cover)
    for at, product in ((int(lower[1]), 1), (int(lower[1]) + 1, 1)):
        ordered = orders(policy(**settings), at, pace)[0][product]
        assert ordered == (pace[product] * cover if at == lower[1] else 0), "nothing is ordered above s"


def test_what_is_on_the_way_counts() -> None:
    with_it = orders(policy(), 0, [10, 10], on_order=np.array([0, 30]))[0]
    assert with_it[0] - with_it[1] == 30
    assert orders(policy(), 0, [10, 10], on_order=np.array([0, 60]))[0][1] == 0


def test_shelves_are_looked_at_on_review_days() -> None:
    ordered = orders(policy(review_days=7), 0, [10, 3], mornings=20)
    assert (ordered[::7] > 0).all()
    assert (np.delete(ordered, [0, 7, 14], axis=0) == 0).all()


def test_the_forecast_is_of_what_is_wanted_and_not_of_what_is_there() -> None:
    """Equal demand, shelves empty for half or nine tenths of the time: the same order; uncorrected, a smaller one."""
    pace, in_stock = [20, 20, 20], [1.0, 0.5, 0.1]
    corrected = orders(policy(), 0, pace, in_stock, mornings=15)
    assert (np.abs(corrected - corrected[:, :1]) <= 0.1 * corrected[:, :1]).all()
    fooled = orders(policy(corrects_stock_outs=False), 0, pace, in_stock, mornings=15)
    assert np.array_equal(fooled[:, 0], corrected[:, 0])
    assert (fooled[:, 1] < 0.6 * corrected[:, 1]).all()
    assert (fooled[:, 2] < 0.2 * corrected[:, 2]).all()


def test_the_forecast_forgets() -> None:
    """Twice as much from the campaign's first day on: after the memory, most of the way; a long memory lags."""
    days = START + np.arange(40)

    def last(memory: float) -> int:
        orders_by, made = policy(forecast_days=memory), []
        for c, day in enumerate(days):
            n_ordered = np.array([10 * START + 20 * c])
            seen = observations(
                1,
                day=int(day),
                campaign_day=c,
                n_ordered=n_ordered,
                n_waves_in_stock=np.array([W * day]),
                stock=np.zeros(1, dtype=np.int64),
                on_order=np.zeros(1, dtype=np.int64),
            )
            made.append(int(orders_by.decide(seen, np.arange(1), Draws(1))[0]))
        return made[-1]

    steady = orders(policy(), 0, [20])[0][0]
    assert last(5) == pytest.approx(steady, rel=0.02)
    assert last(100) < 0.85 * steady


def test_what_never_sold_is_kept_in_stock_by_the_piece() -> None:
    assert (orders(policy(), 0, [0, 0], [1.0, 0.0]) == 1).all()
    assert (orders(policy(), 1, [0, 0], [1.0, 0.0]) == 0).all()


def test_outside_the_campaign_all_is_left_to_the_routine() -> None:
    assert (orders(policy(), 0, [5, 5], campaign_day=-1) == ROUTINE).all()


# In the market


def test_without_followers_it_is_the_routine(finished: Any) -> None:
    nobody = {**REORDER, "policies.stocking.reorder.reach": 0.0}
    assert whole(finished({**SCARCE, **nobody})) == whole(finished(SCARCE))


def test_where_nothing_runs_out_it_changes_nothing(finished: Any) -> None:
    assert whole(finished(REORDER)) == whole(finished())


def test_orders_come_after_the_lead_time_and_cost_their_merchant(finished: Any) -> None:
    lead = 3
    settings = {**SCARCE, **REORDER, "policies.stocking.reorder.lead_days": lead, "merchants.ordering_fen": 250}
    market: Market = finished(settings)
    s, shelves = market.scenario, market.log.frame("shelves")
    costs = market.log.frame("costs")
    first, last = s.burn_in_days + 1, s.campaign_end  # on the first morning the routine still fills up
    placed = costs.query(f"{first} <= day < {last}")
    came = shelves.query(f"{first} + {lead} <= day < {last} + {lead} and n_delivered > 0")
    assert sorted(zip(placed["day"] + lead, placed["product"], strict=True)) == sorted(
        zip(came["day"], came["product"], strict=True)
    )
    assert (costs["cost_fen"] == 250).all()
    assert (market.products.merchant[costs["product"]] == costs["merchant"]).all()
    assert final_measures(market.log)["stock_cost"] * 100 == 250 * len(costs.query(f"day >= {s.burn_in_days}"))


def test_it_loses_fewer_sales_than_the_routine(finished: Any) -> None:
    """Demand differs between products, the routine's level does not; four worlds."""
    for seed in range(4):
        routine, reorder = (final_measures(finished({**SCARCE, **settings}, seed).log) for settings in ({}, REORDER))
        assert reorder["stock_out_share"] < 0.7 * routine["stock_out_share"]
        assert reorder["orders"] > routine["orders"]


def test_a_shelf_that_stays_empty_while_orders_come_makes_no_forecast_without_bounds() -> None:
    """Orders on record without any time in stock: what time there was fades, and divides nothing."""
    reorder = policy(forecast_days=1.0001, review_days=1, cover_days=1)
    for c in range(12):
        known = {"n_ordered": np.array([20 + 2 * c]), "n_waves_in_stock": np.array([W])}
        seen = observations(1, day=START + c, campaign_day=c, stock=np.zeros(1, dtype=np.int64), **known)
        ordered = reorder.decide(seen, np.arange(1), Draws(1))
    assert 0 < ordered[0] < 1000
