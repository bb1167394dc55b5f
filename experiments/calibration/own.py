"""Settings of any market fitted to a table of one's own: what the kinds of table have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from experiments.calibration.problem import Data, Parameter, Problem
from experiments.study.trials import Found
from simulator import Market, Scenario, SettingsError
from simulator.settings import flat, nearest


class Observed(NamedTuple):
    """What a table says.

    Attributes:
        fitted, held_out: Names of what is fitted, and of what is predicted.
        data: Their values.
        arguments: Of `Kind.simulate`, beside the market; plain values.
    """

    fitted: Sequence[str]
    held_out: Sequence[str]
    data: Data
    arguments: Mapping[str, Any]


class Kind(NamedTuple):
    """A kind of table.

    Attributes:
        read: `read(path, scenario)`, what a table says; `SettingsError` if it is not what it should be.
        simulate: `simulate(seed, **arguments, **market)`, the same of one world; `market` are the arguments of `world`.
        notes: What a reader must know.
    """

    read: Callable[[Path, Scenario], Observed]
    simulate: Callable[..., Found]
    notes: str


def world(seed: int, values: Sequence[float], settings: Sequence[str], market: Mapping[str, Any]) -> Market:
    """A finished market with some settings changed."""
    scenario = Scenario.parse(market).replace(**dict(zip(settings, values, strict=True)))
    return Market(scenario, rng=seed).run()


def problem(
    name: str, kind: Kind, table: Path, fit: Mapping[str, tuple[float, float]], market: Mapping[str, Any]
) -> Problem:
    """The calibration of settings, each with its range, to a table.

    Raises:
        SettingsError: If the table or a setting is not what it should be.
    """
    scenario = Scenario.parse(market)
    _check(fit, scenario)
    observed = kind.read(table, scenario)
    if len(observed.fitted) < len(fit):
        raise SettingsError(f"table={table}: {len(fit)} settings need as many numbers that are not held out")
    return Problem(
        name,
        f"Settings fitted to {table.name}",
        f"a table of one's own: {name}",
        [Parameter(setting, low, high) for setting, (low, high) in fit.items()],
        observed.fitted,
        observed.held_out,
        kind.simulate,
        observed.data,
        {"settings": list(fit), "market": dict(market), **observed.arguments},
        kind.notes,
    )


def _check(fit: Mapping[str, tuple[float, float]], scenario: Scenario) -> None:
    if not fit:
        raise SettingsError("fit={}: name at least one setting and its range, such as 'fit={needs.rate:[.02,.1]}'")
    known = flat(scenario.model_dump(mode="json"))
    for name, (low, high) in fit.items():
        if name not in known:
            raise SettingsError(f"fit.{name}: there is no such setting; {nearest(name, known)}")
        if not isinstance(known[name], float) or not low < high:
            raise SettingsError(f"fit.{name}=[{low},{high}]: must be a real number with a range, the lower end first")
        for end in (low, high):
            scenario.replace(**{name: end})


def read_rows(path: Path, key: str, value: str) -> pd.DataFrame:
    """A CSV of values by key; the column `held_out`, which may be left out, says which are to be predicted."""
    try:
        table = pd.read_csv(path)
    except OSError as error:
        raise SettingsError(f"table={path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise SettingsError(f"table={path}: is no CSV ({str(error).strip()})") from None
    if "held_out" not in table:
        table["held_out"] = False
    for column in (key, value):
        if column not in table:
            raise SettingsError(f"table={path}: has no column {column}; needed are {key} and {value}")
    if not pd.api.types.is_numeric_dtype(table[value]) or table[value].isna().any():
        raise SettingsError(f"table={path}: {value} must be a number in every row")
    if not table["held_out"].isin([True, False]).all():
        raise SettingsError(f"table={path}: held_out must be true or false in every row")
    return table.astype({"held_out": bool})


def split(table: pd.DataFrame, column: str) -> tuple[list[Any], list[Any]]:
    """A column of what is fitted, and of what is held out."""
    return table.loc[~table["held_out"], column].tolist(), table.loc[table["held_out"], column].tolist()
