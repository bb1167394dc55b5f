"""Run one market and keep what it leaves: measures, daily table and events.

    python -m experiments.run
    python -m experiments.run 'mechanics=[group_buying,coupons]' consumers.n=5000 seed=7 out=results/mine
    python -m experiments.run social=scale_free policies=promotion_calendar days=120

Settings are given as key=value; groups of settings (social, mechanics, ...) by the names of files in configs/.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from experiments.command import RunSettings, command, parse_study, report_failures
from experiments.study.arms import Arm, compose_tree, refuse_unused
from experiments.study.store import RunStore, write_whole
from experiments.study.study import Study
from simulator import Scenario
from simulator.records.measures import MEASURES


def main(overrides: Sequence[str]) -> int:
    """Run the market; the exit code is 1 if the run failed."""
    tree = compose_tree("run", overrides)
    settings = parse_study(RunSettings, tree)
    scenario = Scenario.parse({k: v for k, v in tree.items() if k in Scenario.model_fields}).on_network()
    refuse_unused([scenario], overrides)
    folder = Path(settings.out)
    study = Study([Arm("run", "one market", scenario)], [settings.seed], RunStore(folder), settings.keep_events)
    failed = study.compute(workers=1)
    if failed:
        return report_failures(failed)
    values = study.gather()["final"].set_index("measure")["value"]
    write_whole(folder / "settings.json", json.dumps(scenario.active(), indent=2) + "\n")
    table = Table(title=f"{scenario.consumers.n:,} consumers, {scenario.days} days, seed {settings.seed}")
    table.add_column("measure")
    table.add_column("value", justify="right")
    table.add_column("unit")
    for measure in MEASURES:
        value = values[measure.name]
        table.add_row(measure.label, "—" if value != value else f"{value:,.4g}", measure.unit)
    console = Console()
    console.print(table)
    console.print(f"Tables and events are in {study.store.path(scenario, settings.seed)}.", soft_wrap=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(command(main, "run", __doc__, RunSettings))
