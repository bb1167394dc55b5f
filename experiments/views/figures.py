"""The figures of a comparison: one function each, from `Results` to a matplotlib Figure."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from experiments.study.store import write_whole
from experiments.study.wording import MINUS
from experiments.views import forests, insight
from experiments.views.cells import comparison, percent
from experiments.views.drawing import draw_curve, new_figure, panel_per_arm, percent_ticks
from experiments.views.results import Results, arm_label
from experiments.views.theme import DPI, INK, SHADE, styles, themed

SMOOTHED_DAYS = 7
MIN_FOLLOWED = 20
"""Fewest inviters, over all seeds, whose reproduction is drawn: below, one of them moves the mean by 5%."""
_PARTIES = {
    "contribution_platform": "platform",
    "contribution_merchants": "merchants",
    "contribution_total": "total of both",
}


@dataclass(frozen=True)
class Plot:
    """A figure that can be drawn.

    Attributes:
        name: Of its file, without the ending.
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
    """The figure as PNG, with neither date nor program in it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


@themed
def lifts(results: Results) -> Figure:
    """The lifts of the primary measures, a panel each and a row per arm, with their intervals."""
    arms, look = results.others[::-1], styles(results)
    figure = new_figure(0.9 + len(results.primaries) * (0.7 + 0.3 * len(arms)), "Primary measures: lift by arm")
    panels = figure.subplots(len(results.primaries), 1, squeeze=False)[:, 0]
    for axes, measure in zip(panels, results.primaries, strict=True):
        axes.set_title(measure.label)
        for y, arm in enumerate(arms):
            row, style = results.row(arm, measure), look[arm]
            fill = style.color if row["p_holm"] <= 1.0 - results.confidence else "white"
            axes.plot([row["lift_low"], row["lift_high"]], [y, y], color=style.color, linewidth=2.0)
            axes.plot(
                row["lift"], y, label=arm, marker=style.marker, markersize=7, color=style.color, markerfacecolor=fill
            )
            _beside(axes, y, comparison(results, arm, measure).on_one_line())
        _rows(axes, arms)
        axes.xaxis.set_major_formatter(percent_ticks("%"))
    panels[-1].set_xlabel(f"lift against {arm_label(results.baseline)}, with {percent(results.confidence)} interval")
    return figure


@themed
def money(results: Results) -> Figure:
    """Who gains and who pays: the change of each party's contribution, and of their sum."""
    measures = [measure for measure in results.measures if measure.name in _PARTIES]
    arms, look = results.others[::-1], styles(results)
    figure = new_figure(1.4 + 0.4 * len(arms), "Money by party: change of contribution in a run")
    shown = [results.row(arm, m)[end] for arm in arms for m in measures for end in ("difference", "low", "high")]
    scale, unit = _money_unit(np.nanmax(np.abs(shown)))
    left, right = np.nanmin([0.0, *shown]) / scale, np.nanmax([0.0, *shown]) / scale
    room = 0.35 * (right - left) or 1.0
    panels = figure.subplots(1, len(measures), sharex=True, sharey=True, squeeze=False)[0]
    for axes, measure in zip(panels, measures, strict=True):
        axes.set_title(_PARTIES[measure.name])
        for y, arm in enumerate(arms):
            row = results.row(arm, measure)
            value, low, high = (row[name] / scale for name in ("difference", "low", "high"))
            axes.barh(y, value, height=0.5, color=look[arm].color, label=arm)
            axes.plot([low, high], [y, y], color=INK, linewidth=1.4)
            end = np.nanmax([value, high]) if value >= 0.0 else np.nanmin([value, low])
            _beyond(axes, y, end, f"{value:+.3g}".replace("-", MINUS))
        _rows(axes, arms)
        axes.xaxis.set_major_locator(MaxNLocator(4))
    panels[0].set_xlim(left - room, right + room)  # room for the numbers beyond the bars
    figure.supxlabel(
        f"{unit}, arm minus {arm_label(results.baseline)}: left of zero loses, right gains", fontsize="medium"
    )
    return figure


@themed
def adoption(results: Results) -> Figure:
    """The share of prospects reached, day by day."""
    table = _by_day(results, "adopters_cumulative_share")
    figure = panel_per_arm(results, table, "Adoption: prospects reached", "of all initial prospects", "share")
    return _over_days(results, figure)


@themed
def sales(results: Results) -> Figure:
    """Orders settled per day, as a moving average."""
    table = _by_day(results, "settled_orders").rolling(SMOOTHED_DAYS).mean().iloc[SMOOTHED_DAYS - 1 :]
    table = table.round(9)  # moving averages of equal days differ in the last bit
    title = f"Sales per day, average of the last {SMOOTHED_DAYS} days"
    return _over_days(results, panel_per_arm(results, table, title, "orders settled per day", "orders"))


@themed
def retention(results: Results) -> Figure | None:
    """The share of buyers who bought again in each 30-day period after their first sale."""
    table = results.retention.pivot(index="age_days", columns=["arm", "seed"], values="share").dropna()
    if table.empty:
        return None
    title = "Retention: buyers with a sale in the 30 days up to each age"
    figure = panel_per_arm(results, table, title, "of buyers followed that long", "share", has_markers=True)
    figure.axes[0].xaxis.set_major_locator(FixedLocator(list(table.index)))
    figure.supxlabel("days since the first sale of the window", fontsize="medium")
    return figure


@themed
def cascade_sizes(results: Results) -> Figure | None:
    """The share of cascades that reach a size, pooled over seeds, for arms that have cascades."""
    counts = results.cascades.astype({"size": int, "n_cascades": int}).groupby(["arm", "size"])["n_cascades"].sum()
    arms = [arm for arm in results.arms if arm in counts.index]
    if not arms:
        return None
    figure, look = new_figure(4.2, "Cascades: how many consumers one inviter set off"), styles(results)
    axes = figure.subplots()
    for arm in arms:
        of_size = counts.loc[arm]
        at_least = of_size[::-1].cumsum()[::-1] / of_size.sum()
        axes.plot(
            at_least.index, at_least, label=arm, marker=look[arm].marker, markerfacecolor="white", **look[arm].line
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.6g}"))
    axes.yaxis.set_major_formatter(percent_ticks("%"))
    axes.set_xlabel("consumers in the cascade, its root included")
    axes.set_ylabel("cascades at least this large")
    _legend(figure, axes)
    return figure


@themed
def reproduction(results: Results) -> Figure | None:
    """Adopters brought per inviter by generation, and beside it the share of prospects still to be reached."""
    frame = results.generations
    followed = frame.groupby(["arm", "generation"])["n_followed"].sum()
    arms = [arm for arm in results.arms if arm in followed.index]
    if not arms:
        return None
    figure, look = new_figure(3.8, "Reproduction by generation of the cascades"), styles(results)
    panels = figure.subplots(1, 2)
    for axes, column in zip(panels, ("R", "susceptible_share"), strict=True):
        table = frame.pivot(index="generation", columns=["arm", "seed"], values=column)
        for i, arm in enumerate(arms):
            enough = followed.loc[arm].index[followed.loc[arm] >= MIN_FOLLOWED]
            values = table.loc[enough, arm].dropna()
            values.index = values.index + 0.06 * (i - (len(arms) - 1) / 2)  # side by side
            draw_curve(axes, values, results.confidence, look[arm], arm, has_markers=True)
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("generation (0: roots)")
    panels[0].set_ylabel("adopters brought within 90 days,\nper inviter followed so long")
    panels[1].set_ylabel("prospects not yet reached\nwhen a generation adopts")
    panels[1].yaxis.set_major_formatter(percent_ticks("%"))
    panels[1].set_ylim(0.0, 1.0)
    _legend(figure, panels[0])
    return figure


PLOTS: tuple[Plot, ...] = (
    Plot(
        "lifts",
        lifts,
        "Each row is an arm, the point its lift against the baseline, the bar the interval. A filled point: different "
        "from zero after correction for the number of tests (Holm); an open one: not distinguishable from zero. "
        "Numbers marked ≈: no material effect. The panels have scales of their own.",
    ),
    Plot(
        "money",
        money,
        "Bars show how much more (right) or less (left) a party keeps in a whole run than under the baseline, in the "
        "same worlds; the dark line is the interval. Platform and merchants add up to the total, and may disagree.",
    ),
    Plot(
        "adoption",
        adoption,
        "The share of prospects with a first sale: an arm in its colour, the baseline in grey, the same scales in all "
        "panels. The band is the interval of the difference within the same world: an arm does better where it stays "
        "clear of the grey line. The number is the difference on the last day.",
    ),
    Plot(
        "sales",
        sales,
        "Orders settled per day, mean over worlds: an arm in its colour, the baseline in grey, the band as above. A "
        "line below the grey one after the campaign is a sign that sales were pulled forward, not added. The number "
        "is the difference at the end.",
    ),
    Plot(
        "retention",
        retention,
        "Of the buyers followed that long, the share with a sale in the 30 days up to each age; the number is the "
        "difference at the last age. An arm that brings in more occasional buyers can lower this rate while it raises "
        "the number of repeat buyers.",
    ),
    Plot(
        "cascade_sizes",
        cascade_sizes,
        "Of all cascades, pooled over seeds, the share with at least so many consumers, on logarithmic scales. A line "
        "further right has larger cascades. The right end rests on a few cascades.",
    ),
    Plot(
        "reproduction",
        reproduction,
        "Left: adopters that one member of each generation brought; where it stays below 1, cascades die out. Right: "
        "the share of prospects that were left to bring, since reproduction also falls because few are left. "
        f"Generations with fewer than {MIN_FOLLOWED} inviters followed are left out.",
    ),
    Plot("forests", forests.draw, forests.CAPTION),
    Plot("insight", insight.draw, insight.CAPTION),
)
"""All figures, in the order of the report."""


def _by_day(results: Results, column: str) -> pd.DataFrame:
    """A daily column by day (index), arm and seed (columns)."""
    return results.daily.pivot(index="day", columns=["arm", "seed"], values=column)


def _over_days(results: Results, figure: Figure) -> Figure:
    """Finish a figure over the days of a run, with the campaign shaded."""
    time = results.timeline
    for axes in figure.axes:
        axes.set_xlim(0, time.days - 1)
        axes.axvspan(time.burn_in_days, time.campaign_end, color=SHADE, zorder=-1, linewidth=0)
    figure.supxlabel("day of the run (shaded: the campaign)", fontsize="medium")
    return figure


def _rows(axes: Axes, arms: list[str]) -> None:
    """A row per arm, and a line at zero."""
    axes.axvline(0.0, color=INK, linewidth=1.0, zorder=0.5)
    axes.set_yticks(np.arange(len(arms)), [arm_label(arm) for arm in arms])
    axes.set_ylim(-0.6, len(arms) - 0.4)
    axes.tick_params("y", length=0)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.05)


def _beside(axes: Axes, y: float, text: str) -> None:
    """A row's numbers, to the right of the axes."""
    axes.annotate(text, (1.02, y), xycoords=("axes fraction", "data"), va="center", annotation_clip=False)


def _beyond(axes: Axes, y: float, end: float, text: str) -> None:
    """A bar's number, beyond its end."""
    side, align = (-4, "right") if end < 0.0 else (4, "left")
    axes.annotate(text, (end, y), xytext=(side, 0), textcoords="offset points", va="center", ha=align, fontsize="small")


def _money_unit(largest: float) -> tuple[float, str]:
    """The unit in which amounts of this size are drawn: its yuan, and its name."""
    return (1e6, "million yuan") if largest >= 1e6 else (1e3, "thousand yuan") if largest >= 1e3 else (1.0, "yuan")


def _legend(figure: Figure, axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    names = [arm_label(label) for label in labels]
    figure.legend(handles, names, loc="outside right upper", frameon=False, handlelength=4.0)
