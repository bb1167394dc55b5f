"""What several figures are drawn with: curves with intervals, labels that do not overlap, paired panels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from experiments.study.statistics import mean_estimate
from experiments.study.wording import MINUS
from experiments.views.results import Results, arm_label
from experiments.views.theme import BASELINE, FONT_SIZE, INK, WIDTH, Style, styles


def new_figure(height: float, title: str) -> Figure:
    """An empty figure of the report's width; `height` in inches."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=FONT_SIZE + 2.0, fontweight="bold")
    return figure


def level_and_difference(
    results: Results,
    table: pd.DataFrame,
    title: str,
    ylabel: str,
    is_share: bool = False,
    dodge: float | None = None,
    has_bands: bool = True,
) -> Figure:
    """A measure of every arm over an x axis, and below it the paired difference from the baseline.

    The intervals of the upper panel show how much worlds differ, those of the lower one what is known of the arm.

    Args:
        results: Names and orders the arms.
        table: The measure by x (index) and by arm and seed (columns); no gaps.
        title: Of the figure.
        ylabel: Of the upper panel.
        is_share: Whether the measure is a share of 1, to be written in per cent; else in its own unit.
        dodge: None draws lines with bands; a number draws markers, those of neighbouring arms so far apart along x.
        has_bands: Whether the upper panel has intervals.
    """
    # Every arm is named beside where its line ends, in the lower panel too.
    figure, look = new_figure(max(6.6, 0.68 * len(results.arms)), title), styles(results)
    level, gap = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
    gap.axhline(0.0, color=BASELINE.color, linewidth=BASELINE.width)
    base = pd.DataFrame(table[results.baseline])
    for i, arm in enumerate(results.arms):
        own = pd.DataFrame(table[arm])
        shift = None if dodge is None else dodge * (i - (len(results.arms) - 1) / 2)
        draw_curve(level, own, results.confidence if has_bands else None, look[arm], arm, shift)
        if arm != results.baseline:
            draw_curve(gap, own - base, results.confidence, look[arm], arm, shift)
    level.set_ylabel(ylabel)
    gap.set_ylabel(f"difference from\n{arm_label(results.baseline)}" + (", points" if is_share else ""))
    if is_share:
        level.yaxis.set_major_formatter(percent_ticks("%"))
        gap.yaxis.set_major_formatter(percent_ticks())
    figure.align_ylabels()
    return figure


def percent_ticks(sign: str = "") -> FuncFormatter:
    """Ticks of an axis of shares, in per cent."""
    return FuncFormatter(lambda share, _: f"{100.0 * share:.6g}{sign}".replace("-", MINUS))


def draw_curve(
    axes: Axes, values: pd.DataFrame, confidence: float | None, style: Style, arm: str, shift: float | None = None
) -> None:
    """The mean over seeds (columns) at each x (index), labelled `arm`, with its t interval.

    Drawn as a line with a band; with a `shift` along x as markers with bars; without `confidence` as the mean only.
    """
    x, rows = values.index.to_numpy(dtype=np.float64) + (shift or 0.0), values.to_numpy(dtype=np.float64)
    if confidence is not None and rows.size:
        _, low, high, _ = np.array([mean_estimate(row, confidence) for row in rows]).T
        if shift is None:
            axes.fill_between(x, low, high, color=style.color, alpha=0.13, linewidth=0.0)
        else:
            axes.vlines(x, low, high, color=style.color, linewidth=1.2)
    axes.plot(x, rows.mean(axis=1), label=arm, **(style.line if shift is None else style.points))


def label_ends(axes: Axes, results: Results) -> None:
    """Write every arm's name to the right of where its line ends, moved apart where names would overlap.

    A leader in the arm's own line style joins name and line. The limits of the axes must be final.
    """
    look = styles(results)
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
