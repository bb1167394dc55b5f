"""The figures of a comparison over a grid: those that every grid has, and those that an experiment names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from experiments.study.store import write_whole
from experiments.study.wording import HIGHER, LOWER, MINUS
from experiments.views import (
    claim,
    effects,
    frontier,
    grid_forests,
    sameness,
    talent,
    tipping,
    waterfall,
    who_pays,
    whom_to_seed,
)
from experiments.views.drawing import new_figure, percent_ticks
from experiments.views.figures import png
from experiments.views.grid_results import GridResults, Point
from experiments.views.heatmap import Map, draw_maps
from experiments.views.results import arm_label
from experiments.views.sweep import short_names
from experiments.views.theme import INK, style_of, themed
from simulator import SettingsError
from simulator.records.measures import Measure
from simulator.settings import nearest

MANIFOLD = 1.995
"""Lifts from which a map says how many times as much: ×3.1 fits into a cell, +210 % does not."""
SMALL = 0.0995
"""Lifts below which a map gives a decimal."""


@dataclass(frozen=True)
class GridPlot:
    """A figure of a grid.

    Attributes:
        name: Of its file, without the ending, and in `experiment.figures`.
        draw: Draws it; None where the results hold nothing to draw.
        caption: How to read it.
    """

    name: str
    draw: Callable[[GridResults], Figure | None]
    caption: str


@themed
def lifts(results: GridResults) -> Figure:
    """The lifts of the primary measures over the grid: curves over one setting, maps over several."""
    return _curves(results) if len(results.axes) == 1 else _maps(results)


def _curves(results: GridResults) -> Figure:
    """A panel per primary measure, a line per arm."""
    ((key, values),) = results.axes.items()
    is_number = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    places = np.array(values if is_number else range(len(values)), dtype=np.float64)
    figure = new_figure(3.6, "Primary measures: lift over the grid")
    panels = figure.subplots(1, len(results.primaries), squeeze=False)[0]
    for axes, measure in zip(panels, results.primaries, strict=True):
        axes.axhline(0.0, color=INK, linewidth=1.0, zorder=0.5)
        for i, arm in enumerate(results.others):
            rows = [results.row(point, arm, measure) for point in results.points]
            look, x = style_of(i), places + 0.012 * (i - (len(results.others) - 1) / 2) * (np.ptp(places) or 1.0)
            lift, low, high = (np.array([row[name] for row in rows]) for name in ("lift", "lift_low", "lift_high"))
            axes.vlines(x, low, high, color=look.color, linewidth=1.4)
            axes.plot(x, lift, label=arm_label(arm), **(look.points if is_number else look.points | {"linestyle": ""}))
        axes.set_xticks(places, [str(value).replace("_", " ") for value in values], rotation=0 if is_number else 30)
        axes.set_xlabel(short_names([key])[key].replace("_", " "))
        axes.set_title(measure.label)
        axes.yaxis.set_major_formatter(percent_ticks("%"))
    panels[0].set_ylabel(f"lift against {arm_label(results.baseline)}")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=4, frameon=False)
    return figure


def _maps(results: GridResults) -> Figure:
    """A map per arm and primary measure."""
    maps = [_lift_map(results, arm, measure) for arm in results.others for measure in results.primaries]
    return draw_maps(results, "Primary measures: lift over the grid", maps)


def _lift_map(results: GridResults, arm: str, measure: Measure) -> Map:
    def lift(point: Point) -> float:
        return float(results.row(point, arm, measure)["lift"])

    def is_clear(point: Point) -> bool:
        return results.row(point, arm, measure)["verdict"] in (HIGHER, LOWER)

    return Map(f"{measure.label}, {arm_label(arm)}", lift, _signed, is_clear, is_signed=True)


def _signed(share: float) -> str:
    if share >= MANIFOLD:
        return f"×{1.0 + share:.2g}"
    return f"{100.0 * share:+.{int(abs(share) < SMALL)}f}%".replace("-", MINUS)


LIFTS = GridPlot(
    "lifts",
    lifts,
    "The lift of each arm against the baseline at the same point, in the same worlds. Over one setting: the point is "
    "the lift, the bar its interval. Over several: blue raises, red lowers the measure; pale cells are not "
    "distinguishable from zero after correction for the number of tests (Holm), or not material; ×3 is +200%; below "
    "−100% a gain has become a loss; a cell with — has no lift that is defined.",
)
FIGURES: dict[str, GridPlot] = {
    plot.name: plot
    for plot in (
        GridPlot("tipping", tipping.draw, tipping.CAPTION),
        GridPlot("whom_to_seed", whom_to_seed.draw, whom_to_seed.CAPTION),
        GridPlot("who_pays", who_pays.draw, who_pays.CAPTION),
        GridPlot("claim", claim.draw, claim.CAPTION),
        GridPlot("frontier", frontier.draw, frontier.CAPTION),
        GridPlot("waterfall", waterfall.draw, waterfall.CAPTION),
        GridPlot("effects", effects.draw, effects.CAPTION),
        GridPlot("talent", talent.draw, talent.CAPTION),
        GridPlot("sameness", sameness.draw, sameness.CAPTION),
    )
}
"""What `experiment.figures` may name. A new family of experiments has a module of its own, and a line here."""
FORESTS = GridPlot("forests", grid_forests.draw, grid_forests.CAPTION)
CAPTIONS = {plot.name: plot.caption for plot in (LIFTS, FORESTS, *FIGURES.values())}


def find(names: Sequence[str]) -> list[GridPlot]:
    """The figures of these names.

    Raises:
        SettingsError: If there is no such figure.
    """
    for name in names:
        if name not in FIGURES:
            raise SettingsError(f"experiment.figures={name}: there is no such figure; {nearest(name, FIGURES)}")
    return [FIGURES[name] for name in names]


def save_all(results: GridResults, names: Sequence[str], folder: Path) -> list[Path]:
    """Draw and save the experiment's own figures, then those of every grid, as PNG; the same results, the same bytes.

    A single point has its own figures only.

    Raises:
        OSError: If the folder cannot be made or written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for plot in (*find(names), *((LIFTS, FORESTS) if results.axes else ())):
        figure = plot.draw(results)
        if figure is not None:
            paths.append(folder / f"{plot.name}.png")
            write_whole(paths[-1], png(figure))
    return paths
