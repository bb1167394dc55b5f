"""How often groups fill (TARGETS A7, A8), and what the platform tells of it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import stats

from simulator import Market, Scenario
from simulator.mechanics.group_buying import GroupBuying
from simulator.mechanics.tipping import Tipping
from simulator.records.events import Outcome, Way

GROUP = "mechanics.group_buying."
POOL: dict[str, Any] = {
    "burn_in_days": 1,
    "consumers.prospect_fraction": 0.0,
    "needs.rate_shape": 1e9,
    "needs.retry": 0.0,
    "needs.home_stock": 0.0,
    "needs.has_attrition": False,
    "social.kind": "ring",
    "social.degree": 2,
    "merchants.n_categories": 1,
    "merchants.cohorts": {"one": {"count": 1, "products_each": 1}},
    "choice.appeal": 20.0,
    "choice.gain_weight": 0.0,
    "choice.friends_weight": 0.0,
    GROUP + "enabled": True,
    GROUP + "discount": 0.5,
    GROUP + "open_cost": -5.0,
    GROUP + "join_cost": -10.0,
    GROUP + "cost_sd": 0.0,
    GROUP + "lapse_cost": 0.0,
    GROUP + "invitations": 0,
}
"""Strangers who buy whatever they need, join a group if they see one and open one if not."""


class Fills(NamedTuple):
    """Groups and their orders in many cells, and the share of the target that a world in waves misses."""

    n: int
    p_filled: float
    p_served: float
    discretisation: float


def fills(size: int, mean_arrivals: float, n_cells: int, days: int, seed: int = 1) -> Fills:
    """Group buying in many cells, each with `mean_arrivals` shoppers in the life of a group."""
    waves, deadline, cell_size = 24, 7, 100
    changes = {
        "days": days + deadline + 3,
        "post_days": deadline + 2,
        "waves_per_day": waves,
        "consumers.n": n_cells * cell_size,
        "needs.rate": mean_arrivals / deadline / cell_size,
        GROUP + "size": size,
        GROUP + "deadline_days": deadline,
        GROUP + "cell_size": cell_size,
    }
    market = Market(Scenario().replace(**POOL), rng=seed, **changes).run()
    ends = market.log.frame("group_ends")
    assert len(ends) == len(market.log.frame("groups"))
    assert market.ledger.escrow == 0
    orders = market.log.frame("orders").merge(market.log.frame("settlements"), left_on="id", right_on="cause")
    grouped = orders[orders["way"] != Way.ALONE]
    # Two arrivals in one wave do not see each other's new group; a group is seen in all its waves but the first; those
    # who sit in it do not come as others. Each can move the chance by no more than the share of arrivals it concerns.
    life = waves * deadline
    lost = 1 / life + size / cell_size
    exact, less = (stats.poisson.sf(size - 2, mean_arrivals * (1 - x)) for x in (0.0, lost))
    same_wave = mean_arrivals / life
    return Fills(
        len(ends),
        float((ends["outcome"] == Outcome.FILLED).mean()),
        float((grouped["outcome"] == Outcome.SETTLED).mean()),
        float(exact - less) + same_wave,
    )


def check_fills(size: int, mean_arrivals: float, n_cells: int, days: int, most_bias: float) -> Fills:
    target = stats.poisson.sf(size - 2, mean_arrivals)
    got = fills(size, mean_arrivals, n_cells, days)
    error = np.sqrt(target * (1 - target) / got.n)
    assert got.discretisation < most_bias
    assert abs(got.p_filled - target) < 3 * error + got.discretisation
    return got


@pytest.mark.parametrize(
    ("size", "mean_arrivals", "target"), [(2, 1.0, 0.632), (3, 1.0, 0.264), (5, 1.0, 0.019), (3, 2.0, 0.594)]
)
def test_groups_fill_as_poisson_arrivals_say(size: int, mean_arrivals: float, target: float) -> None:
    """A7: P(filled) = P(Poisson(λW) ≥ n-1)."""
    assert stats.poisson.sf(size - 2, mean_arrivals) == pytest.approx(target, abs=5e-4)
    got = check_fills(size, mean_arrivals, n_cells=200, days=50, most_bias=0.035)
    assert got.n > 500


def test_share_of_buyers_served_by_pairs() -> None:
    """A8: 2s / (1 + s) of those who buy in pooled pairs are served, with s = 1 - e^-λW."""
    s = 1 - np.exp(-1.0)
    target = 2 * s / (1 + s)
    assert target == pytest.approx(0.775, abs=5e-4)
    got = fills(2, 1.0, n_cells=200, days=50, seed=2)
    steepness = 2 / (1 + s) ** 2
    error = steepness * np.sqrt(s * (1 - s) / got.n)
    assert abs(got.p_served - target) < 3 * error + steepness * got.discretisation


@pytest.mark.slow
@pytest.mark.parametrize(("size", "mean_arrivals"), [(2, 1.0), (3, 1.0), (5, 1.0), (2, 0.3), (4, 3.0)])
def test_groups_fill_as_poisson_arrivals_say_precisely(size: int, mean_arrivals: float) -> None:
    check_fills(size, mean_arrivals, n_cells=1500, days=150, most_bias=0.05)


# Tipping information


def test_the_prior_of_the_fill_rate_is_seven_in_ten() -> None:
    tipping = Tipping(3, 8, window_days=7, prior_groups=20, prior_filled=0.7)
    assert tipping.p_fills(2, 8) == pytest.approx(0.7)
    assert tipping.p_fills(1, 1) == pytest.approx(0.7)
    assert tipping.p_fills(0, 5) == 1.0


def test_fill_rates_count_the_groups_of_the_last_seven_days_by_state() -> None:
    """20 pseudo-groups of which 14 filled, and the real ones in the states they went through."""
    tipping = Tipping(3, 4, window_days=7, prior_groups=20, prior_filled=0.7)
    tipping.open_day()
    missing = np.array([[2, 2, 1, 0]], dtype=np.int16)  # opened, waited a wave, was joined, filled at age 2
    tipping.record(missing, np.array([2]), is_filled=True)
    lapsed = np.array([[2, 1, 1, 1]], dtype=np.int16)
    tipping.record(lapsed, np.array([4]), is_filled=False)
    assert tipping.p_fills(2, 4) == pytest.approx(0.7), "published the next morning"
    for _ in range(7):
        tipping.open_day()
        assert tipping.p_fills(2, 4) == pytest.approx(15 / 22)
        assert tipping.p_fills(2, 3) == pytest.approx(15 / 21)
        assert tipping.p_fills(1, 3) == pytest.approx(14 / 21)
        assert tipping.p_fills(1, 2) == pytest.approx(15 / 22)
        assert tipping.p_fills(1, 1) == pytest.approx(14 / 21)
        assert tipping.p_fills(2, 1) == pytest.approx(0.7)
    tipping.open_day()
    assert tipping.p_fills(2, 4) == pytest.approx(0.7), "forgotten after seven days"


def test_fill_rates_in_a_market_follow_its_groups(busy: Market) -> None:
    mechanic = next(m for m in busy.mechanics if m.name == "group_buying")
    assert isinstance(mechanic, GroupBuying)
    p = mechanic.tipping.p_fills(np.arange(1, 3)[:, None], np.arange(1, 5)[None, :])
    assert ((p > 0) & (p < 1)).all()
