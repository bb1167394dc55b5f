"""Addressed draws: published answers, independence over every part of the address, and no dependence on company."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

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
PValues = Iterator[tuple[str, float]]


@pytest.mark.parametrize(
    ("seed", "outputs"),
    [
        # Rosetta Code, "Pseudo-random numbers/Splitmix64".
        (1234567, [0x599ED017FB08FC85, 0x2C73F08458540FA5, 0x883EBCE5A3F27C77, 0x3FBEF740E9177B3F, 0xE3B8346708CB5ECD]),
        # Vigna's splitmix64.c, which seeds xoshiro256.
        (0, [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC, 0x1B39896A51A8749B]),
    ],
)
def test_splitmix64_gives_the_published_outputs(seed: int, outputs: list[int]) -> None:
    states = np.uint64(seed) + np.arange(5, dtype=np.uint64) * GOLDEN
    with np.errstate(over="ignore"):
        assert [int(splitmix64(state)) for state in states] == outputs


def test_uniforms_are_strictly_between_zero_and_one() -> None:
    u = Draws(1).uniform(COIN, 0, np.arange(200_000))
    assert 0 < u.min() < u.max() < 1


def test_one_address_one_number() -> None:
    assert Draws(7).uniform(COIN, 3, 5, 2) == Draws(7).uniform(COIN, 3, 5, 2)


# Joint uniformity and independence over the whole address: one battery, on few draws here and on many with `make slow`

AXES = ("seed", "decision", "day", "who", "what")
DECISIONS = [COIN, DIE, decision("test.card"), decision("test.wheel")]
ALPHA = 0.01
"""The probability that the battery as a whole fails if all is well: Bonferroni over its tests."""


def address_grid(lengths: tuple[int, ...]) -> Floats:
    """Draws at neighbouring addresses, one axis per part of the address, as in `AXES`."""
    seeds, decisions, days, who, what = map(np.arange, lengths)
    u = np.empty(lengths)
    for s in seeds:
        draws = Draws(2024 + int(s))
        for d in decisions:
            for t in days:
                u[s, d, t] = draws.uniform(DECISIONS[d], ALWAYS + int(t), who[:, None], what[None, :])
    return u


def p_of_counts(counts: NDArray[np.int64], n_free: int | None = None) -> float:
    """Chi-square against equal counts, two-sided: draws more even than chance are as suspect as uneven ones."""
    expected = counts.mean()
    chi2 = ((counts - expected) ** 2).sum() / expected
    law = stats.chi2(n_free or counts.size - 1)
    return float(2 * min(law.sf(chi2), law.cdf(chi2)))


def p_of_pairs(name: str, here: Floats, there: Floats) -> PValues:
    """Joint uniformity of disjoint pairs on 16 × 16 cells, and their correlation with the known mean and variance."""
    cells = (here * 16).astype(np.uint8) * np.uint8(16) + (there * 16).astype(np.uint8)
    yield f"cells of {name}", p_of_counts(np.bincount(cells.ravel(), minlength=256))
    z = 12 * ((here - 0.5) * (there - 0.5)).sum() / np.sqrt(here.size)
    yield f"correlation of {name}", float(2 * stats.norm.sf(abs(z)))


def slices(u: Floats) -> PValues:
    """Kolmogorov and Smirnov: each single day, consumer, product, decision and seed is uniform."""
    for axis, name in enumerate(AXES):
        for place, part in enumerate(np.moveaxis(u, axis, 0)):
            p = stats.kstest(part.ravel(), "uniform", method="asymp").pvalue
            yield f"{name} {place}", float(2 * min(p, 1 - p))


def crossings(u: Floats) -> PValues:
    """For two axes at a time: the draws are uniform on 8 cells wherever the two cross."""
    eighths = (u * 8).astype(np.uint8)
    for a, b in combinations(range(5), 2):
        n_places = u.shape[a] * u.shape[b]
        rows = np.moveaxis(eighths, (a, b), (0, 1)).reshape(n_places, -1)
        counts = np.bincount((rows + 8 * np.arange(n_places)[:, None]).ravel(), minlength=8 * n_places)
        yield f"{AXES[a]} × {AXES[b]}", p_of_counts(counts, 7 * n_places)


def neighbours(u: Floats) -> PValues:
    """Along one axis: draws 1, 2, 4, ... places apart are independent."""
    for axis, name in enumerate(AXES):
        places = np.arange(u.shape[axis])
        for lag in 2 ** np.arange(int(np.log2(len(places)))):
            for half in (0, 1):  # in two halves, so that no draw is in two pairs
                first = places[(places // lag % 2 == half) & (places + lag < len(places))]
                if len(first):
                    here, there = u.take(first, axis), u.take(first + lag, axis)
                    yield from p_of_pairs(f"{name} + {lag}, half {half}", here, there)


def diagonals(u: Floats) -> PValues:
    """Along two axes at once: consumer i today and consumer i ± 1 tomorrow. Keys that are added fail here."""
    for a, b in combinations(range(5), 2):
        v = np.moveaxis(u, (a, b), (0, 1))
        here, there = v[0:-1:2], v[1::2]
        yield from p_of_pairs(f"{AXES[a]} + 1, {AXES[b]} + 1", here[:, :-1], there[:, 1:])
        yield from p_of_pairs(f"{AXES[a]} + 1, {AXES[b]} - 1", here[:, 1:], there[:, :-1])


def rectangles(u: Floats) -> PValues:
    """Four corners of two axes: none follows from the other three, as it would if parts were added or xored last."""
    for a, b in combinations(range(5), 2):
        v = np.moveaxis(u, (a, b), (0, 1))
        corners = v[0:-1:2, 0:-1:2], v[0:-1:2, 1::2], v[1::2, 0:-1:2], v[1::2, 1::2]
        added = (corners[0] - corners[1] - corners[2] + corners[3]) % 1
        xored = np.bitwise_xor.reduce([(corner * 64).astype(np.uint8) for corner in corners])
        for how, cells in (("sum", (added * 64).astype(np.uint8) % 64), ("xor", xored)):
            counts = np.bincount(cells.ravel(), minlength=64)
            yield f"{how} of corners over {AXES[a]} × {AXES[b]}", p_of_counts(counts)


BATTERY = (slices, crossings, neighbours, diagonals, rectangles)


def refused(u: Floats) -> dict[str, float]:
    """The tests of the battery that a grid of draws fails, with their p-values."""
    p = {f"{test.__name__}: {name}": value for test in BATTERY for name, value in test(u)}
    return {name: value for name, value in p.items() if value < ALPHA / len(p)}


FEW = (2, 2, 8, 64, 64)
MANY = (4, 4, 16, 256, 256)


@pytest.mark.parametrize("lengths", [FEW, pytest.param(MANY, marks=pytest.mark.slow)], ids=lambda x: f"{np.prod(x)}")
def test_draws_are_jointly_uniform_over_the_address(lengths: tuple[int, ...]) -> None:
    assert not refused(address_grid(lengths))


SEED, DECISION, DAY, WHO, WHAT = np.ogrid[tuple(map(slice, FEW))]


def hashed(*parts: NDArray[np.int64]) -> Floats:
    """Uniform numbers over the small grid that depend on what is given and on nothing else (by MurmurHash3)."""
    word = np.ones(1, dtype=np.uint64)
    for part in parts:
        word = word * np.uint64(31) + np.asarray(part).astype(np.uint64)
        for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53, 1):
            word = (word ^ (word >> np.uint64(33))) * np.uint64(factor)
    return np.asarray(np.broadcast_to((word >> np.uint64(11)) * 2.0**-53, FEW))


def xored(one: Floats, other: Floats) -> Floats:
    return ((one * 2**53).astype(np.int64) ^ (other * 2**53).astype(np.int64)) * 2.0**-53


GOOD = hashed(SEED, DECISION, DAY, WHO, WHAT)
WEYL = WHO * 0.6180339887498949 + WHAT * 0.7548776662466927
FAULTS: dict[str, tuple[Callable[[Floats], PValues], Floats]] = {
    "one day is off": (slices, np.where(DAY == 3, 0.97, 1) * GOOD),
    "too even": (slices, (hashed(SEED, DECISION, DAY) + WEYL) % 1),
    "consumer and product are of one colour": (crossings, np.abs((WHO + WHAT) % 2 - np.sqrt(GOOD))),
    "a part is forgotten": (neighbours, hashed(SEED, DECISION, DAY, WHO)),
    "every second seed is the mirror": (neighbours, np.abs(SEED % 2 - hashed(SEED // 2, DECISION, DAY, WHO, WHAT))),
    "a decision repeats another": (neighbours, np.where((DECISION == 1) & (hashed(WHO) < 0.1), GOOD[:, :1], GOOD)),
    "parts are added": (diagonals, hashed(SEED, DECISION, DAY + WHO, WHAT)),
    "a day repeats the one before, moved by one": (diagonals, np.where(DAY % 2, np.roll(GOOD, (1, -1), (2, 3)), GOOD)),
    "hashes are added": (rectangles, (hashed(SEED, DECISION, WHO, WHAT) + hashed(DAY, WHO)) % 1),
    "hashes are xored": (rectangles, xored(hashed(SEED, DECISION, DAY, WHO), hashed(WHO, WHAT))),
}
"""What a bad hash would do, and the test of the battery that is there to find it."""


@pytest.mark.parametrize("fault", FAULTS)
def test_the_battery_refuses_faulty_draws(fault: str) -> None:
    test, u = FAULTS[fault]
    assert any(name.startswith(f"{test.__name__}:") for name in refused(u))


def test_the_battery_accepts_good_draws() -> None:
    assert not refused(GOOD)
    assert not refused(np.random.default_rng(1).random(FEW))


EXCHANGED = {
    "who and what change places": lambda who, what: Draws(11).uniform(COIN, 4, what + 1000, who),
    "a seed that shares its lower bits": lambda who, what: Draws(11 + 2**31).uniform(COIN, 4, who, what + 1000),
    "a day far away": lambda who, what: Draws(11).uniform(COIN, 4 + 2**14, who, what + 1000),
}


@pytest.mark.parametrize("how", EXCHANGED)
def test_addresses_that_look_alike_are_independent(how: str) -> None:
    who, what = np.arange(250)[:, None], np.arange(400)[None, :]
    here = Draws(11).uniform(COIN, 4, who, what + 1000)
    for name, p in p_of_pairs(how, here, EXCHANGED[how](who, what)):
        assert p > RARE, name


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


def test_long_rows_are_the_short_ones_put_together() -> None:
    draws, who = Draws(1), np.arange(100_001)
    pieces = [draws.uniform(COIN, 2, part, 3) for part in np.array_split(who, 1000)]
    assert np.array_equal(draws.uniform(COIN, 2, who, 3), np.concatenate(pieces))


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
