"""The main job: strategies compared, paired, on the same consumers with the same luck.

    python -m experiments.compare experiment=strategies
    python -m experiments.compare days=180 seeds=16 workers=2 consumers.n=50_000 social=scale_free out=results/mine
    python -m experiments.compare mechanics.group_buying.size=5 'experiment.arms=[baseline,group_buying]'
    python -m experiments.compare social=edge_list social.path=facebook_combined.txt needs=cdnow

Settings are given as key=value; groups of settings (social, needs, ...) by the name of a file in configs/.
Running again with the same settings finds the runs that are done and goes on with those that are not.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from experiments.command import ExperimentSettings, StudySettings, command, parse_study, report_failures
from experiments.study.arms import compose_arms, compose_tree
from experiments.study.manifest import versions, write_manifest
from experiments.study.statistics import compare_arms
from experiments.study.store import FRAMES, RunStore, write_parquet, write_whole
from experiments.study.study import Study
from experiments.views.figures import save_all
from experiments.views.report import write_report
from experiments.views.results import Results, Timeline
from experiments.views.terminal import print_results
from simulator import Market, Scenario
from simulator.records.measures import MEASURES, PRIMARIES


def main(overrides: Sequence[str]) -> int:
    """Compare the arms of an experiment; the exit code is 1 if a run failed."""
    started = time.monotonic()
    tree = compose_tree("compare", overrides)
    settings = parse_study(StudySettings, tree)
    base = {key: value for key, value in tree.items() if key in Scenario.model_fields}
    arms = compose_arms(settings.experiment.arms, base, overrides)
    folder = Path(settings.out or f"results/{settings.experiment.name}")
    study = Study(arms, range(settings.seeds), RunStore(folder), settings.keep_events)
    failed = study.compute(settings.workers or os.cpu_count() or 1)
    if failed:
        return report_failures(failed)
    results = make_results(settings.experiment, study, _command(overrides), time.monotonic() - started)
    outputs = _write(folder, results)
    write_manifest(folder, study, results.command, outputs, time.monotonic() - started)
    console = Console()
    print_results(results, console)
    console.print(f"Look at {folder / 'report.html'} (opens in a browser, needs no network).", soft_wrap=True)
    return 0


def make_results(experiment: ExperimentSettings, study: Study, command_line: str, seconds: float) -> Results:
    """What a computed study found."""
    tables = study.gather()
    by_name = {arm.name: arm for arm in study.arms}
    baseline = by_name[experiment.baseline].scenario
    settings = baseline.active()
    return Results(
        name=experiment.name,
        question=experiment.question,
        baseline=experiment.baseline,
        arms={arm.name: arm.description for arm in study.arms},
        seeds=list(study.seeds),
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
        changes={arm.name: changes(arm.scenario.active(), settings) for arm in study.arms},
        hashes={arm.name: arm.scenario.hash for arm in study.arms},
        command=command_line,
        versions=versions(),
        elapsed_seconds=seconds,
        **tables,
    )


def changes(tree: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a nested tree that are not the same in another one, nested."""
    different: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            inner = changes(value, base[key])
            different |= {key: inner} if inner else {}
        elif key not in base or base[key] != value:
            different[key] = value
    return different


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
