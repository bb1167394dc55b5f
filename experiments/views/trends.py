"""Measures over a grid as lines with intervals: the second setting along, a line for each value of the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from experiments.study.wording import MINUS
from experiments.views.drawing import new_figure, percent_ticks
from experiments.views.grid_results import GridResults, Point
from experiments.views.results import REGISTRY, arm_label
from experiments.views.sweep import short_names
from experiments.views.theme import INK, QUIET, style_of
from simulator import Scenario
from simulator.settings import describe

MOST_ACROSS = 4
"""Panels side by side."""
DODGE = 0.06
"""Distance of neighbouring lines along the axis, where the values are 1 apart."""


@dataclass(frozen=True)
class Trend:
    """A measure of an arm over the grid.

    Attributes:
        measure: Its name in the registry.
        label: What the panels are called.
        shows: The arm's own level, or its difference from the baseline at the same point.
        beside: A number to be drawn beside it at each point, NaN where not defined; None for none.
        mark: Where a line runs across the panels; None for none.
    """

    measure: str
    label: str
    shows: Literal["level", "difference"] = "level"
    beside: Callable[[Point], float] | None = None
    mark: float | None = None

    def read(self, results: GridResults, point: Point, arm: str) -> tuple[float, float, float]:
        """The number at a point, and its interval."""
        row = results.row(point, arm, REGISTRY[self.measure])
        low, high = ("level_low", "level_high") if self.shows == "level" else ("low", "high")
        return float(row[self.shows]), float(row[low]), float(row[high])


@cache
def _meanings() -> dict[str, str]:
    """What settings mean, but for remarks behind a semicolon."""
    return {row.key: row.meaning.partition(";")[0] for row in describe(Scenario)}


def draw_trends(results: GridResults, arm: str, title: str, trends: Sequence[Trend]) -> Figure:
    """A row of panels for each measure, a panel in it for each value of the third and further settings.

    Args:
        results: A grid of any number of settings, or a single point.
        arm: Whose numbers.
        title: Of the figure.
        trends: What to draw.
    """
    keys = list(results.axes)
    names = {key: name.replace("_", " ") for key, name in short_names(keys).items()}
    places = list(product(*(results.axes[key] for key in keys[2:])))[:MOST_ACROSS]
    figure = new_figure(0.9 + 1.7 * len(trends), title)
    panels = figure.subplots(len(trends), len(places), squeeze=False, sharex=True, sharey="row")
    for trend, row in zip(trends, panels, strict=True):
        is_top = trend is trends[0]
        for place, axes in zip(places, row, strict=True):
            _draw(axes, results, arm, trend, place)
            where = ", ".join(f"{names[key]} {value}" for key, value in zip(keys[2:], place, strict=True))
            axes.set_title(
                f"\n{where.replace('_', ' ')}" if is_top and where else " "
            )  # below the heading, or room for it
        offset = (0, 20 if is_top and keys[2:] else 5)
        heading = row[0].annotate(trend.label, (0, 1), offset, "axes fraction", textcoords="offset points")
        heading.set_in_layout(False)  # or it would widen the first panel
        _cut(row[0], [trend.read(results, point, arm)[0] for point in results.points])
    if keys:
        along = keys[min(1, len(keys) - 1)]
        figure.supxlabel(": ".join(filter(None, (names[along], _meanings().get(along)))), fontsize="medium")
    if len(keys) > 1 or any(trend.beside for trend in trends):
        handles, labels = panels[0, 0].get_legend_handles_labels()
        title = names[keys[0]] if len(keys) > 1 else ""
        figure.legend(handles, labels, title=title, loc="outside right upper", frameon=False, handlelength=3.5)
    return figure


def _draw(axes: Axes, results: GridResults, arm: str, trend: Trend, place: Point) -> None:
    """One panel."""
    values = list(results.axes.values())
    lines: list[Point] = [(value,) for value in values[0]] if len(values) > 1 else [()]
    along: list[Point] = [(value,) for value in values[min(1, len(values) - 1)]] if values else [()]
    axes.axhline(0.0, color=INK, linewidth=0.8, zorder=0.5)
    if trend.mark is not None:
        axes.axhline(trend.mark, color=QUIET, linewidth=1.2, linestyle=(0, (4.0, 3.0)), zorder=0.5)
    for i, start in enumerate(lines):
        points = [(*start, *value, *place) for value in along]
        shown, low, high = np.array([trend.read(results, point, arm) for point in points]).T
        x, look = np.arange(len(points)) + DODGE * (i - (len(lines) - 1) / 2), style_of(i)
        axes.vlines(x, low, high, color=look.color, linewidth=1.2)
        label = " ".join(map(str, start)) or arm_label(arm)
        axes.plot(x, shown, label=label, **look.points | {"markersize": 5.0, "linewidth": 1.0})
        if trend.beside is not None:
            beside = [trend.beside(point) for point in points]
            axes.plot(x, beside, "x:", color=look.color, label=f"{label}, reckoned", linewidth=1.0)
    axes.set_xticks(range(len(along)), [" ".join(map(str, value)).replace("_", " ") for value in along])
    axes.set_xlim(-0.5, len(along) - 0.5)
    axes.tick_params("x", length=0)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(_ticks(trend))


def _cut(axes: Axes, values: Sequence[float]) -> None:
    """Keep one wide interval from making all else flat."""
    farthest = 4.0 * np.nanmax(np.abs(values)) if np.isfinite(values).any() else 0.0
    if farthest:
        low, high = axes.get_ylim()
        axes.set_ylim(max(low, -farthest), min(high, farthest))


def _ticks(trend: Trend) -> FuncFormatter:
    if REGISTRY[trend.measure].unit == "share":
        return percent_ticks("%" if trend.shows == "level" else " pp")
    return FuncFormatter(lambda value, _: f"{value:,.6g}".replace("-", MINUS))
