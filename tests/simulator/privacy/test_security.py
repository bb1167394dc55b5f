"""Security: what it takes away of the hazard, what it costs whom, and how it delays what is seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Scenario, final_measures
from simulator.bitwise import events
from simulator.privacy.security import SecuritySettings
from simulator.records.events.codes import Origin
from tests.simulator.saving.markets import run_to

S = "privacy.security."
BROWSING = {"privacy.collection": "browsing", "privacy.leaks.hazard": 0.0}
ENCRYPTED = {**BROWSING, S + "kind": "encryption", S + "encryption.spend_fen": 5000}
CHAINED = {**BROWSING, S + "kind": "blockchain"}


@given(spend=st.integers(1, 100_000), half=st.floats(1, 10_000))
def test_each_fen_does_less_than_the_one_before_and_none_makes_data_safe(spend: int, half: float) -> None:
    def effect(fen: int) -> float:
        return SecuritySettings.model_validate(
            {"kind": "encryption", "encryption": {"spend_fen": fen, "half_fen": half}}
        ).effectiveness()

    assert effect(0) == 0
    assert 0 < effect(spend) < effect(spend + 1) < 1
    assert effect(spend + 1) - effect(spend) < effect(spend) - effect(spend - 1)


@pytest.mark.parametrize("kind", ["encryption", "blockchain"])
def test_the_spend_that_halves_the_hazard_halves_it(kind: str) -> None:
    settings = SecuritySettings.model_validate({"kind": kind, kind: {"spend_fen": 70, "half_fen": 70}})
    assert settings.effectiveness() == 0.5
    assert SecuritySettings().effectiveness() == 0


def test_a_blockchain_is_safer_for_the_money_dearer_and_slower() -> None:
    encryption, blockchain = (SecuritySettings(kind=kind) for kind in ("encryption", "blockchain"))
    assert blockchain.effectiveness() > encryption.effectiveness()
    assert blockchain.blockchain.half_fen < encryption.encryption.half_fen
    assert blockchain.cost_fen(1000) > encryption.cost_fen(1000)
    assert blockchain.delay_days > encryption.delay_days == 0


def test_it_is_paid_for_every_day_from_the_campaign_on(finished: Any) -> None:
    market = finished(ENCRYPTED)
    costs, consents = market.log.frame("costs"), market.log.frame("consents")
    assert costs["day"].tolist() == list(range(5, 30))
    assert (costs["origin"] == Origin.PRIVACY).all()
    assert (costs["merchant"] == -1).all()
    assert (costs["fee_fen"] == 0).all()
    members = consents["n_members"].to_numpy()
    assert np.array_equal(costs["cost_fen"], np.rint(members * 5000 / 365))
    joined = np.bincount(market.log.columns("joins")["day"], minlength=30)
    assert np.array_equal(np.diff(members), joined[5:29])


def test_it_costs_the_platform_and_nobody_else_and_is_no_subsidy(finished: Any) -> None:
    limited = {"mechanics.coupons.enabled": True, "platform.subsidy_cap_fraction": 0.02}
    plain, safe = (finished({**limited, **how}) for how in (BROWSING, ENCRYPTED))
    without = [events(market) for market in (plain, safe)]
    for tables in without:
        tables.pop("costs")
    assert without[0] == without[1]
    assert plain.budget.committed_fen == safe.budget.committed_fen
    cost = int(safe.log.columns("costs")["cost_fen"].sum())
    assert cost > 0
    assert plain.ledger.platform - safe.ledger.platform == cost
    assert safe.ledger.suppliers - plain.ledger.suppliers == cost
    assert safe.ledger.total == 0
    before, after = final_measures(plain.log), final_measures(safe.log)
    for name in ("subsidy", "marketing_cost", "contribution_merchants", "gmv"):
        assert before[name] == after[name], name
    for name in ("contribution_platform", "contribution_total"):
        assert before[name] - after[name] == pytest.approx(cost / 100), name
    assert after["privacy_cost"] == pytest.approx(cost / 100)
    assert after["privacy_fines"] == 0
    assert plain.today["subsidy_yuan"] == safe.today["subsidy_yuan"]


@pytest.mark.parametrize("delay", [0, 1, 6])
def test_personal_records_come_out_later_and_public_facts_do_not(new_market: Any, delay: int) -> None:
    late = run_to(new_market({**CHAINED, S + "blockchain.delay_days": delay, "platform.reaction_days": 2}), 15)
    slow = run_to(new_market({**BROWSING, "platform.reaction_days": 2 + delay}), 15)
    fast = run_to(new_market({**BROWSING, "platform.reaction_days": 2}), 15)
    everybody = np.arange(300)
    seen, as_late, public = late.observe(), slow.observe(), fast.observe()
    for name in ("n_orders", "recency_days", "age_days", "spend_fen"):
        values = (getattr(o.profiles.purchases(everybody), name) for o in (seen, as_late))
        assert np.array_equal(*values), name
    assert np.array_equal(late.columns["insight_looks"], slow.columns["insight_looks"])
    for name in ("units_sold", "n_clicked", "mean_rating"):
        assert np.array_equal(getattr(seen, name), getattr(public, name), equal_nan=True), name


def test_only_the_chosen_security_counts(tiny_scenario: Any) -> None:
    base = tiny_scenario.replace(**BROWSING)
    assert base.replace(**{S + "encryption.spend_fen": 7}).hash == base.hash
    assert base.replace(**ENCRYPTED).hash != base.hash
    assert base.replace(**ENCRYPTED, **{S + "blockchain.delay_days": 9}).hash == base.replace(**ENCRYPTED).hash
    assert tiny_scenario.replace(**{S + "kind": "blockchain"}).hash == tiny_scenario.hash


def test_a_spend_that_grows_takes_ever_more_away_and_costs_ever_more() -> None:
    steady = SecuritySettings(kind="encryption")
    growing = SecuritySettings(kind="encryption", growth=3.0)
    assert growing.effectiveness(0) == steady.effectiveness(365) == 0.5
    assert growing.effectiveness(365) == 600 / (600 + 200)
    assert (growing.cost_fen(1000, 365), steady.cost_fen(1000, 365)) == (round(600_000 / 365), round(200_000 / 365))
    assert SecuritySettings(growth=3.0).effectiveness(365) == SecuritySettings(growth=3.0).cost_fen(1000, 365) == 0


def test_growth_counts_as_a_setting_where_something_grows_only() -> None:
    quiet = Scenario().replace(**{"privacy.collection": "browsing"})
    assert quiet.replace(**{S + "growth": 2.0}).hash == quiet.hash
    secured = quiet.replace(**{S + "kind": "encryption"})
    assert "growth" not in secured.active()["privacy"]["security"]
    assert secured.replace(**{S + "growth": 2.0}).hash != secured.hash
