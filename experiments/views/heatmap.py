"""Heat maps over a grid: the first setting up, the second across, a panel for every value of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from experiments.views.drawing import new_figure
from experiments.views.grid_results import GridResults, Point
from experiments.views.sweep import short_names
from experiments.views.theme import INK

Floats = NDArray[np.float64]

MOST_ACROSS = 5
"""Panels side by side."""


@dataclass(frozen=True)
class Line:
    """A level line drawn over a map.

    Attributes:
        label: What it marks.
        value: The number at a point.
        level: Where the line runs.
        style: Its properties, as matplotlib's.
    """

    label: str
    value: Callable[[Point], float]
    level: float
    style: dict[str, Any]


@dataclass(frozen=True)
class Map:
    """A number over the grid.

    Attributes:
        title: What it is.
        value: The number at a point; NaN where not defined.
        write: A number as it is written into its cell.
        is_clear: Whether the number at a point is to be written in full strength.
        middle: The number at which the colours change side; None for a scale that only rises.
        lines: Level lines over it.
    """

    title: str
    value: Callable[[Point], float]
    write: Callable[[float], str]
    is_clear: Callable[[Point], bool] = lambda point: True
    middle: float | None = None
    lines: Sequence[Line] = ()


def draw_maps(results: GridResults, title: str, maps: Sequence[Map]) -> Figure:
    """A row of panels for each map.

    Args:
        results: With two or more axes.
        title: Of the figure.
        maps: What to draw.
    """
    up, across, *rest = results.axes
    names = short_names(list(results.axes))
    places = list(product(*(results.axes[key] for key in rest)))
    n_across = min(len(places), MOST_ACROSS)
    n_down = -(-len(places) // n_across)
    n_up = len(results.axes[up])
    figure = new_figure(1.1 + len(maps) * n_down * (0.9 + 0.3 * n_up), title)
    panels = figure.subplots(len(maps) * n_down, n_across, squeeze=False, sharex=True, sharey=True)
    for shown, rows in zip(maps, np.split(panels, len(maps)), strict=True):
        scale = _scale(shown, [shown.value(point) for point in results.points])
        for place, axes in zip(places, rows.ravel(), strict=False):
            where = ", ".join(f"{names[key]} {value}" for key, value in zip(rest, place, strict=True))
            _draw(axes, results, shown, place, scale)
            axes.set_title(f"\n{where}" if axes in rows[0] else where, fontsize="small")  # below the map's own title
        for axes in rows.ravel()[len(places) :]:
            axes.set_visible(False)
        for axes in rows[:, 0]:
            axes.set_ylabel(names[up])
        heading = rows[0, 0].annotate(
            shown.title, (0, 1), (0, 18), "axes fraction", textcoords="offset points", fontweight="bold"
        )
        heading.set_in_layout(False)  # or it would widen the first panel
    for axes in panels[-1]:
        axes.set_xlabel(names[across])
    lines = {line.label: line for shown in maps for line in shown.lines}
    if lines:
        handles = [Line2D([], [], label=label, **line.style) for label, line in lines.items()]
        figure.legend(handles=handles, loc="outside lower left", ncols=len(lines), frameon=False, handlelength=4.0)
    return figure


def _draw(axes: Axes, results: GridResults, shown: Map, place: Point, scale: Normalize) -> None:
    """One panel: the cells with their numbers, and the level lines between them."""
    values = _plane(results, shown.value, place)
    ups, acrosses, *_ = results.axes.values()
    colours = "RdBu" if shown.middle is not None else "Blues"
    image = axes.imshow(values, origin="lower", aspect="auto", cmap=colours, norm=scale)
    for (y, up), (x, across) in product(enumerate(ups), enumerate(acrosses)):
        if not np.isnan(values[y, x]):
            red, green, blue, _ = image.cmap(scale(values[y, x]))
            is_dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.55
            axes.text(
                x,
                y,
                shown.write(values[y, x]),
                ha="center",
                va="center",
                fontsize="x-small",
                color="white" if is_dark else INK,
                alpha=1.0 if shown.is_clear((up, across, *place)) else 0.55,
            )
    for line in shown.lines:
        levels = _plane(results, line.value, place)
        if min(levels.shape) > 1 and (levels < line.level).any() and (levels > line.level).any():
            style = line.style
            axes.contour(
                levels,
                [line.level],
                colors=[style["color"]],
                linewidths=[style["linewidth"]],
                linestyles=[style["linestyle"]],
            )
    axes.set_xticks(range(len(acrosses)), [str(value) for value in acrosses])
    axes.set_yticks(range(len(ups)), [str(value) for value in ups])
    axes.tick_params(length=0, labelsize="small")
    for spine in axes.spines.values():
        spine.set_visible(False)


def _plane(results: GridResults, value: Callable[[Point], float], place: Point) -> Floats:
    """A number over the first two axes, the others held, shape (n_up, n_across)."""
    ups, acrosses, *_ = results.axes.values()
    return np.array([[value((up, across, *place)) for across in acrosses] for up in ups], dtype=np.float64)


def _scale(shown: Map, values: Sequence[float]) -> Normalize:
    """The colours' scale, the same in all panels of a map."""
    known = np.array(values)[~np.isnan(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if shown.middle is None:
        return Normalize(low, high if high > low else low + 1.0)
    reach = max(high - shown.middle, shown.middle - low) or 1.0
    return TwoSlopeNorm(shown.middle, shown.middle - reach, shown.middle + reach)
