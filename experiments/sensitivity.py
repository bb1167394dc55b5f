r"""Which settings matter for a measure, and by how much: elementary effects (Morris) or shares of variance (Sobol).

    python -m experiments.sensitivity 'needs.rate=interval(.02,.1)' 'consumers.prospect_fraction=interval(.2,.6)'
    python -m experiments.sensitivity design.kind=sobol design.samples=128 strategy=group_buying baseline=baseline \
        'mechanics.group_buying.discount=interval(.05,.4)' mechanics.group_buying.size=2,3,4 \
        social=small_world,scale_free 'measures=[p_two_orders,prospects_reached]' consumers.n=5000 seeds=8

What varies is written as in experiments.sweep. All points are run in the same worlds with the same luck and averaged;
with a baseline, the paired difference from it is explained: what a lift depends on. Morris needs (settings + 1) runs
per path and seed, and is enough to leave out what does not matter; Sobol needs (settings + 2) runs per base point and
seed, and tells shares of the variance.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from experiments.command import ComputeSettings, command, parse_study, report_failures, tell_forecast
from experiments.study.engines import make_engine
from experiments.study.grid import Point
from experiments.study.lab import Lab, RunsFailed, find_measures
from experiments.study.manifest import write_manifest
from experiments.study.sensitivity import Floats, SensitivityDesign, analyse, place
from experiments.study.space import Space
from experiments.study.store import RunStore, write_whole
from experiments.views.sensitivity import print_sensitivity, save_figure
from simulator.records.measures import PRIMARIES
from simulator.settings import quantity


class SensitivitySettings(ComputeSettings):
    """What is asked."""

    measures: tuple[str, ...] = quantity(PRIMARIES, "measures to explain")
    baseline: str | None = quantity(None, "strategy whose paired difference is explained; null: the measure itself")
    design: SensitivityDesign = SensitivityDesign()
    seeds: int = quantity(4, "worlds: seeds 0 to seeds-1, the same at every point", ge=1, le=1_000_000)


def main(arguments: Sequence[str]) -> int:
    """Run the design; the exit code is 1 if a run failed."""
    started = time.monotonic()
    space = Space("sensitivity", tuple(arguments))
    settings = parse_study(SensitivitySettings, space.tree)
    measures = find_measures("measures", settings.measures)
    space.check(settings.baseline)
    folder = Path(settings.out or "results/sensitivity")
    lab = Lab(space, settings.baseline, RunStore(folder), make_engine(settings.engine, settings.workers))
    seeds = range(settings.seeds)
    study = lab.study(place(space, settings.design)[1], seeds)
    if settings.dry_run:
        return tell_forecast(study, lab.engine)

    def market(points: list[Point]) -> Floats:
        measured = lab.measure(points, seeds)
        return np.stack([measured.effect(measure) for measure in measures], axis=2)

    try:
        table = analyse(space, settings.design, market, settings.measures)
    except RunsFailed as error:
        return report_failures(error.failed)
    write_whole(folder / "sensitivity.csv", table.to_csv(index=False, float_format="%.10g"))
    outputs = [folder / "sensitivity.csv", *save_figure(table, folder)]
    line = " ".join(["python -m experiments.sensitivity", *arguments])
    write_manifest(folder, study, line, outputs, time.monotonic() - started)
    print_sensitivity(table, Console())
    print(f"Table and figure are in {folder}; the runs, one row each: python -m experiments.collect {folder}")
    return 0


if __name__ == "__main__":
    raise SystemExit(command(main, "sensitivity", __doc__, SensitivitySettings))
