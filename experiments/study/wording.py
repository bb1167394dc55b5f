"""What a comparison may say: one short verdict per arm and measure, and "—" for what is not defined.

The words never claim more than the interval shows. In particular an interval that covers zero is no proof of
sameness; only the two one-sided tests (Schuirmann 1987) may conclude "no material effect".
"""

from __future__ import annotations

import math

MINUS = "−"
UNDEFINED = "—"
"""How a value that is not defined (NaN) is shown."""

BASELINE = "baseline"
NOT_DEFINED = "not defined"
IDENTICAL = "identical"
NO_MATERIAL_EFFECT = "no material effect"
OVER_ZERO = "not distinguishable from zero"
OVER_ZERO_AFTER_HOLM = "not distinguishable from zero after Holm"
HIGHER = "higher"
LOWER = "lower"

MATERIAL_LIFT = 0.01
"""Share of the baseline below which an effect is not material (assumed)."""
EQUIVALENCE_CONFIDENCE = 0.90
"""Confidence of the interval that stands for two one-sided 5 % tests (Schuirmann 1987)."""


def verdict(n_pairs: int, is_identical: bool, interval: tuple[float, float], lift_90: tuple[float, float]) -> str:
    """The words for one comparison, before any correction for many tests.

    The strongest claim that holds is made: identical, then no material effect, then the sign of the difference.

    Args:
        n_pairs: Pairs of runs in which both arms define the measure.
        is_identical: Whether the difference is zero in every pair.
        interval: Interval of the difference, in the measure's unit; NaN where there is none.
        lift_90: 90 % interval of the relative lift (share of the baseline); NaN where there is none.
    """
    low, high = interval
    if n_pairs == 0:
        return NOT_DEFINED
    if n_pairs == 1:
        return "one seed: no interval"
    if is_identical:
        return IDENTICAL
    if math.isnan(low) or math.isnan(high):
        return f"{n_pairs} seeds: no interval"
    if -MATERIAL_LIFT < lift_90[0] and lift_90[1] < MATERIAL_LIFT:
        return NO_MATERIAL_EFFECT
    if low <= 0.0 <= high:
        return OVER_ZERO
    return HIGHER if low > 0.0 else LOWER


def after_holm(words: str, p_holm: float, alpha: float) -> str:
    """The verdict of a primary measure once all primary tests are judged together (Holm 1979)."""
    return OVER_ZERO_AFTER_HOLM if words in (HIGHER, LOWER) and p_holm > alpha else words


def shown(value: float, spec: str = ".3g") -> str:
    """A number in the format `spec`, or "—" where it is not defined (NaN)."""
    return UNDEFINED if math.isnan(value) else format(value, spec).replace("-", MINUS)
