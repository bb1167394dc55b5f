"""How far a study is, told from another terminal, or after the fact.

python -m experiments.status results/strategies
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from experiments.parser import Parser
from experiments.study.progress import LOG, Status

SILENT_SECONDS = 60.0
"""A study on another machine that has not reported for so long is taken to be dead."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the status; the exit code is 0 if it runs or finished well, else 1, and 2 if there is no study."""
    parser = Parser("status", __doc__)
    parser.add_argument("folder", type=Path, help="the study's run folder")
    folder: Path = parser.parse_args(arguments).folder
    try:
        status = Status.read(folder)
    except FileNotFoundError:
        parser.error(f"{folder}: no study was run there (there is no status.json)")
    print("\n".join(describe(status, folder)))
    return 0 if state_of(status) in ("running", "finished") else 1


def state_of(status: Status) -> str:
    """The state that a status tells of, or "killed" where its process is gone."""
    if status.state != "running":
        return status.state
    return "running" if _is_alive(status) else "killed"


def describe(status: Status, folder: Path) -> list[str]:
    """The status in lines."""
    state = state_of(status)
    over = status.found + status.computed
    updated = datetime.fromtimestamp(status.updated, UTC)
    lines = [
        f"{state}: {over} of {status.total} runs done ({status.found} found, {status.computed} computed), "
        f"{len(status.failed)} failed; {updated:%Y-%m-%d %H:%M:%S} UTC"
    ]
    if state == "running" and status.seconds_left is not None:
        left = timedelta(seconds=round(status.seconds_left))
        lines.append(
            f"{status.per_minute:.3g} runs a minute, about {left} left (process {status.pid} on {status.host})"
        )
    if state in ("killed", "interrupted", "failed"):
        lines.append("the same command again goes on with what is missing")
    lines += [f"failed: {failure}" for failure in status.failed[:5]]
    lines += [f"damaged, computed again: {path}" for path in status.damaged[:5]]
    if len(status.failed) > 5:
        lines.append(f"all failures, with their settings: {folder / LOG}")
    return lines


def _is_alive(status: Status) -> bool:
    if status.host != socket.gethostname():
        return time.time() - status.updated < SILENT_SECONDS
    try:
        os.kill(status.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    raise SystemExit(main())
