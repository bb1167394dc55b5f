"""Many markets: every combination of settings, or designed points, and one tidy table of all runs.

    python -m experiments.sweep strategy=baseline,group_buying 'mechanics.group_buying.size=range(2,6)' seeds=8
    python -m experiments.sweep 'social=glob(*,exclude=[complete,edge_list])' 'strategy=glob(coupons*)' consumers.n=5000
    python -m experiments.sweep design.kind=sobol design.points=64 strategy=group_buying
        'mechanics.group_buying.discount=interval(.05,.4)' 'mechanics.group_buying.size=int(interval(2,6))'

Sweeps are written as in Hydra: a,b,c; choice(a,b); range(start,stop,step); glob(pattern) over the files of a group;
interval(low,high), filled by the design. Every point is checked before the first run. Running again goes on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from experiments.command import SweepSettings, command, parse_study, report_failures, tell_forecast
from experiments.study.arms import refuse_unused
from experiments.study.collecting import one_row_per_run
from experiments.study.engines import make_engine
from experiments.study.grid import compose_points, take_apart
from experiments.study.manifest import write_manifest
from experiments.study.space import make_cells
from experiments.study.store import RunStore, write_parquet, write_whole
from experiments.study.study import Study
from experiments.views.sweep import print_sweep, save_sweep


def main(arguments: Sequence[str]) -> int:
    """Run a sweep; the exit code is 1 if a run failed."""
    started = time.monotonic()
    overrides = [a for a in arguments if a not in ("-m", "--multirun")]
    sweep = take_apart(overrides)
    settings = parse_study(SweepSettings, compose_points("sweep", sweep, [{}])[0])
    points = sweep.points(settings.design)
    cells = make_cells(sweep, points)
    refuse_unused([cell.scenario for cell in cells], overrides)
    engine = make_engine(settings.engine, settings.workers)
    folder = Path(settings.out or "results/sweep")
    study = Study(cells, range(settings.seeds), RunStore(folder))
    if settings.dry_run:
        return tell_forecast(study, engine)
    if failed := study.compute(engine):
        return report_failures(failed)
    table = one_row_per_run(study)
    write_parquet(folder / "runs.parquet", table)
    write_whole(folder / "runs.csv", table.to_csv(index=False, float_format="%.10g"))
    labels = list(cells[0].labels)
    outputs = [folder / "runs.parquet", folder / "runs.csv", *save_sweep(table, labels, folder)]
    write_manifest(
        folder, study, " ".join(["python -m experiments.sweep", *arguments]), outputs, time.monotonic() - started
    )
    print_sweep(table, labels, Console())
    print(f"One row per run: {folder / 'runs.csv'} and .parquet.")
    return 0


if __name__ == "__main__":
    raise SystemExit(command(main, "sweep", __doc__, SweepSettings))
