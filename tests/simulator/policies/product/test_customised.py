"""Customised products: where they go, and whether that is believed to pay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.draws import Draws
from simulator.policies.policy import Beliefs
from simulator.policies.product import ProductSettings, make_designing
from tests.simulator.policies.seen import Known, observations, profiles

N = 400


def crowd(directions: Any, seed: int = 2) -> Known:
    """People of whom each likes one of these directions, more or less; all known."""
    rng = np.random.default_rng(seed)
    directions = np.asarray(directions, dtype=float)
    taste = directions[rng.integers(0, len(directions), N)] * rng.uniform(1.0, 3.0, N)[:, None]
    taste += rng.normal(0, 0.2, taste.shape)
    one = np.ones(N)
    beliefs = Beliefs(one > 0, 0 * one, taste, 2 * one, one, np.ones_like(taste), one)
    return Known(beliefs, profiles(N).all_purchases, np.full((N, 5), -1, dtype=np.int32))


def designs(people: Known, attributes: Any, cost_fen: int = 0, **settings: Any) -> Any:
    """What becomes of the products of one category, all of whom sell one unit a day, at their turn."""
    attributes = np.asarray(attributes, dtype=float)
    n = len(attributes)
    told = observations(
        n,
        attributes=attributes,
        category=np.zeros(n, dtype=np.intp),
        merchant=np.arange(n),
        list_fen=np.full(n, 1000),
        offer_fen=np.full(n, 1000),
        cost_fen=np.full(n, 600),
        n_ordered=np.full(n, 40),
        appeal=np.full(n, -2.0),
        joined_day=np.zeros(N, dtype=np.int16),
        profiles=people,
    )
    block = {"review_days": 1, "step": 1.0, **settings}
    policy = make_designing(ProductSettings(kind="customised", cost_fen=cost_fen, customised=block))
    return policy.decide(told, np.arange(n), Draws(1))


def test_a_product_goes_where_the_people_are() -> None:
    best = np.array([0.6, 0.8, 0.0])
    (made,) = designs(crowd([best]), [[0.0, 0.0, 1.0]])
    assert made @ best > 0.99
    assert np.linalg.norm(made) == pytest.approx(1, abs=1e-5)


def test_it_goes_part_of_the_way() -> None:
    best = np.array([1.0, 0.0, 0.0])
    (half,) = designs(crowd([best]), [[0.0, 0.0, 1.0]], step=0.5)
    assert half @ best == pytest.approx(np.sqrt(0.5), abs=0.03)


def test_it_goes_to_those_whom_rivals_do_not_serve() -> None:
    """Two camps, and a rival in one of them: the newcomer goes to the other; the rival stays."""
    one, other = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    rivals = [one] * 6
    made = designs(crowd([one, other]), [*rivals, [0.2, 0.2, 0.96]])
    assert made[-1] @ other > 0.95


def test_a_redesign_must_pay() -> None:
    """It would more than double sales of a unit a day with a margin of 400 fen."""
    people, odd = crowd([[1.0, 0.0, 0.0]]), [[0.0, 0.0, 1.0]]
    assert (designs(people, odd, cost_fen=30_000, payback_days=90) != odd).any()
    assert (designs(people, odd, cost_fen=30_000, payback_days=9) == odd).all()


def test_tastes_that_only_some_of_the_known_have_by_chance_do_not_count() -> None:
    """Among people whose tastes are noise, the half that judges finds little in what the other half wants."""
    rng = np.random.default_rng(4)
    noise = crowd([[0.0, 0.0, 0.0]])
    noise.all_beliefs.taste[:] = rng.normal(0, 0.5, (N, 3))
    axes = np.eye(3).tolist()
    assert (designs(noise, axes, cost_fen=2000, payback_days=90) == axes).all()


def test_the_few_who_are_known_are_not_enough() -> None:
    people, odd = crowd([[1.0, 0.0, 0.0]]), [[0.0, 0.0, 1.0]]
    assert (designs(people, odd, fewest=N + 1) == odd).all()
    assert (designs(people, odd, fewest=N) != odd).any()


def test_merchants_take_turns() -> None:
    people = crowd([[1.0, 0.0, 0.0]])
    n = 60
    odd = np.tile([0.0, 0.0, 1.0], (n, 1))
    turns = (designs(people, odd, review_days=4) != odd).any(axis=1)
    assert abs(turns.mean() - 1 / 4) < 4 * np.sqrt(3 / 16 / n)
