"""What a comparison over a grid found, as one frozen object: all that its views read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal

import pandas as pd

from experiments.views.results import named_beforehand
from simulator import Scenario
from simulator.records.measures import Measure

Point = tuple[Any, ...]
"""The values of the axes at one point, in the order of the axes."""


@dataclass(frozen=True, eq=False)
class GridResults:
    """A finished comparison of arms at every point of a grid.

    Attributes:
        name: The experiment's name, such as "tipping".
        question: The question put to the market, in one sentence.
        baseline: The arm that the others are compared with, each at its point.
        arms: Arm → what it does, in one line.
        axes: Setting that varies → its values, in order; first keys vary slowest.
        seeds: The seeds that every arm ran with at every point.
        summary: One row per point × arm × measure, from `experiments.study.points.compare_points`.
        contrasts: One row per point × contrast × measure; no rows without a design.
        forests: The links of the largest cascades of every run, the grid's columns in front.
        scenarios: (Point, arm) → the market.
        settings: The active settings of the baseline at the first point, nested.
        command: The command line that repeats the comparison.
        versions: What it was computed with → version.
        elapsed_seconds: How long it took.
        claim: What somebody claims of the first primary measure, if the question is about it.
        claim_of: Whether that is its lift or its level.
        confidence: Of all intervals.
    """

    name: str
    question: str
    baseline: str
    arms: Mapping[str, str]
    axes: Mapping[str, list[Any]]
    seeds: list[int]
    summary: pd.DataFrame
    forests: pd.DataFrame
    scenarios: Mapping[tuple[Point, str], Scenario]
    settings: Mapping[str, Any]
    command: str
    versions: Mapping[str, str]
    elapsed_seconds: float
    contrasts: pd.DataFrame = field(default_factory=pd.DataFrame)
    claim: float | None = None
    claim_of: Literal["lift", "level"] = "lift"
    confidence: ClassVar[float] = 0.95

    @property
    def others(self) -> list[str]:
        """The arms that are compared with the baseline."""
        return [arm for arm in self.arms if arm != self.baseline]

    @cached_property
    def points(self) -> list[Point]:
        """All points, in order."""
        return list(dict.fromkeys(point for point, _ in self.scenarios))

    @cached_property
    def primaries(self) -> list[Measure]:
        """The measures named beforehand."""
        return named_beforehand(self.summary)

    def row(self, point: Point, arm: str, measure: Measure) -> dict[str, Any]:
        """The summary's row for one point, arm and measure, by column."""
        return self._rows[point, arm, measure.name]

    @cached_property
    def _rows(self) -> dict[tuple[Point, str, str], dict[str, Any]]:
        return {
            (tuple(row[key] for key in self.axes), row["arm"], row["measure"]): {str(k): v for k, v in row.items()}
            for row in self.summary.to_dict("records")
        }
