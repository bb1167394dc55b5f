"""Killed at any moment and run again, a study ends with the same bytes as one that was left alone."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MARKET = ["consumers.n=40", "days=6", "burn_in_days=2", "post_days=2", "waves_per_day=2", "workers=2"]
GRID = ["strategy=baseline,group_buying", "needs.retry=range(0,1,.1)"]


def start(out: Path, n_seeds: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "experiments.sweep", *GRID, *MARKET, f"seeds={n_seeds}", f"out={out}"]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def n_stored(folder: Path) -> int:
    return len(list(folder.glob("runs/*/seed-*.zip")))


def kill_and_go_on(folder: Path, n_seeds: int, n_kills: int, luck: random.Random) -> None:
    """Run to the end, killed so many times on the way."""
    n_killed = 0
    while n_killed < n_kills:
        process = start(folder, n_seeds)
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
    assert start(folder, n_seeds).wait() == 0


def try_wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


@pytest.mark.parametrize(
    ("n_seeds", "n_kills"), [(2, 2), pytest.param(50, 20, marks=pytest.mark.slow)], ids=["40 runs", "1000 runs"]
)
def test_a_study_killed_at_random_moments_ends_the_same(n_seeds: int, n_kills: int, tmp_path: Path) -> None:
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    assert start(calm, n_seeds).wait() == 0
    kill_and_go_on(killed, n_seeds, n_kills, random.Random(n_kills))
    assert n_stored(killed) == n_stored(calm) == 20 * n_seeds
    for name in ("runs.csv", "runs.parquet", "sweep.png"):
        assert (killed / name).read_bytes() == (calm / name).read_bytes(), name


def test_two_studies_at_once_in_one_folder_do_not_clash(tmp_path: Path) -> None:
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    assert start(alone, 1).wait() == 0
    assert [process.wait() for process in [start(shared, 1), start(shared, 1)]] == [0, 0]
    assert n_stored(shared) == n_stored(alone)
    for name in ("runs.csv", "runs.parquet", "sweep.png"):
        assert (shared / name).read_bytes() == (alone / name).read_bytes(), name
