"""Grids: the points of a sweep, from the sweep syntax of Hydra (`1,2`, `range`, `choice`, `glob`, `interval`).

Hydra parses a value; the points are made here, so that all of them are checked before the first run, and composed once
per choice of groups and not once per run.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from hydra.core.override_parser.types import Glob, IntervalSweep, Override, QuotedString
from numpy.typing import NDArray
from pydantic import model_validator
from scipy.stats import qmc

from experiments.study.composing import (
    Tree,
    check_key,
    compose_tree,
    groups,
    merged,
    nested,
    parse_override,
    text_of,
)
from simulator import Scenario, SettingsError
from simulator.settings import Settings, quantity

Point = dict[str, Any]
"""Dotted keys and the values they have at one point of a grid."""

STRATEGY = "strategy"
"""The key that stands for an arm of `configs/strategy`."""


_SWEPT_GROUPS = groups().keys() - {"calibration", "engine", "experiment"}


class DesignSettings(Settings):
    """How points are placed in the intervals of a sweep."""

    kind: Literal["lhs", "sobol"] = quantity("lhs", "Latin hypercube or scrambled Sobol points")
    points: int = quantity(32, "points placed in the intervals; for sobol a power of 2", ge=1, le=1_048_576)
    seed: int = quantity(0, "luck of the placing, not of the markets", ge=0)

    @model_validator(mode="after")
    def _is_balanced(self) -> Self:
        if self.kind == "sobol" and self.points & (self.points - 1):
            below = 1 << (self.points.bit_length() - 1)
            raise ValueError(
                f"points={self.points}: a sobol design is balanced at powers of 2 only, such as {below} or {2 * below}"
            )
        return self


@dataclass(frozen=True)
class Interval:
    """A setting that is varied continuously, or over whole numbers, from `low` to `high`, both included."""

    key: str
    low: float
    high: float
    is_whole: bool
    is_log: bool

    def at(self, unit: float) -> int | float:
        """The value a share of the way from `low` to `high`; whole numbers are equally likely."""
        low, high = (self.low - 0.5, self.high + 0.5) if self.is_whole else (self.low, self.high)
        value = low * (high / low) ** unit if self.is_log else low + unit * (high - low)
        return min(max(round(value), int(self.low)), int(self.high)) if self.is_whole else value


@dataclass(frozen=True)
class Sweep:
    """A command line taken apart.

    Attributes:
        fixed: Arguments with one value.
        axes: Key → its values.
        intervals: Settings to place points in.
    """

    fixed: list[str]
    axes: dict[str, list[Any]]
    intervals: list[Interval]

    def points(self, design: DesignSettings) -> list[Point]:
        """Every combination of the axes' values, crossed with the design in the intervals; first keys vary slowest."""
        lists = [[{key: value} for value in values] for key, values in self.axes.items()]
        if self.intervals:
            places = _design(design, len(self.intervals))
            lists.append([{i.key: i.at(u) for i, u in zip(self.intervals, row, strict=True)} for row in places])
        return [{k: v for part in parts for k, v in part.items()} for parts in itertools.product(*lists)]


def take_apart(overrides: Sequence[str]) -> Sweep:
    """Tell fixed settings from swept ones.

    Raises:
        SettingsError: If an argument is malformed.
    """
    sweep = Sweep([], {}, [])
    for text in overrides:
        override = parse_override(text)
        key = override.key_or_group
        if not override.is_sweep_override():
            if key == STRATEGY:
                sweep.axes[key] = [override.value()]
            else:
                sweep.fixed.append(text)
        elif override.is_discrete_sweep():
            sweep.axes[key] = _values(override)
        else:
            sweep.intervals.append(_interval(override))
    return sweep


def over_grid(sweep: Sweep, grid: Mapping[str, str]) -> Sweep:
    """A command line laid over the grid of an experiment: what it says about a key stands, be it one value or many.

    Args:
        sweep: The command line.
        grid: Key → its values, in the syntax of a sweep.

    Raises:
        SettingsError: If an axis has not several different values, is an interval, or is one of arms.
    """
    own = take_apart([f"{key}={values}" for key, values in grid.items()])
    if own.fixed:
        raise SettingsError(f"experiment.grid: {own.fixed[0]} has one value; an axis has several, such as 2,3")
    given = {parse_override(text).key_or_group for text in sweep.fixed}
    axes = {key: values for key, values in own.axes.items() if key not in given} | sweep.axes
    if STRATEGY in axes:
        raise SettingsError(f"{STRATEGY}: the arms of a comparison are named by experiment.arms=[baseline,...]")
    for interval in (*own.intervals, *sweep.intervals):
        raise SettingsError(
            f"{interval.key}: a comparison meets at points, such as 2,3; intervals take experiments.sweep"
        )
    for key, values in axes.items():
        if len({as_label(value) for value in values}) < len(values):
            raise SettingsError(f"{key}: has the same value twice")
    return Sweep(sweep.fixed, axes, [])


def compose_points(config: str, sweep: Sweep, points: Sequence[Point]) -> list[Tree]:
    """The composed tree of each point; a point's strategy is left for `compose_arm`.

    Raises:
        SettingsError: If a key or an option does not exist.
    """
    composed: dict[tuple[str, ...], Tree] = {}
    trees, chosen = [], groups().keys()
    for key in {key for point in points for key in point}:
        if key.split(".")[0] not in Scenario.model_fields.keys() | _SWEPT_GROUPS:
            raise SettingsError(
                f"{key}: only settings of the market can be swept, and {', '.join(sorted(_SWEPT_GROUPS))}"
            )
    for point in points:
        choices = tuple(f"{k}={_as_argument(v)}" for k, v in point.items() if k in chosen and k != STRATEGY)
        if choices not in composed:
            # Choices of groups first: values given on the command line lie over them.
            composed[choices] = compose_tree(config, [*choices, *sweep.fixed])
            for key in point.keys() - chosen:
                check_key(parse_override(f"{key}={_as_argument(point[key])}"), composed[choices])
        tree = composed[choices]
        for key, value in point.items():
            tree = tree if key in chosen else merged(tree, nested(key, value))
        trees.append(tree)
    return trees


def _values(override: Override) -> list[Any]:
    value = override.value()
    if not isinstance(value, Glob):
        return [_plain(v) for v in override.sweep_iterator()]
    options = groups().get(override.key_or_group)
    if options is None:
        raise SettingsError(f"{text_of(override)}: glob chooses among the files of a group: {', '.join(groups())}")
    chosen = value.filter(options)
    if not chosen:
        raise SettingsError(f"{text_of(override)}: fits none of {', '.join(options)}")
    return list(chosen)


def _interval(override: Override) -> Interval:
    sweep = override.value()
    assert isinstance(sweep, IntervalSweep)
    low, high = sweep.start, sweep.end
    if low is None or high is None or not low < high:
        raise SettingsError(f"{text_of(override)}: an interval goes from a lower to a higher number")
    is_log = "log" in sweep.tags
    if is_log and low <= 0:
        raise SettingsError(f"{text_of(override)}: an interval on a logarithmic scale must begin above 0")
    return Interval(override.key_or_group, low, high, isinstance(low, int) and isinstance(high, int), is_log)


def _design(design: DesignSettings, n_dimensions: int) -> NDArray[np.float64]:
    """Places in the unit cube, shape (points, n_dimensions)."""
    kind = {"lhs": qmc.LatinHypercube, "sobol": qmc.Sobol}[design.kind]
    sampler = kind(d=n_dimensions, rng=np.random.default_rng(design.seed))
    return np.asarray(sampler.random(design.points))


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value.text if isinstance(value, QuotedString) else value


def _as_argument(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(_as_argument, value))}]"
    return "null" if value is None else str(value)


def as_label(value: Any) -> str | int | float | bool:
    """A value as it stands in a table."""
    return value if isinstance(value, str | int | float | bool) else _as_argument(value)


def as_labels(values: Sequence[Any]) -> list[str | int | float | bool]:
    """Values as they stand in one column of a table: all numbers, or all words."""
    labels = [as_label(value) for value in values]
    n_words = sum(isinstance(label, str) for label in labels)
    return labels if n_words in (0, len(labels)) else [_as_argument(value) for value in values]


def labels_at(points: Sequence[Point]) -> list[dict[str, str | int | float | bool]]:
    """The labels of points that have the same keys."""
    columns = {key: as_labels([point[key] for point in points]) for key in (points[0] if points else {})}
    return [{key: column[row] for key, column in columns.items()} for row in range(len(points))]


def as_settings(point: Mapping[str, Any]) -> str:
    """A point as it would be written on the command line."""
    return " ".join(f"{key}={_as_argument(value)}" for key, value in point.items())
