"""An A/B test inside a market against the truth: what the test says, what it should have said, and why they differ.

Who is treated changes what happens to the others: friends invite, groups fill, ratings and friends' purchases are seen.
So a test that compares treated and untreated consumers of one market need not find what the mechanic does when it is
open to everybody (Hudgens & Halloran 2008; Eckles, Karrer & Ugander 2017).

In one world let Y be a consumer's outcome in the test's market, Y¹ with the mechanic open to all, Y⁰ without it. Then,
exactly,

    estimate − truth = mean over treated (Y − Y¹) − mean over others (Y − Y⁰) + luck

with the first term the *shortfall* of the treated, the second the *spillover* on the others, and luck what the treated
and the others would have differed by anyway: [mean treated Y¹ − mean Y¹] − [mean others Y⁰ − mean Y⁰].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest
from scipy.stats import t as student_t

from experiments.study.statistics import Estimate, fieller, mean_estimate

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Units = NDArray[np.intp]

OUTCOMES: dict[str, str] = {
    "orders": "orders per consumer",
    "bought_twice": "consumers with two or more orders",
    "adopted": "prospects' first orders, per consumer",
}
"""Outcome of a consumer → what its mean is."""


def outcomes(consumers: pd.DataFrame) -> dict[str, Floats]:
    """The outcomes of each consumer, shape (n_consumers,), from `simulator.records.consumers.orders_of_consumers`."""
    orders = consumers["orders"].to_numpy(dtype=np.float64)
    adopted = consumers["adoption_day"].to_numpy() >= 0
    return {"orders": orders, "bought_twice": (orders >= 2).astype(np.float64), "adopted": adopted.astype(np.float64)}


@dataclass(frozen=True)
class Assignment:
    """Who is treated in a test, arrays of shape (n_consumers,).

    Attributes:
        is_treated: Whether the mechanic is open to them.
        unit: What was randomised: they themselves, their cluster or their cell.
        to_treated: Share of the ties of treated people that lead to treated people; 1 would be no mixing.
    """

    is_treated: Flags
    unit: Units
    to_treated: float


def difference_in_means(y: Floats, assignment: Assignment, confidence: float) -> Estimate:
    """The usual estimate: mean of the treated less mean of the others, with the interval robust to units.

    The variance of each mean is that of a ratio of sums over units (linearised; Liang & Zeger 1986, with G/(G − 1)), so
    with consumers as units it is Neyman's. Degrees of freedom: units less 2. NaN with fewer than two units in a group.
    """
    unit = np.unique(assignment.unit, return_inverse=True)[1]
    means, variance, n_units = [], 0.0, 0
    for is_in in (assignment.is_treated, ~assignment.is_treated):
        if not is_in.any():
            return Estimate(np.nan, np.nan, np.nan)
        own, mean = y[is_in], float(y[is_in].mean())
        present = np.bincount(unit[is_in], minlength=unit.max() + 1) > 0
        sums = np.bincount(unit[is_in], weights=own - mean, minlength=unit.max() + 1)[present]
        if len(sums) < 2:
            return Estimate(np.nan, np.nan, np.nan)
        variance += float(np.sum(sums**2)) / len(own) ** 2 * len(sums) / (len(sums) - 1)
        means.append(mean)
        n_units += len(sums)
    difference, error = means[0] - means[1], float(np.sqrt(variance))
    reach = float(student_t.ppf((1 + confidence) / 2, n_units - 2)) * error
    p = 2 * float(student_t.sf(abs(difference) / error, n_units - 2)) if error > 0 else float(difference == 0)
    return Estimate(difference, difference - reach, difference + reach, p)


def judge(y: Floats, everybody: Floats, nobody: Floats, assignment: Assignment, confidence: float) -> dict[str, float]:
    """One test in one world against the truth.

    Args:
        y: Outcomes in the test's market, shape (n_consumers,).
        everybody, nobody: The same people's with the mechanic open to all, and without it.
        assignment: Who is treated.
        confidence: Of the test's interval.
    """
    found, treated = difference_in_means(y, assignment, confidence), assignment.is_treated
    truth = float(everybody.mean() - nobody.mean())
    if np.isnan(found.value):
        shortfall = spillover = luck = np.nan
    else:
        shortfall = float((y - everybody)[treated].mean())
        spillover = float((y - nobody)[~treated].mean())
        luck = float(everybody[treated].mean() - everybody.mean() - nobody[~treated].mean() + nobody.mean())
    return {
        "truth": truth,
        "estimate": found.value,
        "low": found.low,
        "high": found.high,
        "shortfall": shortfall,
        "spillover": spillover,
        "luck": luck,
        "units": float(len(np.unique(assignment.unit))),
        "to_treated": assignment.to_treated,
    }


def summarise(tests: pd.DataFrame, keys: Sequence[str], confidence: float) -> pd.DataFrame:
    """Bias and coverage over worlds.

    Args:
        tests: Columns `keys`, seed, and those of `judge`; one row per test and world.
        keys: What tells the tests apart.
        confidence: Of the intervals over worlds, and what the tests' intervals claim to cover.

    Returns:
        One row per test, in order of appearance:

        - `n`: worlds; `n_undefined`: worlds without an estimate, left out.
        - `truth`, `estimate`, `bias`, `shortfall`, `spillover`, `luck` with `_low` and `_high`: means over worlds and t
          intervals; bias = estimate − truth, paired by world.
        - `bias_share` with bounds: bias as a share of the truth (Fieller); NaN where the truth is not above zero.
        - `coverage` with bounds: share of worlds whose interval covers the truth (Clopper & Pearson 1934).
        - `half_width`: mean half width of the test's interval; `rmse`: root mean square of the bias.
        - `seen`: share of worlds whose interval lies above zero; `units`, `to_treated`: means.
    """
    rows = [
        dict(zip(keys, values if isinstance(values, tuple) else (values,), strict=True))
        | _over_worlds(part, confidence)
        for values, part in tests.groupby(list(keys), sort=False)
    ]
    return pd.DataFrame(rows)


def _over_worlds(part: pd.DataFrame, confidence: float) -> dict[str, Any]:
    table = part[part["estimate"].notna()]
    truth, estimate = (table[name].to_numpy(dtype=np.float64) for name in ("truth", "estimate"))
    low, high = (table[name].to_numpy(dtype=np.float64) for name in ("low", "high"))
    bias = estimate - truth
    n_covered = int(np.count_nonzero((low <= truth) & (truth <= high)))
    row: dict[str, Any] = {"n": len(table), "n_undefined": len(part) - len(table)}
    means = {"truth": truth, "estimate": estimate, "bias": bias}
    means |= {name: table[name].to_numpy(dtype=np.float64) for name in ("shortfall", "spillover", "luck")}
    for name, values in means.items():
        row |= _bounds(name, mean_estimate(values, confidence))
    row |= _bounds("bias_share", fieller(bias, truth, confidence))
    if len(table):
        exact = binomtest(n_covered, len(table)).proportion_ci(confidence)
        row |= {"coverage": n_covered / len(table), "coverage_low": exact.low, "coverage_high": exact.high}
    else:
        row |= dict.fromkeys(("coverage", "coverage_low", "coverage_high"), np.nan)
    return row | {
        "half_width": float(np.mean((high - low) / 2)) if len(table) else np.nan,
        "rmse": float(np.sqrt(np.mean(bias**2))) if len(table) else np.nan,
        "seen": float(np.mean(low > 0)) if len(table) else np.nan,
        "units": float(part["units"].mean()),
        "to_treated": float(part["to_treated"].mean()),
    }


def _bounds(name: str, estimate: Estimate) -> Mapping[str, float]:
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
