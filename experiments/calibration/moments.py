"""Any settings fitted to a table of moments: final measures of a market, some of which may be held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.calibration.problem import Data, Parameter, Problem
from experiments.study.trials import Found
from simulator import Market, Scenario, SettingsError, final_measures
from simulator.records.measures import MEASURES
from simulator.settings import flat, nearest

COLUMNS = ("measure", "value", "held_out")


def simulate(
    seed: int,
    values: Sequence[float],
    settings: Sequence[str],
    market: Mapping[str, Any],
    names: Sequence[Sequence[str]],
) -> Found:
    """The measures of one world."""
    scenario = Scenario.parse(market).replace(**dict(zip(settings, values, strict=True)))
    measures = final_measures(Market(scenario, rng=seed).run().log)
    fitted, held_out = ([float(measures[name]) for name in group] for group in names)
    return {"fitted": fitted, "held_out": held_out}


def problem(table: Path, fit: Mapping[str, tuple[float, float]], market: Mapping[str, Any]) -> Problem:
    """The calibration of settings, each with its range, to a table.

    Raises:
        SettingsError: If the table or a setting is not what it should be.
    """
    rows = _read(table)
    if not fit:
        raise SettingsError("fit={}: name at least one setting and its range, such as 'fit={needs.rate:[.02,.1]}'")
    scenario = Scenario.parse(market)
    known = flat(scenario.model_dump(mode="json"))
    for name, (low, high) in fit.items():
        if name not in known:
            raise SettingsError(f"fit.{name}: there is no such setting; {nearest(name, known)}")
        if not isinstance(known[name], float) or not low < high:
            raise SettingsError(f"fit.{name}=[{low},{high}]: must be a real number with a range, the lower end first")
        for end in (low, high):
            scenario.replace(**{name: end})
    held = rows["held_out"].astype(bool)
    names = [rows.loc[chosen, "measure"].tolist() for chosen in (~held, held)]
    values = [rows.loc[chosen, "value"].astype(float).tolist() for chosen in (~held, held)]
    if len(names[0]) < len(fit):
        raise SettingsError(f"moments={table}: {len(fit)} settings need as many measures that are not held out")
    return Problem(
        "moments",
        f"Settings fitted to {table.name}",
        str(table.name),
        [Parameter(name, low, high) for name, (low, high) in fit.items()],
        names[0],
        names[1],
        simulate,
        Data(values[0], values[1]),
        {"settings": list(fit), "market": dict(market), "names": names},
    )


def _read(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise SettingsError(f"moments={path}: cannot be read as CSV ({error})") from None
    if "held_out" not in table:
        table["held_out"] = False
    missing = [column for column in COLUMNS if column not in table]
    if missing:
        raise SettingsError(f"moments={path}: has no column {missing[0]}; needed are measure and value")
    known = [measure.name for measure in MEASURES]
    for name in table["measure"]:
        if name not in known:
            raise SettingsError(f"moments={path}: there is no measure {name}; {nearest(str(name), known)}")
    if not pd.api.types.is_numeric_dtype(table["value"]) or table["value"].isna().any():
        raise SettingsError(f"moments={path}: value must be a number in every row")
    return table
