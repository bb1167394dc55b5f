"""A search as figures: what was tried, what was best, and what luck had added."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import MaxNLocator

from experiments.study.optimum import Optimum
from experiments.study.store import write_whole
from experiments.views.drawing import new_figure, percent_ticks
from experiments.views.figures import png
from experiments.views.optimise import plain
from experiments.views.results import arm_label
from experiments.views.sweep import short_names
from experiments.views.theme import INK, QUIET, style_of, themed
from simulator.records.measures import Measure

MOST_PANELS = 4
"""Settings over which the trials are drawn."""
_ALLOWED, _BEST = style_of(0), style_of(1)


def save_figures(optimum: Optimum, folder: Path) -> list[Path]:
    """Draw the search and the best trials; the files."""
    draw: dict[str, Callable[[Optimum], bytes]] = {"search": draw_search}
    draw |= {"curse": draw_curse} if len(optimum.goal.objectives) == 1 else {"front": draw_front}
    for name, function in draw.items():
        write_whole(folder / f"{name}.png", function(optimum))
    return [folder / f"{name}.png" for name in draw]


@themed
def draw_search(optimum: Optimum) -> bytes:
    """Every trial: over the course of the search, and over the settings that varied; a row per objective."""
    keys = optimum.keys[:MOST_PANELS]
    objectives = optimum.goal.objectives
    figure = new_figure(1.2 + 2.2 * len(objectives), f"{len(optimum.trials)} trials, {optimum.n_seeds} seeds each")
    panels = figure.subplots(len(objectives), 1 + len(keys), squeeze=False, sharex="col", sharey="row")
    columns = [
        [trial.number for trial in optimum.trials],
        *([trial.point[key] for trial in optimum.trials] for key in keys),
    ]
    names = ["trial", *short_names(keys).values()]
    for i, (row, measure) in enumerate(zip(panels, objectives, strict=True)):
        values = np.array([trial.seen.values[i] for trial in optimum.trials])
        for axes, column, name in zip(row, columns, names, strict=True):
            _scatter(axes, _places(axes, column), values, optimum)
            if measure is objectives[-1]:
                axes.set_xlabel(name)
        _dress(row[0].yaxis, measure)
        row[0].set_ylabel(_axis(optimum, measure))
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=3, frameon=False, fontsize="small")
    return png(figure)


def _scatter(axes: Axes, x: list[float], y: np.ndarray, optimum: Optimum) -> None:
    """The trials, by whether they keep the budget, and marked if measured anew."""
    allowed = np.array([trial.seen.is_candidate for trial in optimum.trials])
    best = np.isin([trial.number for trial in optimum.trials], [trial.number for trial in optimum.best])
    has_limit = optimum.goal.at_most is not None
    kinds: list[tuple[str, np.ndarray, dict[str, Any]]] = [
        ("over the budget", ~allowed & ~np.isnan(y), {"markerfacecolor": "none", "color": QUIET}),
        ("within the budget" if has_limit else "trial", allowed, {"color": _ALLOWED.color, "alpha": 0.6}),
        ("measured anew", best, {"markerfacecolor": "none", "color": _BEST.color, "markersize": 8}),
    ]
    for label, chosen, look in kinds:
        if chosen.any():
            axes.plot(np.asarray(x)[chosen], y[chosen], "o", **{"markersize": 4.5, **look}, label=label)


def _places(axes: Axes, column: list[Any]) -> list[float]:
    """Where values stand on the x axis: numbers at their place, other values side by side."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in column):
        is_whole = all(isinstance(value, int) for value in column)
        axes.xaxis.set_major_locator(MaxNLocator(3, integer=is_whole))
        return [float(value) for value in column]
    places = {name: float(x) for x, name in enumerate(sorted({str(value) for value in column}))}
    axes.set_xticks(list(places.values()), [fill(name.replace("_", " "), 12) for name in places], fontsize="small")
    axes.margins(x=0.3)
    return [places[str(value)] for value in column]


@themed
def draw_curse(optimum: Optimum) -> bytes:
    """The best trials: their value in the search, and on fresh seeds with its interval."""
    (measure,) = optimum.goal.objectives
    rows = optimum.rows(measure)
    figure = new_figure(1.6 + 0.35 * len(rows), "The best trials: what the search said, and what fresh seeds say")
    axes = figure.subplots()
    y = np.arange(len(rows))[::-1]
    axes.hlines(y, rows["low"], rows["high"], color=_ALLOWED.color, linewidth=2.0)
    axes.plot(rows["fresh"], y, "s", color=_ALLOWED.color, label=f"{optimum.n_fresh} fresh seeds, with 95 % interval")
    axes.plot(
        rows["search"],
        y,
        "D",
        color=_BEST.color,
        markerfacecolor="white",
        label=f"{optimum.n_seeds} seeds of the search",
    )
    if optimum.baseline is not None:
        axes.axvline(0.0, color=INK, linewidth=1.0, zorder=0.5)
    names = short_names(optimum.keys)
    labels = [", ".join(f"{names[k]} {plain(trial.point[k])}" for k in optimum.keys) for trial in optimum.best]
    axes.set_yticks(y, [f"{label}  (trial {t.number})" for label, t in zip(labels, optimum.best, strict=True)])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel(_axis(optimum, measure))
    _dress(axes.xaxis, measure)
    axes.legend(fontsize="small", frameon=False, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
    return png(figure)


@themed
def draw_front(optimum: Optimum) -> bytes:
    """Each pair of objectives: all trials, and the front on fresh seeds with its intervals."""
    pairs = list(combinations(range(len(optimum.goal.objectives)), 2))
    n_columns = min(3, len(pairs))
    n_rows = -(-len(pairs) // n_columns)
    figure = new_figure(0.9 + 3.0 * n_rows, "The front: each pair of objectives")
    panels = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
    known = np.array([trial.seen.values for trial in optimum.trials if trial.seen.is_candidate])
    for axes, (i, j) in zip(panels, pairs, strict=False):
        across, up = (optimum.goal.objectives[k] for k in (i, j))
        x, y = optimum.rows(across), optimum.rows(up)
        axes.plot(known[:, i], known[:, j], "o", color=QUIET, markersize=3.5, alpha=0.6, label="trials, in the search")
        axes.hlines(y["fresh"], x["low"], x["high"], color=_ALLOWED.color, linewidth=1.0, alpha=0.6)
        axes.vlines(x["fresh"], y["low"], y["high"], color=_ALLOWED.color, linewidth=1.0, alpha=0.6)
        axes.plot(x["fresh"], y["fresh"], "s", color=_ALLOWED.color, markersize=5, label="front, on fresh seeds")
        axes.plot(
            x["search"],
            y["search"],
            "D",
            color=_BEST.color,
            markerfacecolor="none",
            markersize=5,
            label="front, in the search",
        )
        for a, b, trial in zip(x["fresh"], y["fresh"], optimum.best, strict=True):
            axes.annotate(str(trial.number), (a, b), xytext=(4, 4), textcoords="offset points", fontsize="small")
        axes.set_xlabel(_axis(optimum, across))
        axes.set_ylabel(_axis(optimum, up))
        _dress(axes.xaxis, across, 3)
        _dress(axes.yaxis, up, 4)
    for axes in panels[len(pairs) :]:
        axes.set_visible(False)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=3, frameon=False, fontsize="small")
    return png(figure)


def _dress(axis: Axis, measure: Measure, n_ticks: int = 5) -> None:
    """Ticks in the measure's unit."""
    axis.set_major_locator(MaxNLocator(n_ticks))
    if measure.unit == "share":
        axis.set_major_formatter(percent_ticks("%"))


def _axis(optimum: Optimum, measure: Measure) -> str:
    what = measure.label if optimum.baseline is None else f"{measure.label},\nfrom {arm_label(optimum.baseline)}"
    return what if measure.unit == "share" else f"{what}, {measure.unit}"
