"""Shelves: what comes in, what runs out, what perishes, what keeping costs, and how it is measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import Market, Scenario, SettingsError, final_measures
from simulator.records.events.codes import Origin, Outcome
from simulator.records.events.ids import id_day

COHORT = "merchants.cohorts"
HOTELS: dict[str, Any] = {
    COHORT: {
        "shops": {"count": 2, "products_each": 3},
        "hotels": {"count": 2, "products_each": 2, "daily_capacity": 4},
    },
    "needs.rate": 0.4,
}
GROUPS = {"mechanics.group_buying.enabled": True, "mechanics.group_buying.open_cost": -3.0}
COSTS = {"merchants.holding_fen": 3, "merchants.ordering_fen": 5}
SCARCE = {"merchants.stock_units": 6, "needs.rate": 0.4}


@pytest.fixture(scope="module")
def scarce(finished: Any) -> Market:
    market: Market = finished(SCARCE)
    return market


def test_shelves_tell_what_came_in_and_what_is_left(scarce: Market) -> None:
    shelves, orders = scarce.log.frame("shelves"), scarce.log.frame("orders")
    left = shelves.pivot(index="day", columns="product", values="n_left").to_numpy()
    came = shelves.pivot(index="day", columns="product", values="n_delivered").to_numpy()
    sold = orders.groupby(["day", "product"]).size().unstack(fill_value=0).reindex(range(30), fill_value=0).to_numpy()
    before = np.vstack([np.full(10, 6), left[:-1]])
    assert np.array_equal(before + came - sold, left)
    assert np.array_equal(before[::7] + came[::7], np.full((5, 10), 6)), "filled up every 7 days"
    assert (np.delete(came, range(0, 30, 7), axis=0) == 0).all()
    assert not shelves["is_perishable"].any()


def test_a_refused_purchase_is_told_with_its_shopper_and_its_worth(scarce: Market) -> None:
    refused, orders = scarce.log.frame("stock_outs"), scarce.log.frame("orders")
    left = scarce.log.frame("shelves").set_index(["day", "product"])["n_left"]
    assert len(refused) > 100
    assert (left.loc[list(zip(refused["day"], refused["product"], strict=True))] == 0).all()
    assert np.array_equal(refused["worth_fen"], scarce.products.list_fen[refused["product"]])
    assert np.array_equal(refused["merchant"], scarce.products.merchant[refused["product"]])
    both = refused.merge(orders, on=["day", "wave", "consumer"])
    assert both.empty, "who is refused buys nothing at that moment"


def test_a_sale_is_lost_if_the_shopper_does_not_come_back_in_time(scarce: Market) -> None:
    """Counted once more, one refusal after the other."""
    refused, orders = scarce.log.frame("stock_outs"), scarce.log.frame("orders")
    window = refused[refused["day"] >= 5]
    times: dict[int, list[int]] = {}
    for row in [*refused.itertuples(), *orders.itertuples()]:
        times.setdefault(row.consumer, []).append(8 * row.day + row.wave)
    lost = [
        row.worth_fen
        for row in window.itertuples()
        if row.day + 7 < 30
        and not any(0 < t - (8 * row.day + row.wave) and t // 8 - row.day <= 7 for t in times[row.consumer])
    ]
    measures = final_measures(scarce.log)
    assert len(lost) > 20
    assert measures["sales_lost"] == len(lost)
    assert measures["sales_lost_value"] == pytest.approx(sum(lost) / 100)
    n_orders = len(orders[orders["day"] >= 5])
    assert measures["stock_out_share"] == pytest.approx(len(window) / (len(window) + n_orders))
    shelves = scarce.log.frame("shelves").query("day >= 5")
    assert measures["shelves_empty_share"] == pytest.approx((shelves["n_left"] == 0).mean())
    assert measures["stock_held"] == pytest.approx(shelves["n_left"].mean())


def test_where_nothing_can_run_out_there_is_nothing_to_tell(finished: Any) -> None:
    market = finished()
    assert market.log.frame("shelves").empty
    assert market.log.frame("stock_outs").empty
    assert np.isnan(final_measures(market.log)["stock_held"])


def test_keeping_goods_costs_their_merchant_every_night(finished: Any) -> None:
    market: Market = finished({**SCARCE, "merchants.holding_fen": 7, "merchants.ordering_fen": 100})
    costs, shelves = market.log.frame("costs"), market.log.frame("shelves")
    shelves["merchant"] = market.products.merchant[shelves["product"]]
    kept = 7 * shelves.groupby(["day", "merchant"])["n_left"].sum()
    paid = costs[costs["product"] < 0].groupby(["day", "merchant"])["cost_fen"].sum()
    assert kept[kept > 0].to_dict() == paid.to_dict()
    ordered = costs[costs["product"] >= 0]
    assert len(ordered) == (shelves["n_delivered"] > 0).sum()
    assert set(ordered["cost_fen"]) == {100}
    assert set(costs["origin"]) == {Origin.STOCKING}
    assert market.ledger.total == 0


def test_the_cost_of_stock_is_no_marketing(finished: Any) -> None:
    dear = final_measures(finished({**SCARCE, "merchants.holding_fen": 7}).log)
    free = final_measures(finished(SCARCE).log)
    assert dear["stock_cost"] > 0
    assert dear["marketing_cost"] == free["marketing_cost"] == 0
    assert dear["subsidy"] == free["subsidy"]
    assert dear["contribution_merchants"] == pytest.approx(free["contribution_merchants"] - dear["stock_cost"])


# What perishes


def test_rooms_are_free_again_every_morning(finished: Any) -> None:
    market: Market = finished({**HOTELS, "choice.appeal": 1.0})
    shelves, orders = market.log.frame("shelves"), market.log.frame("orders")
    assert set(shelves["product"]) == {6, 7, 8, 9}
    assert shelves["is_perishable"].all()
    assert (shelves["n_delivered"] == 4).all()
    sold = orders.query("product >= 6").groupby(["day", "product"]).size()
    taken = shelves.set_index(["day", "product"])["n_left"].rsub(4)
    assert sold.to_dict() == taken[taken > 0].to_dict()
    assert sold.max() == 4
    assert not (market.log.frame("stock_outs")["product"] < 6).any(), "shops are never sold out"
    used = final_measures(market.log)["capacity_used_share"]
    assert used == pytest.approx(taken.loc[5:].sum() / (25 * 4 * 4))


def test_a_room_given_back_on_a_later_day_is_gone(new_market: Any) -> None:
    market: Market = new_market({**HOTELS, **GROUPS, "mechanics.group_buying.size": 5})
    while market.running:
        market.step()
        assert (market.products.stock[6:] <= 4).all()
        assert (market.products.stock[6:] >= 0).all()
    ends = market.log.frame("settlements").query(f"outcome == {Outcome.REFUNDED}")
    orders = market.log.frame("orders").set_index("id").loc[ends["cause"]]
    late = (orders["product"].to_numpy() >= 6) & (id_day(ends["cause"]) < ends["day"].to_numpy())
    assert late.sum() > 5
    assert market.ledger.total == 0


def test_only_what_keeps_is_ordered_and_paid_for(finished: Any) -> None:
    market: Market = finished(
        {
            **HOTELS,
            **SCARCE,
            "policies.stocking.kind": "reorder",
            "merchants.holding_fen": 3,
            "merchants.ordering_fen": 5,
        }
    )
    costs = market.log.frame("costs")
    assert not (costs["product"] >= 6).any()
    assert set(costs["merchant"]) == {0, 1}


@pytest.mark.parametrize("capacity", [0, -3, 0.5])
def test_bad_capacities_are_refused(tiny_scenario: Scenario, capacity: float) -> None:
    with pytest.raises(SettingsError, match=r"cohorts\.hotels\.daily_capacity"):
        tiny_scenario.replace(**{COHORT: {"hotels": {"count": 1, "products_each": 1, "daily_capacity": capacity}}})


def test_what_is_off_is_not_in_the_fingerprint(tiny_scenario: Scenario) -> None:
    flat = str(tiny_scenario.active())
    for name in ("daily_capacity", "holding_fen", "ordering_fen", "stocking"):
        assert name not in flat
    limited = tiny_scenario.replace(**{"merchants.stock_units": 5, "policies.stocking.kind": "reorder"})
    assert "reorder" in str(limited.active())
    assert limited.hash != tiny_scenario.replace(**{"merchants.stock_units": 5}).hash
