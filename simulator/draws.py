"""Random numbers with an address: (seed, decision, day, who, what) → one number, whoever else is drawn.

A draw is a keyed hash of its address, so it depends neither on the order of drawing, nor on other consumers, nor on
the strategy. Two runs with one seed therefore differ only by cause (common random numbers by construction).

The hash is a chain of SplitMix64 finalisers (Steele, Lea & Flood 2014). Address parts are mixed, never added: an
additive day key would make neighbours on consecutive days perfectly correlated.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
ODD = np.uint64(0xD1B54A32D192ED03)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = (np.uint64(s) for s in (30, 27, 31, 11))
_ONE = np.uint64(1)
_MASK = 0xFFFFFFFFFFFFFFFF
BLOCK = 2**15
"""Long rows of draws are made in blocks that stay in the cache: 3 to 7 times faster from a million on."""

ALWAYS = -1
"""The day of draws that do not belong to a day, such as traits."""

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]


@dataclass(frozen=True)
class Decision:
    """A named random decision. Make one with `decision`; the name is part of every address."""

    name: str
    word: int


_decisions: dict[str, Decision] = {}


def decision(name: str) -> Decision:
    """Declare a random decision.

    Raises:
        ValueError: If the name is taken: two decisions with one name would share their luck.
    """
    if name in _decisions:
        raise ValueError(f"the random decision '{name}' is declared twice; names must be unique")
    word = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
    _decisions[name] = Decision(name, word)
    return _decisions[name]


def declared_decisions() -> tuple[str, ...]:
    """The names of all declared decisions, sorted."""
    return tuple(sorted(_decisions))


def splitmix64(words: Words) -> Words:
    """One SplitMix64 output for each state word (Steele, Lea & Flood 2014); a new array of the same shape."""
    z = words + GOLDEN
    z ^= z >> _S30
    z *= _FIRST
    z ^= z >> _S27
    z *= _SECOND
    z ^= z >> _S31
    return z


def _mix_int(word: int) -> int:
    """`splitmix64` of one Python integer."""
    z = (word + int(GOLDEN)) & _MASK
    z = ((z ^ (z >> 30)) * int(_FIRST)) & _MASK
    z = ((z ^ (z >> 27)) * int(_SECOND)) & _MASK
    return z ^ (z >> 31)


def _words(part: ArrayLike) -> Words:
    """An address part as unsigned words, its numbers shifted by one so that 0 is not a fixed point."""
    return np.asarray(part).astype(np.uint64) + _ONE


def _to_unit(words: Words) -> Floats:
    u = (words >> _S11).astype(np.float64)
    u += 0.5
    u *= 2.0**-53
    return u


class Draws:
    """All random numbers of one run.

    Args:
        seed: Any integer; the run's seed.
    """

    def __init__(self, seed: int) -> None:
        self.seed = int(seed)
        self._root = _mix_int(self.seed & _MASK)

    def words(self, what_for: Decision, day: int, who: ArrayLike, what: ArrayLike = 0) -> Words:
        """64 random bits per address; `who` and `what` (integers ≥ 0) broadcast together."""
        key = np.uint64(_mix_int(_mix_int(self._root ^ what_for.word) ^ ((day + 2) & _MASK)))
        with np.errstate(over="ignore"):
            by_who = splitmix64((_words(who) * GOLDEN) ^ key)
            return splitmix64(by_who ^ (_words(what) * ODD))

    def uniform(self, what_for: Decision, day: int, who: ArrayLike, what: ArrayLike = 0) -> Floats:
        """Uniform draws strictly inside (0, 1), 53 bits, one per address."""
        who = np.asarray(who)
        if who.ndim != 1 or len(who) <= BLOCK or np.ndim(what) != 0:
            return _to_unit(self.words(what_for, day, who, what))
        u = np.empty(len(who))
        for start in range(0, len(who), BLOCK):
            block = slice(start, start + BLOCK)
            u[block] = _to_unit(self.words(what_for, day, who[block], what))
        return u

    def gumbel(self, what_for: Decision, day: int, who: ArrayLike, what: ArrayLike = 0) -> Floats:
        """Standard Gumbel (type I extreme value) draws, one per address."""
        return np.asarray(-np.log(-np.log(self.uniform(what_for, day, who, what))))

    def normal(self, what_for: Decision, day: int, who: ArrayLike, what: ArrayLike = 0) -> Floats:
        """Standard normal draws, one per address."""
        return np.asarray(ndtri(self.uniform(what_for, day, who, what)))
