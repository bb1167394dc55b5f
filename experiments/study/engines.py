"""Engines: where the runs of a study are computed."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Generic, TypeVar

Task = TypeVar("Task")


@dataclass(frozen=True)
class Done(Generic[Task]):
    """A task that is over; `error` says in one line why it failed, and is None when it did not."""

    task: Task
    error: str | None = None


def run_local(compute: Callable[[Task], None], tasks: Sequence[Task], workers: int) -> Iterator[Done[Task]]:
    """Compute the tasks in worker processes; yields each as it is over, in any order.

    A task that fails does not stop the others. `compute` and the tasks must be picklable.
    """
    if workers == 1 or len(tasks) <= 1:
        for task in tasks:
            yield _attempt(compute, task)
        return
    # Replicates use the cores, not threads inside a run: BLAS threads would only fight over them.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    # A fresh interpreter per worker: a forked one would inherit the threads of the progress bar.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context) as pool:
        futures = {pool.submit(_attempt, compute, task): task for task in tasks}
        try:
            for future in as_completed(futures):
                try:
                    yield future.result()
                except BrokenProcessPool:
                    yield Done(futures[future], "its worker process was killed")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _attempt(compute: Callable[[Task], None], task: Task) -> Done[Task]:
    try:
        compute(task)
    except Exception as error:  # whatever it is, the other tasks must go on; the study reports it
        return Done(task, f"{type(error).__name__}: {error}")
    return Done(task)
