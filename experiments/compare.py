"""The main job: strategies compared, paired, on the same consumers with the same luck.

    python -m experiments.compare experiment=strategies
    python -m experiments.compare days=180 seeds=16 workers=2 consumers.n=50_000 social=scale_free out=results/mine
    python -m experiments.compare mechanics.group_buying.size=5 'experiment.arms=[baseline,group_buying]'
    python -m experiments.compare until.arm=group_buying until.measure=p_two_orders until.width=.01
    python -m experiments.compare engine=dask engine.address=tcp://127.0.0.1:8786
    python -m experiments.compare consumers.n=1_000_000 dry_run=true
    python -m experiments.compare social=edge_list social.path=facebook_combined.txt needs=cdnow
    python -m experiments.compare mechanics.group_buying.size=2,3,5 social=small_world,scale_free seeds=8
    python -m experiments.compare match.to=group_buying match.measure=given_away consumers.n=5000
    python -m experiments.compare 'experiment.arms=[baseline,referral,referral+group_buying]'

Settings are given as key=value; groups of settings (social, needs, ...) by the name of a file in configs/. A setting
with several values makes a grid: at every point the arms meet their own baseline, and all points are judged together.
An arm a+b is strategy b laid over a. With match.to every arm first gets to give away as much as that one.
Running again with the same settings finds the runs that are done and goes on with those that are not.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from rich.console import Console

from experiments.command import (
    StudySettings,
    command,
    parse_study,
    report_failures,
    tell_forecast,
)
from experiments.study import incremental
from experiments.study.arms import Arm, compose_arms_at
from experiments.study.collecting import write_events
from experiments.study.composing import changes, compose_tree, scenario_part
from experiments.study.contrasts import contrasts_at_points, make_contrasts
from experiments.study.engines import Engine, make_engine
from experiments.study.grid import (
    DesignSettings,
    Point,
    Sweep,
    as_labels,
    compose_points,
    labels_at,
    over_grid,
    take_apart,
)
from experiments.study.lab import RunsFailed
from experiments.study.manifest import versions, write_manifest
from experiments.study.matching import Matching, amounts_in, check_levers, match_arms
from experiments.study.points import compare_points
from experiments.study.replicate import FRAMES
from experiments.study.stopping import FEWEST, Stop, compute_until
from experiments.study.store import RunStore, write_parquet, write_whole
from experiments.study.study import Cell, Study
from experiments.views import figures, grid_figures
from experiments.views.grid_report import write_grid_report
from experiments.views.grid_results import GridResults
from experiments.views.grid_terminal import print_grid
from experiments.views.report import write_report
from experiments.views.results import REGISTRY, Results, Timeline
from experiments.views.terminal import print_results
from simulator import Market, SettingsError


@dataclass(frozen=True)
class Question:
    """A comparison that has been asked: its settings, its points, and the arms at each of them."""

    settings: StudySettings
    sweep: Sweep
    points: list[Point]
    arms: list[list[Arm]]
    command: str
    matching: Matching | None = None

    def matched(self, store: RunStore, engine: Engine) -> Question:
        """The question with the arms giving away the same, if that was asked.

        Raises:
            SettingsError: If the arm to be matched gives away nothing.
            RunsFailed: If runs of the search failed.
        """
        match, experiment = self.settings.match, self.settings.experiment
        if match.to is None:
            return self
        engine.check()
        arms, matching = match_arms(self.arms[0], experiment.baseline, match, amounts_in(match, store, engine))
        return replace(self, arms=[arms], matching=matching)

    def cells(self) -> list[Cell]:
        """The markets, point by point, the arms in order at each."""
        return [
            Cell({**labels, "arm": arm.name}, arm.scenario)
            for labels, arms in zip(labels_at(self.points), self.arms, strict=True)
            for arm in arms
        ]

    @property
    def axes(self) -> dict[str, list[str | int | float | bool]]:
        """What varies over the grid, as it stands in tables; empty without one."""
        return {key: as_labels(values) for key, values in self.sweep.axes.items()}

    @property
    def descriptions(self) -> dict[str, str]:
        """What each arm does."""
        return {arm.name: arm.description for arm in self.arms[0]}


def main(overrides: Sequence[str]) -> int:
    """Compare the arms of an experiment; the exit code is 1 if a run failed."""
    started = time.monotonic()
    question = ask(overrides)
    settings = question.settings
    engine = make_engine(settings.engine, settings.workers)
    folder = Path(settings.out or f"results/{settings.experiment.name}")
    store = RunStore(folder)
    if not settings.dry_run:
        try:
            question = question.matched(store, engine)
        except RunsFailed as error:
            return report_failures(error.failed)
    study = Study(question.cells(), range(_fewest_seeds(settings)), store, settings.keep_events)
    if settings.dry_run:
        return tell_forecast(study, engine, _most_looks(question))
    stop = None
    if settings.until.arm is None:
        failed = study.compute(engine)
    else:
        study, failed, stop = compute_until(study, settings.until, settings.experiment.baseline, engine)
    if failed:
        return report_failures(failed)
    tables = _gather(study, settings.experiment.baseline)
    summary = _summary(question, tables["final"])
    contrasts = _contrasts(question, tables["final"])
    outputs = _write_tables(folder, summary, tables) + _write_more(folder, question, contrasts)
    found = make_grid_results(question, study, summary, contrasts, tables["forests"], time.monotonic() - started)
    drawn = grid_figures.save_all(found, settings.experiment.figures, folder / "figures")
    if question.axes:
        _show_grid(found, drawn, folder)
    else:
        tables["contrasts"] = contrasts
        results = make_results(question, study, summary, tables, stop, time.monotonic() - started)
        drawn += figures.save_all(results, folder / "figures")
        _show(results, drawn, folder)
    outputs += drawn
    if settings.keep_events:
        write_events(study, folder / "events")
    write_manifest(folder, study, question.command, outputs, time.monotonic() - started)
    Console().print(f"Look at {folder / 'report.html'} (opens in a browser, needs no network).", soft_wrap=True)
    return 0


def ask(overrides: Sequence[str]) -> Question:
    """Compose a command line and check every arm at every point.

    Raises:
        SettingsError: If anything is wrong with it.
    """
    given = take_apart(overrides)
    settings = parse_study(StudySettings, compose_tree("compare", given.fixed))
    experiment = settings.experiment
    sweep = over_grid(given, experiment.grid)
    if sweep.axes and settings.until.arm is not None:
        raise SettingsError("until.arm: seeds are added until one lift is known, and a grid has many; give seeds")
    if sweep.axes and settings.match.to is not None:
        raise SettingsError("match.to: levers are sought in one market, and a grid has many; give one value")
    grid_figures.find(experiment.figures)
    points = sweep.points(DesignSettings())
    trees = [scenario_part(tree) for tree in compose_points("compare", sweep, points)]
    varied = [f"{key}={values}" for key, values in experiment.grid.items() if key in sweep.axes]
    arms = compose_arms_at(list(zip(points, trees, strict=True)), experiment.arms, [*overrides, *varied])
    if settings.match.to is not None:
        check_levers(arms[0])
    return Question(settings, sweep, points, arms, " ".join(["python -m experiments.compare", *overrides]))


def _fewest_seeds(settings: StudySettings) -> int:
    return settings.seeds if settings.until.arm is None else max(settings.seeds, FEWEST)


def _most_looks(question: Question) -> int:
    """Runs that the search for levers may take, of markets that are not known yet."""
    match = question.settings.match
    levers = [arm for arm in question.arms[0] if arm.lever is not None and arm.name != match.to]
    return 0 if match.to is None else match.seeds * (1 + len(levers) * (match.steps + 2))


def _gather(study: Study, baseline: str) -> dict[str, pd.DataFrame]:
    """The tables of all runs; the final measures with those of pairs behind them."""
    tables = {frame: study.gather(frame) for frame in FRAMES}
    tables["final"] = pd.concat([tables["final"], incremental.shares(study, baseline)], ignore_index=True)
    return tables


def make_results(
    question: Question,
    study: Study,
    summary: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    stop: Stop | None,
    seconds: float,
) -> Results:
    """What a computed study without a grid found."""
    experiment = question.settings.experiment
    scenarios = {cell.labels["arm"]: cell.scenario for cell in study.cells}
    baseline = scenarios[experiment.baseline]
    settings = baseline.active()
    return Results(
        name=experiment.name,
        question=experiment.question,
        baseline=experiment.baseline,
        arms=question.descriptions,
        seeds=list(study.seeds),
        stop=str(stop) if stop else None,
        summary=summary,
        matching=question.matching,
        timeline=Timeline(baseline.burn_in_days, baseline.campaign_end, baseline.days),
        network=Market(baseline, rng=study.seeds[0]).network.describe(),
        network_file=baseline.social.path if baseline.social.kind == "edge_list" else None,
        settings=settings,
        changes={arm: changes(scenario.active(), settings) for arm, scenario in scenarios.items()},
        hashes={arm: scenario.hash for arm, scenario in scenarios.items()},
        command=question.command,
        versions=versions(),
        elapsed_seconds=seconds,
        **tables,
    )


def make_grid_results(
    question: Question,
    study: Study,
    summary: pd.DataFrame,
    contrasts: pd.DataFrame,
    forests: pd.DataFrame,
    seconds: float,
) -> GridResults:
    """What a computed study found, point by point; without a grid there is one point."""
    experiment = question.settings.experiment
    return GridResults(
        name=experiment.name,
        question=experiment.question,
        baseline=experiment.baseline,
        arms=question.descriptions,
        axes=question.axes,
        seeds=list(study.seeds),
        summary=summary,
        contrasts=contrasts,
        forests=forests,
        scenarios={
            (tuple(cell.labels[key] for key in question.axes), cell.labels["arm"]): cell.scenario
            for cell in study.cells
        },
        settings=study.cells[0].scenario.active(),
        command=question.command,
        versions=versions(),
        elapsed_seconds=seconds,
        claim=experiment.claim,
        claim_of=experiment.claim_of,
    )


def _summary(question: Question, final: pd.DataFrame) -> pd.DataFrame:
    return compare_points(
        final,
        list(question.axes),
        question.settings.experiment.baseline,
        question.settings.experiment.primaries,
        heavy_tailed=_heavy_tailed(),
        ratios=incremental.RATIOS,
    )


def _contrasts(question: Question, final: pd.DataFrame) -> pd.DataFrame:
    """The contrasts of the experiment's design; no rows without one."""
    experiment = question.settings.experiment
    if experiment.contrasts is None:
        return pd.DataFrame()
    wanted = make_contrasts(experiment.contrasts, experiment.arms, experiment.baseline)
    keys, heavy_tailed = list(question.axes), _heavy_tailed()
    return contrasts_at_points(
        final, keys, wanted, experiment.baseline, experiment.primaries, heavy_tailed=heavy_tailed
    )


def _heavy_tailed() -> list[str]:
    return [measure.name for measure in REGISTRY.values() if measure.is_heavy_tailed]


def _show(results: Results, drawn: Sequence[Path], folder: Path) -> None:
    """Report and print a comparison."""
    write_report(results, drawn, folder / "report.html")
    print_results(results, Console())


def _show_grid(results: GridResults, drawn: Sequence[Path], folder: Path) -> None:
    """Report and print a comparison over a grid."""
    write_grid_report(results, drawn, folder / "report.html")
    print_grid(results, Console())


def _write_tables(folder: Path, summary: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Path]:
    """Write the tables, which are the same bytes on every repetition."""
    write_whole(folder / "summary.csv", summary.to_csv(index=False, float_format="%.10g"))
    for name in FRAMES:
        write_parquet(folder / f"{name}.parquet", tables[name])
    return [folder / "summary.csv", *(folder / f"{name}.parquet" for name in FRAMES)]


def _write_more(folder: Path, question: Question, contrasts: pd.DataFrame) -> list[Path]:
    """Write what only some comparisons have: contrasts, and levers that were moved."""
    tables = {} if contrasts.empty else {"contrasts": contrasts}
    if question.matching is not None:
        tables["matching"] = question.matching.table()
    for name, table in tables.items():
        write_whole(folder / f"{name}.csv", table.to_csv(index=False, float_format="%.10g"))
    return [folder / f"{name}.csv" for name in tables]


if __name__ == "__main__":
    raise SystemExit(command(main, "compare", __doc__, StudySettings))
