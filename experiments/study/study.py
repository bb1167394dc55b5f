"""A study: markets × seeds, computed once each, gathered into tidy tables."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import pandas as pd

from experiments.study.composing import changes
from experiments.study.engines import Done, Engine, run_all
from experiments.study.progress import Watch
from experiments.study.replicate import replicate
from experiments.study.store import EVENTS, Damaged, RunStore, check
from simulator import Scenario
from simulator.files import model_version


@dataclass(frozen=True, eq=False)
class Cell:
    """One market of a study.

    Attributes:
        labels: What tells it from the others, such as arm=referral; the same keys in all cells of a study.
        scenario: Its settings.
    """

    labels: Mapping[str, Any]
    scenario: Scenario

    @cached_property
    def key(self) -> str:
        """Names its runs in the store: other settings or another version of the model have another one."""
        return hashlib.sha256(f"{self.scenario.hash} {model_version()}".encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return " ".join(f"{key}={value}" for key, value in self.labels.items())


@dataclass(frozen=True)
class Run:
    """One market in one world."""

    cell: Cell
    seed: int

    def __str__(self) -> str:
        return f"{self.cell} with seed {self.seed}"

    def details(self) -> str:
        """What the log adds if it fails."""
        settings = changes(self.cell.scenario.active(), Scenario().active())
        return f"settings that are not the defaults: {settings}"


@dataclass(frozen=True)
class Study:
    """What is to be computed.

    Attributes:
        cells: The markets, in order. Two cells may be the same market; it is computed once.
        seeds: The worlds, the same for every cell.
        store: Where runs are kept.
        keep_events: Whether event tables are kept as well.
    """

    cells: Sequence[Cell]
    seeds: Sequence[int]
    store: RunStore
    keep_events: bool = False

    def runs(self) -> list[Run]:
        """All different runs, seed by seed, so that an interrupted study leaves whole pairs."""
        different = {cell.key: cell for cell in reversed(self.cells)}
        cells = [cell for cell in self.cells if different[cell.key] is cell]
        return [Run(cell, seed) for seed in self.seeds for cell in cells]

    def missing(self) -> tuple[list[Run], list[str]]:
        """The runs that are not in the store, and what is damaged there; damaged runs count as missing."""
        missing, damaged = [], []
        for run in self.runs():
            try:
                content = check(self.store.path(run.cell.key, run.seed))
            except Damaged as error:
                damaged.append(str(error))
                content = []
            wanted = EVENTS if self.keep_events else ""
            if not any(name.startswith(wanted) for name in content):
                missing.append(run)
        return missing, damaged

    def compute(self, engine: Engine) -> list[Done[Run]]:
        """Compute the runs that are not in the store yet, and tell how far it is.

        Returns:
            The runs that failed, seed by seed.
        """
        engine.check()
        self.store.open()
        missing, damaged = self.missing()
        work = partial(_replicate, self.keep_events, model_version())
        failed = {}
        total = len(self.runs())
        with Watch(self.store.folder, total, total - len(missing), damaged) as watch:
            for done in run_all(engine, work, missing, watch.beat):
                run = done.task
                if done.error is None:
                    self.store.put(run.cell.key, run.seed, done.result)
                else:
                    failed[run] = done
                watch.over(done)
        return [failed[run] for run in missing if run in failed]

    def seconds(self, runs: Sequence[Run]) -> float:
        """How long runs in the store took, one after the other, whenever they were computed."""
        return float(sum(self.store.record(run.cell.key, run.seed)["seconds"] for run in runs))

    def gather(self, frame: str) -> pd.DataFrame:
        """One table of all runs (`replicate.FRAMES`), the cells' labels and `seed` in front; by cell, then seed."""
        parts = []
        for cell in self.cells:
            for seed in self.seeds:
                part = self.store.read(cell.key, seed, frame)
                heads = {**cell.labels, "seed": seed}
                for place, (name, value) in enumerate(heads.items()):
                    part.insert(place, name, value)
                parts.append(part)
        return pd.concat(parts, ignore_index=True)


def _replicate(keep_events: bool, model: str, run: Run) -> bytes:
    return replicate(run.cell.scenario, run.seed, keep_events, model)
