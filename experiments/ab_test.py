"""An A/B test run inside a market, against what it should have found: bias and coverage by design and sharing.

    python -m experiments.ab_test
    python -m experiments.ab_test consumers.sociability=.2,.5,.8 seeds=40 out=results/mine
    python -m experiments.ab_test test.mechanic=coupons 'test.designs=[consumer,cluster]'
    python -m experiments.ab_test social=communities mechanics.group_buying.invitations=0,6

The platform treats half of the consumers, of the clusters of the network, or of the cells, and compares treated with
untreated. Beside it stand, in the same worlds with the same luck, a market in which the mechanic is open to everybody,
and one without it: the true total effect. Definitions are in configs/ab_test.yaml; a setting with several values makes
a grid, and takes the place of the one there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator
from rich.console import Console

from experiments.command import ComputeSettings, command, parse_study, report_failures, tell_forecast
from experiments.study.arms import refuse_unused
from experiments.study.composing import Tree, compose_tree, parse_override, scenario_part, text_of
from experiments.study.engines import make_engine
from experiments.study.grid import DesignSettings, as_settings, compose_points, labels_at, over_grid, take_apart
from experiments.study.interference import OUTCOMES, Assignment, judge, outcomes, summarise
from experiments.study.lab import CONFIDENCE
from experiments.study.manifest import write_manifest
from experiments.study.replicate import CONSUMERS
from experiments.study.store import RunStore, write_parquet, write_whole
from experiments.study.study import Cell, Study
from experiments.views.ab_test import Report, print_tests, save_figure, write_report
from simulator import Market, Scenario, SettingsError
from simulator.mechanics import MECHANICS
from simulator.settings import Settings, nearest, quantity

EVERYBODY, NOBODY = "everybody", "nobody"
"""The two markets that tell the truth."""


class TestedSettings(Settings):
    """What is tested, and how."""

    mechanic: str = quantity("group_buying", "the mechanic that is open to the treated only")
    designs: tuple[Literal["consumer", "cluster", "cell"], ...] = Field(
        ("consumer", "cluster", "cell"), description="what is randomised, in a market each", min_length=1
    )
    share: float = quantity(0.5, "share of them that is treated", unit="share", gt=0.0, lt=1.0)
    outcomes: tuple[str, ...] = Field(tuple(OUTCOMES), description="outcomes of a consumer", min_length=1)

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.mechanic not in MECHANICS:
            raise ValueError(
                f"test.mechanic={self.mechanic}: there is no such mechanic; {nearest(self.mechanic, MECHANICS)}"
            )
        for name in self.outcomes:
            if name not in OUTCOMES:
                raise ValueError(f"test.outcomes={name}: there is no such outcome; {nearest(name, OUTCOMES)}")
        for key in ("designs", "outcomes"):
            if len(set(getattr(self, key))) < len(getattr(self, key)):
                raise ValueError(f"test.{key}={list(getattr(self, key))}: name each once")
        return self


class AbTestSettings(ComputeSettings):
    """How A/B tests are tried."""

    test: TestedSettings = TestedSettings(designs=("consumer", "cluster", "cell"), outcomes=tuple(OUTCOMES))
    grid: dict[str, str] = quantity({}, "settings that vary → their values as in a sweep")
    seeds: int = quantity(24, "worlds: seeds 0 to seeds-1, the same for every market", ge=1, le=1_000_000)


@dataclass(frozen=True)
class Lab:
    """Tests that have been asked for: their settings, what varies, and at every point the markets by name."""

    settings: AbTestSettings
    points: list[dict[str, Any]]
    markets: list[dict[str, Cell]]

    @property
    def keys(self) -> list[str]:
        """What varies."""
        return list(self.points[0])


def main(overrides: Sequence[str]) -> int:
    """Run the tests and judge them; the exit code is 1 if a run failed."""
    started = time.monotonic()
    lab = ask(overrides)
    settings = lab.settings
    engine = make_engine(settings.engine, settings.workers)
    folder = Path(settings.out or "results/ab_test")
    cells = [cell for markets in lab.markets for cell in markets.values()]
    study = Study(cells, range(settings.seeds), RunStore(folder))
    if settings.dry_run:
        return tell_forecast(study, engine)
    if failed := study.compute(engine):
        return report_failures(failed)
    tests = judge_all(lab, study)
    keys = [*lab.keys, "design", "outcome"]
    summary = summarise(tests, keys, CONFIDENCE)
    write_parquet(folder / "tests.parquet", tests)
    write_whole(folder / "summary.csv", summary.to_csv(index=False, float_format="%.10g"))
    (folder / "figures").mkdir(exist_ok=True)
    drawn = save_figure(summary, lab.keys, settings.test.mechanic, folder / "figures")
    line = " ".join(["python -m experiments.ab_test", *overrides])
    report = Report(settings.test.mechanic, settings.test.share, lab.keys, summary, settings.seeds, cells[0], line)
    write_report(report, drawn, folder / "report.html")
    outputs = [folder / "tests.parquet", folder / "summary.csv", *drawn]
    write_manifest(folder, study, line, outputs, time.monotonic() - started)
    print_tests(summary, lab.keys, Console())
    print(f"Look at {folder / 'report.html'} (opens in a browser, needs no network).")
    return 0


def parse(tree: Tree, overrides: Sequence[str]) -> AbTestSettings:
    """The settings of a test.

    Raises:
        SettingsError: If they are wrong, or the command line says who is in reach of what is tested.
    """
    settings = parse_study(AbTestSettings, tree)
    mechanic = settings.test.mechanic
    taken = {f"mechanics.{mechanic}.{key}" for key in ("enabled", "reach", "reach_by")}
    for override in map(parse_override, overrides):
        if override.key_or_group in taken:
            raise SettingsError(f"{text_of(override)}: the test decides to whom {mechanic} is open; leave it out")
    return settings


def ask(overrides: Sequence[str]) -> Lab:
    """Compose a command line and check every market at every point.

    Raises:
        SettingsError: If anything is wrong with it.
    """
    given = take_apart(overrides)
    settings = parse(compose_tree("ab_test", given.fixed), overrides)
    sweep = over_grid(given, settings.grid)
    points = sweep.points(DesignSettings())
    markets = []
    for point, labels, tree in zip(points, labels_at(points), compose_points("ab_test", sweep, points), strict=True):
        try:
            base = Scenario.parse(scenario_part(tree)).on_network()
            markets.append(
                {name: Cell({**labels, "market": name}, s) for name, s in scenarios(base, settings.test).items()}
            )
        except SettingsError as error:
            raise SettingsError(f"{error} (at {as_settings(point)})" if point else str(error)) from None
    varied = [f"{key}={values}" for key, values in settings.grid.items() if key in sweep.axes]
    refuse_unused([cell.scenario for found in markets for cell in found.values()], [*overrides, *varied])
    return Lab(settings, labels_at(points), markets)


def scenarios(base: Scenario, test: TestedSettings) -> dict[str, Scenario]:
    """The markets of a point by name: those that tell the truth, then one per design."""

    def market(**block: Any) -> Scenario:
        return base.replace(**{f"mechanics.{test.mechanic}.{key}": value for key, value in block.items()})

    truth = {EVERYBODY: market(enabled=True, reach=1.0), NOBODY: market(enabled=False)}
    return truth | {by: market(enabled=True, reach=test.share, reach_by=by) for by in test.designs}


def judge_all(lab: Lab, study: Study) -> pd.DataFrame:
    """Every test in every world: what varies, design, outcome, seed, and the columns of `interference.judge`."""
    test = lab.settings.test
    rows = []
    for labels, markets in zip(lab.points, lab.markets, strict=True):
        for seed in study.seeds:
            found = {name: outcomes(study.store.read(cell.key, seed, CONSUMERS)) for name, cell in markets.items()}
            for design in test.designs:
                treated = assignment(markets[design].scenario, seed, test.mechanic)
                for outcome in test.outcomes:
                    y, everybody, nobody = (found[name][outcome] for name in (design, EVERYBODY, NOBODY))
                    head = {**labels, "design": design, "outcome": outcome, "seed": seed}
                    rows.append(head | judge(y, everybody, nobody, treated, CONFIDENCE))
    return pd.DataFrame(rows)


def assignment(scenario: Scenario, seed: int, name: str) -> Assignment:
    """Who is treated in a test's market."""
    market = Market(scenario, rng=seed)
    mechanic = next(mechanic for mechanic in market.mechanics if mechanic.name == name)
    treated = np.flatnonzero(mechanic.in_reach)
    friends = market.network.ties(treated)[1]
    to_treated = float(mechanic.in_reach[friends].mean()) if len(friends) else np.nan
    return Assignment(mechanic.in_reach, mechanic.reach_unit, to_treated)


if __name__ == "__main__":
    raise SystemExit(command(main, "ab_test", __doc__, AbTestSettings))
