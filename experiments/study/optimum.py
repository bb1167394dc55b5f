"""What is best: the objective and the budget of a search, and the best points measured anew on seeds it never saw.

The best of many noisy values is too good on average: it was chosen for its luck as well (the winner's curse). So what
is reported of a point comes from fresh seeds, with what the search had said beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.study.grid import Point, as_label
from experiments.study.lab import CONFIDENCE, Lab, Measured, estimate, find_measures
from experiments.study.search import Seen, Trial
from experiments.study.statistics import relative_lift
from simulator import SettingsError
from simulator.records.measures import Measure
from simulator.settings import Settings, quantity

FRESH = 1_000_000
"""The first of the fresh seeds; the seeds of a search are below."""


class ObjectiveSettings(Settings):
    """What is to be good."""

    measures: tuple[str, ...] = quantity(("contribution_total",), "what is to be good; several give a front")
    baseline: str | None = quantity("baseline", "strategy whose paired difference counts; null: the measure itself")


class BudgetSettings(Settings):
    """What it may cost: the mean of a measure over seeds stays within a limit."""

    measure: str = quantity("subsidy", "what is limited")
    at_most: float | None = quantity(None, "the limit, in the measure's unit; null: there is none")


@dataclass(frozen=True)
class Goal:
    """What is sought.

    Attributes:
        objectives: The measures to be good.
        limited: The measure with a limit.
        at_most: The limit; None if there is none.
    """

    objectives: list[Measure]
    limited: Measure
    at_most: float | None

    @classmethod
    def of(cls, objective: ObjectiveSettings, budget: BudgetSettings) -> Goal:
        """The goal that settings describe.

        Raises:
            SettingsError: If a measure is unknown, or neither direction of it is good.
        """
        objectives = find_measures("objective.measures", objective.measures)
        for measure in objectives:
            if measure.higher_is_better is None:
                raise SettingsError(
                    f"objective.measures={measure.name}: neither more nor less of it is good as such; limit it with "
                    f"budget.measure={measure.name} budget.at_most=..."
                )
        (limited,) = find_measures("budget.measure", [budget.measure])
        return cls(objectives, limited, budget.at_most)

    @property
    def is_higher_better(self) -> list[bool]:
        """For each objective."""
        return [bool(measure.higher_is_better) for measure in self.objectives]

    @property
    def measures(self) -> list[Measure]:
        """The objectives and, if it has a limit and is not one of them, what is limited."""
        has_own = self.at_most is not None and self.limited not in self.objectives
        return [*self.objectives, *([self.limited] if has_own else [])]

    def judge(self, measured: Measured) -> list[Seen]:
        """What a search is told of each point."""
        return [self._judge(measured, place) for place in range(len(measured.own))]

    def _judge(self, measured: Measured, place: int) -> Seen:
        effects = {m.name: measured.effect(m)[place] for m in self.objectives}
        costs = np.zeros(1) if self.at_most is None else measured.level(self.limited)[place] - self.at_most
        undefined = [name for name, values in effects.items() if np.isnan(values).any()]
        undefined += [self.limited.name] if np.isnan(costs).any() else []
        if undefined:
            note = f"not defined in every seed: {', '.join(undefined)}"
            return Seen((np.nan,) * len(effects), note=note)
        return Seen(tuple(estimate(effects[m.name], m).value for m in self.objectives), float(costs.mean()))


@dataclass(frozen=True)
class Optimum:
    """A finished search.

    Attributes:
        goal: What was sought.
        baseline: The strategy that differences are from; None if there is none.
        keys: The settings that varied.
        trials: All points tried, in order.
        best: The best of them; see `search.best_of`.
        table: One row per best trial and measure of the goal: rank, trial, the settings that varied, measure, search
            (the value in the search), fresh, low, high (the same on fresh seeds, with interval), level, lift, lift_low,
            lift_high (on fresh seeds; NaN without a baseline). What is limited is a level, objectives are differences.
        n_seeds, n_fresh: Seeds of the search, and fresh ones.
    """

    goal: Goal
    baseline: str | None
    keys: list[str]
    trials: list[Trial]
    best: list[Trial]
    table: pd.DataFrame
    n_seeds: int
    n_fresh: int

    def rows(self, measure: Measure) -> pd.DataFrame:
        """The best trials' rows of one measure, the best first."""
        return self.table[self.table["measure"] == measure.name].reset_index(drop=True)

    @property
    def winner(self) -> int | None:
        """Place of the best trial that keeps the budget on fresh seeds as well; None if none does."""
        if self.goal.at_most is None:
            return 0
        keeps = self.rows(self.goal.limited)["level"] <= self.goal.at_most
        return int(keeps.argmax()) if keeps.any() else None


def measure_anew(lab: Lab, goal: Goal, best: Sequence[Trial], n_fresh: int) -> pd.DataFrame:
    """The best trials on fresh seeds; see `Optimum.table`."""
    measured = lab.measure([trial.point for trial in best], fresh_seeds(n_fresh))
    keys = [factor.key for factor in lab.space.factors]
    rows = (
        {
            "rank": rank + 1,
            "trial": trial.number,
            **chosen(trial.point, keys),
            **_row(measured, goal, rank, trial, measure),
        }
        for rank, trial in enumerate(best)
        for measure in goal.measures
    )
    return pd.DataFrame(rows)


def fresh_seeds(n: int) -> range:
    """The seeds that no search uses."""
    return range(FRESH, FRESH + n)


def chosen(point: Point, keys: Sequence[str]) -> dict[str, Any]:
    """The values of some settings at a point, as they stand in a table."""
    return {key: as_label(point[key]) for key in keys}


def trials_table(goal: Goal, keys: Sequence[str], trials: Sequence[Trial]) -> pd.DataFrame:
    """One row per trial: the settings that varied, the objectives, what is limited, and why if there are no values."""
    return pd.DataFrame(_trial_rows(goal, keys, trials))


def _trial_rows(goal: Goal, keys: Sequence[str], trials: Sequence[Trial]) -> Iterator[dict[str, Any]]:
    for trial in trials:
        row = {"trial": trial.number, **chosen(trial.point, keys)}
        row |= {m.name: value for m, value in zip(goal.objectives, trial.seen.values, strict=True)}
        if goal.at_most is not None:
            row |= {f"mean {goal.limited.name}": _spent(goal, trial), "is_within_budget": trial.seen.is_candidate}
        yield row | {"note": trial.seen.note}


def _spent(goal: Goal, trial: Trial) -> float:
    """The mean of what is limited, in the search."""
    return np.nan if goal.at_most is None or trial.seen.note else trial.seen.excess + goal.at_most


def _row(measured: Measured, goal: Goal, rank: int, trial: Trial, measure: Measure) -> dict[str, Any]:
    own, base = measured.level(measure)[rank], measured.baseline(measure)
    is_objective = measure in goal.objectives
    found = estimate(measured.effect(measure)[rank] if is_objective else own, measure)
    search = trial.seen.values[goal.objectives.index(measure)] if is_objective else _spent(goal, trial)
    row = {"measure": measure.name, "is_objective": is_objective, "search": search}
    row |= {"fresh": found.value, "low": found.low, "high": found.high, "level": estimate(own, measure).value}
    lift = dict.fromkeys(("lift", "lift_low", "lift_high"), np.nan)
    if base is not None:
        is_pair = ~np.isnan(own + base[rank])
        bounds, _ = relative_lift(own[is_pair], base[rank][is_pair], CONFIDENCE, measure.is_heavy_tailed)
        lift = dict(zip(lift, bounds[:3], strict=True))
    return row | lift
