"""Noise that hides the individual: randomised responses on the device, or noise on the profiles that policies read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Draws, Floats, decision
from simulator.settings import Settings, quantity

FLIPS = decision("privacy.flips")


class NoiseSettings(Settings):
    """Noise on personal data."""

    epsilon: float | None = quantity(
        None, "local differential privacy of each reported click; null: reported as it is", unit="nat", gt=0, le=20
    )
    profile_sd: float = quantity(0.0, "standard deviation of the noise on each believed taste and sensitivity", ge=0)

    @property
    def p_flip(self) -> float:
        """Probability that a report is the opposite of the truth, 1/(1 + e^ε) (Warner 1965)."""
        return 0.0 if self.epsilon is None else float(1 / (1 + np.exp(self.epsilon)))


def randomise(
    bits: NDArray[np.bool_],
    p_flip: float,
    draws: Draws,
    day: int,
    who: NDArray[np.intp],
    what: NDArray[np.intp],
) -> NDArray[np.bool_]:
    """Randomised responses (Warner 1965): each bit is reported as its opposite with probability `p_flip`."""
    return bits ^ (draws.uniform(FLIPS, day, who, what) < p_flip) if p_flip else bits


def estimate(n_reported: NDArray[np.int64], n: NDArray[np.int64], p_flip: float) -> Floats:
    """How many of n bits are true, from randomised responses: unbiased, so possibly below 0 or above n.

    Its variance beyond that of the bits is n·e^ε/(e^ε - 1)².
    """
    return np.asarray((n_reported - n * p_flip) / (1 - 2 * p_flip))
