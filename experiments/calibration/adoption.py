"""An adoption curve: which share of the prospects has bought, by day of the campaign."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.calibration.own import Kind, Observed, read_rows, split, world
from experiments.calibration.problem import Data
from experiments.study.trials import Found
from simulator import Scenario, SettingsError
from simulator.records.daily import daily_measures


def read(path: Path, scenario: Scenario) -> Observed:
    """Columns day (0: the first of the campaign), adopted (share of all prospects, so far), and perhaps held_out."""
    table = read_rows(path, "day", "adopted")
    last = scenario.days - scenario.burn_in_days - 1
    wrong = table.loc[~table["day"].isin(range(last + 1)), "day"]
    if len(wrong):
        raise SettingsError(f"table={path}: day={wrong.iloc[0]}; allowed are whole days of the campaign, 0 to {last}")
    if not table["adopted"].between(0, 1).all():
        raise SettingsError(f"table={path}: adopted must be a share of the prospects, 0 to 1, in every row")
    days = split(table, "day")
    fitted, held_out = ([f"adopted by day {day}" for day in part] for part in days)
    return Observed(fitted, held_out, Data(*split(table.astype({"adopted": float}), "adopted")), {"days": days})


def simulate(seed: int, days: Sequence[Sequence[int]], **market: Any) -> Found:
    """The curve of one world."""
    run = world(seed, **market)
    share = daily_measures(run.log)["adopters_cumulative_share"].to_numpy()
    begins = run.scenario.burn_in_days
    fitted, held_out = ([float(share[begins + day] - share[begins - 1]) for day in part] for part in days)
    return {"fitted": fitted, "held_out": held_out}


KIND = Kind(
    read, simulate, "Adopters are prospects whose first order has settled, from the first day of the campaign on."
)
