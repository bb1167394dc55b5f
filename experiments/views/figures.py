"""The figures of a comparison: one function each, from `Results` to a matplotlib Figure."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, PercentFormatter

from experiments.study.statistics import mean_estimate
from experiments.views.cells import comparison, difference, percent, scale_of
from experiments.views.files import write_whole
from experiments.views.results import Results, arm_label
from experiments.views.theme import DPI, INK, QUIET, SHADE, Style, label_ends, new_figure, styles, themed

MOVING_AVERAGE_DAYS = 7
MIN_FOLLOWED = 20
"""Fewest inviters, over all seeds, whose reproduction is drawn: below, one of them moves the mean by 5%."""


@dataclass(frozen=True)
class Plot:
    """A figure that can be drawn.

    Attributes:
        name: Of the file, without its ending.
        draw: Draws it; None where the results hold nothing to draw.
        caption: How to read it.
    """

    name: str
    draw: Callable[[Results], Figure | None]
    caption: str


def save_all(results: Results, folder: Path) -> list[Path]:
    """Draw and save every figure for which there is something to draw, as PNG; the same results give the same bytes.

    Raises:
        OSError: If the folder cannot be made or written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for plot in PLOTS:
        figure = plot.draw(results)
        if figure is not None:
            paths.append(folder / f"{plot.name}.png")
            write_whole(paths[-1], png(figure))
    return paths


@themed
def png(figure: Figure) -> bytes:
    """The figure as PNG, without date or program in it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


@themed
def lifts(results: Results) -> Figure:
    """The lifts of the primary measures, a panel each and a row per arm, with their intervals."""
    arms = results.others[::-1]
    figure = new_figure(0.9 + len(results.primaries) * (0.75 + 0.32 * len(arms)), "Primary measures: lift by arm")
    look = styles(results)
    for axes, measure in zip(_stack(figure, len(results.primaries)), results.primaries, strict=True):
        axes.set_title(measure.label[0].upper() + measure.label[1:])
        axes.axvline(0.0, color=INK, linewidth=1.0)
        for y, arm in enumerate(arms):
            row, shown = results.row(arm, measure), comparison(results, arm, measure)
            is_significant = row["p_holm"] <= 1.0 - results.confidence
            if np.isfinite(row["lift"]):
                _whisker(axes, y, row["lift"], row["lift_low"], row["lift_high"], look[arm], is_significant)
            axes.annotate(
                shown.on_one_line(), (1.02, y), xycoords=("axes fraction", "data"), va="center", annotation_clip=False
            )
        axes.set_yticks(range(len(arms)), [arm_label(arm) for arm in arms])
        axes.set_ylim(-0.6, len(arms) - 0.4)
        axes.tick_params("y", length=0)
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.margins(x=0.06)
    axes.set_xlabel(f"lift against {arm_label(results.baseline)}, with {percent(results.confidence)} interval")
    return figure


@themed
def money(results: Results) -> Figure:
    """Who gains and who pays: the change of each party's contribution, and of their sum."""
    measures = [m for name in _PARTIES for m in results.measures if m.name == name]
    arms = results.others[::-1]
    figure = new_figure(1.5 + 0.5 * len(arms), "Money by party: change of contribution per run")
    look = styles(results)
    bounds = [results.row(arm, m)[end] for arm in arms for m in measures for end in ("difference", "low", "high")]
    scale, suffix = scale_of(bounds)
    panels = figure.subplots(1, len(measures), sharex=True, sharey=True, squeeze=False)[0]
    for axes, measure in zip(panels, measures, strict=True):
        axes.set_title(_PARTIES[measure.name])
        axes.axvline(0.0, color=INK, linewidth=1.0)
        for y, arm in enumerate(arms):
            row = results.row(arm, measure)
            value, low, high = (row[name] / scale for name in ("difference", "low", "high"))
            axes.barh(y, value, height=0.42, color=look[arm].color, alpha=0.85)
            if np.isfinite(low):
                axes.plot([low, high], [y, y], color=INK, linewidth=1.2)
            axes.annotate(
                difference(row, measure).value.removesuffix(" yuan"),
                (value, y + 0.23),
                va="bottom",
                ha="center",
                fontsize="small",
            )
        axes.tick_params("y", length=0)
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:+,.6g}{suffix}".replace("-", "−") if x else "0"))
    panels[0].set_yticks(range(len(arms)), [arm_label(arm) for arm in arms])
    panels[0].set_ylim(-0.5, len(arms) - 0.25)
    panels[0].margins(x=0.14)
    figure.supxlabel(f"yuan, arm minus {arm_label(results.baseline)}, paired by seed", fontsize="medium")
    return figure


@themed
def adoption(results: Results) -> Figure:
    """The share of prospects reached, day by day, and how far each arm is ahead of the baseline."""
    table = _by_day(results, "adopters_cumulative_share")
    figure = _level_and_difference(results, table, "Adoption: prospects reached", "share of all\ninitial prospects")
    return _over_days(results, figure)


@themed
def sales(results: Results) -> Figure:
    """Orders settled per day, as a moving average, and their difference from the baseline."""
    table = _by_day(results, "settled_orders").rolling(MOVING_AVERAGE_DAYS).mean().dropna()
    title = f"Sales per day (average of {MOVING_AVERAGE_DAYS} days)"
    return _over_days(results, _level_and_difference(results, table, title, "orders settled\nper day", is_share=False))


@themed
def retention(results: Results) -> Figure | None:
    """The share of buyers who bought again in each 30-day period after their first sale."""
    table = results.retention.pivot(index="age_days", columns=["arm", "seed"], values="share").dropna()
    if table.empty:
        return None
    figure = _level_and_difference(
        results, table, "Retention: buyers with a sale in the 30 days up to an age", "share of buyers\nfollowed so long"
    )
    for axes in figure.axes:
        axes.set_xticks(table.index.to_numpy())
    figure.axes[-1].set_xlabel("days since the first sale of the window")
    return figure


@themed
def cascade_sizes(results: Results) -> Figure | None:
    """The share of cascades that reach a size, pooled over seeds, for arms that have cascades."""
    counts = results.cascades.groupby(["arm", "size"])["n_cascades"].sum()
    arms = [arm for arm in results.arms if arm in counts.index.get_level_values("arm")]
    if not arms:
        return None
    figure = new_figure(4.2, "Cascades: how many consumers one inviter set off")
    axes, look, ends = figure.subplots(), styles(results), {}
    for arm in arms:
        size, n_cascades = np.array(counts[arm].index, dtype=float), counts[arm].to_numpy(dtype=float)
        at_least = n_cascades[::-1].cumsum()[::-1] / n_cascades.sum()
        style = look[arm]
        axes.plot(size, at_least, label=arm, marker=style.marker, markersize=5, markerfacecolor="white", **style.line)
        ends[arm] = (size[-1], at_least[-1])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.6g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g}%"))
    axes.set_xlabel("size of the cascade: consumers, its root included")
    axes.set_ylabel("cascades of at least this size")
    _finish(axes)
    axes.legend(handles=axes.get_lines(), labels=[arm_label(arm) for arm in arms], frameon=False, handlelength=4)
    return figure


@themed
def reproduction(results: Results) -> Figure | None:
    """Adopters brought per inviter, by generation, and the share of prospects still left to reach."""
    followed = results.generations.groupby(["arm", "generation"])["n_followed"].sum()
    means = results.generations.pivot(index="generation", columns=["arm", "seed"], values=["R", "susceptible_share"])
    arms = [arm for arm in results.others if arm in followed.index]
    if not arms:
        return None
    figure = new_figure(3.8, "Reproduction by generation of the cascades")
    panels, look = figure.subplots(1, 2), styles(results)
    for column, axes in zip(("R", "susceptible_share"), panels, strict=True):
        for i, arm in enumerate(arms):
            kept = followed[arm].index[followed[arm] >= MIN_FOLLOWED]
            values = means[column][arm].loc[kept].dropna()
            shift = 0.06 * (i - (len(arms) - 1) / 2)
            _curve(axes, values, results.confidence, look[arm], arm, shift=shift)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("generation (0: roots)")
    return figure
