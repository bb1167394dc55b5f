"""Capability in the market: who is able, what it costs whom, and that who is not able decides as without data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from simulator import Market, SettingsError, final_measures
from simulator.bitwise import accounts, columns, events, whole
from simulator.records.events.codes import Origin
from tests.simulator.saving.markets import run_to

C = "capability."
ON = {C + "enabled": True}
NOBODY: dict[str, Any] = {**ON, C + "talent.openings_per_candidate": 1000.0}
"""A market for specialists without candidates."""
FREE: dict[str, Any] = {
    **ON,
    C + "talent.openings_per_candidate": 0.5,
    C + "talent.wage_fen": 0.0,
    C + "talent.quits": 0.0,
    C + "technology.platform_fen": 0.0,
    C + "technology.merchant_fen": 0.0,
}
"""One in which everybody has all the specialists they want, for nothing."""
KNOWING = {"privacy.collection": "everything", "mechanics.coupons.enabled": True, "mechanics.coupons.every_days": 4}
BY_DATA = [
    {"policies.pricing.kind": kind, **(KNOWING if kind == "personalised" else {})}
    for kind in ("stock_driven", "competitor", "bandit", "personalised")
]
of_every_policy = pytest.mark.parametrize("policy", BY_DATA, ids=lambda p: p["policies.pricing.kind"])
DAY, END = 5, 22
"""First day of the tiny campaign, and the day after its last one."""


def goods(market: Market) -> Any:
    """All that happened but for what capability itself records and pays."""
    tables = events(market)
    tables.pop("staff")
    of_capability = pa.array([Origin.TALENT, Origin.TECHNOLOGY], pa.int8())
    tables["costs"] = tables["costs"].filter(pc.invert(pc.is_in(tables["costs"]["origin"], of_capability)))
    return tables, columns(market)


@of_every_policy
def test_a_market_without_candidates_is_one_in_which_nobody_decides_by_data(finished: Any, policy: Any) -> None:
    plain = finished({k: v for k, v in policy.items() if k != "policies.pricing.kind"})
    assert goods(finished({**NOBODY, **policy})) == goods(plain)
    assert goods(finished(policy)) != goods(plain)


@of_every_policy
def test_abundance_for_nothing_equals_a_market_without_capability(finished: Any, policy: Any) -> None:
    market, plain = finished({**FREE, **policy}), finished(policy)
    assert goods(market) == goods(plain)
    assert accounts(market) == accounts(plain)


def test_prices_by_hand_need_nobody(finished: Any) -> None:
    for kind in ("cost_plus", "promotion_calendar"):
        policy = {"policies.pricing.kind": kind}
        assert goods(finished({**NOBODY, **policy})) == goods(finished(policy))


def test_only_able_merchants_move_their_prices(new_market: Any) -> None:
    scarce = {C + "talent.openings_per_candidate": 2.0, C + "talent.quits": 30.0, C + "talent.every_days": 3}
    market = new_market({**ON, **scarce, "policies.pricing.kind": "bandit"})
    has_changed = False
    for _ in range(END):
        market.step()
        able = market.seen.is_able[market.products.merchant]
        moved = market.products.offer_fen != market.products.list_fen
        assert not moved[~able].any()
        has_changed |= bool(moved.any())
    assert has_changed
    staff = market.log.frame("staff")
    assert staff.groupby("merchant")["is_able"].nunique().max() == 2, "somebody won or lost its specialists"


@pytest.mark.parametrize(
    "policy",
    [
        {"policies.recommendation.kind": "personalised"},
        {"policies.recommendation.kind": "collaborative"},
        {"policies.recommendation.kind": "hybrid"},
        {"policies.couponing.kind": "price_sensitivity"},
        {"policies.couponing.kind": "win_back"},
    ],
    ids=lambda p: next(iter(p.values())),
)
def test_a_platform_without_specialists_shows_and_hands_out_what_it_would_without_data(
    finished: Any, policy: Any
) -> None:
    fallback = {"policies.recommendation.kind": "popular"} if "policies.recommendation.kind" in policy else {}
    alone = {**NOBODY, C + "platform_posts": 2}
    assert goods(finished({**KNOWING, **alone, **policy})) == goods(finished({**KNOWING, **fallback}))
    able = {**FREE, C + "platform_posts": 2}
    assert goods(finished({**KNOWING, **able, **policy})) == goods(finished({**KNOWING, **policy}))


def test_the_burn_in_is_without_it(new_market: Any) -> None:
    with_it, plain = new_market({**ON, "policies.pricing.kind": "bandit"}), new_market()
    assert whole(run_to(with_it, DAY)) == whole(run_to(plain, DAY))


def test_filled_posts_never_outnumber_specialists_and_every_change_is_recorded(finished: Any) -> None:
    moving = {C + "talent.quits": 20.0, C + "talent.every_days": 4, C + "talent.openings_per_candidate": 1.5}
    market = finished({**ON, **moving, C + "platform_posts": 3, C + "training.reach": 0.5, C + "training.days": 3})
    staff = market.log.frame("staff")
    assert sorted(staff["day"].unique()) == list(range(DAY, END))
    n_candidates = int(staff.loc[staff["day"] == DAY, "n_posts"].sum() / 1.5)
    by_day = staff.groupby("day")[["n_posts", "n_filled", "n_in_training", "n_quit", "n_trained", "n_hired"]].sum()
    change = by_day["n_filled"].diff().fillna(by_day["n_filled"])
    assert (change == by_day["n_hired"] + by_day["n_trained"] - by_day["n_quit"]).all()
    assert (by_day["n_filled"] <= n_candidates + by_day["n_trained"].cumsum()).all()
    assert (staff["n_filled"] + staff["n_in_training"] <= staff["n_posts"]).all()
    assert by_day["n_filled"].iloc[0] == min(n_candidates, by_day["n_posts"].iloc[0])
    assert (by_day["n_hired"][(by_day.index - DAY) % 4 > 0] == 0).all()
    assert (by_day[["n_quit", "n_trained", "n_hired"]].sum() > 0).all()


def test_every_fen_is_paid_by_whom_it_should_be_and_the_ledger_balances(new_market: Any) -> None:
    training = {C + "training.reach": 1.0, C + "training.days": 60}
    market = new_market({**ON, **training, C + "platform_posts": 2, C + "talent.wage_fen": 5000.0, "consumers.n": 200})
    while market.running:
        market.step()
        assert market.ledger.total == 0
    staff, costs = market.log.frame("staff"), market.log.frame("costs")
    n_products = np.bincount(market.products.merchant)
    wage = np.rint(5000 * 0.2 * (n_products / 2) ** 0.37)
    wage = np.append(wage, np.rint(5000 * 0.2 * (2 * 5 / 2) ** 0.37))  # the platform, -1, is the last
    begun = staff["n_in_training"] - staff.groupby("merchant")["n_in_training"].shift(fill_value=0)  # none ends
    assert begun.sum() > 0
    owed = staff["n_filled"] * wage[staff["merchant"]] + begun * round(900 * 0.2)
    paid = costs[costs["origin"] == Origin.TALENT].groupby("merchant")["cost_fen"].sum()
    assert paid.to_dict() == owed.groupby(staff["merchant"]).sum().to_dict()
    technology = costs[costs["origin"] == Origin.TECHNOLOGY]
    days = END - DAY
    assert technology.loc[technology["merchant"] == -1, "cost_fen"].sum() == days * round(50 * 0.2)
    able = staff[staff["is_able"] & (staff["merchant"] >= 0)]
    assert technology.loc[technology["merchant"] >= 0, "cost_fen"].sum() == len(able) * round(5 * 0.2)
    assert market.budget.committed_fen == 0, "it is no subsidy"


def test_measures_are_those_of_the_books(finished: Any) -> None:
    market = finished({**ON, C + "talent.openings_per_candidate": 2.0, C + "training.reach": 1.0})
    measures, staff, costs = final_measures(market.log), market.log.frame("staff"), market.log.frame("costs")
    assert measures["posts_filled_share"] == staff["n_filled"].sum() / staff["n_posts"].sum()
    small, large = staff[staff["merchant"] < 3], staff[staff["merchant"] == 3]
    assert measures["able_share_small"] == small["is_able"].mean()
    assert measures["able_share_large"] == large["is_able"].mean()
    assert measures["capability_cost"] == pytest.approx(costs["cost_fen"].sum() / 100)
    assert measures["marketing_cost"] == measures["subsidy"] == 0
    shares = 3 * measures["contribution_small"] + measures["contribution_large"]
    assert shares == pytest.approx(measures["contribution_merchants"])
    last_burn_in_fen = run_to(Market(market.scenario, rng=1), DAY).ledger.merchants.sum()
    assert (market.ledger.merchants.sum() - last_burn_in_fen) / 100 == pytest.approx(measures["contribution_merchants"])
    per_yuan = measures["contribution_total"] / measures["capability_cost"]
    assert measures["contribution_per_capability"] == pytest.approx(per_yuan)


def test_contributions_of_small_and_large_merchants_add_up_with_everything_on(busy: Market) -> None:
    measures = final_measures(busy.log)
    shares = 3 * measures["contribution_small"] + measures["contribution_large"]
    assert shares == pytest.approx(measures["contribution_merchants"])
    assert np.isnan(measures["posts_filled_share"])
    assert measures["capability_cost"] == 0


def test_settings_that_have_no_effect_are_not_part_of_the_market(tiny_scenario: Any) -> None:
    assert "capability" not in tiny_scenario.replace(**{C + "talent.quits": 1.0}).active()
    assert tiny_scenario.replace(**{C + "talent.quits": 1.0}).hash == tiny_scenario.hash
    on = tiny_scenario.replace(**ON)
    assert on.hash != tiny_scenario.hash
    assert on.replace(**{C + "training.days": 9}).hash == on.hash
    with pytest.raises(SettingsError, match=r"capability\.talent\.openings_per_candidate=0: out of range"):
        tiny_scenario.replace(**{C + "talent.openings_per_candidate": 0})
