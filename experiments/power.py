"""How many seeds a comparison needs for a lift to be seen, and how many times fewer because its arms are paired.

    python -m experiments.power experiment=strategies
    python -m experiments.power consumers.n=50_000 'lifts=[.01,.05]' power=.9 alpha=.01 seeds=12
    python -m experiments.power 'experiment.arms=[baseline,group_buying]' mechanics.group_buying.discount=.3

A pilot of the comparison (the settings of experiments.compare) is run with a few seeds. Its runs are kept where
experiments.compare looks for them, so that the comparison itself need only add seeds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import pandas as pd
from pydantic import model_validator
from rich.console import Console

from experiments.command import (
    ComputeSettings,
    ExperimentSettings,
    command,
    parse_study,
    report_failures,
    tell_forecast,
)
from experiments.study import incremental
from experiments.study.arms import compose_arms
from experiments.study.composing import compose_tree, scenario_part
from experiments.study.engines import make_engine
from experiments.study.manifest import write_manifest
from experiments.study.power import power_table
from experiments.study.store import RunStore, write_whole
from experiments.study.study import Cell, Study
from experiments.views.power import print_power, save_figure
from simulator.settings import quantity


class PowerSettings(ComputeSettings):
    """What should be seen, how surely."""

    experiment: ExperimentSettings = ExperimentSettings(arms=("baseline", "group_buying"))
    seeds: int = quantity(8, "worlds of the pilot: seeds 0 to seeds-1", ge=3, le=1_000_000)
    lifts: tuple[float, ...] = quantity((0.01, 0.02, 0.05), "lifts that should be seen", unit="share of the baseline")
    power: float = quantity(0.8, "probability to see them", unit="share", gt=0.0, lt=1.0)
    alpha: float = quantity(0.05, "level of the two-sided test", unit="share", gt=0.0, lt=0.5)

    @model_validator(mode="after")
    def _is_sensible(self) -> Self:
        if not self.lifts or any(lift == 0.0 or lift <= -1.0 for lift in self.lifts):
            raise ValueError(f"lifts={list(self.lifts)}: needs at least one lift, above -1 and not 0, such as .02")
        if self.power <= self.alpha:
            raise ValueError(f"power={self.power}: must be above alpha={self.alpha}")
        return self


def main(overrides: Sequence[str]) -> int:
    """Run the pilot and plan; the exit code is 1 if a run failed."""
    started = time.monotonic()
    tree = compose_tree("power", overrides)
    settings = parse_study(PowerSettings, tree)
    arms = compose_arms(settings.experiment.arms, scenario_part(tree), overrides)
    engine = make_engine(settings.engine, settings.workers)
    store = RunStore(Path(settings.out or f"results/{settings.experiment.name}"))
    study = Study([Cell({"arm": arm.name}, arm.scenario) for arm in arms], range(settings.seeds), store)
    if settings.dry_run:
        return tell_forecast(study, engine)
    if failed := study.compute(engine):
        return report_failures(failed)
    final = pd.concat([study.gather("final"), incremental.shares(study, settings.experiment.baseline)])
    table = power_table(
        final,
        settings.experiment.baseline,
        settings.experiment.primaries,
        settings.lifts,
        settings.power,
        settings.alpha,
    )
    folder = store.folder / "power"
    folder.mkdir(exist_ok=True)
    write_whole(folder / "power.csv", table.to_csv(index=False, float_format="%.10g"))
    outputs = [folder / "power.csv", *save_figure(table, settings.power, settings.alpha, folder)]
    line = " ".join(["python -m experiments.power", *overrides])
    write_manifest(folder, study, line, outputs, time.monotonic() - started)
    print_power(table, settings.power, settings.alpha, Console())
    print(f"Table and figure are in {folder}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(command(main, "power", __doc__, PowerSettings))
