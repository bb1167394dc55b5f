"""Which settings matter: indices of Sobol' (2001) and elementary effects of Morris (1991), computed with SALib.

A model is a function of points. Here it is a market, every point in the same worlds; in a test it is a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import model_validator
from SALib.analyze import morris as morris_analysis
from SALib.analyze import sobol as sobol_analysis
from SALib.sample import morris as morris_sample
from SALib.sample import sobol as sobol_sample

from experiments.study.grid import Point
from experiments.study.lab import CONFIDENCE
from experiments.study.space import Space
from simulator.settings import Settings, quantity

Floats = NDArray[np.float64]
Model = Callable[[list[Point]], Floats]
"""From points to values, shape (n_points, n_seeds, n_measures), NaN where not defined."""


class SensitivityDesign(Settings):
    """Where the model is run."""

    kind: Literal["sobol", "morris"] = quantity("morris", "variance-based indices, or elementary effects: far cheaper")
    samples: int = quantity(
        16, "sobol: base points, of (settings + 2) runs; morris: paths, of (settings + 1) runs", ge=4, le=1_048_576
    )
    levels: int = quantity(4, "morris: steps at which each setting is tried; an even number", ge=2, le=64)
    resamples: int = quantity(1000, "bootstrap resamples of the design behind the intervals", ge=100, le=100_000)
    seed: int = quantity(0, "luck of the placing, not of the markets", ge=0, le=2**31 - 1)

    @model_validator(mode="after")
    def _is_balanced(self) -> Self:
        if self.kind == "sobol" and self.samples & (self.samples - 1):
            below = 1 << (self.samples.bit_length() - 1)
            raise ValueError(f"design.samples={self.samples}: sobol needs a power of 2, such as {below} or {2 * below}")
        if self.levels % 2:
            raise ValueError(f"design.levels={self.levels}: must be an even number")
        return self


def place(space: Space, design: SensitivityDesign) -> tuple[Floats, list[Point]]:
    """The points at which the model must be run.

    Returns:
        Where they are in the unit cube, shape (n_points, n_factors), and the points.
    """
    problem = _problem(space)
    if design.kind == "sobol":
        units = sobol_sample.sample(problem, design.samples, calc_second_order=False, seed=design.seed)
    else:
        units = morris_sample.sample(problem, design.samples, num_levels=design.levels, seed=design.seed)
    return np.asarray(units), [space.at(row) for row in units]


def analyse(space: Space, design: SensitivityDesign, model: Model, names: Sequence[str]) -> pd.DataFrame:
    """Run a model over a space and tell which settings matter.

    The values of a point are averaged over seeds, which all points share. Intervals tell how certain the design is, not
    how lucky the seeds are: that is `luck`.

    Args:
        space: What varies.
        design: Where the model is run.
        model: The model.
        names: Its measures.

    Returns:
        One row per measure and setting; the most important setting first. Columns:

        - `measure`, `setting`
        - sobol: `first`, the share of the variance that the setting explains alone, and `total`, the share that is
          gone when it is held (with all its interactions); each with `_low` and `_high`.
        - morris: `mean_size` (μ*: mean size of the change that the setting makes, per whole range), with `_low` and
          `_high`; `mean_effect` (μ: with its sign), and `sd_effect` (σ: large if it depends on the other settings).
        - `luck`: share of the variance between points that is left luck, because seeds are few; NaN with one seed.
        - `n_undefined`: points at which the measure is not defined in every seed; then nothing is estimated.
    """
    units, points = place(space, design)
    values = model(points)
    frames = [
        _one(space, design, units, values[:, :, i]).assign(measure=name, luck=luck_share(values[:, :, i]))
        for i, name in enumerate(names)
    ]
    table = pd.concat(frames, ignore_index=True)
    return table[["measure", "setting", *table.columns.drop(["measure", "setting"])]]


def luck_share(values: Floats) -> float:
    """The share of the variance of seed means between points that is luck, from values of shape (n_points, n_seeds).

    What a seed adds at all points alike does no harm; what it does at single points remains, divided by the seeds.
    Where there is nothing else the estimate comes out above 1 as often as below; it is cut off there.
    """
    n_points, n_seeds = values.shape
    between = values.mean(axis=1).var(ddof=1)
    if n_seeds < 2 or not between > 0.0:
        return np.nan
    rest = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean()
    return min(float((rest**2).sum() / ((n_points - 1) * (n_seeds - 1)) / n_seeds / between), 1.0)


def _one(space: Space, design: SensitivityDesign, units: Floats, values: Floats) -> pd.DataFrame:
    """The estimates for one measure, values of shape (n_points, n_seeds)."""
    keys = [factor.key for factor in space.factors]
    y = values.mean(axis=1)
    n_undefined = int(np.isnan(y).sum())
    if n_undefined or np.ptp(y) == 0.0:
        columns: dict[str, Any] = dict.fromkeys(_columns(design.kind), np.nan)
    elif design.kind == "sobol":
        columns = _sobol(_problem(space), design, y)
    else:
        columns = _morris(_problem(space), design, units, y)
    table = pd.DataFrame({"setting": keys, **columns, "n_undefined": n_undefined})
    return table.sort_values(_columns(design.kind)[0], ascending=False, kind="stable", na_position="last")


def _columns(kind: str) -> list[str]:
    """The columns of the estimates; the one to sort by first."""
    if kind == "sobol":
        return ["total", "total_low", "total_high", "first", "first_low", "first_high"]
    return ["mean_size", "mean_size_low", "mean_size_high", "mean_effect", "sd_effect"]


def _sobol(problem: dict[str, Any], design: SensitivityDesign, y: Floats) -> dict[str, Floats]:
    found = sobol_analysis.analyze(
        problem,
        y,
        calc_second_order=False,
        num_resamples=design.resamples,
        conf_level=CONFIDENCE,
        seed=np.random.default_rng(design.seed),  # a bare 0 would be taken for no seed
    )
    return _with_interval("total", found["ST"], found["ST_conf"]) | _with_interval(
        "first", found["S1"], found["S1_conf"]
    )


def _morris(problem: dict[str, Any], design: SensitivityDesign, units: Floats, y: Floats) -> dict[str, Floats]:
    found = morris_analysis.analyze(
        problem,
        units,
        y,
        num_resamples=design.resamples,
        conf_level=CONFIDENCE,
        num_levels=design.levels,
        seed=design.seed,
    )
    size = _with_interval("mean_size", np.asarray(found["mu_star"]), np.asarray(found["mu_star_conf"]))
    return size | {"mean_effect": np.asarray(found["mu"]), "sd_effect": np.asarray(found["sigma"])}


def _with_interval(name: str, value: Floats, half: Floats) -> dict[str, Floats]:
    return {name: value, f"{name}_low": value - half, f"{name}_high": value + half}


def _problem(space: Space) -> dict[str, Any]:
    """The space as SALib takes it: every setting from 0 to 1."""
    keys = [factor.key for factor in space.factors]
    return {"num_vars": len(keys), "names": keys, "bounds": [[0.0, 1.0]] * len(keys)}
