"""Many runs in one tidy table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.study.store import EVENTS, Damaged, check, read_record, read_table
from experiments.study.study import Study
from simulator.files import whole
from simulator.records.events.tables import TABLES
from simulator.records.measures import MEASURES
from simulator.settings import flat


def one_row_per_run(study: Study) -> pd.DataFrame:
    """The cells' labels, `seed`, and every final measure as a column; cells in order, then seeds."""
    final = study.gather("final")
    heads = [name for name in final.columns if name not in ("measure", "value")]
    n_measures = len(MEASURES)
    values = final["value"].to_numpy().reshape(-1, n_measures)
    names = final["measure"].to_numpy()[:n_measures]
    runs = final.loc[::n_measures, heads].reset_index(drop=True)
    return pd.concat([runs, pd.DataFrame(values, columns=names)], axis=1)


def collect(folder: Path, everything: bool) -> tuple[pd.DataFrame, list[str]]:
    """All runs below a folder, of whatever studies: settings, seed and final measures as columns.

    Args:
        folder: Searched with all its folders.
        everything: Whether settings that are the same in all runs are wanted too.

    Returns:
        One row per run, by settings and seed; and what is damaged.
    """
    rows, damaged = [], []
    for path in sorted(folder.glob("**/runs/*/seed-*.zip")):
        try:
            check(path)
        except Damaged as error:
            damaged.append(str(error))
            continue
        rows.append(_row(path))
    if not rows:
        return pd.DataFrame(), damaged
    table = pd.DataFrame(rows).drop_duplicates(["hash", "model", "seed"], ignore_index=True)
    last = ["hash", "model", "seed", *(measure.name for measure in MEASURES)]
    settings = [
        name for name in table.columns if name not in last and (everything or table[name].nunique(dropna=False) > 1)
    ]
    return table[settings + last], damaged


def write_events(study: Study, folder: Path) -> None:
    """Write each event table of all runs as one Parquet file, with the cells' labels and `seed` in front."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        with whole(folder / f"{table}.parquet") as unfinished:
            parts = _labelled(study, table)
            first = next(parts)
            with pq.ParquetWriter(unfinished, first.schema) as writer:
                writer.write_table(first)
                for part in parts:
                    writer.write_table(part)


def _labelled(study: Study, table: str) -> Iterator[pa.Table]:
    for cell in study.cells:
        for seed in study.seeds:
            part = read_table(study.store.path(cell.key, seed), EVENTS + table)
            for place, (name, value) in enumerate({**cell.labels, "seed": seed}.items()):
                part = part.add_column(place, name, pa.array([value] * len(part), type=pa.scalar(value).type))
            yield part


def _row(path: Path) -> dict[str, Any]:
    record = read_record(path)
    final = read_table(path, "final").to_pandas()
    measures = dict(zip(final["measure"], final["value"], strict=True))
    settings = {
        key: str(value) if isinstance(value, list) else value for key, value in flat(record["settings"]).items()
    }
    return {**settings, "hash": record["hash"], "model": record["model"], "seed": record["seed"], **measures}
