"""Engines: where the runs of a study are computed. All speak the interface of `concurrent.futures`."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, Self, TypeVar

import joblib
from pydantic import model_validator

from simulator import SettingsError
from simulator.settings import Settings, quantity

Task = TypeVar("Task")

HEARTBEAT_SECONDS = 2.0
"""How long to wait for a result before telling that the study is alive."""


class EngineSettings(Settings):
    """Where runs are computed."""

    kind: Literal["local", "dask"] = quantity("local", "processes of this machine, or a dask.distributed cluster")
    address: str | None = quantity(None, "the cluster's scheduler, such as tcp://host:8786 or tls://host:8786")
    ca_file: str | None = quantity(None, "certificate authority of a tls:// scheduler")
    cert_file: str | None = quantity(None, "this client's certificate, for tls://")
    key_file: str | None = quantity(None, "this client's key, for tls://")
    patience_seconds: float = quantity(30.0, "how long to wait for the scheduler and a first worker", unit="s", gt=0)

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.kind == "dask" and self.address is None:
            raise ValueError("engine=dask needs engine.address=tcp://HOST:PORT, where `dask scheduler` listens")
        given = [name for name in ("address", "ca_file", "cert_file", "key_file") if getattr(self, name) is not None]
        if self.kind == "local" and given:
            raise ValueError(f"engine.{given[0]}: used only with engine=dask")
        files = {name: getattr(self, name) for name in ("ca_file", "cert_file", "key_file")}
        for name, path in files.items():
            if (path is None) == str(self.address).startswith("tls:"):
                raise ValueError(f"engine.{name}={path}: needed with a tls:// address, and only there")
            if path is not None and not Path(path).is_file():
                raise ValueError(f"engine.{name}={path}: there is no such file")
        return self


@dataclass(frozen=True)
class Done(Generic[Task]):
    """A task that is over: with its result, or with an error that says in one line why it failed."""

    task: Task
    result: bytes = b""
    error: str | None = None


@dataclass(frozen=True)
class Pool:
    """Workers, ready to take tasks.

    Attributes:
        executor: Takes them.
        workers: How many tasks are computed at the same time, now.
    """

    executor: Executor
    workers: Callable[[], int]


class Engine(Protocol):
    """Something that opens pools of workers."""

    def check(self) -> None:
        """Raise a SettingsError if there are no workers to be had."""

    def pool(self, *, single: bool = False) -> AbstractContextManager[Pool]:
        """Workers for a while; only one where `single`."""

    def is_lost_worker(self, error: BaseException) -> bool:
        """Whether a task failed because its worker died, perhaps through no fault of its own."""


def make_engine(settings: EngineSettings, workers: int | None) -> Engine:
    """The engine that the settings ask for.

    Raises:
        SettingsError: If they contradict each other, or a package is missing.
    """
    if settings.kind == "local":
        return LocalEngine(workers or joblib.cpu_count())
    if workers is not None:
        raise SettingsError(f"workers={workers}: the cluster decides how many; leave it out with engine=dask")
    try:
        from experiments.study.dask_engine import DaskEngine
    except ModuleNotFoundError:
        raise SettingsError("engine=dask needs dask.distributed: pip install 'pintuan[cluster]'") from None
    return DaskEngine(settings)


def run_all(
    engine: Engine, work: Callable[[Task], bytes], tasks: Sequence[Task], beat: Callable[[], None]
) -> Iterator[Done[Task]]:
    """Compute the tasks; yields each as it is over, in any order. A task that fails does not stop the others.

    When a worker dies, the tasks under way are tried again one by one, so that the one that kills its worker is known.

    Args:
        engine: Where.
        work: What to do with a task; both must be picklable.
        tasks: In the order in which they are begun.
        beat: Called every few seconds while nothing ends.
    """
    waiting, suspects = deque(tasks), deque[Task]()
    while waiting:
        with engine.pool() as pool:
            yield from _drain(engine, pool, work, waiting, suspects, beat)
    while suspects:
        twice: deque[Task] = deque()
        with engine.pool(single=True) as pool:
            while suspects and not twice:
                yield from _drain(engine, pool, work, deque([suspects.popleft()]), twice, beat)
        yield from (Done(task, error="its worker was killed, twice (out of memory?)") for task in twice)


def _drain(
    engine: Engine,
    pool: Pool,
    work: Callable[[Task], bytes],
    waiting: deque[Task],
    suspects: deque[Task],
    beat: Callable[[], None],
) -> Iterator[Done[Task]]:
    """Compute what is waiting until nothing is left or the pool breaks; tasks of dead workers become suspects."""
    under_way: dict[Future[bytes], Task] = {}  # for each worker one that it computes and one that waits for it
    is_broken = False
    while under_way or (waiting and not is_broken):
        while waiting and not is_broken and len(under_way) < 2 * pool.workers():
            try:
                future = pool.executor.submit(work, waiting[0])
            except BrokenExecutor:
                is_broken = True
            else:
                under_way[future] = waiting.popleft()
        finished, _ = wait(under_way, timeout=HEARTBEAT_SECONDS, return_when=FIRST_COMPLETED)
        if not finished:
            beat()
        for future in finished:
            task, error = under_way.pop(future), _error_of(future)
            if error is None:
                yield Done(task, result=future.result())
            elif engine.is_lost_worker(error):
                is_broken = is_broken or isinstance(error, BrokenExecutor)
                suspects.append(task)
            else:
                yield Done(task, error=one_line(error))


def one_line(error: BaseException) -> str:
    """What went wrong, without its further lines."""
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"


def _error_of(future: Future[bytes]) -> BaseException | None:
    try:
        return future.exception()
    except CancelledError as error:
        return error


class LocalEngine:
    """All cores of this machine, or as many as are asked for. With one worker everything stays in this process."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def check(self) -> None:
        """There always are."""

    @contextmanager
    def pool(self, *, single: bool = False) -> Iterator[Pool]:
        """A process pool."""
        workers = 1 if single else self.workers
        if self.workers == 1:
            yield Pool(Here(), lambda: 1)
            return
        # Replicates use the cores, not threads inside a run: BLAS threads would only fight over them.
        for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(variable, "1")
        # A fresh interpreter per worker: a forked one would inherit the threads of the progress bar.
        context = multiprocessing.get_context("spawn")
        executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_die_with_parent)
        try:
            yield Pool(executor, lambda: workers)
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise
        executor.shutdown()

    def is_lost_worker(self, error: BaseException) -> bool:
        """A process that dies breaks its pool."""
        return isinstance(error, BrokenExecutor)


def _die_with_parent() -> None:
    """Let this worker end when the study is killed; it would wait for tasks, and hold memory, for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Here(Executor):
    """Computes in this process, at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call `fn`; the future is done when this returns."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # whatever it is, the other tasks must go on; the study reports it
            future.set_exception(error)
        return future
