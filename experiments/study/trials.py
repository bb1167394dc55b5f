"""Trials: worlds in which something is measured that no study of arms measures, computed once each and kept.

A trial is a function called with a seed and arguments; what it returns are plain values. Its key names the function,
the source of the function's module, the arguments and the model's version, so that what was computed is found again,
and computed again when any of them changes.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from experiments.study.engines import Done, Engine, run_all
from experiments.study.progress import Watch
from experiments.study.store import Damaged, RunStore, check, pack, read_record
from simulator.files import model_version

Found = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Trial:
    """One call.

    Attributes:
        name: What it is, for people.
        measure: A module's function: `measure(seed, **arguments)` gives plain values by name.
        arguments: Plain values, by name.
        seed: The world.
    """

    name: str
    measure: Callable[..., Found]
    arguments: Mapping[str, Any]
    seed: int

    @cached_property
    def key(self) -> str:
        """Names what is kept of it."""
        source = inspect.getsource(sys.modules[self.measure.__module__])
        what = [self.measure.__module__, self.measure.__qualname__, source, self.arguments, model_version()]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]

    def __call__(self) -> bytes:
        """What is to be kept of it."""
        return pack({"trial": self.name, "seed": self.seed, "found": self.measure(self.seed, **self.arguments)}, {})

    def __str__(self) -> str:
        return f"{self.name} with seed {self.seed}"

    def details(self) -> str:
        """What the log adds if it fails."""
        return f"arguments: {dict(self.arguments)}"


def different(trials: Sequence[Trial]) -> list[Trial]:
    """Each trial once, in order: several may ask for the same."""
    return list({(trial.key, trial.seed): trial for trial in trials}.values())


def tell(trials: Sequence[Trial], store: RunStore) -> int:
    """Print what computing them would take; the exit code."""
    total, lacking = len(different(trials)), len(missing(trials, store)[0])
    print(f"{total} worlds, {total - lacking} of them found. To compute: {lacking}.")
    return 0


def missing(trials: Sequence[Trial], store: RunStore) -> tuple[list[Trial], list[str]]:
    """The different trials that are not in a store, and what is damaged there; what is damaged counts as missing."""
    lacking, damaged = [], []
    for trial in different(trials):
        try:
            is_there = bool(check(store.path(trial.key, trial.seed)))
        except Damaged as error:
            damaged.append(str(error))
            is_there = False
        if not is_there:
            lacking.append(trial)
    return lacking, damaged


def compute(trials: Sequence[Trial], store: RunStore, engine: Engine) -> tuple[list[Found], list[Done[Trial]]]:
    """Compute what is not in the store yet, and tell how far it is.

    Returns:
        What every trial found, in order, empty if any failed; and those that failed.
    """
    engine.check()
    store.open()
    lacking, damaged = missing(trials, store)
    failed = []
    total = len(different(trials))
    with Watch(store.folder, total, total - len(lacking), damaged) as watch:
        for done in run_all(engine, Trial.__call__, lacking, watch.beat):
            if done.error is None:
                store.put(done.task.key, done.task.seed, done.result)
            else:
                failed.append(done)
            watch.over(done)
    if failed:
        return [], failed
    return [read_record(store.path(trial.key, trial.seed))["found"] for trial in trials], []
