"""One run of a finished study, found again: its settings, its seed and, where they were kept, its events."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from experiments.study.store import EVENTS, Damaged, check, read_record, read_table
from simulator import Market, Scenario, SettingsError, final_measures
from simulator.records.events.log import EventLog
from simulator.records.events.tables import TABLES
from simulator.settings import nearest


@dataclass(frozen=True)
class FoundRun:
    """A run in the store of a study.

    Attributes:
        labels: What tells its market from the others of the study, such as arm=referral.
        scenario: Its settings.
        seed: The world.
        path: Its file.
    """

    labels: Mapping[str, Any]
    scenario: Scenario
    seed: int
    path: Path

    def __str__(self) -> str:
        return " ".join([*(f"{key}={value}" for key, value in self.labels.items()), f"seed={self.seed}"])

    def log(self) -> EventLog:
        """Its events: those that were kept, else those of the same run made once more.

        Raises:
            SettingsError: If they were not kept, and the model is no longer the one that made the run.
        """
        if not any(name.startswith(EVENTS) for name in check(self.path)):
            log = simulate(self.scenario, self.seed, str(self))
            if not self._is_of(log):
                raise SettingsError(
                    f"{self}: its events were not kept, and the model has changed since: the run would come out "
                    "otherwise; run the study again"
                )
            return log
        log = Market(self.scenario, rng=self.seed).log
        for name, fields in TABLES.items():
            table = read_table(self.path, EVENTS + name)
            if table.column_names != list(fields):
                raise SettingsError(f"{self}: its events are of another version of the model; run the study again")
            log.append(name, len(table), **{field: table[field].to_numpy() for field in fields})
        return log

    def _is_of(self, log: EventLog) -> bool:
        """Whether these events give the run's final measures, to the last digit."""
        final = read_table(self.path, "final").to_pandas().set_index("measure")["value"]
        again = final_measures(log)
        known = [name for name in final.index if name in again]
        return np.array_equal(final[known], [again[name] for name in known], equal_nan=True)


def simulate(scenario: Scenario, seed: int, name: str) -> EventLog:
    """The events of a run; a line on standard error tells how far it is."""
    market, console = Market(scenario, rng=seed), Console(file=sys.stderr)
    for _ in track(range(scenario.days), f"simulating {name}", console=console):
        market.step()
    return market.log


def find_run(folder: Path, wanted: Mapping[str, Any], seed: int | None) -> FoundRun:
    """The run of a study with these labels.

    Args:
        folder: The study's run folder.
        wanted: Labels, such as arm → referral; as many as it takes to tell one market from the others.
        seed: The world; the study's first if None.

    Raises:
        SettingsError: If there is no such run, several fit, or it is damaged.
    """
    manifest = _manifest(folder)
    cell = _only_cell(folder, manifest["cells"], wanted)
    seeds = manifest["seeds"]
    seed = seeds[0] if seed is None else seed
    if seed not in seeds:
        raise SettingsError(f"seed={seed}: {folder} has the seeds {_listed(seeds)}")
    labels = {key: value for key, value in cell.items() if key not in ("hash", "changes")}
    for path in sorted(folder.glob(f"runs/*/seed-{seed:06d}.zip")):
        try:
            record = read_record(path) if check(path) else {}
        except Damaged as error:
            raise SettingsError(f"{error}; the study's command computes it again") from None
        if record["hash"] == cell["hash"] and record["model"] == manifest["model"]:
            return FoundRun(labels, _scenario(record["settings"]), seed, path)
    raise SettingsError(
        f"{folder}: the run with seed {seed} is not there any more; the study's command computes it again"
    )


def _manifest(folder: Path) -> dict[str, Any]:
    """What the study says about itself; a folder of a single market, which has no manifest, says it by its run."""
    if not folder.is_dir():
        raise SettingsError(f"{folder}: there is no such folder; name a study's folder, or settings as key=value")
    path = folder / "manifest.json"
    if path.exists():
        try:
            manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            raise SettingsError(f"{path}: is damaged; the study's command writes it again") from None
        if "cells" in manifest and "seeds" in manifest:
            return manifest
    records = [read_record(run) for run in sorted(folder.glob("runs/*/seed-*.zip")) if _is_whole(run)]
    if len({(record["hash"], record["model"]) for record in records}) != 1:
        raise SettingsError(f"{folder}: no finished study is there (manifest.json says what is); run it to its end")
    cell = {"hash": records[0]["hash"]}
    return {"cells": [cell], "seeds": [record["seed"] for record in records], "model": records[0]["model"]}


def _is_whole(path: Path) -> bool:
    try:
        return bool(check(path))
    except Damaged:
        return False


def _only_cell(folder: Path, cells: Sequence[dict[str, Any]], wanted: Mapping[str, Any]) -> dict[str, Any]:
    keys = [key for key in cells[0] if key not in ("hash", "changes")]
    fitting = list(cells)
    for key, value in wanted.items():
        if key not in keys:
            known = f"; {nearest(key, keys)}" if keys else ""
            raise SettingsError(f"{key}={value}: {folder} has no runs told apart by '{key}'{known}")
        there = dict.fromkeys(str(cell[key]) for cell in fitting)
        fitting = [cell for cell in fitting if str(cell[key]) == str(value)]
        if not fitting:
            raise SettingsError(f"{key}={value}: {folder} has {_listed(there)}")
    for key in keys:
        there = dict.fromkeys(str(cell[key]) for cell in fitting)
        if len(there) > 1:
            raise SettingsError(f"{folder}: several runs fit; say which by {key}=..., one of {_listed(there)}")
    return fitting[0]


def _listed(values: Sequence[Any] | Mapping[Any, Any]) -> str:
    words = [str(value) for value in values]
    return ", ".join(words if len(words) <= 20 else [*words[:18], "...", words[-1]])


def _scenario(active: Mapping[str, Any]) -> Scenario:
    """The settings from what a run says of those that have an effect.

    Raises:
        SettingsError: If the model does not know one of them any more, or the network file is another one now.
    """
    social = {key: value for key, value in active["social"].items() if key != "digest"}
    scenario = Scenario.parse({**active, "social": social}).on_network()
    if scenario.active()["social"].get("digest") != active["social"].get("digest"):
        raise SettingsError(f"social.path={scenario.social.path}: the file has changed since the run was made")
    return scenario
