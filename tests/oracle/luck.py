"""The addressed random numbers, one at a time, in plain integers."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
from scipy.special import ndtri

ALWAYS = -1
MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15
ODD = 0xD1B54A32D192ED03


def mix(word: int) -> int:
    """One SplitMix64 output (Steele, Lea & Flood 2014)."""
    z = (word + GOLDEN) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


@cache
def word_of(decision: str) -> int:
    """The word that stands for a decision's name."""
    return int.from_bytes(hashlib.blake2b(decision.encode(), digest_size=8).digest(), "little")


class Luck:
    """The luck of one seed."""

    def __init__(self, seed: int) -> None:
        self.root = mix(seed & MASK)
        self.keys: dict[tuple[str, int], int] = {}

    def uniform(self, decision: str, day: int, who: int, what: int = 0) -> float:
        key = self.keys.get((decision, day))
        if key is None:
            key = self.keys[decision, day] = mix(mix(self.root ^ word_of(decision)) ^ (day + 2))
        bits = mix(mix(((who + 1) * GOLDEN & MASK) ^ key) ^ ((what + 1) * ODD & MASK))
        return ((bits >> 11) + 0.5) * 2.0**-53

    def gumbel(self, decision: str, day: int, who: int, what: int = 0) -> float:
        return float(-np.log(-np.log(self.uniform(decision, day, who, what))))

    def normal(self, decision: str, day: int, who: int, what: int = 0) -> float:
        return float(ndtri(self.uniform(decision, day, who, what)))
