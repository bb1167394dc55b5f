"""Run one market and keep what it leaves: measures, daily table and events.

    python -m experiments.run
    python -m experiments.run 'mechanics=[group_buying,coupons]' consumers.n=5000 seed=7 out=results/mine
    python -m experiments.run social=scale_free policies=promotion_calendar days=120
    python -m experiments.run -m mechanics.group_buying.size=2,3,5 strategy=group_buying   (= experiments.sweep)

Settings are given as key=value; groups of settings (social, mechanics, ...) by the names of files in configs/.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from experiments import sweep
from experiments.command import RunSettings, command, parse_study, report_failures
from experiments.study.arms import refuse_unused
from experiments.study.collecting import write_events
from experiments.study.composing import compose_tree, scenario_part
from experiments.study.engines import LocalEngine
from experiments.study.replicate import FRAMES
from experiments.study.store import RunStore, write_parquet, write_whole
from experiments.study.study import Cell, Study
from simulator import Scenario
from simulator.records.measures import MEASURES


def main(overrides: Sequence[str]) -> int:
    """Run the market; the exit code is 1 if the run failed."""
    if overrides and overrides[0] in ("-m", "--multirun"):
        return sweep.main(overrides)
    tree = compose_tree("run", overrides)
    settings = parse_study(RunSettings, tree)
    scenario = Scenario.parse(scenario_part(tree)).on_network()
    refuse_unused([scenario], overrides)
    folder = Path(settings.out)
    study = Study([Cell({}, scenario)], [settings.seed], RunStore(folder), settings.keep_events)
    failed = study.compute(LocalEngine(1))
    if failed:
        return report_failures(failed)
    for frame in FRAMES:
        write_parquet(folder / f"{frame}.parquet", study.gather(frame))
    if settings.keep_events:
        write_events(study, folder / "events")
    write_whole(folder / "settings.json", json.dumps(scenario.active(), indent=2) + "\n")
    values = study.gather("final").set_index("measure")["value"]
    table = Table(title=f"{scenario.consumers.n:,} consumers, {scenario.days} days, seed {settings.seed}")
    table.add_column("measure")
    table.add_column("value", justify="right")
    table.add_column("unit")
    for measure in MEASURES:
        value = values[measure.name]
        table.add_row(measure.label, "—" if value != value else f"{value:,.4g}", measure.unit)
    console = Console()
    console.print(table)
    console.print(f"Tables{' and events' * settings.keep_events} are in {folder}.", soft_wrap=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(command(main, "run", __doc__, RunSettings))
