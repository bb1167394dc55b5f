"""Killed at any moment and run again, a study ends with the same bytes as one that was left alone."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MARKET = ["consumers.n=40", "days=6", "burn_in_days=2", "post_days=2", "waves_per_day=2"]
GRID = ["strategy=baseline,group_buying", "needs.retry=range(0,1,.1)"]
MADE = ("runs.csv", "runs.parquet", "sweep.png")


def start(out: Path, n_seeds: int, workers: int) -> subprocess.Popen[bytes]:
    size = [f"seeds={n_seeds}", f"workers={workers}"]
    command = [sys.executable, "-m", "experiments.sweep", *GRID, *MARKET, *size, f"out={out}"]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def n_stored(folder: Path) -> int:
    return len(list(folder.glob("runs/*/seed-*.zip")))


def kill_and_go_on(folder: Path, n_seeds: int, n_kills: int, luck: random.Random) -> None:
    """Run to the end, killed so many times on the way."""
    n_killed = 0
    while n_killed < n_kills:
        process = start(folder, n_seeds, 2)
        # Wait until some more runs are stored, spread over the study, then a random moment.
        wanted = n_stored(folder) + luck.randrange(20 * n_seeds // (n_kills + 1) + 1) if n_killed else 0
        while process.poll() is None and n_stored(folder) < wanted:
            try_wait(process, 0.02)
        try_wait(process, luck.uniform(0.0, 0.2))
        if process.poll() is None:
            n_killed += 1
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        else:  # this machine was too busy to kill it in time: begin anew
            assert process.returncode == 0
            shutil.rmtree(folder)
    assert start(folder, n_seeds, 2).wait() == 0


def try_wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


@pytest.fixture(scope="module")
def left_alone(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """The folder of a study with so many seeds that nothing disturbed."""

    @cache
    def make(n_seeds: int) -> Path:
        folder = tmp_path_factory.mktemp("left_alone")
        assert start(folder, n_seeds, 1).wait() == 0
        return folder

    return make


def test_a_study_is_the_same_after_what_disturbed_it(left_alone: Callable[[int], Path], tmp_path: Path) -> None:
    """One test for both, so that they are compared with the same study: each start takes seconds."""
    killed, shared = tmp_path / "killed", tmp_path / "shared"
    kill_and_go_on(killed, 1, 2, random.Random(2))
    assert_same(killed, left_alone(1))
    two_at_once = [start(shared, 1, 1), start(shared, 1, 1)]
    assert [process.wait() for process in two_at_once] == [0, 0]
    assert_same(shared, left_alone(1))


@pytest.mark.slow
def test_a_thousand_runs_killed_twenty_times_end_the_same(left_alone: Callable[[int], Path], tmp_path: Path) -> None:
    kill_and_go_on(tmp_path, 50, 20, random.Random(20))
    assert_same(tmp_path, left_alone(50))


def assert_same(folder: Path, left_alone: Path) -> None:
    assert n_stored(folder) == n_stored(left_alone) > 0
    for name in MADE:
        assert (folder / name).read_bytes() == (left_alone / name).read_bytes(), name
