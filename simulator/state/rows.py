"""Batches: a handful of equally long arrays that travel together through the phases of a day."""

from __future__ import annotations

from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class Rows:
    """Base of a dataclass whose fields are arrays of one length."""

    @classmethod
    @cache
    def names(cls) -> tuple[str, ...]:
        """The names of the fields."""
        return tuple(cls.__dataclass_fields__)  # type: ignore[attr-defined]

    def __len__(self) -> int:
        return len(getattr(self, self.names()[0]))

    def take(self, rows: NDArray[Any] | slice) -> Self:
        """The given rows (indices, mask or slice)."""
        if isinstance(rows, np.ndarray) and rows.dtype == np.bool_:
            if rows.all():
                return self
            rows = np.flatnonzero(rows)  # counted once, not for every field
        return type(self)(*[getattr(self, name)[rows] for name in self.names()])

    @classmethod
    def join(cls, parts: list[Self]) -> Self:
        """All parts, one after the other; at least one."""
        parts = [part for part in parts if len(part)] or parts[:1]
        if len(parts) == 1:
            return parts[0]
        return cls(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in cls.names()})


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """The distinct values in ascending order; by sorting, which beats `np.unique`'s hashing on our short, near-sorted
    rows."""
    ordered = np.sort(values, kind="stable")
    is_new = np.ones(len(ordered), dtype=np.bool_)
    is_new[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_new]
