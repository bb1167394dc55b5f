"""Abuse: what abusers do, what it costs and whom, and what the detector gets right and wrong."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import Market, Scenario, SettingsError, final_measures
from simulator.choice.experience import TrustReason
from simulator.records.events.codes import Kind, Origin, Outcome, Reason, Way
from simulator.records.events.ids import id_consumer, id_kind

A = "mechanics.abuse."
ON: dict[str, Any] = {A + "enabled": True, A + "abusers": 0.2, A + "flag_from": None}
GROUPS: dict[str, Any] = {"mechanics.group_buying.enabled": True, "mechanics.group_buying.discount": 0.3}
BARGAINS: dict[str, Any] = {"mechanics.bargaining.enabled": True, "mechanics.bargaining.open_cost": -2.0}
COUPONS: dict[str, Any] = {
    "mechanics.coupons.enabled": True,
    "mechanics.coupons.face_fen": 1500,
    "mechanics.coupons.every_days": 5,
}
DETECTOR: dict[str, Any] = {A + "flag_from": 2, A + "period_days": 10, A + "bar_days": 8}
RING = 5


def orders_of(market: Market) -> pd.DataFrame:
    return market.log.frame("orders")


def resold(market: Market) -> pd.DataFrame:
    return orders_of(market).query(f"reason == {Reason.ABUSE}")


def abusers_of(market: Market) -> set[int]:
    return set(market.log.columns("abusers")["consumer"].tolist())


def test_abusers_are_the_set_share_of_rings_recorded_when_it_begins(new_market: Any) -> None:
    market = new_market({**ON, "consumers.n": 5000, A + "from_day": 3})
    while market.day <= market.scenario.burn_in_days + 3:
        market.step()
    told = market.log.frame("abusers")
    assert (told["day"] == market.scenario.burn_in_days + 3).all()
    who = told["consumer"].to_numpy()
    rings, accounts = np.unique(who // RING, return_counts=True)
    assert (accounts == RING).all()
    assert len(rings) == pytest.approx(200, abs=4 * np.sqrt(1000 * 0.2 * 0.8))


def test_nothing_is_resold_where_nothing_is_cheap(finished: Any) -> None:
    market = finished(ON)
    assert abusers_of(market)
    assert resold(market).empty
    assert orders_of(market).equals(orders_of(finished()))


@pytest.mark.parametrize("how", [COUPONS, GROUPS, BARGAINS])
def test_what_is_cheap_is_bought_to_resell_by_abusers_only(finished: Any, how: dict[str, Any]) -> None:
    market = finished({**ON, **how, A + "activity": 1.0})
    bought = resold(market)
    assert len(bought) > 10
    assert set(bought["consumer"]) <= abusers_of(market)
    assert (bought["paid_fen"] < bought["list_fen"]).all()
    assert (bought["day"] >= market.scenario.burn_in_days).all()
    assert (bought["day"] < market.scenario.campaign_end + 1).all()


def test_without_hesitation_they_buy_exactly_what_brings_a_profit(finished: Any) -> None:
    """Without loss aversion or references the rule is paid < resale price, and surplus is the profit."""
    resale = 0.8
    market = finished({**ON, **COUPONS, "choice.gain_weight": 0.0, A + "resale": resale, A + "activity": 1.0})
    bought = resold(market)
    assert len(bought) > 10
    profit = resale * bought["list_fen"] - bought["paid_fen"]
    assert (profit > 0).all()
    assert profit.to_numpy() == pytest.approx(bought["surplus_fen"].to_numpy(), abs=0.51)


def test_rings_fill_the_groups_they_open(finished: Any) -> None:
    market = finished({**ON, **GROUPS, A + "activity": 0.5, "mechanics.group_buying.open_cost": 0.0})
    opened = resold(market).query(f"way == {Way.OPEN}").set_index("id")
    groups, ends = (market.log.frame(name) for name in ("groups", "group_ends"))
    fake = groups["cause"].isin(opened.index)
    filled = groups["id"].isin(ends.query(f"outcome == {Outcome.FILLED}")["cause"])
    assert fake.sum() > 10
    assert filled[fake].mean() > filled[~fake].mean()
    called = resold(market)
    called = called[id_kind(called["cause"].to_numpy()) == Kind.GROUP]
    assert len(called) > 10
    assert (id_consumer(called["cause"].to_numpy()) // RING == called["consumer"] // RING).all()
    assert (id_consumer(called["cause"].to_numpy()) != called["consumer"]).all()


def test_rings_join_for_the_sake_of_a_group(finished: Any) -> None:
    market = finished({**ON, **GROUPS, "consumers.prospect_fraction": 0.7, A + "activity": 1.0})
    joins = market.log.frame("joins")
    called = joins[id_kind(joins["cause"].to_numpy()) == Kind.GROUP]
    assert len(called) > 3
    assert set(called["consumer"]) <= abusers_of(market)
    assert final_measures(market.log)["fake_adopters_share"] > 0.2


def test_rings_cut_the_bargains_they_open(finished: Any) -> None:
    market = finished({**ON, **BARGAINS, A + "activity": 1.0})
    bargains = market.log.frame("bargains")
    own = bargains[bargains["cause"].isin(resold(market)["id"])].set_index("id")
    handed = market.log.frame("invitations").query(f"origin == {Origin.BARGAINING}")
    handed = handed[handed["cause"].isin(own.index) & (handed["target"] == handed["cause"])]
    mates = handed[handed["invitee"] // RING == handed["consumer"] // RING]
    assert len(own) > 5
    assert set(mates["cause"]) == set(own.index)
    cuts = market.log.frame("cuts")
    assert cuts["cause"].isin(mates["id"]).sum() > 5


def test_what_is_resold_meets_needs_of_honest_people_who_then_stay_away(finished: Any) -> None:
    market = finished({**ON, **GROUPS, A + "sold_here": 1.0, A + "activity": 1.0})
    resales = market.log.frame("resales")
    assert len(resales) > 20
    assert resales["cause"].is_unique
    settled = market.log.frame("settlements").query(f"outcome == {Outcome.SETTLED}")
    bought = resold(market)
    assert set(resales["cause"]) <= set(bought["id"]) & set(settled["cause"])
    assert not set(resales["consumer"]) & abusers_of(market)
    category = market.products.category[bought.set_index("id").loc[resales["cause"], "product"]]
    assert len(np.unique(category)) == 2
    needed = orders_of(market).query("is_needed")[["day", "consumer"]]
    assert resales.merge(needed, on=["day", "consumer"]).empty
    assert final_measures(market.log)["needs_met_second_hand"] == len(resales)
    abroad = finished({**ON, **GROUPS, A + "sold_here": 0.0, A + "activity": 1.0})
    assert abroad.log.frame("resales").empty


def test_the_detector_flags_by_deals_alone_and_bars_the_honest_too(finished: Any) -> None:
    market = finished({**ON, **DETECTOR, **GROUPS})
    reviews = market.log.frame("reviews")
    abusers = abusers_of(market)
    assert (reviews["n_counted"] >= 2).all()
    is_abuser = reviews["consumer"].isin(abusers)
    assert reviews.loc[is_abuser, "is_barred"].all()
    honest = reviews.loc[~is_abuser, "is_barred"]
    assert honest.mean() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(len(honest)))
    settled = market.log.frame("settlements").query(f"outcome == {Outcome.SETTLED}")
    orders = orders_of(market).set_index("id").loc[settled["cause"]].reset_index()
    orders["settled"] = settled["day"].to_numpy()
    deals = orders[orders["paid_fen"] < orders["list_fen"]]
    first = market.scenario.burn_in_days
    for review in reviews.drop_duplicates("consumer").itertuples():
        since = first + (review.day - 1 - first) // 10 * 10
        is_counted = (deals["consumer"] == review.consumer) & deals["settled"].between(since, review.day - 1)
        assert is_counted.sum() == review.n_counted


def test_the_detector_may_count_meetings_again_instead(finished: Any) -> None:
    """Counted anew from the log: pairs in filled groups, and of opener and helper, each time but the first."""
    watch = {A + "flag_from": 3, A + "period_days": 365, A + "signal": "meetings", A + "activity": 1.0}
    market = finished({**ON, **watch, **GROUPS, **BARGAINS})
    filled = market.log.frame("group_ends").query(f"outcome == {Outcome.FILLED}")
    orders, groups = orders_of(market), market.log.frame("groups").set_index("id")
    meetings = [
        (cut.day, cut.wave, id_consumer(cut.bargain), cut.consumer) for cut in market.log.frame("cuts").itertuples()
    ]
    for group in filled.itertuples():
        opener = orders.set_index("id").loc[groups.loc[group.cause, "cause"], "consumer"]
        members = [opener, *orders.loc[orders["target"] == group.cause, "consumer"]]
        meetings += [(group.day, group.wave, *pair) for pair in combinations(members, 2)]
    reviews = market.log.frame("reviews").drop_duplicates("consumer").set_index("consumer")
    met: Counter[frozenset[int]] = Counter()
    counts: Counter[int] = Counter()
    for day, _, one, other in sorted(meetings, key=lambda meeting: meeting[:2]):
        pair = frozenset({int(one), int(other)})
        for who in pair:
            if who not in reviews.index or day < reviews.loc[who, "day"]:
                counts[who] += met[pair] > 0
        met[pair] += 1
    assert len(reviews) > 10
    assert {who: counts[who] for who in reviews.index} == reviews["n_counted"].to_dict()


@pytest.mark.parametrize("signal", ["deals", "meetings"])
def test_either_signal_hits_rings_rather_than_others_but_honest_people_too(finished: Any, signal: str) -> None:
    """Honest people have many deals, and meet the same few friends again."""
    world = {**ON, **GROUPS, A + "abusers": 0.05, A + "activity": 0.5, A + "clears": 0.0, "consumers.n": 2000}
    measures = final_measures(finished({**world, A + "signal": signal, A + "flag_from": 2}).log)
    assert measures["abusers_barred_share"] > 3 * measures["honest_barred_share"] > 0


def test_who_is_barred_buys_alone_at_the_plain_price(finished: Any) -> None:
    market = finished({**ON, **DETECTOR, **GROUPS, **BARGAINS, **COUPONS, "platform.coupons_stack_on_groups": True})
    bars = market.log.frame("reviews").query("is_barred")
    orders = orders_of(market)
    barred = orders.merge(bars[["consumer", "day"]], on="consumer", suffixes=("", "_of_bar"))
    barred = barred.query("day >= day_of_bar and day < day_of_bar + 8")
    assert len(barred) > 20
    assert (barred["way"] == Way.ALONE).all()
    assert (barred["coupon"] == 0).all()
    assert (barred["reason"] != Reason.ABUSE).all()
    later = orders.merge(bars[["consumer", "day"]], on="consumer", suffixes=("", "_of_bar"))
    assert (later.query("day >= day_of_bar + 8")["way"] != Way.ALONE).any(), "bars end"


def test_being_barred_costs_trust(finished: Any) -> None:
    market = finished({**ON, **DETECTOR, **GROUPS, A + "bar_trust": 0.07})
    lost = market.log.frame("trust_shifts").query(f"reason == {TrustReason.BARRED}")
    bars = market.log.frame("reviews").query("is_barred")
    assert len(lost) > 10
    assert lost[["day", "consumer"]].to_numpy().tolist() == bars[["day", "consumer"]].to_numpy().tolist()
    assert lost["amount_millionths"].between(-70_001, 0).all()


@pytest.mark.parametrize("cap", [None, 0.0, 0.02])
def test_reviews_are_paid_by_the_platform_as_far_as_its_budget_goes(finished: Any, cap: float | None) -> None:
    market = finished({**ON, **DETECTOR, **GROUPS, A + "review_fen": 321, "platform.subsidy_cap_fraction": cap})
    reviews, costs = market.log.frame("reviews"), market.log.frame("costs")
    assert len(costs) == len(reviews)
    assert (costs["cost_fen"] == 321).all()
    assert (costs["merchant"] == -1).all()
    assert (costs["origin"] == Origin.ABUSE).all()
    assert market.ledger.total == 0
    spent = 321 * len(reviews)
    assert final_measures(market.log)["marketing_cost"] == pytest.approx(spent / 100)
    settled = market.log.frame("settlements").query(f"outcome == {Outcome.SETTLED}")
    orders = orders_of(market).set_index("id").loc[settled["cause"]]
    assert market.ledger.platform == orders["fee_fen"].sum() - orders["subsidy_fen"].sum() - spent
    if cap == 0:
        assert reviews.empty
    elif cap is not None:
        assert 0 < len(reviews)
        assert spent <= cap * market.budget.gmv_fen


def test_the_measures_say_who_pays_and_who_is_hit(finished: Any) -> None:
    market = finished({**ON, **DETECTOR, **GROUPS, **BARGAINS, **COUPONS})
    found, abusers = final_measures(market.log), abusers_of(market)
    settled = market.log.frame("settlements").query(f"outcome == {Outcome.SETTLED}")
    sales = orders_of(market).set_index("id").loc[settled["cause"][settled["day"] >= 5]]
    taken = sales.query(f"reason == {Reason.ABUSE}")
    discount = taken["list_fen"] - taken["paid_fen"] - taken["subsidy_fen"]
    assert found["resold_share"] == pytest.approx(len(taken) / len(sales))
    assert found["abuse_from_platform"] == pytest.approx(taken["subsidy_fen"].sum() / 100)
    assert found["abuse_from_merchants"] == pytest.approx(discount.sum() / 100)
    assert found["abuse_subsidy_share"] == pytest.approx(taken["subsidy_fen"].sum() / sales["subsidy_fen"].sum())
    honest = 300 - len(abusers)
    assert found["honest_orders"] == pytest.approx((~sales["consumer"].isin(abusers)).sum() / honest)
    bars = market.log.frame("reviews").query("is_barred")["consumer"]
    hit = set(bars)
    assert found["abusers_barred_share"] == pytest.approx(len(hit & abusers) / len(abusers))
    assert found["honest_barred_share"] == pytest.approx(len(hit - abusers) / honest)
    assert found["false_alarms_share"] == pytest.approx((~bars.isin(abusers)).mean())


def test_a_lower_threshold_catches_more_abusers_and_more_honest_people(finished: Any) -> None:
    shares = []
    for flag_from in (1, 3, 6):
        found = final_measures(finished({**ON, **GROUPS, **DETECTOR, A + "flag_from": flag_from}).log)
        shares.append((found["abusers_barred_share"], found["honest_barred_share"]))
    assert shares == sorted(shares, reverse=True)
    assert shares[0][1] > shares[2][1]


def test_settings_of_a_detector_that_is_off_are_not_in_use(tiny_scenario: Scenario) -> None:
    off, on = (tiny_scenario.replace(**{**ON, A + "flag_from": flag_from}) for flag_from in (None, 4))
    assert off.hash == off.replace(**{A + "review_fen": 1}).hash
    assert on.hash != on.replace(**{A + "review_fen": 1}).hash


@pytest.mark.parametrize(
    ("key", "value", "words"), [("resale", 0, "above 0"), ("ring_size", 0, "1 to"), ("flag_from", 0, "1 to")]
)
def test_bad_settings_are_refused(tiny_scenario: Scenario, key: str, value: Any, words: str) -> None:
    with pytest.raises(SettingsError, match=rf"{key}.*{words}"):
        tiny_scenario.replace(**{A + key: value})
