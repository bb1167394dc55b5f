"""A what-if under way: `experiments.compare` in a process of its own, watched, and ended when nobody waits for it.

The process is the command line itself, so that its numbers are those of the command line; its runs use all cores, and
the server stays free for other browsers.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import experiments
from experiments.compare import Question, make_results
from experiments.dashboard.plan import NAME, Plan
from experiments.study.progress import Status
from experiments.study.replicate import FRAMES
from experiments.study.store import RunStore
from experiments.study.study import Study
from experiments.views.results import Results

AT_A_TIME = 2
"""Comparisons that are computed at the same time; each takes all cores, so that others had better wait."""
_LOOK_SECONDS = 0.3

Tell = Callable[[str, Status | None], None]
"""Told the phase ("waiting", "starting", "computing", "telling"), and how far the runs are once there are some."""


class TrialFailed(Exception):
    """The comparison ended without an answer; the message says why in one line."""


@dataclass(frozen=True)
class Answer:
    """What a comparison has found, and its report."""

    plan: Plan
    results: Results
    report: Path


class Desk:
    """Where comparisons are computed, a few at a time; the others wait in the order in which they came.

    Attributes:
        running: The processes that compute now.
    """

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_A_TIME)
        self.running: set[subprocess.Popen[bytes]] = set()

    async def compute(self, plan: Plan, folder: Path, tell: Tell) -> Answer:
        """Compute a comparison below a folder. Runs that are there from before are found again.

        Cancelling this ends the processes that compute.

        Raises:
            SettingsError: If the plan is wrong.
            TrialFailed: If runs failed, or the process did.
        """
        question = await asyncio.to_thread(plan.check)
        tell("waiting", None)
        async with self._slots:
            started = time.monotonic()
            await self._run(plan, folder, tell)
        seconds = time.monotonic() - started
        out = folder / "results" / NAME
        return Answer(plan, await asyncio.to_thread(_read, question, out, seconds), out / "report.html")

    async def _run(self, plan: Plan, folder: Path, tell: Tell) -> None:
        out, errors = folder / "results" / NAME, folder / "errors.txt"
        (out / "status.json").unlink(missing_ok=True)
        tell("starting", None)
        process = _start(plan, folder, errors)
        self.running.add(process)
        try:
            while process.poll() is None:
                await asyncio.sleep(_LOOK_SECONDS)
                _look(out, tell)
        finally:
            self.running.discard(process)
            process.terminate()  # its workers end with it
            process.wait()
        if process.returncode:
            raise TrialFailed(_why(out, errors) or f"the comparison ended with code {process.returncode}")

    def close(self) -> None:
        """End everything that is computed."""
        for process in self.running:
            process.terminate()


def _start(plan: Plan, folder: Path, errors: Path) -> subprocess.Popen[bytes]:
    with errors.open("wb") as sink:
        return subprocess.Popen(
            [sys.executable, "-m", "experiments.compare", *plan.overrides],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=sink,
        )


def _look(out: Path, tell: Tell) -> None:
    try:
        status = Status.read(out)
    except FileNotFoundError:
        return
    is_over = status.state != "running"
    tell("telling" if is_over else "computing", status)


def _why(out: Path, errors: Path) -> str:
    """Why a comparison failed: its first failed run, or else its last words; empty if it said nothing."""
    try:
        failed = Status.read(out).failed
    except FileNotFoundError:
        failed = []
    words = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return failed[0] if failed else words[-1] if words else ""


def _environment() -> dict[str, str]:
    """This process's, in which `experiments` is also found where it was started from a checkout."""
    above = str(Path(experiments.__path__[0]).parent)
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [above, os.environ.get("PYTHONPATH")]))}


def _read(question: Question, out: Path, seconds: float) -> Results:
    """The results of a comparison from the tables that it wrote."""
    study = Study(question.cells(), range(question.settings.seeds), RunStore(out))
    tables = {name: pd.read_parquet(out / f"{name}.parquet") for name in FRAMES}
    summary = pd.read_csv(out / "summary.csv", keep_default_na=False, na_values={})
    words = ["arm", "measure", "lift_method", "method", "verdict", "is_primary"]
    for column in summary.columns.difference(words):
        summary[column] = pd.to_numeric(summary[column], errors="coerce")
    return make_results(question, study, summary, tables, None, seconds)
