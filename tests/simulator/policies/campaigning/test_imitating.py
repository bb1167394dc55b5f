"""Imitating campaigns: who copies whom, and who invents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.draws import Draws
from simulator.policies.campaigning.campaigning import NEW
from simulator.policies.campaigning.imitating import ImitatingCampaigns, ImitatingSettings
from simulator.records.events.codes import How, Origin
from tests.simulator.policies.seen import observations

MERCHANTS = np.arange(6)
SHOWN = np.array([0, 0, 0, 3, 4, -1])
UNITS = np.array([1, 1, 5, 5, 9, 9, 2, 2, 30, 30, 50, 50])
"""Of two products each, the third merchant sells most of the first move; the last does not advertise."""


def choose(seed: int = 1, **settings: float) -> Any:
    policy = ImitatingCampaigns(1.0, 0.05, 28, ImitatingSettings(**settings))
    seen = observations(12, moves=SHOWN, units_sold=UNITS)
    return policy.choose(seen, MERCHANTS, np.where(SHOWN < 0, 5, SHOWN), Draws(seed))


def test_only_moves_of_the_more_successful_are_copied() -> None:
    sold, copied = UNITS[::2], []
    for seed in range(40):
        moves = choose(seed, imitation=1.0)
        for merchant in np.flatnonzero(moves != np.where(SHOWN < 0, 5, SHOWN)):
            models = np.flatnonzero(SHOWN == moves[merchant])
            assert sold[models].max() > sold[merchant]
            copied.append((merchant, moves[merchant]))
    assert {(0, 3), (0, 4), (1, 4), (3, 0), (3, 4)} <= set(copied)
    assert not {merchant for merchant, _ in copied} & {4, 5}, "nobody who advertises sells more than these"


def test_without_imitation_nothing_moves() -> None:
    assert np.array_equal(choose(imitation=0.0), [0, 0, 0, 3, 4, 5])


@pytest.mark.parametrize(("crowded_from", "who"), [(0.5, [0, 1, 2]), (0.6, []), (0.0, [0, 1, 2, 3, 4, 5])])
def test_who_is_in_a_crowd_invents(crowded_from: float, who: list[int]) -> None:
    """Two of the other four who advertise run the first move."""
    moves = choose(imitation=0.0, invention=1.0, crowded_from=crowded_from)
    assert np.flatnonzero(moves == NEW).tolist() == who


@pytest.mark.parametrize("cost_fen", [777, 0])
def test_inventions_are_new_and_paid_for(finished: Any, cost_fen: int) -> None:
    market = finished(
        {
            "mechanics.brand.enabled": True,
            "mechanics.brand.alike": 1.0,
            "mechanics.brand.invention_fen": cost_fen,
            "policies.campaigning.kind": "imitating",
            "policies.campaigning.every_days": 3,
            "policies.campaigning.imitating.invention": 0.5,
            "policies.campaigning.imitating.imitation": 0.5,
        }
    )
    rows = market.log.frame("campaigns")
    new = rows[rows["how"] == How.INVENTED]
    assert len(new) > 2
    assert (new["move"] >= 8).all()
    assert new["move"].is_unique
    copied = rows[rows["how"] == How.COPIED]
    assert len(copied) > 0
    spent = market.log.frame("costs").query(f"origin == {Origin.BRAND}")["cost_fen"]
    assert spent.sum() == rows["spent_fen"].sum() + cost_fen * len(new)
    assert (spent > 0).all()
