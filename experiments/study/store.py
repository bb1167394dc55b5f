"""The store of a study: each run is one file that appears whole or not at all, and is found again.

The name says what a run is: settings, model version and seed. So a run is computed once, whoever asks for it again,
and a changed setting or model is another file. A file is a zip of Arrow tables behind a line with its digest, which
is verified before a run counts as found.
"""

from __future__ import annotations

import io
import json
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from simulator import SettingsError
from simulator.files import is_intact, seal, whole

RECORD = "run.json"
EVENTS = "events/"
KIND = "pintuan-run 1"
"""How a run's file begins; a zip may stand behind a line of something else."""
STALE_SECONDS = 3600.0
"""Age from which an unfinished file was left by a process that was killed; writing one takes far less."""


class RunStore:
    """Runs by key and seed, below one folder; `kind` is the name of the folder in it where they are kept."""

    def __init__(self, folder: Path, kind: str = "runs") -> None:
        self.folder = folder
        self.kind = kind

    def open(self) -> None:
        """Make the folder if it is not there, and remove what processes that were killed left half-written.

        Raises:
            SettingsError: If the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            raise SettingsError(f"out={self.folder}: cannot be written ({error.strerror})") from None
        for path in self.folder.glob(f"{self.kind}/*/.unfinished-*"):
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                path.unlink(missing_ok=True)

    def path(self, key: str, seed: int) -> Path:
        """Where a run is kept."""
        return self.folder / self.kind / key / f"seed-{seed:06d}.zip"

    def put(self, key: str, seed: int, run: bytes) -> None:
        """Keep a run."""
        path = self.path(key, seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, run)

    def read(self, key: str, seed: int, table: str) -> pd.DataFrame:
        """One table of a run."""
        frame: pd.DataFrame = read_table(self.path(key, seed), table).to_pandas()
        return frame

    def record(self, key: str, seed: int) -> dict[str, Any]:
        """What a run says about itself."""
        return read_record(self.path(key, seed))


def pack(record: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> bytes:
    """A run as the bytes of its file; the same bytes for the same content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:
        _add(file, RECORD, json.dumps(record, indent=1, ensure_ascii=False).encode())
        for name, table in tables.items():
            sink = pa.BufferOutputStream()
            with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
                writer.write_table(table)
            _add(file, f"{name}.arrow", sink.getvalue().to_pybytes())
    return seal(KIND, buffer.getvalue())


def _add(file: zipfile.ZipFile, name: str, data: bytes) -> None:
    file.writestr(zipfile.ZipInfo(name), data)  # with the zip epoch for a date


def read_table(path: Path, table: str) -> pa.Table:
    """One table of a run's file."""
    with zipfile.ZipFile(path) as file:
        return pa.ipc.open_file(pa.BufferReader(file.read(f"{table}.arrow"))).read_all()


def read_record(path: Path) -> dict[str, Any]:
    """What a run's file says about itself: settings, seed, model version, seconds."""
    with zipfile.ZipFile(path) as file:
        return dict(json.loads(file.read(RECORD)))


class Damaged(Exception):
    """A run's file is not as it was written."""


def check(path: Path) -> list[str]:
    """The names of what is in a run's file; empty if there is no file.

    Raises:
        Damaged: If it is not, byte for byte, what was written.
        OSError: If it cannot be read.
    """
    try:
        is_whole = is_intact(path, KIND)
    except FileNotFoundError:
        return []
    if not is_whole:
        raise Damaged(f"{path}: was cut off or changed after it was written")
    with zipfile.ZipFile(path) as file:
        return file.namelist()


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    with whole(path) as unfinished:
        unfinished.write_bytes(content.encode() if isinstance(content, str) else content)


def write_parquet(path: Path, table: pd.DataFrame) -> None:
    """Write a Parquet file so that it is there whole or not at all."""
    with whole(path) as unfinished:
        table.to_parquet(unfinished, index=False)
