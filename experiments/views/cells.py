"""How a number or a comparison is written: the same in the terminal, in figures and in the report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.study import wording
from experiments.study.statistics import Estimate, mean_estimate
from experiments.study.wording import MINUS
from experiments.views.results import Results
from simulator.records.measures import Measure

NO_MATERIAL_MARK = "≈"
_MOST_DECIMALS = 5
_SHOWN_UNITS = {"yuan", "days"}  # the other units are counts, which a measure's label names
_DIFFERENCE_ONLY = {"surplus"}  # its level has no meaning, so neither has a share of it
_UNCLEAR = {wording.IDENTICAL, wording.NO_MATERIAL_EFFECT, wording.OVER_ZERO, wording.OVER_ZERO_AFTER_HOLM}


@dataclass(frozen=True)
class Shown:
    """One comparison in writing.

    Attributes:
        value: The lift, or the difference in the measure's unit where there is no lift, or what else can be said.
        bounds: Its interval in the same unit; empty where `value` says it all, one "—" where there is none.
        is_unclear: Whether it is not distinguishable from zero, or has no material effect.
        n_pairs: The pairs it rests on, if these are not all.
    """

    value: str
    bounds: tuple[str, ...] = ()
    is_unclear: bool = False
    n_pairs: int | None = None

    @property
    def interval(self) -> str:
        """The interval in brackets, and the number of pairs if not all could be used."""
        pairs = "" if self.n_pairs is None else f" n={self.n_pairs}"
        return (f"[{', '.join(self.bounds)}]" if self.bounds else "") + pairs

    def on_one_line(self) -> str:
        return f"{self.value} {self.interval}".strip()

    def on_two_lines(self) -> str:
        return f"{self.value}\n{self.interval}".strip()


def comparison(results: Results, arm: str, measure: Measure) -> Shown:
    """What the arm did to the measure, in as few characters as can be read without a key."""
    return compared(results.row(arm, measure), measure)


def compared(row: dict[str, Any], measure: Measure) -> Shown:
    """What a row of the summary says, in as few characters as can be read without a key."""
    verdict, n_pairs = row["verdict"], row["n"] if row["n_undefined"] else None
    if verdict == wording.NOT_DEFINED:
        return _alone(row, measure)
    if verdict == wording.IDENTICAL:
        return Shown(wording.IDENTICAL, (), True, n_pairs)
    value, bounds = _lift_or_difference(row, measure)
    if verdict == wording.NO_MATERIAL_EFFECT:
        value = f"{NO_MATERIAL_MARK} {value}"
    return Shown(value, bounds, verdict in _UNCLEAR, n_pairs)


def contrasted(row: Mapping[Any, Any], measure: Measure) -> Shown:
    """What a row of contrasts says: the share of the baseline's mean or, where there is none, the difference."""
    names = ("share", "share_low", "share_high")
    as_lift = dict(zip(("lift", "lift_low", "lift_high"), (row[name] for name in names), strict=True))
    return compared({str(key): value for key, value in row.items()} | as_lift, measure)


def difference(row: dict[str, Any], measure: Measure) -> Shown:
    """The difference from the baseline in the measure's unit."""
    if row["verdict"] == wording.IDENTICAL:
        return Shown("0", is_unclear=True)
    if row["verdict"] == wording.NOT_DEFINED:
        return Shown(wording.UNDEFINED, is_unclear=True)
    value, bounds = _written(_bounds(row, "difference", "low", "high"), measure.unit)
    return Shown(value, bounds, row["verdict"] in _UNCLEAR)


def baseline_mean(results: Results, measure: Measure) -> str:
    """The baseline's mean with its unit."""
    if measure.name in _DIFFERENCE_ONLY:
        return wording.UNDEFINED
    return amount(results.row(results.baseline, measure)["mean"], measure.unit)


def level(values: NDArray[np.float64], unit: str, confidence: float, sign: str = "") -> Shown:
    """The mean of a measure over seeds, shape (n_defined,), and its interval; with `sign` "+", of differences."""
    if not values.size:
        return Shown(wording.UNDEFINED, is_unclear=True)
    return Shown(*_written(mean_estimate(values, confidence), unit, sign))


def amount(value: float, unit: str) -> str:
    """A number with three figures and its unit: "41.2%", "1.23 M yuan", "0.67"; "—" if it is NaN."""
    if math.isnan(value):
        return wording.UNDEFINED
    if unit == "share":
        return f"{_figures(100.0 * value)}%"
    scale, suffix = _scale_of([value])
    return f"{_figures(value / scale)}{suffix}{_unit(unit)}"


def p_value(p: float) -> str:
    """A p value with three decimals: "<0.001", "0.034"; "—" if it is NaN."""
    return "<0.001" if p < 0.001 else wording.shown(p, ".3f")


def percent(share: float) -> str:
    """A share of 1 as a percentage: "95%"."""
    return f"{100.0 * share:g}%"


def _scale_of(values: Iterable[float]) -> tuple[float, str]:
    """The factor in which the largest of these numbers is written, and its sign: thousands as " k", millions " M"."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    return (1e6, " M") if largest >= 1e6 else (1e3, " k") if largest >= 1e4 else (1.0, "")


def _alone(row: dict[str, Any], measure: Measure) -> Shown:
    """The arm's own level, for a measure that the baseline never defines (such as K without invitations)."""
    estimate = _bounds(row, "level", "level_low", "level_high")
    if math.isnan(estimate.value):
        return Shown(wording.UNDEFINED, is_unclear=True)
    value, bounds = _written(estimate, measure.unit, sign="")
    return Shown(f"{'median' if measure.is_heavy_tailed else 'mean'} {value}", bounds)


def _lift_or_difference(row: dict[str, Any], measure: Measure) -> tuple[str, tuple[str, ...]]:
    lift = _bounds(row, "lift", "lift_low", "lift_high")
    if math.isnan(lift.value) or measure.name in _DIFFERENCE_ONLY:
        return _written(_bounds(row, "difference", "low", "high"), measure.unit)
    return _numbers(lift, 0.01, "%")


def _bounds(row: dict[str, Any], value: str, low: str, high: str) -> Estimate:
    return Estimate(float(row[value]), float(row[low]), float(row[high]))


def _written(estimate: Estimate, unit: str, sign: str = "+") -> tuple[str, tuple[str, ...]]:
    """A value with its unit, and the bounds of its interval in that unit; differences of shares in points."""
    if unit == "share":
        return _numbers(estimate, 0.01, " pp" if sign else "%", sign)
    scale, suffix = _scale_of(estimate[:3])
    return _numbers(estimate, scale, f"{suffix}{_unit(unit)}", sign)


def _numbers(estimate: Estimate, scale: float, unit: str, sign: str = "+") -> tuple[str, tuple[str, ...]]:
    value, low, high = (x / scale for x in estimate[:3])
    if math.isnan(low) or math.isnan(high):
        return f"{_number(value, _decimals([value]), sign)}{unit}", (wording.UNDEFINED,)
    decimals = _decimals([value, low, high])
    while decimals < _MOST_DECIMALS and any(bound and round(bound, decimals) == 0.0 for bound in (low, high)):
        decimals += 1  # a bound decides on which side of zero an interval lies
    return f"{_number(value, decimals, sign)}{unit}", (_number(low, decimals), _number(high, decimals))


def _decimals(values: Sequence[float]) -> int:
    """Decimals for values of this size: the fewer the larger."""
    largest = max(map(abs, values))
    return sum(largest < bound for bound in (100.0, 1.0, 0.1)) if largest else 0


def _number(value: float, decimals: int, sign: str = "") -> str:
    rounded = round(value, decimals) + 0.0  # + 0.0 turns -0.0 into 0.0
    text = format(rounded, f"{sign if rounded else ''},.{decimals}f")
    return text.replace("-", MINUS).replace("inf", "∞")


def _figures(value: float) -> str:
    """Three figures of a number, or all digits before the point."""
    if value == 0.0:
        return "0"
    text = format(value, ",.0f") if abs(value) >= 1000 else format(value, "#.3g").rstrip(".")
    return text.replace("-", MINUS)


def _unit(unit: str) -> str:
    return f" {unit}" if unit in _SHOWN_UNITS else ""
