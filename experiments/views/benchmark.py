"""The reports of the benchmark: tables of times, where the time goes, and what a strategy costs."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.study.manifest import versions
from experiments.study.store import write_whole

_MARKET = "50 products in 5 categories, slates of 10, mean degree 10, .05 needs a day"


def write_report(folder: Path, table: pd.DataFrame) -> None:
    """Write `benchmark.csv` and a readable `README.md`.

    Args:
        folder: Made if it is not there.
        table: One row per measurement, as `experiments.benchmark.measure` gives them.

    Raises:
        OSError: If the folder cannot be written to.
    """
    _write(folder, "benchmark.csv", table, _lines(table))


def write_cost_report(folder: Path, table: pd.DataFrame) -> None:
    """Write `cost.csv` and a readable `README.md`.

    Args:
        folder: Made if it is not there.
        table: For each size a row of the baseline and one of the strategy.

    Raises:
        OSError: If the folder cannot be written to.
    """
    _write(folder, "cost.csv", table, _cost_lines(table))


def _write(folder: Path, name: str, table: pd.DataFrame, lines: Iterator[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    flat = table.drop(columns=["parts"], errors="ignore")
    write_whole(folder / name, flat.to_csv(index=False, float_format="%.4g"))
    write_whole(folder / "README.md", "\n".join(lines) + "\n")


def _lines(table: pd.DataFrame) -> Iterator[str]:
    yield "# Speed\n"
    yield _made_with("python -m experiments.benchmark")
    yield f"{_MARKET}; group buying, coupons and referral on.\n"
    yield "| what | consumers | days | build, s | run, s (fastest–slowest) | million consumer-days/s | peak MB |"
    yield "|---|---|---|---|---|---|---|"
    for row in _rows(table):
        built = row.get("build_seconds")
        yield (
            f"| {row['what']} | {row['consumers']:,} | {row['days']} | {'' if built != built else f'{built:.2f}'} "
            f"| {_range(row)} | {row['million_consumer_days_per_second']:.2f} | {row['peak_mb']:.0f} |"
        )
    yield from _ratios(table)
    markets = _rows(table[table["what"] == "market"].drop_duplicates(["consumers", "days"]))
    yield from _parts([(f"{row['consumers']:,} × {row['days']}", row) for row in markets])


def _cost_lines(table: pd.DataFrame) -> Iterator[str]:
    rows = _rows(table)
    pairs = list(zip(rows[::2], rows[1::2], strict=True))
    strategy = pairs[0][1]["what"]
    yield f"# What {strategy.replace('_', ' ')} costs\n"
    yield _made_with(f"python -m experiments.benchmark --cost {strategy}")
    yield f"{_MARKET}; whole runs, burn-in included.\n"
    yield (
        "| strategy | consumers | days | run, s (fastest–slowest) | processor, s | ratio "
        "| visits, million | µs per visit | ratio | peak MB |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for without, with_it in pairs:
        for row in (without, with_it):
            ratio, per_visit = row["cpu_seconds"] / without["cpu_seconds"], _per_visit(row) / _per_visit(without)
            yield (
                f"| {row['what'].replace('_', ' ')} | {row['consumers']:,} | {row['days']} | {_range(row)} "
                f"| {row['cpu_seconds']:.1f} | {ratio:.2f} | {row['visits'] / 1e6:.2f} | {_per_visit(row):.2f} "
                f"| {per_visit:.2f} | {row['peak_mb']:.0f} |"
            )
    yield from _parts([(f"{row['what'].replace('_', ' ')}, {row['consumers']:,}", row) for row in rows])


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _made_with(command: str) -> str:
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"
    made_with = ", ".join(f"{name} {version}" for name, version in versions().items())
    return f"Written by `{command}` on {machine}; {made_with}."


def _range(row: dict[str, Any]) -> str:
    return f"{row['run_seconds']:.2f} ({row['fastest']:.2f}–{row['slowest']:.2f})"


def _per_visit(row: dict[str, Any]) -> float:
    """Processor time per shopper's visit, in microseconds."""
    return float(1e6 * row["cpu_seconds"] / row["visits"])


def _ratios(table: pd.DataFrame) -> Iterator[str]:
    """How many times faster the market is than each peer on the same consumers and days."""
    for row in _rows(table):
        same = table[
            (table["what"] == "market") & (table[["consumers", "days"]] == [row["consumers"], row["days"]]).all(axis=1)
        ]
        if row["what"] in ("oracle", "starsim") and len(same):
            ratio = row["run_seconds"] / same["run_seconds"].iloc[-1]
            size = f"{row['consumers']:,} × {row['days']} days"
            yield f"\nThe market runs {ratio:.1f} × as fast as {row['what']} ({size})."


def _parts(columns: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """Seconds by part of each run, and their shares; parts in which nothing is spent are left out."""
    yield "\n## Where the time goes\n"
    yield "Seconds, and share of the run; what one part calls of another counts for the other.\n"
    yield "| part | " + " | ".join(name for name, _ in columns) + " |"
    yield "|---" * (1 + len(columns)) + "|"
    runs = [(row["parts"], sum(row["parts"].values())) for _, row in columns]
    parts = sorted({part: None for spent, _ in runs for part in spent}, key=lambda part: -runs[-1][0].get(part, 0.0))
    for part in parts:
        cells = [f"{spent[part]:.2f} ({spent[part] / whole:.0%})" if part in spent else "" for spent, whole in runs]
        yield f"| {part} | " + " | ".join(cells) + " |"
