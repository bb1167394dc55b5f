"""Audits: how often, whom they fine, and how much."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import final_measures
from simulator.bitwise import events
from simulator.records.events.codes import Origin

A = "privacy.audits."
UNASKED = {"privacy.collection": "browsing", "privacy.consent.kind": "unasked", "privacy.leaks.hazard": 0.0}
OFTEN = {**UNASKED, A + "per_year": 100}


def test_they_come_as_often_as_set(finished: Any) -> None:
    days = {"days": 300, "consumers.n": 12}
    p = 1 - np.exp(-100 / 365)
    counts = [len(finished({**OFTEN, **days}, seed).log.frame("audits")) for seed in range(4)]
    n_days = 4 * 295
    assert sum(counts) == pytest.approx(n_days * p, abs=4 * np.sqrt(n_days * p * (1 - p)))


@pytest.mark.parametrize("turnover_days", [4, 365])
def test_a_fine_is_a_share_of_recent_gmv_and_the_platform_pays_it(finished: Any, turnover_days: int) -> None:
    market = finished({**OFTEN, A + "fine_share": 0.05, A + "turnover_days": turnover_days})
    audits, costs = market.log.frame("audits"), market.log.frame("costs")
    orders, sold = market.log.frame("orders").set_index("id"), market.log.frame("settlements")
    gmv = np.bincount(sold["day"], orders.loc[sold["cause"], ["paid_fen", "subsidy_fen"]].sum(axis=1), minlength=30)
    assert len(audits) > 3
    assert (audits["day"] >= 5).all()
    expected = [round(0.05 * gmv[max(0, day - turnover_days) : day].sum()) for day in audits["day"]]
    assert audits["fine_fen"].tolist() == expected
    assert costs["cost_fen"].tolist() == expected
    assert (costs["origin"] == Origin.PRIVACY).all()
    assert (costs["merchant"] == -1).all()
    assert market.budget.committed_fen == 0
    assert market.ledger.total == 0
    measures = final_measures(market.log)
    assert measures["privacy_fines"] == measures["privacy_cost"] == pytest.approx(sum(expected) / 100)


@pytest.mark.parametrize("kind", ["opt_in", "opt_out"])
def test_who_asks_has_nothing_to_fear(finished: Any, kind: str) -> None:
    market = finished({**OFTEN, "privacy.consent.kind": kind})
    assert market.log.frame("audits").empty
    assert market.log.frame("costs").empty


def test_nothing_but_money_changes(finished: Any) -> None:
    audited, left_alone = (events(finished({**OFTEN, A + "per_year": rate})) for rate in (100, 0))
    for tables in (audited, left_alone):
        for name in ("costs", "audits", "insights"):  # the last has NaN in it
            tables.pop(name)
    assert audited == left_alone


def test_settings_of_audits_count_only_where_nobody_is_asked(tiny_scenario: Any) -> None:
    unasked = tiny_scenario.replace(**UNASKED)
    asked = unasked.replace(**{"privacy.consent.kind": "opt_in"})
    assert asked.replace(**{A + "per_year": 9}).hash == asked.hash
    assert unasked.replace(**{A + "per_year": 9}).hash != unasked.hash


def test_a_fine_is_never_a_gift(finished: Any) -> None:
    """Where more came back in the days it is reckoned from than was sold in them, it is nothing."""
    market = finished(
        {
            **{"privacy.collection": "orders", "privacy.consent.kind": "unasked", "privacy.audits.per_year": 365.0},
            **{"privacy.audits.turnover_days": 1, "consumers.n": 60, "needs.rate": 0.05},
            **{"mechanics.returns.enabled": True, "mechanics.returns.base": 1.0},
        }
    )
    fines = market.log.frame("audits").set_index("day")["fine_fen"]
    orders = market.log.frame("orders").set_index("id")
    sold, back = orders.groupby("day")["paid_fen"].sum(), market.log.frame("return_ends").groupby("day")["refund_fen"]
    kept = sold.sub(back.sum(), fill_value=0).shift(1).reindex(fines.index).dropna()
    assert (fines >= 0).all()
    assert (kept < 0).any()
