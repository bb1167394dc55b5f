"""Heat maps over a grid: the first setting up, the second across, a panel for every value of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import AsinhNorm, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from experiments.views.drawing import new_figure
from experiments.views.grid_results import GridResults, Point
from experiments.views.sweep import short_names
from experiments.views.theme import INK, QUIET, SHADE

Floats = NDArray[np.float64]

MOST_ACROSS = 5
"""Panels side by side."""
PALE = 0.25
"""Strength of the colour of what is not clear."""
UNDEFINED = "—"


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
        is_clear: Whether the cell of a point is to have its colour in full strength.
        is_signed: Whether the colours change side at zero; else the scale only rises.
        small: Of a signed scale, the number up to which colours are pale; beyond it they darken with the logarithm.
        lines: Level lines over it.
        below: What is written below the number of a point; None for nothing.
    """

    title: str
    value: Callable[[Point], float]
    write: Callable[[float], str]
    is_clear: Callable[[Point], bool] = lambda point: True
    is_signed: bool = False
    small: float = 0.05
    lines: Sequence[Line] = ()
    below: Callable[[Point], str] | None = None


def draw_maps(results: GridResults, title: str, maps: Sequence[Map]) -> Figure:
    """A row of panels for each map.

    Args:
        results: With two or more axes.
        title: Of the figure.
        maps: What to draw.
    """
    up, across, *rest = results.axes
    names = {key: name.replace("_", " ") for key, name in short_names(list(results.axes)).items()}
    places = list(product(*(results.axes[key] for key in rest)))
    n_across = min(len(places), MOST_ACROSS)
    n_down = -(-len(places) // n_across)
    n_up = len(results.axes[up])
    height = 0.42 if any(shown.below for shown in maps) else 0.3
    figure = new_figure(1.1 + len(maps) * n_down * (0.9 + height * n_up), title)
    panels = figure.subplots(len(maps) * n_down, n_across, squeeze=False, sharex=True, sharey=True)
    for shown, rows in zip(maps, np.split(panels, len(maps)), strict=True):
        scale = _scale(shown, [shown.value(point) for point in results.points])
        for place, axes in zip(places, rows.ravel(), strict=False):
            where = ", ".join(f"{names[key]} {value}" for key, value in zip(rest, place, strict=True)).replace("_", " ")
            _draw(axes, results, shown, place, scale)
            # Below the map's own title, for which an empty line keeps the room.
            axes.set_title(f"\n{where}".rstrip() or " " if axes in rows[0] else where, fontsize="small")
        for axes in rows.ravel()[len(places) :]:
            axes.set_visible(False)
        for axes in rows[:, 0]:
            axes.set_ylabel(names[up])
        heading = rows[0, 0].annotate(
            shown.title, (0, 1), (0, 18 if rest else 5), "axes fraction", textcoords="offset points", fontweight="bold"
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
    cells = _colours(shown, values, scale, place, results)
    axes.imshow(cells, origin="lower", aspect="auto", interpolation="nearest")
    for y, x in product(range(len(ups)), range(len(acrosses))):
        cell, is_defined = cells[y, x], not np.isnan(values[y, x])
        ink = QUIET if not is_defined else "white" if cell @ (0.3, 0.59, 0.11) < 0.55 else INK
        words = shown.write(values[y, x]) if is_defined else UNDEFINED
        if shown.below is not None and is_defined:
            words += f"\n{shown.below((ups[y], acrosses[x], *place))}".rstrip()
        text = axes.text(x, y, words, color=ink, fontsize="x-small")
        text.set(ha="center", va="center", zorder=3.0)
        text.set_path_effects([withStroke(linewidth=2.5, foreground=tuple(cell))])  # a line may run through it
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
    axes.set_xticks(range(len(acrosses)), [str(value).replace("_", " ") for value in acrosses])
    axes.set_yticks(range(len(ups)), [str(value).replace("_", " ") for value in ups])
    axes.tick_params(length=0, labelsize="small")
    for spine in axes.spines.values():
        spine.set_visible(False)


def _colours(shown: Map, values: Floats, scale: Normalize, place: Point, results: GridResults) -> Floats:
    """Red, green and blue of each cell: pale where the number is not clear, grey where there is none."""
    ups, acrosses, *_ = results.axes.values()
    is_clear = np.array([[shown.is_clear((up, across, *place)) for across in acrosses] for up in ups])
    full = colormaps["RdBu" if shown.is_signed else "Blues"](scale(values))[..., :3]
    cells = 1.0 - np.where(is_clear, 1.0, PALE)[..., None] * (1.0 - full)
    cells[np.isnan(values)] = to_rgb(SHADE)
    return np.asarray(cells)


def _plane(results: GridResults, value: Callable[[Point], float], place: Point) -> Floats:
    """A number over the first two axes, the others held, shape (n_up, n_across)."""
    ups, acrosses, *_ = results.axes.values()
    return np.array([[value((up, across, *place)) for across in acrosses] for up in ups], dtype=np.float64)


def _scale(shown: Map, values: Sequence[float]) -> Normalize:
    """The colours' scale, the same in all panels of a map."""
    known = np.array(values)[~np.isnan(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if not shown.is_signed:
        return Normalize(low, high if high > low else low + 1.0)
    reach = max(-low, high, 4.0 * shown.small)
    return AsinhNorm(shown.small, -reach, reach)
