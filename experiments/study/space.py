"""A space of settings, written on the command line as a sweep: what an optimiser searches, what sensitivity is about.

A point of it is named by one number between 0 and 1 per setting that varies.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from experiments.study.arms import compose_arm, refuse_unused
from experiments.study.composing import Tree, scenario_part
from experiments.study.grid import STRATEGY, Interval, Point, Sweep, as_settings, compose_points, labels_at, take_apart
from experiments.study.study import Cell
from simulator import Scenario, SettingsError

MOST_CORNERS = 512
"""Corners of a space that are tried before anything runs."""
INSIDE = 0.381966
"""A place inside an interval, where a setting that takes whole numbers only shows it."""


def make_cells(sweep: Sweep, points: Sequence[Point], config: str = "sweep") -> list[Cell]:
    """The market of each point, all checked.

    Args:
        sweep: The command line.
        points: What varies, and where.
        config: The primary config.

    Raises:
        SettingsError: Naming the point that is wrong.
    """
    cells = []
    trees = compose_points(config, sweep, points)
    for point, labels, tree in zip(points, labels_at(points), trees, strict=True):
        try:
            base = scenario_part(tree)
            strategy = point.get(STRATEGY)
            scenario = compose_arm(strategy, base).scenario if strategy else Scenario.parse(base).on_network()
        except SettingsError as error:
            raise SettingsError(f"{error} (at {as_settings(point)})" if point else str(error)) from None
        cells.append(Cell(labels, scenario))
    return cells


@dataclass(frozen=True)
class Choice:
    """A setting that takes one of a few values; numbers are in ascending order."""

    key: str
    values: tuple[Any, ...]

    @classmethod
    def among(cls, key: str, values: Sequence[Any]) -> Choice:
        """A choice among these values."""
        return cls(key, tuple(sorted(values) if all(map(_is_number, values)) else values))

    @property
    def is_ordered(self) -> bool:
        """Whether the values are numbers."""
        return all(map(_is_number, self.values))

    def at(self, unit: float) -> Any:
        """The value a share of the way along; all are equally likely."""
        return self.values[min(int(unit * len(self.values)), len(self.values) - 1)]


Factor = Interval | Choice
"""A setting that varies."""


@dataclass(frozen=True)
class Space:
    """The settings that a command line varies, and those it holds.

    Attributes:
        config: The primary config of the command.
        overrides: The command line.
    """

    config: str
    overrides: tuple[str, ...]

    @cached_property
    def sweep(self) -> Sweep:
        """The command line taken apart."""
        return take_apart(self.overrides)

    @cached_property
    def tree(self) -> Tree:
        """Everything that does not vary, composed."""
        return compose_points(self.config, self.sweep, [{}])[0]

    @cached_property
    def factors(self) -> list[Factor]:
        """The settings that vary."""
        choices = [Choice.among(key, values) for key, values in self.sweep.axes.items() if len(values) > 1]
        return [*choices, *self.sweep.intervals]

    def point(self, values: Mapping[str, Any]) -> Point:
        """The point at which the factors have these values."""
        return {key: held[0] for key, held in self.sweep.axes.items() if len(held) == 1} | dict(values)

    def at(self, units: Sequence[float]) -> Point:
        """The point that these numbers between 0 and 1 name, one per factor."""
        return self.point({factor.key: factor.at(float(u)) for factor, u in zip(self.factors, units, strict=True)})

    def cells(self, points: Sequence[Point]) -> list[Cell]:
        """The market at each point.

        Raises:
            SettingsError: Naming the point that is wrong.
        """
        return make_cells(self.sweep, points, self.config)

    def check(self, baseline: str | None) -> None:
        """Try the corners of the space, and a place inside each interval.

        Raises:
            SettingsError: If nothing varies, a value is not allowed, a setting has no effect, or the baseline is the
                same market everywhere.
        """
        if not self.factors:
            raise SettingsError("nothing varies; give a setting several values, such as needs.rate=interval(.02,.1)")
        points = self._probes()
        cells = self.cells(points)
        refuse_unused([cell.scenario for cell in cells], self.overrides)
        if baseline is not None:
            others = self.cells([against(point, baseline) for point in points])
            if all(cell.key == other.key for cell, other in zip(cells, others, strict=True)):
                where = as_settings({k: v for k, v in points[0].items() if k == STRATEGY}) or "no strategy"
                raise SettingsError(f"baseline '{baseline}': is the same market as the one compared with it ({where})")

    def _probes(self) -> list[Point]:
        """The corners, as far as they are few, and points at which one factor after the other is varied."""
        places = [_places(factor) for factor in self.factors]
        lows = [0.0] * len(places)
        units = [[*lows[:i], u, *lows[i + 1 :]] for i, own in enumerate(places) for u in (*own, INSIDE)]
        if math.prod(map(len, places)) <= MOST_CORNERS:
            units += map(list, itertools.product(*places))
        return [self.at(u) for u in units]


def _places(factor: Factor) -> list[float]:
    """Where a factor is at its ends, or at each of its values."""
    n = len(factor.values) if isinstance(factor, Choice) else 2
    return [place / (n - 1) for place in range(n)]


def against(point: Point, baseline: str) -> Point:
    """The baseline's market in the same circumstances."""
    return point | {STRATEGY: baseline}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
