"""The figures of a what-if, drawn by Bokeh in the browser: colours, dashes and markers are those of the report."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from bokeh.models import BoxAnnotation, ColumnDataSource, FactorRange, HoverTool, Legend, Range1d, Span, Title, Whisker
from bokeh.plotting import figure

from experiments.dashboard.answers import arm_name, measure_name, written
from experiments.dashboard.texts import Speaker
from experiments.study.statistics import mean_estimate
from experiments.views.cells import comparison
from experiments.views.results import Results
from experiments.views.theme import BASELINE, INK, QUIET, SHADE, Style, styles
from simulator.records.measures import Measure

PARTIES = ("contribution_platform", "contribution_merchants", "contribution_total")
_MARKERS = {"s": "square", "D": "diamond", "^": "triangle", "v": "inverted_triangle", "p": "star", "h": "hex"}
_MONEY_UNITS = ((1e6, "million_yuan"), (1e3, "thousand_yuan"))
_LEVEL_HEIGHT, _GAP_HEIGHT = 230, 190


def lifts(results: Results, say: Speaker) -> list[figure]:
    """The lift of every strategy with its interval, a figure for each measure named beforehand."""
    return [_lift(results, measure, say) for measure in results.primaries]


def _lift(results: Results, measure: Measure, say: Speaker) -> figure:
    names = [arm_name(arm, say) for arm in results.others]
    plot = _figure(78 + 34 * len(names), measure_name(measure, say), y_range=names[::-1])
    plot.xaxis.axis_label = say("lift_axis")
    look = styles(results)
    for arm, name in zip(results.others, names, strict=True):
        row, style = results.row(arm, measure), look[arm]
        is_clear = row["p_holm"] <= 1.0 - results.confidence
        words = f"{written(comparison(results, arm, measure).on_one_line(), say)}  {written(row['verdict'], say)}"
        source = ColumnDataSource(
            {
                "arm": [name],
                "lift": [100.0 * row["lift"]],
                "low": [100.0 * row["lift_low"]],
                "high": [100.0 * row["lift_high"]],
                "words": [words],
            }
        )
        plot.segment("low", "arm", "high", "arm", source=source, color=style.color, line_width=2.5)
        point = plot.scatter(
            *("lift", "arm"),
            source=source,
            marker=_MARKERS[style.marker],
            size=12,
            color=style.color,
            fill_color=style.color if is_clear else "white",
            line_width=2,
        )
        _tell(plot, point, [("", "@arm"), ("", "@words")])
    rows = [results.row(arm, measure) for arm in results.others]
    plot.x_range = _range_with_zero([100.0 * row[end] for row in rows for end in ("lift_low", "lift_high", "lift")])
    plot.add_layout(Span(location=0, dimension="height", line_color=INK))
    return plot


def money(results: Results, say: Speaker) -> figure:
    """Who gains and who pays: the change of each party's contribution, with its interval."""
    measures = {m.name: m for m in results.measures if m.name in PARTIES}
    rows = {(arm, name): results.row(arm, measures[name]) for arm in results.others for name in PARTIES}
    largest = np.nanmax([abs(row[end]) for row in rows.values() for end in ("difference", "low", "high")])
    scale, unit = next(((size, name) for size, name in _MONEY_UNITS if largest >= size), (1.0, "yuan"))
    factors = [(say(name), arm_name(arm, say)) for name in reversed(PARTIES) for arm in reversed(results.others)]
    plot = _figure(120 + 26 * len(factors), say("fig_money"), y_range=FactorRange(*factors, range_padding=0.05))
    plot.yaxis.group_text_font_size, plot.yaxis.group_text_color = "13px", INK
    plot.yaxis.group_label_orientation = "horizontal"
    plot.xaxis.axis_label = say("fig_money_axis", unit=say(unit))
    look = styles(results)
    for (arm, name), row in rows.items():
        place = (say(name), arm_name(arm, say))
        value, low, high = (row[end] / scale for end in ("difference", "low", "high"))
        source = ColumnDataSource({"place": [place], "value": [value], "low": [low], "high": [high]})
        bar = plot.hbar(y="place", right="value", height=0.7, source=source, color=look[arm].color)
        whisker = Whisker(base="place", upper="high", lower="low", source=source, dimension="width", line_color=INK)
        plot.add_layout(whisker)
        _tell(plot, bar, [("", "@place"), (say(unit), "@value{+0.0[00]} [@low{0.0[00]}, @high{0.0[00]}]")])
    ends = [row[end] / scale for row in rows.values() for end in ("difference", "low", "high")]
    plot.x_range = _range_with_zero(ends)
    plot.add_layout(Span(location=0, dimension="height", line_color=INK))
    return plot


def adoption(results: Results, say: Speaker) -> list[figure]:
    """The share of prospects reached day by day, and below it how far each strategy is ahead of the baseline."""
    by_day = results.daily.pivot(index="day", columns=["arm", "seed"], values="adopters_cumulative_share")
    plots = _level_and_difference(results, by_day, say, "fig_adoption", "day_axis")
    for plot in plots:
        start, end = results.timeline.burn_in_days, results.timeline.campaign_end
        plot.add_layout(BoxAnnotation(left=start, right=end, fill_color=SHADE, fill_alpha=1.0, level="image"))
    return plots


def retention(results: Results, say: Speaker) -> list[figure]:
    """The share of buyers who bought again in each 30 days; nothing where nobody was followed long enough."""
    by_age = results.retention.pivot(index="age_days", columns=["arm", "seed"], values="share").dropna()
    if by_age.empty:
        return []
    return _level_and_difference(results, by_age, say, "fig_retention", "age_axis", points=True)


def _level_and_difference(
    results: Results, table: pd.DataFrame, say: Speaker, level: str, axis: str, points: bool = False
) -> list[figure]:
    above = _figure(_LEVEL_HEIGHT, "")
    below = _figure(_GAP_HEIGHT, say("fig_difference"), x_range=above.x_range)
    below.xaxis.axis_label = say(axis)
    above.add_layout(Legend(ncols=3, border_line_color=None, padding=0, margin=4), "above")
    above.add_layout(Title(text=say(level), text_font_size="15px", text_color=INK), "above")
    look, base = styles(results), table[results.baseline].to_numpy(dtype=np.float64)
    for arm in results.arms:
        own = table[arm].to_numpy(dtype=np.float64)
        name = arm_name(arm, say)
        _curve(above, table.index, own.mean(axis=1)[:, None], look[arm], name, results.confidence, points)
        if arm != results.baseline:
            _curve(below, table.index, own - base, look[arm], name, results.confidence, points)
    below.add_layout(Span(location=0, dimension="width", line_color=BASELINE.color, line_width=2))
    above.legend.label_text_font_size, above.legend.label_text_color = "13px", INK
    below.legend.visible = False
    return [above, below]


def _curve(
    plot: figure, x: pd.Index[Any], values: Any, style: Style, name: str, confidence: float, points: bool
) -> None:
    """The mean over seeds (columns of `values`) in per cent, with its interval where there are several."""
    mean = 100.0 * values.mean(axis=1)
    _, low, high, _ = 100.0 * np.array([mean_estimate(row, confidence) for row in values]).T
    source = ColumnDataSource({"x": x, "mean": mean, "low": low, "high": high})
    if values.shape[1] > 1:
        if points:
            plot.segment("x", "low", "x", "high", source=source, color=style.color, line_width=2)
        else:
            plot.varea("x", "low", "high", source=source, color=style.color, alpha=0.15)
    dash = [int(3 * length) for length in style.dashes]
    drawn = plot.line(
        "x", "mean", source=source, color=style.color, width=style.width + 0.6, line_dash=dash, legend_label=name
    )
    if points:
        marker = _MARKERS.get(style.marker, "circle")
        plot.scatter("x", "mean", source=source, color=style.color, marker=marker, size=9, legend_label=name)
    _tell(plot, drawn, [("", name), ("", "@x: @mean{0.00} %")])


def _range_with_zero(ends: list[float]) -> Range1d:
    """An axis with room for all of these, and with zero on it."""
    low, high = float(np.nanmin([0.0, *ends])), float(np.nanmax([0.0, *ends]))
    room = 0.06 * ((high - low) or 1.0)
    return Range1d(low - room, high + room)


def _figure(height: int, title: str, **options: Any) -> figure:
    """An empty figure as wide as there is room, without tools that a reader could get lost in."""
    plot = figure(height=height, sizing_mode="stretch_width", tools="", toolbar_location=None, title=title, **options)
    plot.title.text_font_size, plot.title.text_color = "15px", INK
    plot.ygrid.grid_line_color = plot.xgrid.grid_line_color = "#e5e5e5"
    plot.outline_line_color = None
    for axis in (plot.xaxis, plot.yaxis):
        axis.axis_label_text_font_style, axis.axis_label_text_font_size = "normal", "13px"
        axis.major_label_text_font_size, axis.axis_line_color = "13px", QUIET
        axis.major_label_text_color = axis.axis_label_text_color = INK
    return plot


def _tell(plot: figure, glyph: Any, lines: list[tuple[str, str]]) -> None:
    """What the mouse is told over a glyph."""
    plot.add_tools(HoverTool(renderers=[glyph], tooltips=lines, visible=False))
