"""The event log: append-only tables of what happened. Metrics, reports and animations read it and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from simulator.records.events.codes import Kind
from simulator.records.events.ids import Ids, count_on, record_ids
from simulator.records.events.tables import TABLES


@dataclass(frozen=True)
class Facts:
    """What a reader of the log must know of the world that wrote it.

    The campaign covers days `burn_in_days` ≤ day < `campaign_end`; the post-window runs from there to `days`. The
    catalogue says how many products each merchant sells.
    """

    seed: int
    n_consumers: int
    n_prospects: int
    n_merchants: int
    n_products: int
    days: int
    burn_in_days: int
    campaign_end: int
    catalogue: tuple[int, ...]


class EventLog:
    """The events of one run, appended in blocks.

    Args:
        facts: What a reader must know of the world.
        keep: Keep all days (the default). When false only the current day is held, which is enough for daily tables
            and saves memory in very large runs.
    """

    carried = ("_blocks", "_today")

    def __init__(self, facts: Facts, *, keep: bool = True) -> None:
        self.facts = facts
        self.keeps = keep
        self._blocks: dict[str, list[dict[str, NDArray[Any]]]] = {name: [] for name in TABLES}
        self._today: dict[str, int] = dict.fromkeys(TABLES, 0)
        self._ordinals: dict[Kind, tuple[NDArray[np.int16], list[NDArray[Any]]]] = {}

    def new_ids(self, kind: Kind, day: int, consumers: NDArray[Any]) -> Ids:
        """New ids for records of these consumers (repeats allowed), counted on among each one's records of the day."""
        if kind not in self._ordinals:
            self._ordinals[kind] = (np.zeros(self.facts.n_consumers, dtype=np.int16), [])
        used, touched = self._ordinals[kind]
        touched.append(consumers)
        return record_ids(kind, day, consumers, count_on(used, consumers))

    def append(self, table: str, n: int, **fields: ArrayLike) -> None:
        """Append `n` rows; scalars broadcast, fields left out are zero.

        Raises:
            KeyError: If a field is unknown to the table.
        """
        if n == 0:
            return
        schema = TABLES[table]
        unknown = fields.keys() - schema.keys()
        if unknown:
            raise KeyError(f"table '{table}' has no fields {sorted(unknown)}; it has {sorted(schema)}")
        block = {}
        for name, dtype in schema.items():
            column = np.empty(n, dtype=dtype)
            column[:] = fields.get(name, 0)
            block[name] = column
        self._blocks[table].append(block)

    def open_day(self) -> None:
        """Start a day: today's blocks are those appended from now on; ids count from zero again."""
        for used, touched in self._ordinals.values():
            for consumers in touched:
                used[consumers] = 0
            touched.clear()
        for name, blocks in self._blocks.items():
            if not self.keeps:
                blocks.clear()
            self._today[name] = len(blocks)

    def compact(self) -> None:
        """Join the blocks of each table to one of the earlier days and one of today."""
        for name, blocks in self._blocks.items():
            n_earlier = self._today[name]
            parts = [part for part in (blocks[:n_earlier], blocks[n_earlier:]) if part]
            blocks[:] = [_join(TABLES[name], part) for part in parts]
            self._today[name] = min(n_earlier, 1)

    def today(self, table: str) -> dict[str, NDArray[Any]]:
        """Today's rows of a table, by field."""
        return _join(TABLES[table], self._blocks[table][self._today[table] :])

    def columns(self, table: str) -> dict[str, NDArray[Any]]:
        """All kept rows of a table, by field."""
        return _join(TABLES[table], self._blocks[table])

    def frame(self, table: str) -> pd.DataFrame:
        """All kept rows of a table as a data frame, in order of occurrence."""
        return pd.DataFrame(self.columns(table))

    def arrow(self, table: str) -> pa.Table:
        """All kept rows of a table as an Arrow table."""
        return pa.table(self.columns(table))


def _join(schema: dict[str, Any], blocks: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    if not blocks:
        return {name: np.zeros(0, dtype=dtype) for name, dtype in schema.items()}
    if len(blocks) == 1:
        return blocks[0]
    return {name: np.concatenate([b[name] for b in blocks]) for name in schema}
