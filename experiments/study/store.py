"""The store of a study: each run is a folder that appears whole or not at all, and is found again."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

import simulator
from simulator import Market, Scenario, SettingsError, final_measures
from simulator.records.cascades import cascade_sizes, generations
from simulator.records.daily import daily_measures
from simulator.records.events import TABLES
from simulator.records.metrics import retention

FRAMES = ("final", "daily", "retention", "cascades", "generations")
"""What every run leaves: the final measures, and tidy tables by day, age, cascade size and generation."""


class RunStore:
    """Runs by scenario and seed, below one folder.

    Args:
        folder: Made if it is not there.

    Raises:
        SettingsError: If the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise SettingsError(f"out={folder}: cannot be written ({error.strerror})") from None

    def path(self, scenario: Scenario, seed: int) -> Path:
        """Where a run is kept; another setting, seed or version of the model is another place."""
        key = hashlib.sha256(f"{scenario.hash} {model_fingerprint()}".encode()).hexdigest()[:16]
        return self.folder / "runs" / key / f"seed-{seed:06d}"

    def has(self, scenario: Scenario, seed: int, keep_events: bool) -> bool:
        """Whether the run is there, with its events if those are wanted."""
        path = self.path(scenario, seed)
        return (path / "events").is_dir() if keep_events else path.is_dir()

    def read(self, scenario: Scenario, seed: int, frame: str) -> pd.DataFrame:
        """One of the `FRAMES` of a run."""
        return pd.read_parquet(self.path(scenario, seed) / f"{frame}.parquet")


def compute(store: RunStore, scenario: Scenario, seed: int, keep_events: bool) -> None:
    """Run one market and store what it leaves."""
    log = Market(scenario, rng=seed).run().log
    frames = {
        "final": pd.DataFrame(list(final_measures(log).items()), columns=["measure", "value"]),
        "daily": daily_measures(log),
        "retention": retention(log),
        "cascades": cascade_sizes(log),
        "generations": generations(log),
    }
    path = store.path(scenario, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".unfinished-") as unfinished:
        run = Path(unfinished) / "run"
        run.mkdir()
        for name in FRAMES:
            frames[name].to_parquet(run / f"{name}.parquet", index=False)
        if keep_events:
            (run / "events").mkdir()
            for table in TABLES:
                pq.write_table(log.arrow(table), run / "events" / f"{table}.parquet")
        if path.exists():  # without the events that are wanted now, or finished by another process meanwhile
            shutil.rmtree(path)
        os.replace(run, path)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    data = content.encode() if isinstance(content, str) else content
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(unfinished, 0o644)
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise


def write_parquet(path: Path, table: pd.DataFrame) -> None:
    """Write a Parquet file so that it is there whole or not at all."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    write_whole(path, buffer.getvalue())


@cache
def model_fingerprint() -> str:
    """A fingerprint of the model's source, so that a changed model never passes for the one that made a result."""
    package = Path(simulator.__file__).parent
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        digest.update(source.relative_to(package).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
