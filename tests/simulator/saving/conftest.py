"""A busy market, and the file it is saved in."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator import Market
from tests.simulator.saving.markets import BUSY_DAY, EVERYTHING, MarketMaker, run_to


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "market"


@pytest.fixture(scope="session")
def eventful(new_market: MarketMaker) -> Market:
    """A market in the middle of its campaign, with everything on; to be read only."""
    return run_to(new_market(EVERYTHING), BUSY_DAY)


@pytest.fixture(scope="session")
def saved(eventful: Market, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`eventful` in a file."""
    path = tmp_path_factory.mktemp("saved") / "market"
    eventful.save(path)
    return path
