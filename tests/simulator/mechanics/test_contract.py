"""What every mechanic must keep, whatever it does. A new mechanic is tested here as soon as it is registered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator import Market, Scenario, SettingsError
from simulator.draws import declared_decisions
from simulator.mechanics import MECHANICS, MechanicsSettings
from simulator.records.events import Origin, id_day
from tests.bitwise import accounts, columns, events, whole
from tests.oracle.scenarios import MECHANICS as TRIED
from tests.oracle.scenarios import scenarios

pytestmark = pytest.mark.parametrize("name", MECHANICS)


ENOUGH: dict[str, dict[str, Any]] = {
    "abuse": {"abusers": 0.2},
    "service": {"disappointed_from": 0.1, "complains": 1.0},
}
"""What a mechanic needs for something to happen among so few people."""


def switched(name: str, **settings: Any) -> dict[str, Any]:
    block = {"enabled": True, **ENOUGH.get(name, {}), **settings}
    return {f"mechanics.{name}.{key}": value for key, value in block.items()}


def opened_days(market: Market, name: str) -> list[int]:
    """The days on which the mechanic started something new: a group, a coupon, a seed, a piece, a referral, talk, a
    return, a case; what a case costs comes later."""
    tables = ("groups", "bargains", "coupons", "contents", "abusers", "returns", "cases")
    days = [day for table in tables for day in market.log.columns(table)["day"].tolist()]
    days += market.log.frame("costs").query(f"origin != {Origin.SERVICE}")["day"].tolist()
    told = market.log.frame("invitations").query(f"origin in ({Origin.REFERRAL}, {Origin.WORD_OF_MOUTH})")
    return days + id_day(told["id"].to_numpy()).tolist()


def test_it_has_a_settings_block_a_name_and_a_draw_for_its_reach(name: str) -> None:
    kind = MECHANICS[name]
    assert kind.name == name
    assert kind.reached_by.name in declared_decisions()
    block = getattr(MechanicsSettings(), name)
    assert not block.enabled, "a mechanic is off unless switched on"
    assert block.reach == 1


def test_it_has_an_effect(finished: Any, name: str) -> None:
    assert events(finished(switched(name))) != events(finished())


def test_it_is_repeatable(finished: Any, name: str) -> None:
    one, other = finished(switched(name)), finished(switched(name))
    assert events(one) == events(other)
    assert accounts(one) == accounts(other)


def test_reach_zero_equals_its_absence_bit_for_bit(finished: Any, name: str) -> None:
    absent, without_reach = finished(), finished(switched(name, reach=0.0))
    assert whole(without_reach) == whole(absent)
    assert without_reach.datacollector.model_vars == absent.datacollector.model_vars


@settings(max_examples=8, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(scenario=scenarios(frozenset(TRIED)), seed=st.integers(0, 10_000))
def test_reach_zero_equals_its_absence_beside_the_others(name: str, scenario: Scenario, seed: int) -> None:
    """In small worlds over every setting: scarce stock, seats and budgets, all networks, all policies."""

    def run(**block: Any) -> Market:
        changes = {f"mechanics.{name}.{key}": value for key, value in block.items()}
        return Market(scenario.replace(**changes), rng=seed).run()

    assert whole(run(enabled=True, reach=0.0)) == whole(run(enabled=False))


def test_nothing_opens_before_its_first_day_or_after_the_campaign(finished: Any, name: str) -> None:
    market = finished(switched(name, from_day=3))
    days = opened_days(market, name)
    assert days
    assert min(days) >= market.scenario.burn_in_days + 3
    assert max(days) < market.scenario.campaign_end
    baseline = events(finished())
    for table, rows in events(market).items():
        quiet = pc.less(rows["day"], market.scenario.burn_in_days + 3)
        same = baseline[table]
        assert rows.filter(quiet) == same.filter(pc.less(same["day"], market.scenario.burn_in_days + 3)), table


def test_it_leaves_the_burn_in_untouched(new_market: Any, name: str) -> None:
    baseline, market = new_market(), new_market(switched(name))
    for _ in range(market.scenario.burn_in_days):
        baseline.step()
        market.step()
    assert events(market) == events(baseline)
    assert accounts(market) == accounts(baseline)
    assert columns(market) == columns(baseline)


def test_it_leaves_the_draws_of_others_alone(finished: Any, name: str) -> None:
    """Needs, traits and the network are the same people's, day by day."""
    baseline, market = finished(), finished(switched(name))
    traits = [c.name for c in baseline.columns if c.owner == "traits"]
    for column in [*traits, "n_needs"]:
        assert np.array_equal(baseline.columns[column], market.columns[column]), column
    assert np.array_equal(baseline.network.friends, market.network.friends)


def test_on_its_first_day_it_moves_only_consumers_in_its_reach(new_market: Any, name: str) -> None:
    """Later the others learn from ratings and friends; on the first day they cannot know."""
    settings = {"consumers.n": 5000}
    baseline, market = new_market(settings), new_market({**settings, **switched(name, reach=0.5)})
    first = market.scenario.burn_in_days
    while market.day <= first:
        baseline.step()
        market.step()
    in_reach = market.mechanics[0].in_reach
    assert in_reach.mean() == pytest.approx(0.5, abs=0.05)

    def untouched(of: Market, table: str) -> pa.Table:
        rows = of.log.arrow(table)
        return rows.filter(pa.array(~in_reach[rows["consumer"].to_numpy()]))

    for table in ("orders", "settlements", "joins", "invitations", "ratings", "departures"):
        assert untouched(market, table) == untouched(baseline, table), table
    assert events(market) != events(baseline)


def test_it_never_reaches_anybody_out_of_its_reach(finished: Any, name: str) -> None:
    market = finished(switched(name, reach=0.4))
    in_reach = market.mechanics[0].in_reach
    tables = ("groups", "bargains", "cuts", "coupons", "costs", "contents", "abusers", "reviews")
    tables += ("returns", "cases", "store_visits")
    for table in tables:
        who = market.log.columns(table)["consumer"]
        assert in_reach[who[who >= 0]].all()
    invitations = market.log.frame("invitations")
    assert in_reach[invitations["consumer"]].all()
    assert in_reach[invitations["invitee"]].all()
    assert opened_days(market, name)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("reach", 1.5, "0.0 to 1.0"),
        ("reach", "wide", "not a number"),
        ("from_day", -1, "at least 0"),
        ("from_day", 17, "0 to 16"),
        ("enabled", "perhaps", "true nor false"),
        ("nonsense", 1, "no such setting"),
    ],
)
def test_it_refuses_bad_settings(tiny_scenario: Scenario, name: str, key: str, value: Any, words: str) -> None:
    with pytest.raises(SettingsError, match=rf"mechanics\.{name}\.{key}.*{words}"):
        tiny_scenario.replace(**{**switched(name), f"mechanics.{name}.{key}": value})


def test_money_adds_up_under_it(new_market: Any, name: str) -> None:
    market = new_market(switched(name))
    while market.running:
        market.step()
        assert market.ledger.total == 0
