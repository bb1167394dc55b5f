"""The main job: strategies compared, paired, on the same consumers with the same luck.

    python -m experiments.compare experiment=strategies
    python -m experiments.compare days=180 seeds=16 workers=2 consumers.n=50_000 social=scale_free out=results/mine
    python -m experiments.compare mechanics.group_buying.size=5 'experiment.arms=[baseline,group_buying]'
    python -m experiments.compare until.arm=group_buying until.measure=p_two_orders until.width=.01
    python -m experiments.compare engine=dask engine.address=tcp://127.0.0.1:8786
    python -m experiments.compare consumers.n=1_000_000 dry_run=true
    python -m experiments.compare social=edge_list social.path=facebook_combined.txt needs=cdnow

Settings are given as key=value; groups of settings (social, needs, ...) by the name of a file in configs/.
Running again with the same settings finds the runs that are done and goes on with those that are not.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from experiments.command import (
    ExperimentSettings,
    StudySettings,
    command,
    parse_study,
    report_failures,
    tell_forecast,
)
from experiments.study.arms import compose_arms
from experiments.study.collecting import write_events
from experiments.study.composing import changes, compose_tree, scenario_part
from experiments.study.engines import make_engine
from experiments.study.manifest import versions, write_manifest
from experiments.study.replicate import FRAMES
from experiments.study.statistics import compare_arms
from experiments.study.stopping import FEWEST, Stop, compute_until
from experiments.study.store import RunStore, write_parquet, write_whole
from experiments.study.study import Cell, Study
from experiments.views.figures import save_all
from experiments.views.report import write_report
from experiments.views.results import Results, Timeline
from experiments.views.terminal import print_results
from simulator import Market
from simulator.records.measures import MEASURES, PRIMARIES


def main(overrides: Sequence[str]) -> int:
    """Compare the arms of an experiment; the exit code is 1 if a run failed."""
    started = time.monotonic()
    tree = compose_tree("compare", overrides)
    settings = parse_study(StudySettings, tree)
    arms = compose_arms(settings.experiment.arms, scenario_part(tree), overrides)
    engine = make_engine(settings.engine, settings.workers)
    folder = Path(settings.out or f"results/{settings.experiment.name}")
    cells = [Cell({"arm": arm.name}, arm.scenario) for arm in arms]
    study = Study(cells, range(_fewest_seeds(settings)), RunStore(folder), settings.keep_events)
    if settings.dry_run:
        return tell_forecast(study, engine)
    stop = None
    if settings.until.arm is None:
        failed = study.compute(engine)
    else:
        study, failed, stop = compute_until(study, settings.until, settings.experiment.baseline, engine)
    if failed:
        return report_failures(failed)
    descriptions = {arm.name: arm.description for arm in arms}
    results = make_results(
        settings.experiment, study, descriptions, stop, _command(overrides), time.monotonic() - started
    )
    outputs = _write(folder, results)
    if settings.keep_events:
        write_events(study, folder / "events")
    write_manifest(folder, study, results.command, outputs, time.monotonic() - started)
    console = Console()
    print_results(results, console)
    console.print(f"Look at {folder / 'report.html'} (opens in a browser, needs no network).", soft_wrap=True)
    return 0


def _fewest_seeds(settings: StudySettings) -> int:
    return settings.seeds if settings.until.arm is None else max(settings.seeds, FEWEST)


def make_results(
    experiment: ExperimentSettings,
    study: Study,
    descriptions: Mapping[str, str],
    stop: Stop | None,
    command_line: str,
    seconds: float,
) -> Results:
    """What a computed study found."""
    tables = {frame: study.gather(frame) for frame in FRAMES}
    scenarios = {cell.labels["arm"]: cell.scenario for cell in study.cells}
    baseline = scenarios[experiment.baseline]
    settings = baseline.active()
    return Results(
        name=experiment.name,
        question=experiment.question,
        baseline=experiment.baseline,
        arms=descriptions,
        seeds=list(study.seeds),
        stop=str(stop) if stop else None,
        summary=compare_arms(
            tables["final"],
            experiment.baseline,
            PRIMARIES,
            heavy_tailed=[m.name for m in MEASURES if m.is_heavy_tailed],
        ),
        timeline=Timeline(baseline.burn_in_days, baseline.campaign_end, baseline.days),
        network=Market(baseline, rng=study.seeds[0]).network.describe(),
        network_file=baseline.social.path if baseline.social.kind == "edge_list" else None,
        settings=settings,
        changes={arm: changes(scenario.active(), settings) for arm, scenario in scenarios.items()},
        hashes={arm: scenario.hash for arm, scenario in scenarios.items()},
        command=command_line,
        versions=versions(),
        elapsed_seconds=seconds,
        **tables,
    )


def _write(folder: Path, results: Results) -> list[Path]:
    """Write tables, figures and the report; returns the files that are the same bytes on every repetition."""
    write_whole(folder / "summary.csv", results.summary.to_csv(index=False, float_format="%.10g"))
    tables = [folder / f"{name}.parquet" for name in FRAMES]
    for path in tables:
        write_parquet(path, getattr(results, path.stem))
    figures = save_all(results, folder / "figures")
    write_report(results, figures, folder / "report.html")
    return [folder / "summary.csv", *tables, *figures]


def _command(overrides: Sequence[str]) -> str:
    return " ".join(["python -m experiments.compare", *overrides])


if __name__ == "__main__":
    raise SystemExit(command(main, "compare", __doc__, StudySettings))
