"""Columns: one array per property of the consumers, each with one owner who alone may write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.settings import nearest


@dataclass(frozen=True)
class Column:
    """What a column holds.

    Attributes:
        name: The property's name, as read on an agent (`market.consumers[17].trust`).
        owner: The part of the model that writes it.
        dtype: The NumPy type of one value.
        meaning: What it means, in one line.
        unit: The unit of a value; empty where there is none.
        initial: The value everyone starts with.
        width: Values per consumer for a vector (taste, loyalty per merchant); 0 for a plain column.
        is_settable: Whether a user may set it from outside between days (traits and moods yes, accounts no).
    """

    name: str
    owner: str
    dtype: Any
    meaning: str
    unit: str = ""
    initial: float = 0
    width: int = 0
    is_settable: bool = False


class Columns:
    """The arrays of a population of `n` rows; row number is identity and never changes."""

    def __init__(self, n: int) -> None:
        self.n = n
        self._columns: dict[str, Column] = {}
        self._arrays: dict[str, NDArray[Any]] = {}

    def add(self, column: Column, values: NDArray[Any] | None = None) -> NDArray[Any]:
        """Add a column and hand its writable array, shape (n,) or (n, width), to the owner.

        Raises:
            ValueError: If the name is taken, or the values do not have the column's shape.
        """
        if column.name in self._columns:
            owner = self._columns[column.name].owner
            raise ValueError(f"column '{column.name}' is already owned by '{owner}'")
        shape = (self.n,) if column.width == 0 else (self.n, column.width)
        if values is None:
            array = np.full(shape, column.initial, dtype=column.dtype)
        else:
            array = np.array(values, dtype=column.dtype, order="C")
            if array.shape != shape:
                raise ValueError(f"column '{column.name}' needs shape {shape}, got {array.shape}")
        self._columns[column.name] = column
        self._arrays[column.name] = array
        return array

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The column's values, read-only."""
        view = self._arrays[name].view()
        view.flags.writeable = False
        return view

    def writable(self, name: str, owner: str) -> NDArray[Any]:
        """The column's writable array, for its owner only.

        Raises:
            PermissionError: If somebody else asks.
        """
        column = self._columns[name]
        if owner != column.owner:
            raise PermissionError(f"column '{name}' is owned by '{column.owner}'; '{owner}' may only read it")
        return self._arrays[name]

    def set_from_outside(self, name: str, rows: NDArray[np.intp] | int, values: Any) -> None:
        """Let a user (not the model) set values of a settable column.

        Raises:
            AttributeError: If there is no such column, or it is an account that only the model may keep.
            ValueError: If a value is not a finite number.
        """
        if name not in self._columns:
            raise AttributeError(f"consumers have no property '{name}'; {nearest(name, self._columns)}")
        if not self._columns[name].is_settable:
            settable = ", ".join(sorted(c.name for c in self._columns.values() if c.is_settable))
            raise AttributeError(f"'{name}' is kept by the model and cannot be set; these can: {settable}")
        numbers = np.asarray(values)
        if numbers.dtype.kind not in "buif" or not np.all(np.isfinite(numbers)):
            raise ValueError(f"{name}={values!r}: only finite numbers can be set")
        self._arrays[name][rows] = numbers

    def by_owner(self) -> dict[str, dict[str, NDArray[Any]]]:
        """All values, read-only, by owner and name."""
        owners = dict.fromkeys(column.owner for column in self)
        return {owner: {c.name: self[c.name] for c in self if c.owner == owner} for owner in owners}

    def refill(self, by_owner: Mapping[str, Mapping[str, NDArray[Any]]]) -> None:
        """Put values that were read by owner back, in place.

        Raises:
            ValueError: If there is no such column.
        """
        for owner, columns in by_owner.items():
            for name, values in columns.items():
                if name not in self:
                    raise ValueError(f"there is no column '{name}' of '{owner}' to refill; add it first")
                np.copyto(self._arrays[name], values)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[Column]:
        return iter(self._columns.values())

    def __len__(self) -> int:
        return len(self._columns)
