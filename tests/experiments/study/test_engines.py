"""Engines give the same results, survive killed workers, and name the task that kills them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from experiments import compare
from experiments.study.engines import Done, EngineSettings, LocalEngine, make_engine, run_all
from experiments.study.replicate import FRAMES
from simulator import SettingsError

ROOT = Path(__file__).parents[3]


def square(task: int) -> bytes:
    return str(task * task).encode()


def failing(task: int) -> bytes:
    if task % 2:
        raise ValueError(f"{task} is odd\nand more")
    return square(task)


def poisonous(task: int) -> bytes:
    if task == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return failing(task)


def outcome(done: Iterator[Done[int]]) -> dict[int, bytes | str]:
    return {d.task: d.error or d.result for d in done}


def test_every_task_is_over_once_and_failures_stop_nothing() -> None:
    found = outcome(run_all(LocalEngine(1), failing, range(9), lambda: None))
    assert found == {t: f"ValueError: {t} is odd" if t % 2 else square(t) for t in range(9)}


def test_a_task_that_kills_its_worker_is_named_and_the_others_are_done() -> None:
    found = outcome(run_all(LocalEngine(2), poisonous, range(6), lambda: None))
    assert "killed" in str(found.pop(2))
    assert found == {t: f"ValueError: {t} is odd" if t % 2 else square(t) for t in range(6) if t != 2}


def name_yourself(task: str) -> bytes:
    Path(task).write_text(str(os.getpid()))
    time.sleep(3600)
    return b""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks processes up in /proc")
def test_workers_end_when_the_study_is_killed(tmp_path: Path) -> None:
    names = [str(tmp_path / f"worker-{i}") for i in range(2)]
    study = multiprocessing.get_context("spawn").Process(target=wait_for_workers, args=(names,))
    study.start()
    workers = [int(until(lambda name=name: Path(name).exists() and Path(name).read_text())) for name in names]
    study.kill()
    study.join()
    for worker in workers:
        until(lambda worker=worker: not is_running(worker))


def wait_for_workers(names: list[str]) -> None:
    list(run_all(LocalEngine(2), name_yourself, names, lambda: None))


def is_running(pid: int) -> bool:
    try:
        # One that has ended may still be listed until somebody asks for its exit code.
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def until(happens: Callable[[], object], seconds: float = 600.0) -> Any:
    """What a function gives once it is true; fails after a while."""
    end = time.monotonic() + seconds
    while not (found := happens()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def test_a_wrong_engine_is_refused_before_anything_runs() -> None:
    with pytest.raises(ValueError, match="used only with engine=dask"):
        EngineSettings(address="tcp://here:1")
    with pytest.raises(ValueError, match=r"needs engine\.address"):
        EngineSettings(kind="dask")
    with pytest.raises(ValueError, match="ca_file=None: needed with a tls"):
        EngineSettings(kind="dask", address="tls://here:1")
    with pytest.raises(ValueError, match="nowhere: there is no such file"):
        EngineSettings(kind="dask", address="tls://here:1", ca_file="nowhere")
    with pytest.raises(ValueError, match="key_file=x: needed with a tls"):
        EngineSettings(kind="dask", address="tcp://here:1", key_file="x")
    with pytest.raises(SettingsError, match="the cluster decides"):
        make_engine(EngineSettings(kind="dask", address="tcp://here:1"), 2)


def test_as_many_workers_as_this_process_may_use_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as many as the machine has: on a cluster a job is given some of its cores."""
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    for asked, given in ((None, 1), (3, 3)):
        engine = make_engine(EngineSettings(), asked)
        assert isinstance(engine, LocalEngine)
        assert engine.workers == given


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def dask(*arguments: str) -> subprocess.Popen[bytes]:
    patience = {f"DASK_DISTRIBUTED__COMM__TIMEOUTS__{name}": "600s" for name in ("CONNECT", "TCP")}
    path = {**os.environ, **patience, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:], "--no-dashboard"]
    return subprocess.Popen(command, env=path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Cluster:
    """A scheduler and two worker processes on this machine's loopback."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        self.folder = folder
        self.scheduler = dask("scheduler", "--host", "127.0.0.1", "--port", str(port))
        self.workers = [self.start(), self.start()]

    def start(self) -> subprocess.Popen[bytes]:
        own = ["--no-nanny", "--nthreads", "1", "--local-directory", str(self.folder)]
        return dask("worker", self.address, *own)

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    running = Cluster(tmp_path_factory.mktemp("dask"))
    yield running
    running.stop()


STUDY = [
    "consumers.n=150",
    "days=24",
    "waves_per_day=2",
    "burn_in_days=4",
    "post_days=8",
    "seeds=5",
    "experiment.arms=[baseline,referral]",
]


def compare_on(out: Path, *engine: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "experiments.compare", *STUDY, f"out={out}", "engine=dask", *engine]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in [*folder.glob("*.parquet"), *folder.glob("*.csv")]}


def test_a_cluster_gives_the_same_bytes_and_survives_a_killed_worker(cluster: Cluster, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    assert compare.main([*STUDY, "workers=1", f"out={here}"]) == 0

    def kill_in_the_middle() -> None:
        while len(list(there.glob("runs/*/*.zip"))) < 3 and not is_over.wait(0.02):
            pass
        cluster.workers[0].kill()

    is_over = threading.Event()
    killer = threading.Thread(target=kill_in_the_middle)
    killer.start()
    done = compare_on(there, f"engine.address={cluster.address}", "engine.patience_seconds=600")
    is_over.set()
    killer.join()
    assert done.returncode == 0, done.stderr
    assert cluster.workers[0].wait() != 0
    assert tables(there) == tables(here)
    assert len(tables(here)) == len(FRAMES) + 1


def test_without_a_scheduler_there_is_one_clear_line(tmp_path: Path) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    done = compare_on(tmp_path / "new", f"engine.address={address}", "engine.patience_seconds=.5")
    assert done.returncode == 2
    assert done.stderr.startswith(f"compare: engine.address={address}: no scheduler answers")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "new").exists()
