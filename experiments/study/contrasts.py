"""Contrasts of arms: what each link of a chain adds, what factors do alone and together; paired by seed.

A contrast is a weighted sum of what the arms of one world show, with weights that sum to zero, so that the world's luck
cancels as it does in a pair. The seed is the unit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.study import wording
from experiments.study.arms import PLUS
from experiments.study.statistics import UNKNOWN, fieller, judge_primaries, mean_estimate, median_estimate
from simulator import SettingsError

Design = Literal["steps", "factorial"]
TIMES = " × "
"""Between the names of factors that act together."""
WHOLE = "all links"
COLUMNS = [
    *("contrast", "measure", "is_primary", "n", "n_undefined", "baseline_mean", "difference", "low", "high"),
    *("share", "share_low", "share_high", "p", "p_holm", "verdict"),
]


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of arms.

    Attributes:
        name: What it tells: a link, a factor, or several factors together.
        weights: Arm → weight; they sum to zero.
    """

    name: str
    weights: Mapping[str, float]


def make_contrasts(design: Design, arms: Sequence[str], baseline: str) -> list[Contrast]:
    """The contrasts of a design.

    Args:
        design: `steps`: each arm is the one before and one strategy more, and the contrasts are what each adds, and all
            of them together. `factorial`: the arms are all combinations of some strategies. The contrast of one of
            them is its effect, mean over the combinations of the others; that of two is by how much the effect of one
            is larger with the other than without, mean over the rest; and so on for three.
        arms: All arms, the baseline among them.
        baseline: The arm without any of the strategies.

    Raises:
        SettingsError: If the arms do not form the design.
    """
    return _steps(arms, baseline) if design == "steps" else _factorial(arms, baseline)


def compare_contrasts(
    final: pd.DataFrame,
    contrasts: Sequence[Contrast],
    baseline: str,
    primaries: Sequence[str],
    confidence: float = 0.95,
    heavy_tailed: Collection[str] = (),
) -> pd.DataFrame:
    """Estimate contrasts on every measure.

    Args:
        final: As for `statistics.compare_arms`.
        contrasts: What to estimate.
        baseline: The arm whose mean stands beside them.
        primaries: Measures named beforehand; Holm is over contrasts × primaries.
        confidence: Of all intervals.
        heavy_tailed: Measures told by the median over seeds.

    Returns:
        One row per contrast × measure: `difference`, `low`, `high` in the measure's unit (mean over seeds, t interval),
        the same as a `share` of the baseline's mean (Fieller's interval; NaN where that mean is not surely positive),
        p, `p_holm` and the verdict. Seeds in which an arm concerned does not define the measure are dropped.
    """
    by_run = final.pivot(index="seed", columns=["arm", "measure"], values="value").astype(float)
    measures = [*primaries, *sorted(set(final["measure"]) - set(primaries))]
    rows = []
    for contrast in contrasts:
        for measure in measures:
            own = {arm: by_run[arm, measure].to_numpy() for arm in (*contrast.weights, baseline)}
            values = np.sum([weight * own[arm] for arm, weight in contrast.weights.items()], axis=0)
            head = {"contrast": contrast.name, "measure": measure, "is_primary": measure in primaries}
            rows.append(head | _row(values, own[baseline], confidence, measure in heavy_tailed))
    table = pd.DataFrame(rows, columns=COLUMNS)
    judge_primaries(table, 1.0 - confidence)
    return table


def contrasts_at_points(
    final: pd.DataFrame,
    keys: Sequence[str],
    contrasts: Sequence[Contrast],
    baseline: str,
    primaries: Sequence[str],
    confidence: float = 0.95,
    heavy_tailed: Collection[str] = (),
) -> pd.DataFrame:
    """The contrasts at every point of a grid, `keys` in front; Holm over points × contrasts × primaries."""
    if not keys:
        return compare_contrasts(final, contrasts, baseline, primaries, confidence, heavy_tailed)
    tables = []
    for _, part in final.groupby(list(keys), sort=False):
        tables.append(compare_contrasts(part, contrasts, baseline, primaries, confidence, heavy_tailed))
        for position, key in enumerate(keys):
            tables[-1].insert(position, key, part[key].iloc[0])
    table = pd.concat(tables, ignore_index=True)
    judge_primaries(table, 1.0 - confidence)
    return table


def _row(
    values: NDArray[np.float64], base: NDArray[np.float64], confidence: float, is_heavy_tailed: bool
) -> dict[str, Any]:
    """One contrast on one measure from its values by seed, NaN where not defined."""
    is_defined = ~(np.isnan(values) | np.isnan(base))
    own, base = values[is_defined], base[is_defined]
    found = (median_estimate if is_heavy_tailed else mean_estimate)(own, confidence)
    share = UNKNOWN if is_heavy_tailed else fieller(own, base, confidence)
    narrow = UNKNOWN if is_heavy_tailed else fieller(own, base, wording.EQUIVALENCE_CONFIDENCE)
    words = wording.verdict(own.size, bool((own == 0.0).all()), found[1:3], (narrow.low, narrow.high))
    return {
        "n": own.size,
        "n_undefined": values.size - own.size,
        "baseline_mean": float(base.mean()) if base.size else np.nan,
        "difference": found.value,
        "low": found.low,
        "high": found.high,
        "share": share.value,
        "share_low": share.low,
        "share_high": share.high,
        "p": found.p,
        "p_holm": np.nan,
        "verdict": words,
    }


def _parts(arm: str, baseline: str) -> frozenset[str]:
    """The strategies of an arm beyond those of the baseline."""
    return frozenset(arm.split(PLUS)) - frozenset(baseline.split(PLUS))


def _steps(arms: Sequence[str], baseline: str) -> list[Contrast]:
    if arms[0] != baseline:
        raise SettingsError(f"experiment.contrasts=steps: the first arm is '{arms[0]}', not the baseline '{baseline}'")
    found = []
    for before, arm in pairwise(arms):
        added = _parts(arm, baseline) - _parts(before, baseline)
        if len(added) != 1 or not _parts(before, baseline) < _parts(arm, baseline):
            raise SettingsError(f"experiment.contrasts=steps: '{arm}' is not '{before}' and one strategy more")
        found.append(Contrast(min(added), {arm: 1.0, before: -1.0}))
    return [*found, Contrast(WHOLE, {arms[-1]: 1.0, baseline: -1.0})]


def _factorial(arms: Sequence[str], baseline: str) -> list[Contrast]:
    factors = list(dict.fromkeys(part for arm in arms for part in arm.split(PLUS) if part in _parts(arm, baseline)))
    by_parts = {_parts(arm, baseline): arm for arm in arms}
    sets = [frozenset(chosen) for size in range(len(factors) + 1) for chosen in combinations(factors, size)]
    for chosen in sets:
        if chosen not in by_parts:
            raise SettingsError(
                f"experiment.contrasts=factorial: no arm combines {' and '.join(sorted(chosen)) or 'nothing'}"
            )
    if len(arms) != len(sets):
        raise SettingsError("experiment.contrasts=factorial: two arms combine the same strategies")
    found = []
    for chosen in sets[1:]:
        scale = 2.0 ** (len(chosen) - len(factors))
        weights = {by_parts[on]: scale * (-1.0) ** len(chosen - on) for on in sets}
        found.append(Contrast(TIMES.join(f for f in factors if f in chosen), weights))
    return found
