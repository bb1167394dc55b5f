"""A sweep as a table in the terminal and as a figure: the primary measures over every setting that was varied."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from rich import box
from rich.console import Console
from rich.table import Table

from experiments.study.statistics import mean_estimate
from experiments.study.store import write_whole
from experiments.views.cells import level
from experiments.views.drawing import new_figure, percent_ticks
from experiments.views.figures import png
from experiments.views.theme import style_of, themed
from simulator.records.measures import MEASURES, Measure

MOST_ROWS = 40
MOST_LABELS = 6
MOST_VALUES = 12
"""Values of one setting that are drawn with intervals; of more, every point of the sweep is drawn."""
CONFIDENCE = 0.95
VAGUE = frozenset({"reach", "growth", "rate", "share", "kind", "n", "enabled", "hazard", "years", "path"})
"""Last parts of settings that say nothing without what they are of."""
DODGE = 0.012
"""By how much lines are moved apart, as a share of the axis, so that their intervals do not cover each other."""
_PRIMARIES = [measure for measure in MEASURES if measure.is_primary]


def print_sweep(table: pd.DataFrame, labels: list[str], console: Console) -> None:
    """Print the primary measures at every point: mean over seeds and its 95 % interval.

    Args:
        table: One row per run: the labels, `seed`, and every measure.
        labels: The columns that were varied.
        console: Where to.
    """
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="")
    for name in short_names(labels).values():
        shown.add_column(name, overflow="fold")
    for measure in _PRIMARIES:
        shown.add_column(measure.label, justify="right", no_wrap=True)
    points = list(table.groupby(labels, sort=False)) if labels else [((), table)]
    for values, runs in points[:MOST_ROWS]:
        shown.add_row(*map(_plain, values), *(_cell(runs[measure.name], measure) for measure in _PRIMARIES))
    console.print(shown)
    n_seeds = table["seed"].nunique()
    more = f"; {len(points) - MOST_ROWS} more points are in the table" if len(points) > MOST_ROWS else ""
    console.print(
        f"Mean over {n_seeds} seeds and its 95 % interval (t){more}. Points share their seeds, so differences between "
        "them are known better than these levels: pair runs by seed, or use experiments.compare.",
        style="dim",
    )


def save_sweep(table: pd.DataFrame, labels: list[str], folder: Path) -> list[Path]:
    """Draw the primary measures over the settings that vary; nothing if none does. Returns the file, if any."""
    varied = [label for label in labels if table[label].nunique() > 1][:MOST_LABELS]
    if not varied:
        return []
    path = folder / "sweep.png"
    write_whole(path, _draw(table, varied))
    return [path]


@themed
def _draw(table: pd.DataFrame, varied: list[str]) -> bytes:
    figure = new_figure(1.0 + 2.4 * len(varied), "Primary measures over what was varied")
    names = short_names(varied)
    colour = next((v for v in varied if table[v].nunique() <= MOST_LABELS and not _is_number(table[v])), None)
    panels = figure.subplots(len(varied), len(_PRIMARIES), squeeze=False)
    for row, label in zip(panels, varied, strict=True):
        for axes, measure in zip(row, _PRIMARIES, strict=True):
            _panel(axes, table, label, colour if colour != label else None, measure)
        row[0].set_ylabel(f"by {names[label]}", fontweight="bold")
    if colour is not None and len(varied) > 1:
        other = next(i for i, label in enumerate(varied) if label != colour)
        handles, texts = panels[other][0].get_legend_handles_labels()
        figure.legend(handles, texts, loc="outside lower center", ncols=3, frameon=False)
    for axes, measure in zip(panels[0], _PRIMARIES, strict=True):
        axes.set_title(measure.label if measure.unit == "share" else f"{measure.label} ({measure.unit})")
    return png(figure)


def _panel(axes: Axes, table: pd.DataFrame, label: str, colour: str | None, measure: Measure) -> None:
    """One measure over one setting, a line per value of `colour`; averaged over everything else that varies."""
    values = table[label].drop_duplicates()
    is_number = _is_number(values)
    places = {value: value if is_number else i for i, value in enumerate(values)}
    parts = list(table.groupby(colour, sort=False)) if colour else [("", table)]
    for i, (name, part) in enumerate(parts):
        look = style_of(i)
        if is_number and len(values) > MOST_VALUES:
            points = part.groupby(label)[measure.name].mean()
            axes.plot(points.index, points, ls="", marker=look.marker, color=look.color, ms=3.5, label=_plain(name))
            continue
        means = part.groupby([label, "seed"])[measure.name].mean().unstack("seed")
        estimates = [mean_estimate(row[~np.isnan(row)], CONFIDENCE) for row in means.to_numpy(dtype=np.float64)]
        x = np.array([places[value] for value in means.index], dtype=np.float64)
        x += DODGE * (i - (len(parts) - 1) / 2) * (np.ptp(list(places.values())) or 1.0)
        order = np.argsort(x)
        y = np.array([e.value for e in estimates])
        error = np.array([[e.value - e.low, e.high - e.value] for e in estimates]).T
        style = look.points if is_number else look.points | {"linestyle": ""}
        axes.errorbar(x[order], y[order], np.nan_to_num(error[:, order]), capsize=2.5, label=_plain(name), **style)
    if not is_number:
        ticks = [fill(_plain(value).replace("_", " "), 12) for value in places]
        axes.set_xticks(range(len(places)), ticks, rotation=0 if len(ticks) <= 3 else 90)
        axes.margins(x=0.15)
    elif pd.api.types.is_integer_dtype(values):
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    if measure.unit == "share":
        axes.yaxis.set_major_formatter(percent_ticks("%"))


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _plain(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _cell(values: pd.Series, measure: Measure) -> str:
    return level(values.dropna().to_numpy(dtype=np.float64), measure.unit, CONFIDENCE).on_two_lines()


def short_names(labels: list[str]) -> dict[str, str]:
    """The last part of each dotted key; more of it where that is not clear or says nothing by itself."""
    parts = {label: label.split(".") for label in labels}

    def tail(label: str, n: int) -> str:
        return ".".join(parts[label][-n:])

    def shortest(label: str) -> str:
        n = 1 + (tail(label, 1) in VAGUE)
        while n < len(parts[label]) and sum(tail(other, n) == tail(label, n) for other in labels) > 1:
            n += 1
        return tail(label, n)

    return {label: shortest(label) for label in labels}
