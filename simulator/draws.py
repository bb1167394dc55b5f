"""Random numbers with an address: (seed, decision, day, who, what) → one number, whoever else is drawn.

A draw is a keyed hash of its address, so it depends neither on the order of drawing, nor on other consumers, nor on
the strategy. Two runs with one seed therefore differ only by cause (common random numbers by construction).

The hash is a chain of SplitMix64 finalisers (Steele, Lea & Flood 2014). Address parts are mixed, never added: an
additive day key would make neighbours on consecutive days perfectly correlated.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from simulator.compiled import compiled

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
ODD = np.uint64(0xD1B54A32D192ED03)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = (np.uint64(s) for s in (30, 27, 31, 11))
_ONE = np.uint64(1)
_MASK = 0xFFFFFFFFFFFFFFFF

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
    """Declare a random decision. Only a notebook, whose cells run again, may declare the same one again.

    Raises:
        ValueError: If the name is taken: two decisions with one name would share their luck.
    """
    if name in _decisions and sys._getframe(1).f_globals.get("__name__") != "__main__":
        raise ValueError(f"the random decision '{name}' is declared twice; names must be unique")
    word = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
    _decisions[name] = Decision(name, word)
    return _decisions[name]


def declared_decisions() -> tuple[str, ...]:
    """The names of all declared decisions, sorted."""
    return tuple(sorted(_decisions))


@compiled
def splitmix64(state: np.uint64) -> np.uint64:
    """The SplitMix64 output for one unsigned state word (Steele, Lea & Flood 2014)."""
    z = state + GOLDEN
    z = (z ^ (z >> _S30)) * _FIRST
    z = (z ^ (z >> _S27)) * _SECOND
    return z ^ (z >> _S31)


@compiled
def _key(root: np.uint64, decision_word: np.uint64, day: int) -> np.uint64:
    return splitmix64(splitmix64(root ^ decision_word) ^ np.uint64(day + 2))


@compiled
def _by_who(key: np.uint64, who: int) -> np.uint64:
    return splitmix64(((np.uint64(who) + _ONE) * GOLDEN) ^ key)  # shifted by one, so that 0 is not a fixed point


@compiled
def _spread(what: int) -> np.uint64:
    return (np.uint64(what) + _ONE) * ODD


@compiled
def _unit(word: np.uint64) -> float:
    return float((np.int64(word >> _S11) + 0.5) * 2.0**-53)


@compiled
def uniform(key: np.uint64, who: int, what: int) -> float:
    """One draw, strictly inside (0, 1), 53 bits; for compiled functions, which get the key from `Draws.key`."""
    return _unit(splitmix64(_by_who(key, who) ^ _spread(what)))


@compiled
def _parts(key: np.uint64, who: NDArray[np.int64], what: NDArray[np.int64]) -> tuple[Words, Words]:
    """What consumers and objects add to their addresses; each of the shape of its argument, one-dimensional."""
    by_who, spread = np.empty(len(who), np.uint64), np.empty(len(what), np.uint64)
    for row in range(len(who)):
        by_who[row] = _by_who(key, who[row])
    for row in range(len(what)):
        spread[row] = _spread(what[row])
    return by_who, spread


@compiled
def _words(states: Words) -> None:
    for row in range(len(states)):
        states[row] = splitmix64(states[row])


@compiled
def _uniforms(states: Words) -> Floats:
    u = np.empty(len(states))
    for row in range(len(states)):
        u[row] = _unit(splitmix64(states[row]))
    return u


class Draws:
    """All random numbers of one run.

    Args:
        seed: Any integer; the run's seed.
    """

    def __init__(self, seed: int) -> None:
        self.seed = int(seed)
        self._root = np.uint64(splitmix64(np.uint64(self.seed & _MASK)))

    def key(self, what_for: Decision, day: int) -> np.uint64:
        """The first half of an address, for `uniform` in compiled functions."""
        return np.uint64(_key(self._root, np.uint64(what_for.word), day))

    def words(self, what_for: Decision, day: int, who: ArrayLike, what: ArrayLike = 0) -> Words:
        """64 random bits per address; `who` and `what` (integers ≥ 0) broadcast together."""
        states = self._states(what_for, day, who, what)
        _words(states.reshape(-1))
        return states

    def uniform(self, what_for: Decision, day: int, who: ArrayLike, what: ArrayLike = 0) -> Floats:
        """Uniform draws strictly inside (0, 1), 53 bits, one per address."""
        states = self._states(what_for, day, who, what)
        return _uniforms(states.reshape(-1)).reshape(states.shape)

    def gumbel(self, what_for: Decision, day: int, who: ArrayLike, what: ArrayLike = 0) -> Floats:
        """Standard Gumbel (type I extreme value) draws, one per address; NumPy's logarithm is faster than Numba's."""
        return np.asarray(-np.log(-np.log(self.uniform(what_for, day, who, what))))

    def normal(self, what_for: Decision, day: int, who: ArrayLike, what: ArrayLike = 0) -> Floats:
        """Standard normal draws, one per address."""
        return np.asarray(ndtri(self.uniform(what_for, day, who, what)))

    def _states(self, what_for: Decision, day: int, who: ArrayLike, what: ArrayLike) -> Words:
        """The last state word of each address: NumPy broadcasts, and who is hashed once for many objects."""
        who, what = np.asarray(who, dtype=np.int64), np.asarray(what, dtype=np.int64)
        by_who, spread = _parts(self.key(what_for, day), who.reshape(-1), what.reshape(-1))
        return np.asarray(by_who.reshape(who.shape) ^ spread.reshape(what.shape))
