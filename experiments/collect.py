"""All runs below a folder, of one study or many, in one tidy table: settings, seed and measures as columns.

python -m experiments.collect results/sweep
python -m experiments.collect results --all-settings --out everything.parquet
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.parser import Parser
from experiments.study.collecting import collect
from experiments.study.store import write_parquet, write_whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Collect; the exit code is 1 if a run is damaged, and 2 if there are none."""
    parser = Parser("collect", __doc__)
    parser.add_argument("folder", type=Path, help="searched with all its folders")
    parser.add_argument("--all-settings", action="store_true", help="also settings that are the same in all runs")
    parser.add_argument("--out", type=Path, help=".csv or .parquet; otherwise collected.csv in the folder")
    chosen = parser.parse_args(arguments)
    out: Path = chosen.out or chosen.folder / "collected.csv"
    if out.suffix not in (".csv", ".parquet"):
        parser.error(f"--out {out}: must end in .csv or .parquet")
    try:
        table, damaged = collect(chosen.folder, chosen.all_settings)
    except OSError as error:
        parser.error(f"{error.filename}: cannot be read ({error.strerror})")
    for path in damaged:
        print(f"left out, damaged: {path}", file=sys.stderr)
    if len(table) == 0:
        parser.error(f"{chosen.folder}: there are no runs below it")
    if out.suffix == ".csv":
        write_whole(out, table.to_csv(index=False, float_format="%.10g"))
    else:
        write_parquet(out, table)
    print(f"{len(table)} runs, {table.shape[1]} columns: {out}")
    return 1 if damaged else 0


if __name__ == "__main__":
    raise SystemExit(main())
