"""Every mechanic keeps the contract. A new mechanic is tested here as soon as it is registered."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Market, Scenario
from simulator.bitwise import whole
from simulator.contract import CLAUSES, Trial, opened_days
from simulator.mechanics import MECHANICS
from tests.examples import worlds
from tests.oracle.scenarios import MECHANICS as TRIED
from tests.oracle.scenarios import scenarios

pytestmark = pytest.mark.parametrize("name", MECHANICS)


ENOUGH: dict[str, dict[str, Any]] = {
    "abuse": {"abusers": 0.2},
    "service": {"disappointed_from": 0.1, "complains": 1.0},
    "trends": {"every_days": 1.0, "visits": 0.1},
}
"""What a mechanic needs for something to happen among so few people."""


@cache
def trial(name: str) -> Trial:
    return Trial(name, acting=ENOUGH.get(name, {}))


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.__name__)
def test_it_keeps(clause: Callable[[Trial], None], name: str) -> None:
    clause(trial(name))


def test_what_it_opens_is_seen(name: str) -> None:
    """Else the clauses about what it opens would say nothing."""
    assert opened_days(trial(name).present)


@worlds(3)
@given(scenario=scenarios(frozenset(TRIED)), seed=st.integers(0, 10_000))
def test_reach_zero_equals_its_absence_beside_the_others(name: str, scenario: Scenario, seed: int) -> None:
    """In small worlds over every setting: scarce stock, seats and budgets, all networks, all policies."""

    def run(**block: Any) -> Market:
        changes = {f"mechanics.{name}.{key}": value for key, value in block.items()}
        return Market(scenario.replace(**changes), rng=seed).run()

    assert whole(run(enabled=True, reach=0.0)) == whole(run(enabled=False))


OTHERWISE = {
    "invitations": {"invitations.read": 0.9},
    "wallets": {"platform.wallet_size": 1, "platform.reminder_visit": 0.9},
    "attention": {"attention.per_day": 1, "attention.fatigue": 1.0},
}
"""Settings of what mechanics share, set to something else."""


def test_settings_of_what_it_does_not_use_have_no_effect_and_tell_no_runs_apart(
    tiny_scenario: Scenario, all_on: dict[str, Any], name: str
) -> None:
    own = {key: value for key, value in all_on.items() if key.startswith(f"mechanics.{name}.")}
    alone = tiny_scenario.replace(**own)
    other = alone.replace(
        **{k: v for part in OTHERWISE.keys() - MECHANICS[name].uses for k, v in OTHERWISE[part].items()}
    )
    assert other.hash == alone.hash
    assert whole(Market(other, rng=1).run()) == whole(Market(alone, rng=1).run())


def test_settings_of_what_it_uses_tell_its_runs_apart(tiny_scenario: Scenario, name: str) -> None:
    alone = tiny_scenario.replace(**{f"mechanics.{name}.enabled": True})
    for part in MECHANICS[name].uses:
        assert alone.replace(**OTHERWISE[part]).hash != alone.hash, part
