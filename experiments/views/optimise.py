"""A search as a table in the terminal: the best trials, what is recommended, and what luck had added."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from experiments.study.grid import as_settings
from experiments.study.optimum import Optimum
from experiments.study.wording import MINUS
from experiments.study.wording import shown as number
from experiments.views.cells import amount, difference
from experiments.views.results import arm_label
from experiments.views.sweep import short_names
from simulator.records.measures import Measure


def print_optimum(optimum: Optimum, console: Console) -> None:
    """Print the best trials, in the search and on fresh seeds, and what is recommended."""
    names = short_names(optimum.keys)
    for place, trial in enumerate(optimum.best):
        settings = ", ".join(f"{names[key]} {plain(trial.point[key])}" for key in optimum.keys)
        console.print(f"[bold]{settings}[/] [dim](trial {trial.number})[/]", highlight=False)
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        for title, width in (("", 26), ("in the search", 14), ("on fresh seeds", 14), ("", 18)):
            table.add_column(title, justify="right" if title else "left", min_width=width, no_wrap=True)
        for measure in optimum.goal.measures:
            row = optimum.rows(measure).iloc[place]
            cells = (_value(optimum, measure, row["search"]), *_cells(optimum, measure, row))
            table.add_row(f"  {measure.label}", *cells)
        console.print(table)
    console.print()
    for line in (_meaning(optimum), *_answer(optimum)):
        console.print(line, highlight=False)


def _is_level(optimum: Optimum, measure: Measure) -> bool:
    return optimum.baseline is None or measure not in optimum.goal.objectives


def _value(optimum: Optimum, measure: Measure, value: float) -> str:
    if _is_level(optimum, measure):
        return amount(value, measure.unit)
    return difference(_as_row(value), measure).value


def _cells(optimum: Optimum, measure: Measure, row: pd.Series) -> tuple[str, str]:
    """A value on fresh seeds, and its interval."""
    if _is_level(optimum, measure):
        low, high = (amount(row[end], measure.unit if measure.unit == "share" else "") for end in ("low", "high"))
        return amount(row["fresh"], measure.unit), f"[{low}, {high}]"
    change = difference(_as_row(row["fresh"], row["low"], row["high"]), measure)
    return change.value, change.interval


def _moved(measure: Measure, change: float) -> str:
    return difference(_as_row(float(change)), measure).value


def _as_row(value: float, low: float = np.nan, high: float = np.nan) -> dict[str, Any]:
    return {"verdict": "", "difference": value, "low": low, "high": high}


def _meaning(optimum: Optimum) -> str:
    what = (
        "Values" if optimum.baseline is None else f"Differences from {arm_label(optimum.baseline)} in the same worlds"
    )
    limit = optimum.goal.at_most
    text = (
        f"{what}, mean over {optimum.n_seeds} seeds in the search and {optimum.n_fresh} fresh ones, 95 % intervals (t)."
    )
    return text if limit is None else f"{text} {optimum.goal.limited.label.capitalize()} is the point's own."


def _answer(optimum: Optimum) -> list[str]:
    if len(optimum.goal.objectives) > 1:
        gone = {m: optimum.rows(m)["fresh"] - optimum.rows(m)["search"] for m in optimum.goal.objectives}
        moves = (f"{measure.label} {_moved(measure, change.mean())}" for measure, change in gone.items())
        return [
            "Points of the front: in the search, none of them was bettered in everything by any other point.",
            f"Winner's curse: from the search to fresh seeds they moved on average by: {', '.join(moves)}.",
        ]
    lines = list(_over_budget(optimum))
    if optimum.winner is not None:
        lines += _recommendation(optimum, optimum.winner)
    (measure,) = optimum.goal.objectives
    change = optimum.rows(measure)["fresh"] - optimum.rows(measure)["search"]
    lines.append(
        f"Winner's curse: from the search to fresh seeds, its best trial moved by {_moved(measure, change.iloc[0])}, "
        f"its best {len(change)} by {_moved(measure, change.mean())} on average."
    )
    return lines


def _recommendation(optimum: Optimum, place: int) -> list[str]:
    """What is best, and what it does."""
    (measure,) = optimum.goal.objectives
    trial, row = optimum.best[place], optimum.rows(measure).iloc[place]
    lines = [f"Best: {as_settings(trial.point)} (trial {trial.number})."]
    if not np.isnan(row["lift"]):
        lift, low, high = (_percent(row[name]) for name in ("lift", "lift_low", "lift_high"))
        baseline = arm_label(str(optimum.baseline))
        lines.append(f"Its lift of {measure.label} over {baseline} is {lift} [{low}, {high}], on fresh seeds.")
    return lines


def _over_budget(optimum: Optimum) -> Iterator[str]:
    """What the search found better than what is recommended, and why that is left out."""
    limit, limited = optimum.goal.at_most, optimum.goal.limited
    if limit is None:
        return
    spent = optimum.rows(limited)["level"]
    for place, trial in enumerate(optimum.best[: optimum.winner]):
        own, most = amount(spent.iloc[place], limited.unit), amount(limit, limited.unit)
        yield f"Trial {trial.number} exceeds the budget of {most} on fresh seeds: {limited.label} {own}."
    if optimum.winner is None:
        yield "So nothing is recommended; search with more seeds or a lower limit."


def _percent(share: float) -> str:
    return number(100 * share, "+.3g").replace("-", MINUS) + " %"


def plain(value: Any) -> str:
    """A setting's value as it is shown."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
