"""Social networks from files: SNAP text or CSV, plain or gzipped."""

from __future__ import annotations

import csv
import gzip
import io
import math
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.draws import Floats

_WITHOUT_LINK = re.compile(r"^[ \t]*(?:[#%].*)?$", re.MULTILINE)
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_FIRST_HEADS = {"source", "from", "src", "node1", "node_1", "id1", "id_1", "user", "person", "follower"}
_SECOND_HEADS = {"target", "to", "dst", "node2", "node_2", "id2", "id_2", "friend", "followee"}


class EdgeList(NamedTuple):
    """The links of a file, in its order.

    Attributes:
        n: Number of people: of different ids in the file.
        a: One end of each link, shape (n_links,), from 0 to n - 1 in ascending order of the ids.
        b: The other end, shape (n_links,).
        strength: The weights, shape (n_links,), finite and not negative; None where the file has none.
        original_ids: The id of each person in the file, shape (n,), ascending: integers by value, or strings.
    """

    n: int
    a: NDArray[np.int32]
    b: NDArray[np.int32]
    strength: Floats | None
    original_ids: NDArray[Any]


def read_edge_list(path: str | Path) -> EdgeList:
    """Read a network: one link per line, two ids and perhaps a weight.

    Fields are separated by commas (quotes as usual in CSV) or by spaces and tabs; the first link decides. So it does
    whether ids are integers or strings, and whether there are weights. Empty lines and lines that begin with # or %
    are skipped; so is a first line of words above integer ids, or of well-known names ("source,target"). A name that
    ends in .gz is unpacked.

    Raises:
        ValueError: Naming the file and, where there is one, the line at fault, if the file cannot be opened or
            unpacked, is not UTF-8 text, has no links, or a line does not hold what the first link has.
    """
    return _read(str(path), stamp(path))


@lru_cache(maxsize=2)
def _read(path: str, stamp: tuple[int, ...]) -> EdgeList:
    """`read_edge_list`, once per process for each state of a file: a study asks for the same one again and again."""
    text = _WITHOUT_LINK.sub("", _text(path))  # leaves empty lines behind, so line numbers stay
    starts = list(_first_lines(text, 2))
    if starts and _is_header(*(_fields(line.group(), "," in line.group()) for line in starts)):
        text = text[: starts[0].start()] + text[starts[0].end() :]
        starts.pop(0)
    if not starts:
        raise ValueError(f"{path}: there are no links in the file")
    layout = _layout_of(starts[0].group())
    try:
        links = _parse(text, layout)
    except (ValueError, OverflowError) as error:
        _refuse_bad_line(path, text, layout)
        raise ValueError(f"{path}: is no list of links: {error}") from error
    codes, ids = pd.factorize(np.concatenate([links[0], links[1]]), sort=True)
    a, b = np.split(codes.astype(np.int32), 2)
    original_ids = ids if layout.has_integer_ids else ids.astype(np.str_)
    for array in (a, b, *links[2:]):
        array.flags.writeable = False  # others get the same arrays
    return EdgeList(len(ids), a, b, links[2] if layout.has_weights else None, original_ids)


def stamp(path: str | Path) -> tuple[int, ...]:
    """What changes when a file does; empty if there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


@dataclass(frozen=True)
class _Layout:
    is_csv: bool
    has_integer_ids: bool
    has_weights: bool


def _text(path: str | Path) -> str:
    try:
        data = gzip.decompress(Path(path).read_bytes()) if str(path).endswith(".gz") else Path(path).read_bytes()
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: is not a whole gzip file") from error
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error
    not_text = data.find(b"\0")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        not_text = error.start
    if not_text >= 0:
        line = data.count(b"\n", 0, not_text) + 1
        raise ValueError(f"{path}, line {line}: is not UTF-8 text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _first_lines(text: str, n: int) -> Iterator[re.Match[str]]:
    for _, line in zip(range(n), re.finditer(r".+", text), strict=False):
        yield line


def _fields(line: str, is_csv: bool) -> list[str]:
    if not is_csv:
        return line.split()
    return [field.strip() for field in next(csv.reader([line], skipinitialspace=True))]


def _is_header(first: list[str], second: list[str] | None = None) -> bool:
    if len(first) >= 2 and first[0].lower() in _FIRST_HEADS and first[1].lower() in _SECOND_HEADS:
        return True
    above_integers = second is not None and len(first) == len(second) and all(map(_is_integer, second[:2]))
    return above_integers and not any(_is_integer(field) or _is_weight(field) for field in first)


def _layout_of(line: str) -> _Layout:
    fields = _fields(line, "," in line)
    return _Layout("," in line, all(map(_is_integer, fields[:2])), len(fields) > 2)


def _parse(text: str, layout: _Layout) -> list[NDArray[Any]]:
    """The columns of the file, each of shape (n_links,); any ValueError says that some line is at fault."""
    id_type = "int64" if layout.has_integer_ids else "object"
    frame = pd.read_csv(
        io.StringIO(text),
        header=None,
        sep="," if layout.is_csv else r"\s+",
        quoting=csv.QUOTE_MINIMAL if layout.is_csv else csv.QUOTE_NONE,
        skipinitialspace=True,
        dtype={0: id_type, 1: id_type, 2: "float64"},
        keep_default_na=False,
    )
    if frame.shape[1] != 2 + layout.has_weights:
        raise ValueError(f"{frame.shape[1]} columns")
    columns = [frame[name].to_numpy() for name in frame]
    if not layout.has_integer_ids:
        columns[:2] = [frame[name].str.strip().to_numpy(dtype=object) for name in (0, 1)]
        if any(not isinstance(field, str) or not field for ids in columns[:2] for field in ids):
            raise ValueError("an id is missing")
    if layout.has_weights and not (np.isfinite(columns[2]) & (columns[2] >= 0)).all():
        raise ValueError("a weight is negative or not a finite number")
    return columns


def _refuse_bad_line(path: str | Path, text: str, layout: _Layout) -> None:
    """Look line by line for what `_parse` stumbled over, and raise a ValueError that names the first such line."""
    what = "two ids and a weight" if layout.has_weights else "two ids"
    for number, line in enumerate(text.split("\n"), start=1):
        if not line:
            continue
        fields = _fields(line, layout.is_csv)
        if len(fields) != 2 + layout.has_weights or "" in fields[:2]:
            raise ValueError(f"{path}, line {number}: expected {what}, found '{line.strip()}'")
        for field in fields[:2]:
            if layout.has_integer_ids and not _is_integer(field):
                raise ValueError(f"{path}, line {number}: expected integer ids as in the first link, found '{field}'")
        if layout.has_weights and not _is_weight(fields[2]):
            raise ValueError(f"{path}, line {number}: expected a weight of 0 or more, found '{fields[2]}'")


def _is_integer(field: str) -> bool:
    return _INTEGER.fullmatch(field) is not None and -(2**63) <= int(field) < 2**63


def _is_weight(field: str) -> bool:
    try:
        return math.isfinite(float(field)) and float(field) >= 0
    except ValueError:
        return False
