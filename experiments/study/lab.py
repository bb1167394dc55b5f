"""Markets at points of a space, measured in the same worlds, each beside a baseline if one is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.study.collecting import one_row_per_run
from experiments.study.engines import Done, Engine
from experiments.study.grid import Point, as_settings
from experiments.study.space import Space, against
from experiments.study.statistics import Estimate, mean_estimate, median_estimate
from experiments.study.store import RunStore
from experiments.study.study import Cell, Run, Study
from simulator import SettingsError
from simulator.records.measures import MEASURES, Measure
from simulator.settings import nearest

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
"""Of all intervals."""
_COLUMNS = {measure.name: place for place, measure in enumerate(MEASURES)}


class RunsFailed(Exception):
    """Some runs of a study failed."""

    def __init__(self, failed: Sequence[Done[Run]]) -> None:
        super().__init__(f"{len(failed)} runs failed")
        self.failed = failed


@dataclass(frozen=True)
class Measured:
    """Final measures at points.

    Attributes:
        own: The points' values, shape (n_points, n_seeds, n_measures), NaN where not defined.
        base: The baseline's in the same circumstances, same shape; None without a baseline.
    """

    own: Floats
    base: Floats | None

    def level(self, measure: Measure) -> Floats:
        """A measure at every point, shape (n_points, n_seeds)."""
        return np.asarray(self.own[:, :, _COLUMNS[measure.name]])

    def baseline(self, measure: Measure) -> Floats | None:
        """The baseline's measure, same shape."""
        return None if self.base is None else np.asarray(self.base[:, :, _COLUMNS[measure.name]])

    def effect(self, measure: Measure) -> Floats:
        """The paired difference from the baseline or, without one, the level; shape (n_points, n_seeds)."""
        base = self.baseline(measure)
        return self.level(measure) if base is None else self.level(measure) - base


@dataclass(frozen=True)
class Lab:
    """Computes the markets of a space.

    Attributes:
        space: What may vary.
        baseline: The strategy to set beside every point; None for the points alone.
        store: Where runs are kept.
        engine: Where they are computed.
    """

    space: Space
    baseline: str | None
    store: RunStore
    engine: Engine

    def study(self, points: Sequence[Point], seeds: Sequence[int]) -> Study:
        """The study of these points: first the points, then their baselines.

        Raises:
            SettingsError: Naming the point that is wrong.
        """
        asked = list(points)
        if self.baseline is not None:
            asked += [against(point, self.baseline) for point in points]
        named = zip(asked, self.space.cells(asked), strict=True)
        return Study([Cell({"point": as_settings(point)}, cell.scenario) for point, cell in named], seeds, self.store)

    def measure(self, points: Sequence[Point], seeds: Sequence[int]) -> Measured:
        """The final measures at these points, computed where they are not in the store.

        Raises:
            SettingsError: Naming the point that is wrong.
            RunsFailed: If runs failed; the others are kept.
        """
        study = self.study(points, seeds)
        self.store.open()
        if study.missing()[0] and (failed := study.compute(self.engine)):
            raise RunsFailed(failed)
        table = one_row_per_run(study)[list(_COLUMNS)].to_numpy(dtype=np.float64)
        values = table.reshape(-1, len(points), len(seeds), len(MEASURES))
        return Measured(values[0], values[1] if self.baseline is not None else None)


def estimate(values: Floats, measure: Measure) -> Estimate:
    """The mean over seeds, shape (n_seeds,), and its interval; for heavy-tailed measures the median.

    Seeds in which the measure is not defined are left out.
    """
    of = median_estimate if measure.is_heavy_tailed else mean_estimate
    return of(values[~np.isnan(values)], CONFIDENCE)


def find_measures(key: str, names: Sequence[str]) -> list[Measure]:
    """The measures of these names.

    Raises:
        SettingsError: Naming the setting `key` that has an unknown one, the same twice, or none.
    """
    by_name = {measure.name: measure for measure in MEASURES}
    for name in names:
        if name not in by_name:
            raise SettingsError(f"{key}={name}: there is no such measure; {nearest(name, by_name)}")
    if not names or len(set(names)) < len(names):
        raise SettingsError(f"{key}=[{','.join(names)}]: needs at least one measure, and none of them twice")
    return [by_name[name] for name in names]
