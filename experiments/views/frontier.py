"""Governance of personal data: what each arm earns, and what it costs people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.views.drawing import new_figure
from experiments.views.grid_results import GridResults, Point
from experiments.views.results import REGISTRY, arm_label
from experiments.views.sweep import short_names
from experiments.views.theme import INK, style_of, themed

CAPTION = (
    "A mark per arm, a column for each value of the setting that varies. Across: how much more the platform and the "
    "merchants earn than without personal data (contribution, yuan). Up: trust gained or lost against the same people "
    "without personal data, and the members whose data may be used at the end. Bars are intervals. An arm is on the "
    "frontier if no other is further right and higher."
)


class Side(NamedTuple):
    """One direction of a panel: a measure, what it is called, and the columns of the summary that are shown."""

    measure: str
    label: str
    columns: tuple[str, str, str]


DIFFERENCE, LEVEL = ("difference", "low", "high"), ("level", "level_low", "level_high")
EARNED = Side("contribution_total", "contribution gained, yuan", DIFFERENCE)
COSTS = (
    Side("trust_shift", "trust gained", DIFFERENCE),
    Side("consent_share", "members who consent", LEVEL),
)


@themed
def draw(results: GridResults) -> Figure | None:
    """Panels of contribution against trust and consent; None unless one setting varies."""
    if len(results.axes) != 1:
        return None
    ((key, values),) = results.axes.items()
    figure = new_figure(1.2 + 2.6 * len(COSTS), "What personal data earns, and what it costs people")
    panels = figure.subplots(len(COSTS), len(values), squeeze=False, sharex=True, sharey="row")
    for cost, row in zip(COSTS, panels, strict=True):
        for point, axes in zip(results.points, row, strict=True):
            _draw(axes, results, point, cost)
        row[0].set_ylabel(cost.label)
    name = short_names([key])[key].replace("_", " ")
    for axes, value in zip(panels[0], values, strict=True):
        axes.set_title(f"{name} {value}")
    for axes in panels[-1]:
        axes.set_xlabel(EARNED.label)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    return figure


def _draw(axes: Axes, results: GridResults, point: Point, cost: Side) -> None:
    axes.axvline(0.0, color=INK, linewidth=0.8, zorder=0.5)
    for i, arm in enumerate(results.others):
        x, y = (_read(results, point, arm, side) for side in (EARNED, cost))
        look = style_of(i)
        axes.plot([x[1], x[2]], [y[0], y[0]], color=look.color, linewidth=1.2)
        axes.plot([x[0], x[0]], [y[1], y[2]], color=look.color, linewidth=1.2)
        axes.plot(x[0], y[0], label=arm_label(arm), **look.points | {"linestyle": ""})


def _read(results: GridResults, point: Point, arm: str, side: Side) -> Sequence[float]:
    row = results.row(point, arm, REGISTRY[side.measure])
    return [float(row[column]) for column in side.columns]
