"""What several figures are drawn with: curves with intervals, labels that do not overlap, a panel per arm."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from experiments.study.statistics import mean_estimate
from experiments.study.wording import MINUS
from experiments.views.cells import level
from experiments.views.results import Results, arm_label
from experiments.views.theme import FONT_SIZE, INK, WIDTH, Style, styles

MOST_COLUMNS = 4


def new_figure(height: float, title: str) -> Figure:
    """An empty figure of the report's width; `height` in inches."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=FONT_SIZE + 2.0, fontweight="bold")
    return figure


def panel_per_arm(
    results: Results, table: pd.DataFrame, title: str, ylabel: str, unit: str, has_markers: bool = False
) -> Figure:
    """A measure over an x axis, a panel for each arm with the baseline in it, all on the same scales.

    The band is the interval of the paired difference, laid around the arm's line: where it stays clear of the
    baseline's, the arm differs. The difference at the end is written into the panel.

    Args:
        results: Names and orders the arms.
        table: The measure by x (index) and by arm and seed (columns); no gaps.
        title: Of the figure.
        ylabel: Of the panels.
        unit: The measure's, such as "share" (of 1, written in per cent).
        has_markers: Whether each x is marked and has a bar, for few of them; else a line with a band.
    """
    arms, look, base = results.others, styles(results), pd.DataFrame(table[results.baseline])
    mean = base.mean(axis=1).to_numpy()
    n_columns = math.ceil(len(arms) / math.ceil(len(arms) / MOST_COLUMNS))
    n_rows = math.ceil(len(arms) / n_columns)
    figure = new_figure(1.1 + max(1.9 * n_rows, 3.2), title)
    grid = figure.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, arm in zip(grid, arms, strict=False):
        gap = pd.DataFrame(table[arm]) - base
        draw_curve(axes, base, None, look[results.baseline], results.baseline, has_markers)
        draw_curve(axes, gap, results.confidence, look[arm], arm, has_markers, over=mean)
        axes.set_title(fill(arm_label(arm), 88 // n_columns), fontsize="medium", fontweight="bold")
        last = level(gap.iloc[-1].to_numpy(dtype=np.float64), unit, results.confidence, sign="+")
        axes.annotate(
            last.on_one_line(), (0.97, 0.95), xycoords="axes fraction", va="top", ha="right", fontsize="small"
        )
    for axes in grid[len(arms) :]:
        axes.remove()
    for axes in grid[max(len(arms) - n_columns, 0) : len(arms)]:
        axes.tick_params("x", labelbottom=True)  # a panel with none below it has the labels
    for axes in grid[: len(arms) : n_columns]:
        axes.set_ylabel(fill(ylabel, 22))
    bottom, top = grid[0].get_ylim()
    grid[0].set_ylim(bottom, top + 0.18 * (top - bottom))  # room for the number
    if unit == "share":
        grid[0].yaxis.set_major_formatter(percent_ticks("%"))
    return figure


def percent_ticks(sign: str = "") -> FuncFormatter:
    """Ticks of an axis of shares, in per cent."""
    return FuncFormatter(lambda share, _: f"{100.0 * share:.6g}{sign}".replace("-", MINUS))


def draw_curve(
    axes: Axes,
    values: pd.DataFrame,
    confidence: float | None,
    style: Style,
    arm: str,
    has_markers: bool = False,
    over: NDArray[np.float64] | float = 0.0,
) -> None:
    """The mean over seeds (columns) at each x (index), labelled `arm`, with its t interval.

    Drawn as a line with a band, or as markers with bars; without `confidence` as the mean only. `over`, a number or
    shape (n_x,), is added to all that is drawn.
    """
    x, rows = values.index.to_numpy(dtype=np.float64), values.to_numpy(dtype=np.float64)
    if confidence is not None and rows.size:
        _, low, high, _ = np.array([mean_estimate(row, confidence) for row in rows]).T
        if has_markers:
            axes.vlines(x, over + low, over + high, color=style.color, linewidth=1.4)
        else:
            axes.fill_between(x, over + low, over + high, color=style.color, alpha=0.2, linewidth=0.0)
    axes.plot(x, over + rows.mean(axis=1), label=arm, **(style.points if has_markers else style.line))


def label_ends(axes: Axes, look: Mapping[str, Style]) -> None:
    """Write every arm's name to the right of where its line ends, moved apart where names would overlap.

    A leader in the arm's own line style joins name and line. The limits of the axes must be final.
    """
    ends = {
        str(line.get_label()): (float(np.asarray(line.get_xdata())[-1]), float(np.asarray(line.get_ydata())[-1]))
        for line in axes.get_lines()
        if line.get_label() in look
    }
    to_axes = axes.transData + axes.transAxes.inverted()
    heights = {arm: round(float(to_axes.transform(end)[1]), 2) for arm, end in ends.items()}
    arms = sorted(reversed(heights), key=lambda arm: heights[arm])  # equal ends: the first arm at the top
    names = {arm: fill(arm_label(arm), 20) for arm in arms}
    wanted = [heights[arm] for arm in arms]
    line_height = 1.25 * FONT_SIZE / 72.0 * axes.figure.dpi / axes.bbox.height
    sizes = [line_height * (1.2 + names[arm].count("\n")) for arm in arms]
    for arm, place in zip(arms, spread(wanted, sizes), strict=True):
        axes.annotate(
            names[arm],
            xy=ends[arm],
            xytext=(1.09, place),
            textcoords="axes fraction",
            va="center",
            color=INK,
            arrowprops={"arrowstyle": "-", "relpos": (0.0, 0.5), "shrinkA": 2.0, "shrinkB": 0.0, **_leader(look[arm])},
            annotation_clip=False,
        )


def _leader(style: Style) -> dict[str, object]:
    return {"color": style.color, "linewidth": style.width, "linestyle": (0, style.dashes) if style.dashes else "-"}


def spread(wanted: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """Centres of labels of these sizes, in the same ascending order, near the wanted ones and, if they fit, in (0, 1).

    Labels that would overlap form a block around the mean of what they want; blocks merge until none overlap.
    """
    blocks: list[list[tuple[float, float]]] = []
    for label in zip(wanted, sizes, strict=True):
        blocks.append([label])
        while len(blocks) > 1 and _bottom(blocks[-1]) < _bottom(blocks[-2]) + _height(blocks[-2]):
            top = blocks.pop()
            blocks[-1] = blocks[-1] + top
    placed = []
    for block in blocks:
        edge = _bottom(block)
        for _, size in block:
            placed.append(edge + size / 2.0)
            edge += size
    return placed


def _bottom(block: list[tuple[float, float]]) -> float:
    """The lower edge of stacked labels (wanted centre, size)."""
    middle = math.fsum(centre for centre, _ in block) / len(block)
    return min(max(middle - _height(block) / 2.0, 0.0), 1.0 - _height(block))


def _height(block: list[tuple[float, float]]) -> float:
    return math.fsum(size for _, size in block)
