"""How bargains end: what one costs whom, what a lapse does, and exact money in any world."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.validation.bargains import BARGAIN, EAGER
from simulator import Market, Scenario
from simulator.choice.experience import TrustReason
from simulator.records.events.codes import Outcome, Reason, Way
from tests.examples import worlds
from tests.simulator.mechanics.bargains import BUSY, bargains_of, cuts_of

# All or nothing


def test_a_bargain_that_comes_about_is_paid_at_its_floor_and_one_that_lapses_is_not_paid(finished: Any) -> None:
    market = finished({**BUSY, BARGAIN + "floor": 0.3, BARGAIN + "help": 0.8})
    orders = market.log.frame("orders").merge(
        market.log.frame("settlements")[["cause", "outcome", "refund_fen"]], left_on="id", right_on="cause"
    )
    orders = orders[orders["way"] == Way.BARGAIN]
    assert (orders["paid_fen"] == np.rint(0.3 * orders["list_fen"])).all()
    assert (orders["paid_fen"] + orders["subsidy_fen"] == orders["list_fen"]).all(), "the platform pays the cut"
    assert set(orders["outcome"]) == {Outcome.SETTLED, Outcome.LAPSED}
    assert (orders["refund_fen"] == 0).all()
    ended = bargains_of(market)
    assert np.array_equal(orders.set_index("id").loc[ended["cause"], "outcome"], ended["outcome"])
    never = orders.groupby("consumer")["outcome"].agg(lambda ended: (ended == Outcome.LAPSED).all())
    others = market.log.frame("orders").query(f"way != {Way.BARGAIN}")["consumer"]
    unpaid = np.setdiff1d(never.index[never], others)
    assert len(unpaid) > 5
    assert (market.columns["balance_fen"][unpaid] == 0).all()
    assert market.ledger.escrow == 0


@pytest.mark.parametrize("platform_share", [0.0, 0.3, 1.0])
def test_the_cut_is_borne_as_set(finished: Any, platform_share: float) -> None:
    orders = finished({**BUSY, BARGAIN + "platform_share": platform_share}).log.frame("orders")
    orders = orders[orders["way"] == Way.BARGAIN]
    assert len(orders) > 50
    assert np.array_equal(orders["subsidy_fen"], np.rint(platform_share * (orders["list_fen"] - orders["paid_fen"])))


def test_bargains_open_only_while_the_budget_can_pay_and_lapses_free_it(new_market: Any) -> None:
    market = new_market({**BUSY, "platform.subsidy_cap_fraction": 0.05})
    opened_late = 0
    while market.running:
        market.step()
        assert market.budget.remaining_fen >= 0
        assert market.budget.committed_fen <= 0.05 * market.budget.gmv_fen
        opened_late += len(market.log.today("bargains")["id"]) * (market.campaign_day > 8)
    assert opened_late > 5
    orders = market.log.frame("orders")
    settled = market.log.frame("settlements").query(f"outcome == {Outcome.SETTLED}")["cause"]
    assert market.budget.committed_fen == orders.loc[orders["id"].isin(settled), "subsidy_fen"].sum()
    nothing = new_market({**BUSY, "platform.subsidy_cap_fraction": 0.0}).run()
    assert not len(nothing.log.frame("bargains"))


def unhelped(new_market: Any, changes: dict[str, Any]) -> tuple[Market, pd.DataFrame]:
    """A market just before its first bargains, which nobody helped with, lapse; and these bargains."""
    market = new_market({**EAGER, BARGAIN + "invitations": 0, BARGAIN + "deadline_days": 1, **changes})
    while market.day <= market.scenario.burn_in_days:
        market.step()
    market.consumers.set("need_rate", 0.0)
    return market, market.log.frame("bargains")


def test_a_lapse_gives_back_need_and_stock(new_market: Any) -> None:
    stock = {"merchants.stock_units": 1000, "merchants.restock_days": 300}
    market, opened = unhelped(new_market, {**stock, "needs.retry": 1.0, "needs.has_attrition": False})
    assert len(opened) > 20
    sold = np.bincount(market.log.frame("orders")["product"], minlength=10)
    assert np.array_equal(market.products.stock, 1000 - sold), "a unit is set aside"
    assert (market.columns["open_need"][opened["consumer"]] == -1).all()
    market.step()
    lapsed = market.log.frame("bargain_ends")
    assert (lapsed["outcome"] == Outcome.LAPSED).all()
    assert set(lapsed["consumer"]) == set(opened["consumer"])
    assert np.array_equal(
        market.products.stock, np.full(10, 1000) - np.bincount(_kept(market)["product"], minlength=10)
    )
    category = market.products.category[opened["product"]]
    assert np.array_equal(market.columns["open_need"][opened["consumer"]], category)
    market.step()
    again = market.log.frame("orders").query("day == 7")
    assert set(opened["consumer"]) <= set(again.loc[again["reason"] == Reason.NEED, "consumer"])


def _kept(market: Market) -> pd.DataFrame:
    undone = market.log.frame("settlements").query(f"outcome == {Outcome.LAPSED}")["cause"]
    orders = market.log.frame("orders")
    return orders[~orders["id"].isin(undone)]


@pytest.mark.parametrize(("flattery", "is_near"), [(0.97, False), (0.985, True)])
def test_a_lapse_costs_satisfaction_and_a_near_miss_trust(new_market: Any, flattery: float, is_near: bool) -> None:
    """Nobody helps, so the display shows 1 - flattery; a near miss is what shows at most 2 %."""
    changes = {BARGAIN + "lapse_satisfaction": 0.25, BARGAIN + "near_miss_trust": 0.1, BARGAIN + "flattery": flattery}
    market, opened = unhelped(new_market, changes)
    who = opened["consumer"].to_numpy()
    satisfaction, trust = market.columns["satisfaction"].copy(), market.columns["trust"].copy()
    market.step()
    assert market.columns["satisfaction"][who] == pytest.approx(satisfaction[who] - 0.25, abs=1e-6)
    lost = np.minimum(trust[who], 0.1) if is_near else np.zeros(len(who))
    assert market.columns["trust"][who] == pytest.approx(trust[who] - lost, abs=1e-6)
    shifts = market.log.frame("trust_shifts").query(f"reason == {TrustReason.NEAR_MISS}")
    assert sorted(shifts["cause"]) == (sorted(opened["id"]) if is_near else [])
    assert shifts["amount_millionths"].sum() == pytest.approx(-1e6 * lost.sum(), abs=len(who))


# Whatever the settings


WORLDS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10**6),
        "consumers.n": st.integers(50, 200),
        "consumers.prospect_fraction": st.sampled_from([0.0, 0.5]),
        "waves_per_day": st.sampled_from([1, 3, 8]),
        "merchants.stock_units": st.sampled_from([None, 2, 10]),
        "merchants.list_price_median_fen": st.sampled_from([100, 5000]),
        "platform.subsidy_cap_fraction": st.sampled_from([None, 0.03]),
        "mechanics.group_buying.enabled": st.booleans(),
        "mechanics.referral.enabled": st.booleans(),
        "mechanics.coupons.enabled": st.booleans(),
        BARGAIN + "floor": st.floats(0.01, 0.99),
        BARGAIN + "platform_share": st.sampled_from([0.0, 0.5, 1.0]),
        BARGAIN + "deadline_days": st.integers(1, 3),
        BARGAIN + "cut": st.floats(0.001, 1.0),
        BARGAIN + "new_cut": st.floats(0.001, 1.0),
        BARGAIN + "rounded_off": st.sampled_from([0.0, 0.01, 0.5]),
        BARGAIN + "flattery": st.floats(0.0, 0.999),
        BARGAIN + "invitations": st.integers(0, 20),
        BARGAIN + "help": st.floats(0.0, 1.0),
    }
)


@worlds(8)
@given(world=WORLDS)
def test_money_and_cuts_are_exact_in_any_world(tiny_scenario: Scenario, world: dict[str, Any]) -> None:
    changes = dict(world)
    seed = changes.pop("seed")
    market = Market(tiny_scenario, rng=seed, **{**EAGER, BARGAIN + "invitations": 5, **changes})
    while market.running:
        market.step()
        assert market.ledger.total == 0
    ended, cuts = bargains_of(market), cuts_of(market)
    assert len(ended) == len(market.log.frame("bargains")), "all have run out"
    assert not cuts.duplicated(["bargain", "consumer"]).any(), "each helper cuts once"
    assert (cuts["true_fen"] >= 0).all()
    assert (cuts["true_fen"] < cuts["before"]).all()
    assert (cuts["before"] > world[BARGAIN + "rounded_off"] * cuts["to_cut"]).all(), "nobody cuts what is done"
    assert (cuts["displayed_fen"] <= cuts["true_fen"]).all()
    last = cuts.groupby("bargain")["true_fen"].last().reindex(ended["id"])
    left = last.fillna(pd.Series((ended["price_fen"] - ended["floor_fen"]).to_numpy(), last.index))
    assert np.array_equal(ended["true_fen"], left)
    assert np.array_equal(ended["n_helpers"], cuts.groupby("bargain").size().reindex(ended["id"]).fillna(0))
    sold = market.log.frame("orders").merge(
        market.log.frame("settlements").query(f"outcome == {Outcome.SETTLED}")[["cause"]],
        left_on="id",
        right_on="cause",
    )
    is_done = ended["outcome"] == Outcome.SETTLED
    assert set(ended.loc[is_done, "cause"]) == set(sold.loc[sold["way"] == Way.BARGAIN, "id"]), "all or nothing"
    paid = np.bincount(sold["consumer"], sold["paid_fen"], market.columns.n)
    assert np.array_equal(-market.columns["balance_fen"], paid)
    assert market.ledger.platform == sold["fee_fen"].sum() - sold["subsidy_fen"].sum()
    assert market.ledger.escrow == 0
