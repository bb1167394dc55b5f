"""A table of moments: final measures of a market, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.calibration.own import Kind, Observed, read_rows, split, world
from experiments.calibration.problem import Data
from experiments.study.trials import Found
from simulator import Scenario, SettingsError, final_measures
from simulator.records.measures import MEASURES
from simulator.settings import nearest


def read(path: Path, scenario: Scenario) -> Observed:
    """Columns measure, value, and perhaps held_out."""
    table = read_rows(path, "measure", "value")
    known = [measure.name for measure in MEASURES]
    for name in table["measure"]:
        if name not in known:
            raise SettingsError(f"table={path}: there is no measure {name}; {nearest(str(name), known)}")
    names = split(table, "measure")
    return Observed(*names, Data(*split(table.astype({"value": float}), "value")), {"names": names})


def simulate(seed: int, names: Sequence[Sequence[str]], **market: Any) -> Found:
    """The measures of one world."""
    measures = final_measures(world(seed, **market).log)
    fitted, held_out = ([float(measures[name]) for name in group] for group in names)
    return {"fitted": fitted, "held_out": held_out}


KIND = Kind(read, simulate, "Measures are those of the whole window, as in every comparison.")
