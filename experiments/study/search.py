"""The search for the best point of a space, with Optuna's tree-structured Parzen estimator (Bergstra et al. 2011).

Points are asked for in batches of a fixed size, and a batch is asked for when the one before is known. So the points
depend on the settings only, not on how many workers there are or in which order they end. Nothing of the search is
stored: begun again, it asks for the same points, whose runs are found in the store, and so comes to where it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import optuna
from numpy.typing import NDArray
from pydantic import model_validator

from experiments.study.grid import Interval, Point, as_settings
from experiments.study.space import Choice, Factor, Space
from simulator.settings import Settings, quantity

BATCHES_AT_RANDOM = 2
"""Batches placed at random before the model of good points is used."""


class SearchSettings(Settings):
    """How long and how the search goes."""

    trials: int = quantity(64, "points tried", ge=1, le=100_000)
    batch: int = quantity(8, "points tried at a time; more use more workers, fewer learn faster", ge=1, le=1_000)
    seed: int = quantity(0, "luck of the search, not of the markets", ge=0, le=2**31 - 1)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.trials % self.batch:
            more = self.batch * (self.trials // self.batch + 1)
            raise ValueError(f"trials={self.trials}: must be a multiple of batch={self.batch}, such as {more}")
        return self


@dataclass(frozen=True)
class Seen:
    """What was found at a point.

    Attributes:
        values: One number per objective; NaN where it is not defined.
        excess: By how much the budget is exceeded; at most 0 if it is kept, or if there is none.
        note: Why there are no values, if there are none.
    """

    values: tuple[float, ...]
    excess: float = 0.0
    note: str = ""

    @property
    def is_candidate(self) -> bool:
        """Whether it has values and keeps the budget."""
        return not any(map(math.isnan, self.values)) and self.excess <= 0.0


@dataclass(frozen=True)
class Trial:
    """One point that was tried."""

    number: int
    point: Point
    seen: Seen


def search(
    space: Space,
    settings: SearchSettings,
    is_higher_better: Sequence[bool],
    look: Callable[[list[Point]], list[Seen]],
    told: Callable[[list[Trial]], None] = lambda trials: None,
) -> list[Trial]:
    """Search a space.

    Args:
        space: What may vary.
        settings: How long.
        is_higher_better: For each objective.
        look: Finds out about a batch of points.
        told: Called after each batch with all trials so far.

    Returns:
        The trials in order.
    """
    study = _new_study(settings, is_higher_better)
    trials: list[Trial] = []
    while len(trials) < settings.trials:
        asked, points = _ask(study, space, settings.batch)
        for trial, point, seen in zip(asked, points, look(points), strict=True):
            if any(map(math.isnan, seen.values)):
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
            else:
                trial.set_constraint("budget", seen.excess)
                study.tell(trial, list(seen.values))
            trials.append(Trial(trial.number, point, seen))
        told(trials)
    return trials


def first_points(space: Space, settings: SearchSettings) -> list[Point]:
    """The points of the first batch."""
    return _ask(_new_study(settings, [True]), space, settings.batch)[1]


def best_of(trials: Sequence[Trial], is_higher_better: Sequence[bool], n: int) -> list[Trial]:
    """The best trials, the same point only once: those that keep the budget, the best first.

    With several objectives: of the trials that no other betters in everything, first the best by each objective, then
    those farthest from the ones chosen already, in units of the front's extent.
    """
    first: dict[str, Trial] = {}
    for trial in trials:
        if trial.seen.is_candidate:
            first.setdefault(as_settings(trial.point), trial)
    candidates = list(first.values())
    if not candidates:
        return []
    values = np.array([trial.seen.values for trial in candidates]) * np.where(is_higher_better, 1.0, -1.0)
    if values.shape[1] == 1:
        return [candidates[i] for i in np.argsort(-values[:, 0], kind="stable")[:n]]
    front = np.flatnonzero(is_on_front(values))
    return [candidates[front[i]] for i in _spread(values[front], n)]


def is_on_front(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows no other row betters (at least as good in all, better in one); higher is better, shape (n, k)."""
    return np.array([not ((values >= row).all(axis=1) & (values > row).any(axis=1)).any() for row in values])


def _spread(values: NDArray[np.float64], n: int) -> list[int]:
    """Rows that stand for all: the best by each column, then always the one farthest from those chosen."""
    extent = np.ptp(values, axis=0)
    scaled = (values - values.min(axis=0)) / np.where(extent > 0, extent, 1.0)
    chosen = list(dict.fromkeys(int(i) for i in scaled.argmax(axis=0)))[:n]
    while len(chosen) < min(n, len(values)):
        gap = np.linalg.norm(scaled[:, None, :] - scaled[None, chosen, :], axis=2).min(axis=1)
        gap[chosen] = -1.0
        chosen.append(int(gap.argmax()))
    return chosen


def _new_study(settings: SearchSettings, is_higher_better: Sequence[bool]) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(
        seed=settings.seed, multivariate=True, n_startup_trials=BATCHES_AT_RANDOM * settings.batch
    )
    direction = optuna.study.StudyDirection
    directions = [direction.MAXIMIZE if higher else direction.MINIMIZE for higher in is_higher_better]
    return optuna.create_study(sampler=sampler, directions=directions)


def _ask(study: optuna.Study, space: Space, n: int) -> tuple[list[optuna.Trial], list[Point]]:
    """The next trials, and their points."""
    distributions = {factor.key: _distribution(factor) for factor in space.factors}
    asked = [study.ask(distributions) for _ in range(n)]
    return asked, [space.point({f.key: _value(f, trial.params[f.key]) for f in space.factors}) for trial in asked]


def _distribution(factor: Factor) -> optuna.distributions.BaseDistribution:
    """Numbers to choose among are searched by their rank, other values as unordered."""
    if isinstance(factor, Choice):
        n = len(factor.values)
        return (
            optuna.distributions.IntDistribution(0, n - 1)
            if factor.is_ordered
            else optuna.distributions.CategoricalDistribution(range(n))
        )
    if factor.is_whole:
        return optuna.distributions.IntDistribution(int(factor.low), int(factor.high), log=factor.is_log)
    return optuna.distributions.FloatDistribution(factor.low, factor.high, log=factor.is_log)


def _value(factor: Factor, suggested: Any) -> Any:
    return suggested if isinstance(factor, Interval) else factor.values[suggested]
