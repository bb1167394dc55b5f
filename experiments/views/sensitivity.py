"""Which settings matter, as a table in the terminal and as a figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from rich import box
from rich.console import Console
from rich.table import Table

from experiments.study.store import write_whole
from experiments.study.wording import MINUS, UNDEFINED
from experiments.views.drawing import new_figure, percent_ticks
from experiments.views.figures import png
from experiments.views.sweep import short_names
from experiments.views.theme import INK, style_of, themed
from simulator.records.measures import MEASURES, Measure

MUCH_LUCK = 0.1
"""Share of the variance from which luck is pointed out."""
_MEASURES = {measure.name: measure for measure in MEASURES}
_SOBOL = {"total": "with interactions", "first": "alone"}
_MORRIS = {"mean_size": "size of effect", "mean_effect": "effect", "sd_effect": "spread of effect"}


def print_sensitivity(table: pd.DataFrame, console: Console) -> None:
    """Print the settings by measure, the most important first.

    Args:
        table: As `study.sensitivity.analyse` gives it.
        console: Where to.
    """
    columns = _columns(table)
    names = short_names(list(table["setting"].unique()))
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="")
    shown.add_column("")
    for title in columns.values():
        shown.add_column(title, justify="right", no_wrap=True)
    for name, rows in table.groupby("measure", sort=False):
        measure = _MEASURES[str(name)]
        unit = "" if _is_sobol(table) or measure.unit == "share" else f" ({measure.unit})"
        shown.add_section()
        shown.add_row(f"[bold]{measure.label}{unit}[/]")
        scale = 100.0 if _is_sobol(table) or measure.unit == "share" else 1.0
        for _, row in rows.iterrows():
            shown.add_row(f"  {names[row['setting']]}", *(_cell(row, column, scale) for column in columns))
    console.print(shown)
    console.print(_legend(table), style="dim", highlight=False)
    for line in _warnings(table):
        console.print(line, highlight=False)


def save_figure(table: pd.DataFrame, folder: Path) -> list[Path]:
    """Draw the settings by measure; the file."""
    path = folder / "sensitivity.png"
    write_whole(path, _draw_sobol(table) if _is_sobol(table) else _draw_morris(table))
    return [path]


@themed
def _draw_sobol(table: pd.DataFrame) -> bytes:
    """Bars with intervals, a panel per measure."""
    names = list(table["measure"].unique())
    settings = short_names(list(table["setting"].unique()))
    figure = new_figure(1.6 + 0.42 * len(settings), "Share of the variance that each setting explains")
    panels = figure.subplots(1, len(names), squeeze=False, sharex=True)[0]
    for axes, name in zip(panels, names, strict=True):
        rows = table[table["measure"] == name]
        y = np.arange(len(rows))[::-1].astype(float)
        for i, (column, title) in enumerate(_SOBOL.items()):
            look, place = style_of(i), y + 0.19 - 0.38 * i
            axes.barh(place, rows[column], height=0.36, color=look.color, label=title, alpha=0.85)
            axes.hlines(place, rows[f"{column}_low"], rows[f"{column}_high"], color=INK, linewidth=1.4)
        _name_rows(axes, y, [settings[key] for key in rows["setting"]], _MEASURES[name])
        axes.xaxis.set_major_formatter(percent_ticks("%"))
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=2, frameon=False, fontsize="small")
    return png(figure)


@themed
def _draw_morris(table: pd.DataFrame) -> bytes:
    """Mean size of the effect against its spread, a panel per measure; and bars would hide the spread."""
    names = list(table["measure"].unique())
    settings = short_names(list(table["setting"].unique()))
    figure = new_figure(4.4, "What each setting does over its whole range")
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        rows, measure = table[table["measure"] == name].set_index("setting"), _MEASURES[name]
        for i, (key, title) in enumerate(settings.items()):
            row, look = rows.loc[key], style_of(i)
            axes.hlines(row["sd_effect"], row["mean_size_low"], row["mean_size_high"], color=look.color, linewidth=1.4)
            axes.plot(
                row["mean_size"], row["sd_effect"], ls="", marker=look.marker, ms=8, color=look.color, label=title
            )
        reach = max(axes.get_xlim()[1], axes.get_ylim()[1])
        axes.axline((0.0, 0.0), slope=1.0, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0.5)
        axes.set_xlim(0.0, reach)
        axes.set_ylim(0.0, reach)
        axes.set_title(measure.label if measure.unit == "share" else f"{measure.label} ({measure.unit})")
        axes.set_xlabel("mean size of its effect")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(4))
            if measure.unit == "share":
                axis.set_major_formatter(percent_ticks("%"))
    panels[0].set_ylabel("spread of its effect\n(above the line: other settings rule it)")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=4, frameon=False, fontsize="small")
    return png(figure)


def _name_rows(axes: Axes, y: np.ndarray, names: list[str], measure: Measure) -> None:
    axes.axvline(0.0, color=INK, linewidth=1.0)
    axes.set_yticks(y, names)
    axes.tick_params("y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_title(measure.label)
    axes.xaxis.set_major_locator(MaxNLocator(4))


def _columns(table: pd.DataFrame) -> dict[str, str]:
    return _SOBOL if _is_sobol(table) else _MORRIS


def _is_sobol(table: pd.DataFrame) -> bool:
    return "total" in table.columns


def _cell(row: pd.Series, column: str, scale: float) -> str:
    value = _number(row[column], scale)
    if f"{column}_low" not in row:
        return value
    return f"{value} [{_number(row[f'{column}_low'], scale)}, {_number(row[f'{column}_high'], scale)}]"


def _number(value: float, scale: float) -> str:
    if np.isnan(value):
        return UNDEFINED
    text = f"{value * scale:,.1f}" if scale == 100.0 else f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return (f"{text}%" if scale == 100.0 else text).replace("-", MINUS)


def _legend(table: pd.DataFrame) -> str:
    if _is_sobol(table):
        return (
            "Shares of the variance between points: with all interactions (total index), and alone (first order). "
            "95 % intervals: bootstrap of the design."
        )
    return (
        "Change of the measure (shares in points) when a setting goes through its whole range: mean size with 95 % "
        "interval (bootstrap of the design), mean, and standard deviation over the places at which the others are."
    )


def _warnings(table: pd.DataFrame) -> list[str]:
    """What a reader must know: measures that are not defined everywhere, and those in which luck is large."""
    lines = []
    for name, rows in table.groupby("measure", sort=False):
        first, label = rows.iloc[0], _MEASURES[str(name)].label
        if first["n_undefined"]:
            lines.append(f"{label}: not defined at {first['n_undefined']} points, so nothing is estimated.")
        elif first["luck"] > MUCH_LUCK:
            lines.append(
                f"{label}: {first['luck']:.0%} of the variance between points is luck that more seeds would remove; "
                "it counts as interaction."
            )
    return lines
