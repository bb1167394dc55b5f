"""Bargaining: how many helpers it takes (TARGETS A9), what a bargain costs whom, and what a lapse does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Market, Scenario, final_measures
from simulator.choice.experience import TrustReason
from simulator.draws import ALWAYS, Draws
from simulator.mechanics.bargaining import Bargaining
from simulator.records.events import Kind, Origin, Outcome, Reason, Way, id_consumer, id_kind

BARGAIN = "mechanics.bargaining."
BUSY: dict[str, Any] = {
    BARGAIN + "enabled": True,
    BARGAIN + "open_cost": -3.0,
    BARGAIN + "lapse_cost": 0.0,
    "consumers.sociability": 0.9,
}
EAGER: dict[str, Any] = {
    **BUSY,
    BARGAIN + "open_cost": -5.0,
    BARGAIN + "help": 1.0,
    BARGAIN + "new_help": 1.0,
    BARGAIN + "invitations": 100,
    "consumers.sociability": 0.999,
    "consumers.sociability_concentration": 1e6,
    "invitations.read": 1.0,
    "attention.per_day": 100,
    "attention.fatigue": 0.0,
    "choice.appeal": 5.0,
}
"""Whoever needs something bargains for it; friends always read and help."""


def bargains_of(market: Market) -> pd.DataFrame:
    """The bargains that have ended: how they began and how they ended."""
    ends = market.log.frame("bargain_ends").drop(columns="consumer")
    return market.log.frame("bargains").merge(ends, left_on="id", right_on="cause", suffixes=("", "_end"))


def cuts_of(market: Market) -> pd.DataFrame:
    """All cuts in order, with the remainder before each and the whole cut of their bargain."""
    whole = market.log.frame("bargains").set_index("id").eval("price_fen - floor_fen")
    cuts = market.log.frame("cuts")
    cuts["to_cut"] = whole.loc[cuts["bargain"]].to_numpy()
    cuts["before"] = cuts.groupby("bargain")["true_fen"].shift().fillna(cuts["to_cut"]).astype(int)
    return cuts


# How many helpers it takes


@pytest.mark.parametrize(
    ("cut", "target"), [(0.5, 7), (0.3, 13), (0.1, 44), (0.95, 2), (0.8, 3), (0.2, 21), (0.06, 75)]
)
def test_helpers_to_one_percent_left(new_market: Any, cut: float, target: int) -> None:
    """A9: the least n with (1 - c)^n at most 1 %."""
    assert target == int(np.ceil(np.log(0.01) / np.log(1 - cut)))
    changes = {
        **EAGER,
        BARGAIN + "cut": cut,
        BARGAIN + "deadline_days": 3,
        "consumers.prospect_fraction": 0.0,
        "consumers.n": 1000,
        "needs.rate": 0.001,
        "choice.without_need": 20.0,  # who is called to help buys nothing, and so asks nobody
        "merchants.list_price_median_fen": 1_000_000,
        "social.kind": "ring",
        "social.degree": 120,
    }
    ended = bargains_of(new_market(changes).run())
    done = ended[ended["outcome"] == Outcome.SETTLED]
    assert len(done) > 10
    assert (done["n_helpers"] == target).all()
    assert (ended.loc[ended["outcome"] == Outcome.LAPSED, "n_helpers"] < target).all()


@pytest.mark.parametrize("rounded_off", [0.0, 0.001, 0.2])
def test_what_is_waived_is_a_setting(finished: Any, rounded_off: float) -> None:
    ended = bargains_of(finished({**EAGER, BARGAIN + "rounded_off": rounded_off, "social.degree": 20}))
    waived = rounded_off * (ended["price_fen"] - ended["floor_fen"])
    assert np.array_equal(ended["true_fen"] <= waived, ended["outcome"] == Outcome.SETTLED)
    assert (ended["outcome"] == Outcome.SETTLED).sum() > 20


def test_prospects_cut_more_and_join_by_it(finished: Any) -> None:
    market = finished({**EAGER, BARGAIN + "cut": 0.2, BARGAIN + "new_cut": 0.7})
    cuts, joins = cuts_of(market), market.log.frame("joins")
    share = np.where(cuts["is_new"], 0.7, 0.2)
    assert np.array_equal(cuts["before"] - cuts["true_fen"], np.maximum(np.rint(share * cuts["before"]), 1))
    new = cuts[cuts["is_new"]]
    assert len(new) > 20
    assert len(cuts) - len(new) > 20
    joined = joins.merge(new, on=["consumer", "day", "wave", "cause"])
    assert len(joined) == len(new), "the helper joins in the same wave, by the invitation that called"
    sent = market.log.frame("invitations").query(f"outcome == {Outcome.READ} and origin == {Origin.BARGAINING}")
    assert set(cuts["cause"]) <= set(sent["id"])
    assert final_measures(market.log)["joined_by_helping"] == len(new)


def test_helpers_cut_no_more_than_their_attention_lets_them_read(finished: Any) -> None:
    market = finished({**EAGER, "attention.per_day": 1, "consumers.n": 100, "social.degree": 20})
    per_day = market.log.frame("cuts").groupby(["consumer", "day"]).size()
    assert len(per_day) > 50
    assert per_day.max() == 1
    assert not len(finished({**EAGER, "attention.per_day": 0}).log.frame("cuts"))


@pytest.mark.parametrize("p", [0.0, 0.4, 1.0])
def test_members_help_with_the_set_probability(finished: Any, p: float) -> None:
    market = finished({**BUSY, BARGAIN + "help": p, BARGAIN + "cut": 0.01, "consumers.prospect_fraction": 0.0})
    first = market.log.frame("invitations").query(f"outcome == {Outcome.READ}").drop_duplicates(["target", "invitee"])
    cuts = market.log.frame("cuts")
    helped = first["id"].isin(cuts["cause"])
    ends = market.log.frame("bargain_ends").set_index("cause")
    in_time = first["day"].to_numpy() < ends["day"].reindex(first["target"]).to_numpy()
    n = in_time.sum()
    assert n > 200
    assert abs(helped[in_time].mean() - p) <= 4 * np.sqrt(p * (1 - p) / n)


# What the opener sees, and how it goes on asking


@pytest.mark.parametrize("flattery", [0.0, 0.5, 0.9])
def test_the_display_keeps_back_its_share_of_what_is_left(finished: Any, flattery: float) -> None:
    market = finished({**EAGER, BARGAIN + "flattery": flattery})
    cuts = cuts_of(market)
    done = cuts["true_fen"] <= 0.01 * cuts["to_cut"]
    assert (cuts.loc[done, "displayed_fen"] == 0).all()
    open_ = cuts[~done]
    assert len(open_) > 50
    assert (open_["displayed_fen"] >= 1).all()
    assert (open_["displayed_fen"] <= np.maximum((1 - flattery) * open_["true_fen"], 1)).all()
    assert (open_["displayed_fen"] > (1 - flattery) * open_["true_fen"] - 1).all()
    if flattery == 0:
        assert (open_["displayed_fen"] == open_["true_fen"]).all()


def test_openers_ask_at_once_and_again_each_day_by_the_progress_they_see(finished: Any) -> None:
    """Nobody helps, so an honest display shows no progress, and a flattering one shows its own."""

    def rounds(flattery: float) -> pd.Series[int]:
        quiet = {BARGAIN + "help": 0.0, BARGAIN + "new_help": 0.0, BARGAIN + "deadline_days": 3}
        market = finished({**BUSY, **quiet, BARGAIN + "flattery": flattery, "invitations.read": 0.0})
        sent = market.log.frame("invitations")
        began = market.log.frame("bargains").set_index("id").loc[sent["target"]]
        n_waves = market.scenario.waves_per_day
        age = (sent["day"] - began["day"].to_numpy()) * n_waves + sent["wave"] - began["wave"].to_numpy()
        counts: pd.Series[int] = age.value_counts().sort_index()
        return counts / counts[0]

    assert rounds(0.0).index.tolist() == [0]
    flattered = rounds(0.9)
    assert flattered.index.tolist() == [0, 4, 8]
    assert flattered[4] == pytest.approx(0.9, abs=0.05)


def test_openers_do_not_ask_those_who_have_helped(finished: Any) -> None:
    market = finished({**BUSY, BARGAIN + "cut": 0.05, BARGAIN + "new_cut": 0.05, BARGAIN + "help": 1.0})
    cuts, sent = market.log.frame("cuts"), market.log.frame("invitations")
    n_waves = market.scenario.waves_per_day
    helped = cuts.assign(helped=cuts["day"] * n_waves + cuts["wave"])[["bargain", "consumer", "helped"]]
    known = sent.merge(helped, left_on=["target", "invitee"], right_on=["bargain", "consumer"])
    fate = known["day"].astype(int) * n_waves + known["wave"]
    assert len(known) > 100
    # Who helps in a wave may have been asked once more at its start, before; it reads that later, or not.
    unread = known[known["outcome"] == Outcome.UNREAD]
    assert (fate[unread.index] <= unread["helped"]).all()


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


# Who bargains


def test_a_consumer_has_one_open_bargain_at_a_time(finished: Any) -> None:
    market = finished({**EAGER, "needs.rate": 0.8, BARGAIN + "invitations": 0, BARGAIN + "deadline_days": 3})
    n_waves = market.scenario.waves_per_day
    began = bargains_of(market).sort_values(["consumer", "day", "wave"])
    start = began["day"].astype(int) * n_waves + began["wave"]
    end = began["day_end"].astype(int) * n_waves + began["wave_end"]
    assert (end - start == 3 * n_waves).all()
    same = began["consumer"].eq(began["consumer"].shift(-1))
    assert same.sum() > 50
    assert (start.shift(-1) >= end)[same].all()


def test_friends_called_to_help_may_open_a_bargain_of_their_own(finished: Any) -> None:
    market = finished({**BUSY, "choice.appeal": 2.0, "choice.without_need": 0.0})
    orders = market.log.frame("orders").query(f"way == {Way.BARGAIN} and reason == {Reason.INVITATION}")
    assert len(orders) > 20
    assert (id_kind(orders["cause"]) == Kind.INVITATION).all()
    inviter = id_consumer(orders["cause"])
    assert all(who in market.network.friends_of(i) for who, i in zip(orders["consumer"], inviter, strict=True))
    assert final_measures(market.log)["invited_share"] > 0


def test_only_consumers_in_reach_bargain_and_help(finished: Any) -> None:
    market = finished({**EAGER, BARGAIN + "reach": 0.5})
    in_reach = np.flatnonzero(Draws(1).uniform(Bargaining.reached_by, ALWAYS, np.arange(300)) < 0.5)
    for table in ("bargains", "cuts"):
        assert len(market.log.frame(table)) > 20
        assert set(market.log.frame(table)["consumer"]) <= set(in_reach)


def test_the_published_chance_counts_the_bargains_of_the_last_days(new_market: Any) -> None:
    prior = {BARGAIN + "success_days": 2, BARGAIN + "prior_bargains": 10.0, BARGAIN + "prior_done": 0.4}
    market = new_market({**BUSY, **prior, BARGAIN + "deadline_days": 1, BARGAIN + "help": 0.9})
    mechanic = market.mechanics[0]
    assert isinstance(mechanic, Bargaining)
    moved = 0
    while market.running:
        ends = market.log.frame("bargain_ends")
        market.step()
        seen = ends[ends["day"] >= market.day - 1 - 2]
        done = (seen["outcome"] == Outcome.SETTLED).sum()
        assert mechanic.p_done == pytest.approx((done + 4) / (len(seen) + 10))
        moved += done > 0
    assert moved > 5


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


@settings(max_examples=25)
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
