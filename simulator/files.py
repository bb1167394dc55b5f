"""Files that are there whole or not at all and tell when they are damaged, and the version of the model."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to, which takes its place at the end, or vanishes if anything goes wrong."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
    os.close(handle)
    try:
        yield Path(name)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def seal(kind: str, content: bytes) -> bytes:
    """Content behind a line that says what it is and holds its SHA-256, so that any damage is noticed."""
    return f"{kind} {hashlib.sha256(content).hexdigest()}\n".encode() + content


def is_intact(path: Path, kind: str) -> bool:
    """Whether a file is as `seal` made it.

    Raises:
        OSError: If it cannot be read.
    """
    with path.open("rb") as file:
        return file.readline(256) == f"{kind} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode()


@cache
def model_version() -> str:
    """A fingerprint of the model's source, so that a changed model never passes for the one that made a result."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        digest.update(source.relative_to(package).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
