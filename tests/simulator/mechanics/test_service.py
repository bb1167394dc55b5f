"""Service: who complains, who is heard when, by whom, at whose cost, and what it changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import Market, final_measures
from simulator.choice.experience import TrustReason
from simulator.draws import ALWAYS
from simulator.mechanics.service import COMPLAINS, DIFFICULTY
from simulator.records.events.codes import Agent, Origin, Outcome
from simulator.records.events.ids import id_day

S = "mechanics.service."
PLAIN: dict[str, Any] = {
    S + "enabled": True,
    S + "complains": 1.0,
    S + "routing": "humans",
    S + "human_cases": 1000.0,
    "choice.appeal": 1.0,
    "experience.quality_noise": 0.0,
    "experience.defect": 0.2,
    "experience.rating": 0.0,
    "merchants.quality_alpha": 90.0,
    "merchants.quality_beta": 10.0,
}
"""Quality is .9 for everything but what is defective, so that only the defective disappoints."""


def cases(market: Market) -> pd.DataFrame:
    """All cases with their ends, NaN where there is none yet."""
    ends = market.log.frame("case_ends").set_index("cause")[["day", "outcome", "agent"]]
    return market.log.frame("cases").join(ends.add_prefix("end_"), on="id")


@pytest.fixture(scope="module")
def plain(finished: Any) -> Market:
    market: Market = finished(PLAIN)
    return market


def test_exactly_the_buyers_of_defective_orders_complain(plain: Market) -> None:
    opened = cases(plain)
    lost = plain.log.frame("trust_shifts").query(f"reason == {TrustReason.DEFECT}")
    s = plain.scenario
    lost = lost[lost["day"].between(s.burn_in_days, s.campaign_end - 1)]
    assert len(lost) > 20
    assert sorted(opened["cause"]) == sorted(lost["cause"])
    assert opened["is_defect"].all()


def test_some_of_them_complain_by_lot(finished: Any) -> None:
    without_effect = {**PLAIN, S + "gives_back": 0.0, S + "takes_more": 0.0}
    market, halved = finished(without_effect), finished({**without_effect, S + "complains": 0.5})
    all_of_them = cases(market)
    complains = [market.draws.uniform(COMPLAINS, c.day, c.consumer, c.product) < 0.5 for c in all_of_them.itertuples()]
    assert set(cases(halved)["cause"]) == set(all_of_them["cause"][complains])


def test_with_enough_agents_each_case_ends_the_next_morning_by_its_difficulty(plain: Market) -> None:
    ended = cases(plain)
    assert (ended["end_day"] == ended["day"] + 1).all()
    difficulty = plain.draws.uniform(DIFFICULTY, ALWAYS, ended["consumer"].to_numpy(), ended["cause"].to_numpy())
    assert np.array_equal(ended["end_outcome"] == Outcome.RESOLVED, difficulty < 0.75)
    assert set(ended["end_agent"]) == {Agent.HUMAN}


@pytest.mark.parametrize(("outcome", "share"), [(Outcome.RESOLVED, 0.6), (Outcome.UNRESOLVED, -0.4)])
def test_a_case_gives_back_or_takes_a_share_of_what_the_defect_took(plain: Market, outcome: int, share: float) -> None:
    shifts = plain.log.frame("trust_shifts")
    took = shifts[shifts["reason"] == TrustReason.DEFECT].set_index("cause")["amount_millionths"]
    reason = TrustReason.RESOLVED if outcome == Outcome.RESOLVED else TrustReason.LET_DOWN
    moved = shifts[shifts["reason"] == reason]
    mine = cases(plain).set_index("id").query(f"end_outcome == {outcome}")
    assert sorted(moved["cause"]) == sorted(mine.index)
    expected = -share * took.loc[mine.loc[moved["cause"], "cause"]]
    np.testing.assert_allclose(moved["amount_millionths"], expected, atol=2)


def test_satisfaction_moves_with_it(finished: Any) -> None:
    """Of those with one order, a defective one: .2 · (½ · −.8 + ½ · −.8), and .6 of it back or .4 of it more."""
    market = finished({**PLAIN, "consumers.n": 1500, "needs.rate": 0.05})
    opened = cases(market)
    alone = opened[market.columns["n_orders"][opened["consumer"]] == 1]
    assert len(alone) > 2
    share = np.where(alone["end_outcome"] == Outcome.RESOLVED, 1 - 0.6, 1 + 0.4)
    satisfaction = market.columns["satisfaction"][alone["consumer"]]
    np.testing.assert_allclose(satisfaction, -0.2 * 0.8 * share, atol=1e-6)


def test_the_oldest_are_heard_first_and_the_impatient_give_up(finished: Any) -> None:
    market = finished({**PLAIN, S + "human_cases": 3.0, S + "patience_days": 2})
    ended = cases(market)
    per_day = ended[ended["end_agent"] == Agent.HUMAN].groupby("end_day").size()
    assert per_day.max() == 1, "3 a day per 1,000 consumers are .9 among 300, so 0 or 1"
    gave_up = ended[ended["end_outcome"] == Outcome.ABANDONED]
    assert len(gave_up) > 5
    assert (gave_up["end_day"] == gave_up["day"] + 3).all()
    assert (gave_up["end_agent"] == Agent.NONE).all()
    heard = ended[ended["end_agent"] == Agent.HUMAN].sort_values("end_day")
    assert heard["day"].is_monotonic_increasing
    measures = final_measures(market.log)
    assert measures["cases_abandoned_share"] == pytest.approx(len(gave_up) / ended["end_day"].notna().sum())
    assert 1 < measures["case_days"] <= 3


def test_ai_resolves_the_easier_ones_and_people_some_of_the_rest(finished: Any) -> None:
    many = {**PLAIN, S + "routing": "ai_first", S + "ai_cases": 1000.0}
    market = finished(many)
    ended = cases(market)
    difficulty = market.draws.uniform(DIFFICULTY, ALWAYS, ended["consumer"].to_numpy(), ended["cause"].to_numpy())
    assert np.array_equal(ended["end_agent"] == Agent.AI, difficulty < 0.5)
    assert np.array_equal(ended["end_outcome"] == Outcome.RESOLVED, difficulty < 0.75)
    costs = market.log.frame("costs").query(f"origin == {Origin.SERVICE}")
    n_by_people = (ended["end_agent"] == Agent.HUMAN).sum()
    assert costs["cost_fen"].sum() == 50 * len(ended) + 600 * n_by_people
    alone = cases(finished({**many, S + "routing": "ai"}))
    assert set(alone["end_outcome"]) == {Outcome.RESOLVED, Outcome.UNRESOLVED}
    assert set(alone["end_agent"]) == {Agent.AI}


@pytest.mark.parametrize("payer", ["merchants", "platform"])
def test_who_is_to_pay_pays(finished: Any, payer: str) -> None:
    market = finished({**PLAIN, S + "paid_by": payer})
    costs = market.log.frame("costs")
    assert (costs["origin"] == Origin.SERVICE).all()
    assert ((costs["merchant"] < 0) == (payer == "platform")).all()
    ended = cases(market)
    if payer == "merchants":
        each = costs.groupby("merchant")["cost_fen"].sum()
        assert each.to_dict() == (600 * ended.groupby("merchant").size()).to_dict()
    measures = final_measures(market.log)
    assert measures["service_cost"] == 6 * len(ended) == costs["cost_fen"].sum() / 100
    assert measures["cost_per_case"] == pytest.approx(6.0)
    assert measures["subsidy"] == measures["marketing_cost"] == market.budget.committed_fen == 0
    assert measures["contribution_total"] == pytest.approx(
        (market.ledger.platform + market.ledger.merchants.sum()) / 100 - _before(market)
    )


def _before(market: Market) -> float:
    """What platform and merchants earned in the burn-in."""
    orders = market.log.frame("orders").set_index("id")
    sold = market.log.frame("settlements").query(f"day < {market.scenario.burn_in_days}")["cause"]
    early = orders.loc[sold]
    return float((early["paid_fen"] - early["cost_fen"]).sum()) / 100


def test_cases_of_the_campaign_are_heard_after_it(finished: Any) -> None:
    market = finished({**PLAIN, S + "human_cases": 10.0, S + "patience_days": 30})
    ended, end = cases(market), market.scenario.campaign_end
    assert ended["day"].max() < end
    assert ended["end_day"].max() > end
    assert np.array_equal(id_day(ended["id"].to_numpy()), ended["day"])


def test_where_nothing_disappoints_there_is_nothing_to_hear(finished: Any) -> None:
    market = finished({**PLAIN, "experience.defect": 0.0})
    assert len(market.log.frame("cases")) == 0
    assert np.isnan(final_measures(market.log)["cases_resolved_share"])
