"""Bandit prices: they find the best level, learn from the campaign only, and credit the level of the day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import SettingsError
from simulator.draws import Draws
from simulator.policies.pricing import PricingSettings, make_pricing
from tests.simulator.policies.seen import observations

N = 150
LEVELS = (0.8, 1.0, 1.25)
START = 30


def campaign(
    conversion: dict[float, float], n_days: int, reaction_days: int = 1, known: int = 0, **settings: Any
) -> Any:
    """Levels asked by day in a world where each level has a conversion rate of its own, shape (n_days, N).

    50 looks a day at every product; cost is .6 of the list price; `known` looks, all of which ended in an order, were
    made before the campaign.
    """
    policy = make_pricing(PricingSettings(kind="bandit", bandit={"levels": LEVELS, **settings}))
    rng, list_fen = np.random.default_rng(4), np.full(N, 1000)
    orders = np.zeros((n_days, N), dtype=np.int64)
    asked = np.zeros((n_days, N))
    for c in range(n_days):
        n_known_days = max(c - reaction_days + 1, 0)
        seen = observations(
            N,
            day=START + c,
            campaign_day=c,
            reaction_days=reaction_days,
            list_fen=list_fen,
            cost_fen=np.full(N, 600),
            n_examined=np.full(N, known + 50 * n_known_days),
            n_ordered=known + orders[:n_known_days].sum(axis=0),
        )
        asked[c] = policy.decide(seen, np.arange(N), Draws(1)) / 1000
        orders[c] = rng.binomial(50, [conversion[level] for level in asked[c]])
    return asked


@pytest.mark.parametrize("reaction_days", [1, 4])
@pytest.mark.parametrize(("elasticity", "best"), [(5.0, 0.8), (2.4, 1.0), (0.5, 1.25)])
def test_it_finds_the_level_of_the_largest_margin(elasticity: float, best: float, reaction_days: int) -> None:
    conversion = {level: 0.2 * level**-elasticity for level in LEVELS}
    if best == 1.0:
        conversion[1.25] /= 2  # a kink at the list price
    margin = {level: (level - 0.6) * conversion[level] for level in LEVELS}
    assert max(LEVELS, key=margin.__getitem__) == best
    asked = campaign(conversion, 150, reaction_days)
    assert (asked[0] != best).mean() > 0.2, "at first all are tried"
    assert (asked[-20:] == best).mean() > 0.85


def test_looks_count_for_the_level_of_their_day() -> None:
    """Only the highest level sells: were its orders credited to others, these would be asked for a long time."""
    asked = campaign({0.8: 0.0, 1.0: 0.0, 1.25: 0.5}, 30, reaction_days=3)
    assert (asked[8:] == 1.25).mean() > 0.99


def test_it_learns_nothing_from_before_the_campaign() -> None:
    conversion = {level: 0.1 for level in LEVELS}
    assert np.array_equal(campaign(conversion, 8, 3, known=0), campaign(conversion, 8, 3, known=100_000))


def test_levels_are_kept_for_the_set_number_of_days() -> None:
    asked = campaign({level: 0.1 for level in LEVELS}, 40, 2, every_days=8)
    changes = (np.diff(asked, axis=0) != 0).any(axis=1)
    assert np.array_equal(np.flatnonzero(changes) + 1, [8, 16, 24, 32])


def test_without_data_levels_are_tried_by_their_margin_alone() -> None:
    """At equal believed rates dearer levels earn more, but luck gives each its days."""
    first = campaign({level: 0.1 for level in LEVELS}, 1, prior_looks=5, prior_conversion=0.3)[0]
    shares = [(first == level).mean() for level in LEVELS]
    assert shares == sorted(shares)
    assert min(shares) > 0.05


@pytest.mark.parametrize("levels", [[1.0], [1.0, 1.0], [1.1, 0.9], [0.0, 1.0], [1.0, 11.0]])
def test_levels_that_leave_no_choice_are_refused(tiny_scenario: Any, levels: list[float]) -> None:
    with pytest.raises(SettingsError, match=r"levels=.*in ascending order, are allowed"):
        tiny_scenario.replace(**{"policies.pricing.bandit.levels": levels})
