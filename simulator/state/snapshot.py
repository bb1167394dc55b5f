"""Snapshots: what a market carries from one day to the next, copied out of it, put into another one, kept in a file.

A class that holds state between days says so in one line, `carried = ("_today", "_waiting")`: the names of attributes
that are numbers, arrays, columns, live tables, batches, lists and dictionaries of these, or objects that carry
something themselves. What follows from scenario and seed, and what every morning sets anew, is not carried.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.files import model_version, seal, whole
from simulator.state.columns import Columns
from simulator.state.rows import Rows
from simulator.state.tables import LiveTable

MAGIC = "saved-market"
FORMAT = 1
Tree = dict[str, Any]


class SnapshotError(ValueError):
    """A file is no saved market, is damaged, or was written by another version; the message names it."""


def take(value: Any) -> Any:
    """A copy of what a value carries, as plain values, arrays, and lists and dictionaries of them.

    Raises:
        TypeError: If there is something that does not say what it carries.
    """
    match value:
        case np.ndarray():
            return value.copy()
        case np.generic():
            return value.item()
        case None | bool() | int() | float() | str():
            return value
        case dict():
            return {key: take(part) for key, part in value.items()}
        case list() | tuple() | deque():
            return [take(part) for part in value]
        case Columns():
            return take(value.by_owner())
        case LiveTable():
            return {name: value[name].copy() for name in value.fields}
        case Rows():
            return {name: take(getattr(value, name)) for name in value.names()}
    if not hasattr(type(value), "carried"):
        raise TypeError(f"{type(value).__name__} is state, but its class does not say in `carried` what of it to keep")
    return {name: take(getattr(value, name)) for name in value.carried}


def give(old: Any, new: Any) -> Any:
    """Put what was taken into a value of a new market; what is to stand there from now on.

    Parts, columns and arrays of the same shape are filled in place, since others hold them.
    """
    match old:
        case np.ndarray() if old.shape == new.shape:
            np.copyto(old, new)
        case dict():
            parts = {key: give(old.get(key), part) for key, part in new.items()}
            old.clear()
            old.update(parts)
        case list() | deque():
            old.clear()
            old.extend(new)
        case Columns():
            old.refill(new)
        case LiveTable():
            old.refill(new)
        case Rows():
            return type(old)(**new)
        case _ if hasattr(type(old), "carried"):
            for name, part in new.items():
                before = getattr(old, name)
                after = give(before, part)
                if after is not before:
                    setattr(old, name, after)
        case _:
            return new
    return old


def write(path: str | Path, header: Tree, tree: Any) -> None:
    """Write a snapshot, whole or not at all: a line with the digest, a line of JSON, and the arrays (npz in zstd).

    Raises:
        SnapshotError: If the file cannot be written.
    """
    arrays: list[NDArray[Any]] = []
    state = _encode(tree, arrays)
    buffer = io.BytesIO()
    np.savez(buffer, *arrays, allow_pickle=False)
    about = {**header, "model": model_version(), "state": state, "n_bytes": buffer.tell()}
    content = json.dumps(about).encode() + b"\n" + pa.compress(buffer.getbuffer(), codec="zstd", asbytes=True)
    try:
        with whole(Path(path)) as unfinished:
            unfinished.write_bytes(seal(f"{MAGIC} {FORMAT}", content))
    except OSError as error:
        raise SnapshotError(f"{path}: cannot be written ({error.strerror})") from None


def read(path: str | Path) -> tuple[Tree, Any]:
    """The header and the snapshot in a file.

    Raises:
        SnapshotError: If the file cannot be read, is no saved market, is damaged, or comes from another version.
    """
    try:
        first_line, _, content = Path(path).read_bytes().partition(b"\n")
    except OSError as error:
        raise SnapshotError(f"{path}: cannot be read ({error.strerror})") from None
    match first_line.decode("ascii", "replace").split(" "):
        case [magic, version, digest] if magic == MAGIC:
            pass
        case _:
            raise SnapshotError(f"{path}: is not a saved market")
    if version != str(FORMAT):
        raise SnapshotError(f"{path}: is in format {version} of saved markets; this version reads format {FORMAT}")
    if hashlib.sha256(content).hexdigest() != digest:
        raise SnapshotError(f"{path}: is damaged: it was cut off or changed after it was saved; save the market again")
    head, _, packed = content.partition(b"\n")
    header = json.loads(head)
    if header["model"] != model_version():
        raise SnapshotError(
            f"{path}: was saved by version {header['model']} of the model; this is {model_version()}, "
            "under which the same days may pass differently; run the market again from its start"
        )
    body = pa.decompress(packed, decompressed_size=header["n_bytes"], codec="zstd", asbytes=True)
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        return header, _decode(header.pop("state"), map(arrays.__getitem__, arrays.files))


def _encode(value: Any, arrays: list[NDArray[Any]]) -> Any:
    """A tree as JSON can hold it; its arrays are put into the list, in order."""
    match value:
        case np.ndarray():
            arrays.append(value)
            return {"array": f"{value.dtype} {list(value.shape)}"}  # for the eye: the file of arrays knows by itself
        case dict():
            return {"map": [[key, _encode(part, arrays)] for key, part in value.items()]}
        case list():
            return [_encode(part, arrays) for part in value]
    return value


def _decode(value: Any, arrays: Iterator[NDArray[Any]]) -> Any:
    match value:
        case {"array": _}:
            return next(arrays)
        case {"map": pairs}:
            return {key: _decode(part, arrays) for key, part in pairs}
        case list():
            return [_decode(part, arrays) for part in value]
    return value
