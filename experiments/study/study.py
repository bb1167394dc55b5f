"""A study: arms × seeds, computed once each, gathered into tidy tables."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from experiments.study.arms import Arm
from experiments.study.engines import Done, run_local
from experiments.study.store import FRAMES, RunStore, compute
from simulator import Scenario


@dataclass(frozen=True)
class Run:
    """One arm in one world."""

    arm: str
    scenario: Scenario
    seed: int


@dataclass(frozen=True)
class Study:
    """What is to be computed.

    Attributes:
        arms: The strategies, in order.
        seeds: The worlds, the same for every arm.
        store: Where runs are kept.
        keep_events: Whether event tables are kept as well.
    """

    arms: Sequence[Arm]
    seeds: Sequence[int]
    store: RunStore
    keep_events: bool

    def runs(self) -> list[Run]:
        """All runs, seed by seed, so that an interrupted study leaves whole pairs."""
        return [Run(arm.name, arm.scenario, seed) for seed in self.seeds for arm in self.arms]

    def compute(self, workers: int) -> list[Done[Run]]:
        """Compute the runs that are not in the store yet, with a progress bar on standard error.

        Returns:
            The runs that failed.
        """
        missing = [run for run in self.runs() if not self.store.has(run.scenario, run.seed, self.keep_events)]
        failed = []
        with _progress_bar() as progress:
            n_found = len(self.runs()) - len(missing)
            bar = progress.add_task("runs", total=len(self.runs()), completed=n_found, note=_note(n_found, 0))
            for done in run_local(partial(_compute, self.store, self.keep_events), missing, workers):
                failed += [done] if done.error else []
                progress.update(bar, advance=1, note=_note(n_found, len(failed)))
        return sorted(failed, key=lambda done: (done.task.seed, done.task.arm))

    def gather(self) -> dict[str, pd.DataFrame]:
        """The tables of all runs, each with the columns `arm` and `seed` in front; arms in order, then seeds."""
        return {frame: self._gather(frame) for frame in FRAMES}

    def _gather(self, frame: str) -> pd.DataFrame:
        parts = []
        for arm in self.arms:
            for seed in self.seeds:
                part = self.store.read(arm.scenario, seed, frame)
                part.insert(0, "arm", arm.name)
                part.insert(1, "seed", seed)
                parts.append(part)
        return pd.concat(parts, ignore_index=True)


def _compute(store: RunStore, keep_events: bool, run: Run) -> None:
    compute(store, run.scenario, run.seed, keep_events)


def _note(n_found: int, n_failed: int) -> str:
    parts = [f"{n_found} found"] * (n_found > 0) + [f"[red]{n_failed} failed"] * (n_failed > 0)
    return ", ".join(parts)


def _progress_bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=Console(file=sys.stderr),
    )
