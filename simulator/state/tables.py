"""Live tables: short-lived records (open groups, unsettled orders, invitations under way) as growing columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


class LiveTable:
    """Rows that come and go, stored by column; rows keep the order of their arrival.

    Args:
        fields: Field name → dtype, or (dtype, width) for a field that holds a vector.
    """

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._n = 0
        self._arrays: dict[str, NDArray[Any]] = {}
        for name, kind in fields.items():
            dtype, shape = (kind[0], (16, kind[1])) if isinstance(kind, tuple) else (kind, (16,))
            self._arrays[name] = np.zeros(shape, dtype=dtype)

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, field: str) -> NDArray[Any]:
        """The field's values, writable in place, shape (n_rows,) or (n_rows, width)."""
        return self._arrays[field][: self._n]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(self._arrays)

    def append(self, n_new: int, **values: ArrayLike) -> slice:
        """Append `n_new` rows; values broadcast, fields left out start at zero.

        Returns:
            The slice of the new rows.
        """
        new = slice(self._n, self._n + n_new)
        for name, array in self._arrays.items():
            if new.stop > len(array):
                grown = np.zeros((max(new.stop, 2 * len(array)), *array.shape[1:]), dtype=array.dtype)
                grown[: self._n] = array[: self._n]
                self._arrays[name] = array = grown
            array[new] = values.pop(name, 0)
        if values:
            raise KeyError(f"unknown fields {sorted(values)}; the table has {sorted(self._arrays)}")
        self._n = new.stop
        return new

    def refill(self, values: Mapping[str, NDArray[Any]]) -> None:
        """Put rows, given by field, in the place of all that are here."""
        self._n = 0
        self.append(len(next(iter(values.values()))), **values)

    def take(self, rows: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Copies of the given rows (indices or mask), by field."""
        return {name: self[name][rows] for name in self._arrays}

    def keep(self, mask: NDArray[np.bool_]) -> None:
        """Keep only the rows where the mask is true.

        Raises:
            IndexError: If the mask does not have a value for each row.
        """
        if len(mask) != self._n:
            raise IndexError(f"a mask of {len(mask)} values does not fit {self._n} rows")
        rows = np.flatnonzero(mask)  # counted once, not for every field
        if len(rows) == self._n:
            return
        for name in self._arrays:
            self._arrays[name][: len(rows)] = self[name][rows]
        self._n = len(rows)


class Pool:
    """Rows that come and go, stored by column; a row keeps its number while it is here, and free numbers serve again.

    Args:
        fields: Field name → dtype.
    """

    carried = ("_arrays", "_free")

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._arrays = {name: np.zeros(16, dtype=dtype) for name, dtype in fields.items()}
        self._free = np.arange(16)

    def add(self, n_new: int, **values: ArrayLike) -> NDArray[np.intp]:
        """Add `n_new` rows, one value or array for each field; returns their numbers."""
        n, n_more = self._n_places, n_new - len(self._free)
        if n_more > 0:
            n_places = max(2 * n, n + n_more)
            self._arrays = {name: np.resize(array, n_places) for name, array in self._arrays.items()}
            self._free = np.concatenate([self._free, np.arange(n, n_places)])
        rows, self._free = self._free[:n_new], self._free[n_new:]
        for name, array in self._arrays.items():
            array[rows] = values[name]
        return rows

    def remove(self, rows: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Take rows out; returns their values by field."""
        self._free = np.concatenate([self._free, rows])
        return {name: array[rows] for name, array in self._arrays.items()}

    def __len__(self) -> int:
        return self._n_places - len(self._free)

    @property
    def _n_places(self) -> int:
        return len(next(iter(self._arrays.values())))
