r"""Fits settings to data, with intervals: what they are, which of them the data cannot tell apart, what they predict.

    python -m experiments.calibrate calibration=cdnow data=path/to/data
    python -m experiments.calibrate calibration=pinduoduo simulations=512 workers=4
    python -m experiments.calibrate calibration=moments table=mine.csv consumers.n=2000 \
        'fit={needs.rate:[.02,.1],choice.appeal:[-3,-1]}'
    python -m experiments.calibrate calibration=adoption table=curve.csv 'fit={joining.imitation:[0,3]}'
    python -m experiments.calibrate calibration=transactions table=log.csv 'fit={needs.rate:[.01,.1]}' days=400

First the method is tested: data sets are made with known settings, which it must find; its 90 % intervals should hold
nine in ten of them. Then it turns to the data (approximate Bayesian computation with learned summaries and regression
adjustment, study/abc.py). What is held out is predicted.

Of a table of your own the market that is fitted is that of the command line. Columns of moments: measure (any final
measure), value; of an adoption curve: day (of the campaign, from 0), adopted (share of all prospects so far); of both,
if you like, held_out (true, false). A transaction log has a line for each order: customer, yyyymmdd, units, amount,
and no header; or it is the folder of a run.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator
from rich.console import Console

from experiments.calibration import CASES, OWN, own
from experiments.calibration.calibrating import calibrate, design, trials
from experiments.calibration.problem import Problem
from experiments.command import ComputeSettings, command, data_folder, parse_study, report_failures
from experiments.study.composing import compose_tree, scenario_part
from experiments.study.engines import make_engine
from experiments.study.manifest import digest, write_facts
from experiments.study.store import RunStore
from experiments.study.trials import compute, tell
from experiments.views.calibration import print_calibration, write_calibration
from simulator import Scenario, SettingsError
from simulator.settings import nearest, quantity


class CalibrateSettings(ComputeSettings):
    """What is fitted, and how surely."""

    case: str = quantity("cdnow", f"worked case: {', '.join(CASES)}; or a table of your own: {', '.join(OWN)}")
    data: str | None = quantity(None, "folder of public data")
    table: str | None = quantity(None, "file of a table of your own")
    fit: dict[str, tuple[float, float]] | None = quantity(None, "settings to be fitted to it → their range")
    simulations: int = quantity(256, "markets to learn from", ge=20, le=1_000_000)
    tests: int = quantity(64, "data sets with known settings", ge=5, le=100_000)
    keep: float = quantity(0.5, "share of the simulations, the nearest, on which a posterior rests", gt=0, le=1)

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.case not in (*CASES, *OWN):
            raise ValueError(f"case={self.case}: there is no such case; {nearest(self.case, [*CASES, *OWN])}")
        if (self.case in OWN) != (self.table is not None):
            raise ValueError(f"table={self.table}: a table belongs to case={', '.join(OWN)}, and only there")
        if self.fit and self.case not in OWN:
            raise ValueError(f"fit: used only with case={', '.join(OWN)}")
        return self


def main(arguments: Sequence[str]) -> int:
    """Simulate, test the method, fit, report; the exit code is 1 if a world failed."""
    started = time.monotonic()
    tree = compose_tree("calibrate", arguments)
    settings = parse_study(CalibrateSettings, tree)
    problem, files = _problem(settings, scenario_part(tree))
    store = RunStore(Path(settings.out or f"results/calibration_{settings.case}"), "trials")
    places = design(problem, settings.simulations, settings.tests)
    planned = trials(problem, places)
    if settings.dry_run:
        return tell(planned, store)
    found, failed = compute(planned, store, make_engine(settings.engine, settings.workers))
    if failed:
        return report_failures(failed)
    result = calibrate(problem, places, found, max(round(settings.keep * settings.simulations), 10))
    outputs = write_calibration(store.folder, result)
    facts: dict[str, Any] = {
        "case": settings.case,
        "simulations": settings.simulations,
        "tests": settings.tests,
        "keep": settings.keep,
        "data": {path.name: digest(path) for path in files if path.is_file()},
    }
    line = " ".join(["python -m experiments.calibrate", *arguments])
    write_facts(store.folder, facts, line, outputs, time.monotonic() - started)
    print_calibration(result, Console())
    print(f"Report, figures and tables are in {store.folder}.")
    return 0


def _problem(settings: CalibrateSettings, market: dict[str, Any]) -> tuple[Problem, list[Path]]:
    """What is fitted, and the files that were read for it."""
    if settings.table is not None:
        table = Path(settings.table)
        tree = Scenario.parse(market).model_dump(mode="json")
        return own.problem(settings.case, OWN[settings.case], table, settings.fit or {}, tree), [table]
    make, needs = CASES[settings.case]
    if needs and settings.data is None:
        raise SettingsError(f"data=null: case={settings.case} needs data=FOLDER, where {needs[0]} is")
    folder = data_folder(settings.data or ".")
    for name in needs:
        if not (folder / name).exists():
            raise SettingsError(f"data={settings.data}: has no {name}, which case={settings.case} needs")
    try:
        return make(folder), [folder / name for name in needs]
    except ValueError as error:
        raise SettingsError(f"data={settings.data}: {error}") from None


if __name__ == "__main__":
    raise SystemExit(command(main, "calibrate", __doc__, CalibrateSettings))
