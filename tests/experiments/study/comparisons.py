"""Results of made-up arms, and their comparison by the real statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from experiments.study.statistics import compare_arms

NAN = float("nan")
BASE = [10.0, 12.0, 9.0, 14.0, 11.0, 13.0]
ARM = [11.0, 13.5, 9.5, 15.0, 13.0, 13.5]
CASCADES = [5.0, 6.0, 4.0, 7.0, 5.0, 6.0, 3.0, 8.0, 6.0]
LARGER = [7.0, 9.0, 5.0, 8.0, 8.0, 7.0, 5.0, 9.0, 8.0]


def frame(arms: Mapping[str, Mapping[str, Sequence[float]]]) -> pd.DataFrame:
    """A tidy frame from arm → measure → one value per seed."""
    rows = [
        (arm, seed, measure, value)
        for arm, measures in arms.items()
        for measure, values in measures.items()
        for seed, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["arm", "seed", "measure", "value"])


def pair(base: Sequence[float], arm: Sequence[float]) -> pd.DataFrame:
    """Two arms and one measure, "orders"."""
    return frame({"baseline": {"orders": base}, "coupons": {"orders": arm}})


def compared(base: Sequence[float], arm: Sequence[float], heavy: bool = False, confidence: float = 0.95) -> Any:
    """The row that compares `arm` with `base`, unadjusted."""
    table = compare_arms(pair(base, arm), "baseline", [], confidence, ["orders"] if heavy else [])
    return table.set_index("arm").loc["coupons"]


def judged(final: pd.DataFrame, primaries: Sequence[str]) -> Any:
    """The table against the baseline "b", by arm and measure."""
    return compare_arms(final, "b", primaries).set_index(["arm", "measure"])
