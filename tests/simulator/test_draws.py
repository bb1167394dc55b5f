"""Addressed draws: published answers, independence over every part of the address, and no dependence on company."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from simulator.draws import ALWAYS, GOLDEN, Decision, Draws, decision, declared_decisions, splitmix64

COIN = decision("test.coin")
DIE = decision("test.die")
RARE = 1e-4
"""A test of independence fails below this p-value; seeds are fixed, so it does so always or never."""

Floats = NDArray[np.float64]


def test_splitmix64_gives_the_published_outputs_of_seed_1234567() -> None:
    states = np.uint64(1234567) + np.arange(5, dtype=np.uint64) * GOLDEN
    assert splitmix64(states).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_splitmix64_leaves_its_argument_alone() -> None:
    states = np.arange(4, dtype=np.uint64)
    splitmix64(states)
    assert states.tolist() == [0, 1, 2, 3]


def test_uniforms_are_strictly_between_zero_and_one_and_uniform() -> None:
    u = Draws(1).uniform(COIN, 0, np.arange(200_000))
    assert 0 < u.min() < u.max() < 1
    assert stats.kstest(u, "uniform").pvalue > RARE


def test_one_address_one_number() -> None:
    assert Draws(7).uniform(COIN, 3, 5, 2) == Draws(7).uniform(COIN, 3, 5, 2)


def neighbours(part: str) -> tuple[Floats, Floats]:
    """Draws at pairs of addresses that differ by one in one part only, or in the decision."""
    who = np.arange(250)[:, None]
    what = np.arange(400)[None, :]
    draws = Draws(11)
    here = draws.uniform(COIN, 4, who, what).ravel()
    there = {
        "day": lambda: draws.uniform(COIN, 5, who, what),
        "first day": lambda: draws.uniform(COIN, ALWAYS, who, what),
        "who": lambda: draws.uniform(COIN, 4, who + 1, what),
        "what": lambda: draws.uniform(COIN, 4, who, what + 1),
        "seed": lambda: Draws(12).uniform(COIN, 4, who, what),
        "far seed": lambda: Draws(11 + 2**31).uniform(COIN, 4, who, what),
        "decision": lambda: draws.uniform(DIE, 4, who, what),
        "who and what": lambda: draws.uniform(COIN, 4, who + 1, what + 1),
        "exchange": lambda: draws.uniform(COIN, 4, what + 250, who + 250),
        "day and who": lambda: draws.uniform(COIN, 5, who + 1, what),
    }[part]()
    return here, there.ravel()


PARTS = ["day", "first day", "who", "what", "seed", "far seed", "decision", "who and what", "exchange", "day and who"]


@pytest.mark.parametrize("part", PARTS)
def test_neighbouring_addresses_are_independent(part: str) -> None:
    here, there = neighbours(part)
    n_cells = 16
    table, _, _ = np.histogram2d(here, there, bins=n_cells, range=[[0, 1], [0, 1]])
    assert stats.chisquare(table.ravel()).pvalue > RARE  # jointly uniform, so independent as well
    correlation = np.corrcoef(here, there)[0, 1]
    assert abs(correlation) < 4 / np.sqrt(len(here))


def test_neighbours_on_consecutive_days_are_uncorrelated() -> None:
    """The trap of additive keys: consumer i today draws what consumer i + 1 drew yesterday."""
    draws, who = Draws(3), np.arange(20_000)
    days = [draws.uniform(COIN, day, who) for day in range(4)]
    for today, tomorrow in pairwise(days):
        for shift in (-2, -1, 0, 1, 2):
            r = np.corrcoef(today, np.roll(tomorrow, shift))[0, 1]
            assert abs(r) < 4.5 / np.sqrt(len(who))


@pytest.mark.parametrize("bit", [0, 1, 2, 10, 31, 52, 62, 63])
def test_each_bit_is_fair_over_consecutive_consumers(bit: int) -> None:
    words = Draws(5).words(COIN, 9, np.arange(100_000))
    ones = int(((words >> np.uint64(bit)) & np.uint64(1)).sum())
    assert abs(ones - 50_000) < 4.5 * np.sqrt(25_000)


def test_no_two_of_many_addresses_share_a_word() -> None:
    words = Draws(2).words(COIN, 0, np.arange(2000)[:, None], np.arange(500)[None, :])
    assert len(np.unique(words)) == words.size


def test_a_draw_depends_neither_on_company_nor_on_order() -> None:
    draws, who = Draws(1), np.arange(1000)
    together = draws.uniform(COIN, 2, who, 3)
    some = np.array([998, 3, 3, 500])
    assert np.array_equal(draws.uniform(COIN, 2, some, 3), together[some])
    assert draws.uniform(COIN, 2, 500, 3) == together[500]
    draws.uniform(DIE, 2, who)
    assert np.array_equal(draws.uniform(COIN, 2, who[::-1], 3), together[::-1])
    grid = draws.uniform(COIN, 2, who[:, None], np.arange(5))
    assert np.array_equal(grid[:, 3], together)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.int64, np.intp, np.uint32])
def test_the_type_of_an_address_does_not_matter(dtype: type) -> None:
    who = np.arange(50)
    assert np.array_equal(Draws(1).uniform(COIN, 0, who.astype(dtype)), Draws(1).uniform(COIN, 0, who))


def test_record_ids_are_addresses_too() -> None:
    ids = (np.int64(3) << 58) + np.arange(1000, dtype=np.int64)
    assert len(np.unique(Draws(1).words(COIN, 0, 0, ids))) == 1000


@pytest.mark.parametrize("seed", [0, -1, 2**31, 2**64 + 5])
def test_any_integer_is_a_seed(seed: int) -> None:
    assert 0 < Draws(seed).uniform(COIN, 0, 0) < 1


def test_gumbel_draws_follow_the_standard_gumbel_law() -> None:
    g = Draws(1).gumbel(COIN, 0, np.arange(200_000))
    assert stats.kstest(g, "gumbel_r").pvalue > RARE
    sd = np.pi / np.sqrt(6)
    assert abs(g.mean() - np.euler_gamma) < 4 * sd / np.sqrt(len(g))
    assert g.std() == pytest.approx(sd, rel=0.01)


def test_normal_draws_follow_the_standard_normal_law() -> None:
    z = Draws(1).normal(COIN, 0, np.arange(200_000))
    assert stats.kstest(z, "norm").pvalue > RARE
    assert abs(z.mean()) < 4 / np.sqrt(len(z))
    assert z.std() == pytest.approx(1, rel=0.01)


def test_a_name_can_be_declared_once() -> None:
    decision("test.declared_twice")
    with pytest.raises(ValueError, match=r"'test\.declared_twice' is declared twice"):
        decision("test.declared_twice")


def test_declared_decisions_have_different_words() -> None:
    names = declared_decisions()
    assert "test.coin" in names
    assert "choice.epsilon" in names
    assert isinstance(COIN, Decision)
    assert COIN.word != DIE.word
