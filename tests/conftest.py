"""What all tests share: how hypothesis runs, and small markets."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis.internal.conjecture import providers

import simulator
from simulator import Market, Scenario
from simulator.contract import SMALL
from simulator.mechanics import MECHANICS

hypothesis.settings.register_profile("quiet", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("quiet")
# It would also draw from the constants of the modules that happen to be loaded, so from which tests ran before. It has
# no setting for that; a version without this name needs another way.
assert hasattr(providers, "is_local_module_file")
providers.is_local_module_file = lambda path: False

TINY = SMALL
"""A market small enough for a test and busy enough that everything happens in it."""

ALL_ON: dict[str, Any] = {
    **{f"mechanics.{name}.enabled": True for name in MECHANICS},
    "mechanics.coupons.every_days": 4,
    "mechanics.seeding.every_days": 10,
    "mechanics.content.posts": 0.5,
    "mechanics.content.audience": 0.1,
    "mechanics.abuse.abusers": 0.2,
    "mechanics.abuse.flag_from": 4,
    "mechanics.service.disappointed_from": 0.1,
    "mechanics.service.complains": 1.0,
    "policies.campaigning.every_days": 4,
    "privacy.collection": "everything",
    "privacy.leaks.hazard": 30.0,
}

# The tests are on all cores already: what they start computes in one process unless it is told otherwise.
os.environ["LOKY_MAX_CPU_COUNT"] = "1"

MarketMaker = Callable[..., Market]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Fill Numba's cache where there is none, before all processes at once begin to: each would take 15 s."""
    is_worker = hasattr(session.config, "workerinput")
    if not is_worker and not any(Path(simulator.__file__).parent.rglob("*.nbi")):
        Market(Scenario().replace(**TINY), **ALL_ON).run()


@pytest.fixture(scope="session")
def tiny_scenario() -> Scenario:
    """The tiny market's settings, every mechanic off."""
    return Scenario().replace(**TINY)


@pytest.fixture(scope="session")
def all_on() -> dict[str, Any]:
    """Settings that switch every mechanic on."""
    return dict(ALL_ON)


@pytest.fixture(scope="session")
def new_market(tiny_scenario: Scenario) -> MarketMaker:
    """Makes a tiny market that has not started; takes changes by dotted key, and a seed."""

    def make(changes: Mapping[str, Any] | None = None, seed: int = 1) -> Market:
        return Market(tiny_scenario, rng=seed, **(changes or {}))

    return make


@pytest.fixture(scope="session")
def finished(new_market: MarketMaker) -> MarketMaker:
    """Makes a tiny market and runs it to its end."""

    def make(changes: Mapping[str, Any] | None = None, seed: int = 1) -> Market:
        return new_market(changes, seed).run()

    return make


@pytest.fixture(scope="session")
def busy(finished: MarketMaker, all_on: dict[str, Any]) -> Market:
    """A finished tiny market with every mechanic on; to be read only."""
    return finished(all_on)
