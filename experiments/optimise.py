r"""The best policy settings under a budget, found by search, and told from seeds that the search never saw.

    python -m experiments.optimise strategy=group_buying 'mechanics.group_buying.discount=interval(.05,.4)'
    python -m experiments.optimise strategy=coupons_blanket budget.measure=subsidy budget.at_most=20_000 \
        'mechanics.coupons.face_fen=int(tag(log,interval(100,2000)))' 'mechanics.coupons.every_days=range(5,41,5)' \
        'objective.measures=[p_two_orders]' consumers.n=5000 search.trials=128
    python -m experiments.optimise strategy=group_buying,group_buying_and_coupons \
        'mechanics.group_buying.discount=interval(.05,.4)' mechanics.group_buying.size=2,3,4 \
        'objective.measures=[contribution_total,p_two_orders,prospects_reached,trust_shift]'

Settings to be chosen are written as in experiments.sweep. Every point is run in the same worlds with the same luck, and
so is the baseline that it is compared with. Several objectives give a front: the points that no other betters in all
of them. Running again goes on where it stopped, and ends in the same result; more trials continue the same search.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from experiments.command import ComputeSettings, command, parse_study, report_failures, tell_forecast
from experiments.study.engines import make_engine
from experiments.study.lab import Lab, RunsFailed
from experiments.study.manifest import write_manifest
from experiments.study.optimum import (
    FRESH,
    BudgetSettings,
    Goal,
    ObjectiveSettings,
    Optimum,
    fresh_seeds,
    measure_anew,
    trials_table,
)
from experiments.study.search import SearchSettings, Trial, best_of, first_points, search
from experiments.study.space import Space
from experiments.study.store import RunStore, write_whole
from experiments.views.optimise import print_optimum
from experiments.views.optimise_figures import save_figures
from simulator.settings import quantity


class OptimiseSettings(ComputeSettings):
    """How the best settings are sought."""

    objective: ObjectiveSettings = ObjectiveSettings()
    budget: BudgetSettings = BudgetSettings()
    search: SearchSettings = SearchSettings()
    seeds: int = quantity(4, "worlds of the search: seeds 0 to seeds-1, the same at every point", ge=1, le=FRESH)
    fresh_seeds: int = quantity(
        16, "worlds, never used by a search, in which the best are measured anew", ge=2, le=FRESH
    )
    best: int = quantity(8, "how many of the best points are measured anew", ge=1, le=1_000)


def main(arguments: Sequence[str]) -> int:
    """Search; the exit code is 1 if a run failed or nothing keeps the budget."""
    started = time.monotonic()
    space = Space("optimise", tuple(arguments))
    settings = parse_study(OptimiseSettings, space.tree)
    goal = Goal.of(settings.objective, settings.budget)
    space.check(settings.objective.baseline)
    folder = Path(settings.out or "results/optimise")
    lab = Lab(space, settings.objective.baseline, RunStore(folder), make_engine(settings.engine, settings.workers))
    if settings.dry_run:
        return _tell(lab, settings)
    try:
        trials = search(
            space,
            settings.search,
            goal.is_higher_better,
            lambda points: goal.judge(lab.measure(points, range(settings.seeds))),
            lambda trials: _report(goal, trials, settings.search.trials),
        )
        keys = [factor.key for factor in space.factors]
        table = trials_table(goal, keys, trials)
        write_whole(folder / "trials.csv", table.to_csv(index=False, float_format="%.10g"))
        best = best_of(trials, goal.is_higher_better, settings.best)
        if not best:
            return _none(goal, trials, folder)
        anew = measure_anew(lab, goal, best, settings.fresh_seeds)
    except RunsFailed as error:
        return report_failures(error.failed)
    optimum = Optimum(goal, lab.baseline, keys, trials, best, anew, settings.seeds, settings.fresh_seeds)
    write_whole(folder / "best.csv", anew.to_csv(index=False, float_format="%.10g"))
    outputs = [folder / "trials.csv", folder / "best.csv", *save_figures(optimum, folder)]
    study = lab.study([trial.point for trial in best], fresh_seeds(settings.fresh_seeds))
    line = " ".join(["python -m experiments.optimise", *arguments])
    write_manifest(folder, study, line, outputs, time.monotonic() - started)
    print_optimum(optimum, Console())
    print(f"All trials, tables and figures are in {folder}.")
    return 0


def _report(goal: Goal, trials: Sequence[Trial], n_trials: int) -> None:
    """A line on how far the search is."""
    n_candidates = sum(trial.seen.is_candidate for trial in trials)
    line = f"{len(trials)} of {n_trials} trials, {n_candidates} of them allowed"
    if n_candidates and len(goal.objectives) == 1:
        (best,) = best_of(trials, goal.is_higher_better, 1)
        line += f"; best {goal.objectives[0].label} so far {best.seen.values[0]:,.4g} (trial {best.number})"
    print(line, file=sys.stderr)


def _none(goal: Goal, trials: Sequence[Trial], folder: Path) -> int:
    """Tell that no trial can be recommended; the exit code."""
    known = [trial for trial in trials if not trial.seen.note]
    if known and goal.at_most is not None:
        least = min(known, key=lambda trial: trial.seen.excess).seen.excess + goal.at_most
        reason = f"none keeps {goal.limited.label} at most {goal.at_most:,g}; the least was {least:,.4g}"
    else:
        reason = f"none has values; the first: {trials[0].seen.note}"
    print(f"{len(trials)} trials, {reason}. See {folder / 'trials.csv'}.", file=sys.stderr)
    return 1


def _tell(lab: Lab, settings: OptimiseSettings) -> int:
    """Tell what the search would take, from its first batch; the exit code."""
    study = lab.study(first_points(lab.space, settings.search), range(settings.seeds))
    search_runs = len(study.runs()) * (settings.search.trials // settings.search.batch - 1)
    n_arms = 1 if lab.baseline is None else 2
    return tell_forecast(study, lab.engine, search_runs + settings.best * settings.fresh_seeds * n_arms)


if __name__ == "__main__":
    raise SystemExit(command(main, "optimise", __doc__, OptimiseSettings))
