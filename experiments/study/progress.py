"""How far a study is: a bar on the terminal, quiet lines in a log file, and a status that other processes can read."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from experiments.study.engines import Done
from experiments.study.store import write_whole

STATUS = "status.json"
LOG = "study.log"
_SECONDS_BETWEEN_STATUSES = 1.0
_SECONDS_BETWEEN_LINES = 60.0


class Told(Protocol):
    """A task whose failure is told."""

    def details(self) -> str:
        """What the log adds to the error."""


Task = TypeVar("Task", bound=Told)


@dataclass
class Status:
    """Where a study stands.

    Attributes:
        state: "running", "finished", "failed" (finished, but runs failed) or "interrupted".
        total: Runs of the study.
        found: Runs that were in the store before.
        computed: Runs computed since.
        failed: Runs that failed, each with its error.
        damaged: Files that were not as they had been written, and are computed again.
        started, updated: Seconds since 1970.
        host, pid: The process that computes.
    """

    total: int
    found: int
    state: str = "running"
    computed: int = 0
    failed: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.time)
    updated: float = field(default_factory=time.time)
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)

    @property
    def per_minute(self) -> float:
        """Runs computed per minute so far."""
        return 60 * self.computed / max(self.updated - self.started, 1e-9)

    @property
    def seconds_left(self) -> float | None:
        """Estimated from the rate so far; None while there is none."""
        left = self.total - self.found - self.computed - len(self.failed)
        return 60 * left / self.per_minute if self.computed else None

    @classmethod
    def read(cls, folder: Path) -> Status:
        """The last status of the study in a folder.

        Raises:
            FileNotFoundError: If there is none.
        """
        return cls(**json.loads((folder / STATUS).read_text(encoding="utf-8")))


class Watch:
    """Reports the progress of a study while it is entered."""

    def __init__(self, folder: Path, total: int, found: int, damaged: list[str]) -> None:
        self.folder = folder
        self.status = Status(total, found, damaged=damaged)
        self._bar = _progress_bar()
        self._task = self._bar.add_task("runs", total=total, completed=found, note=self._note())
        self._last_line = self._last_status = time.time()

    def __enter__(self) -> Self:
        for path in self.status.damaged:
            self._log(f"damaged, computed again: {path}")
            print(f"damaged, computed again: {path}", file=sys.stderr)
        self._log(f"{self.status.total} runs, {self.status.found} found")
        self._write()
        self._bar.start()
        return self

    def over(self, done: Done[Task]) -> None:
        """A run is over."""
        self.status.updated = time.time()
        if done.error is None:
            self.status.computed += 1
        else:
            self.status.failed.append(f"{done.task}: {done.error}")
            self._log(f"failed: {done.task}: {done.error}; {done.task.details()}")
        self._bar.update(self._task, advance=1, note=self._note())
        self.beat()

    def beat(self) -> None:
        """The study is alive, though nothing may have happened."""
        now = time.time()
        if now - self._last_status >= _SECONDS_BETWEEN_STATUSES:
            self._write()
        if now - self._last_line >= _SECONDS_BETWEEN_LINES:
            self._log(self._line())

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if kind is None:
            self.status.state = "failed" if self.status.failed else "finished"
        else:
            self.status.state = "interrupted"
        self._bar.stop()
        self._write()
        self._log(f"{self.status.state}: {self._line()}")

    def _line(self) -> str:
        s = self.status
        return f"{s.computed} computed, {s.found} found, {len(s.failed)} failed of {s.total}"

    def _note(self) -> str:
        s = self.status
        rate = f"{s.per_minute:.3g}/min" if s.computed else ""
        parts = [rate, f"{s.found} found" if s.found else "", f"[red]{len(s.failed)} failed[/]" if s.failed else ""]
        return ", ".join(filter(None, parts))

    def _write(self) -> None:
        self.status.updated = self._last_status = time.time()
        write_whole(self.folder / STATUS, json.dumps(asdict(self.status), indent=1, ensure_ascii=False) + "\n")

    def _log(self, line: str) -> None:
        self._last_line = time.time()
        with (self.folder / LOG).open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC  {line}\n")


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
