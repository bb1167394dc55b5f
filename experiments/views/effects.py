"""A factorial design: what each factor does alone, and by how much more factors do together."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.study.contrasts import TIMES, WHOLE
from experiments.study.wording import HIGHER, LOWER
from experiments.views.cells import contrasted
from experiments.views.drawing import new_figure, percent_ticks
from experiments.views.grid_results import GridResults
from experiments.views.results import REGISTRY, arm_label
from experiments.views.theme import INK, style_of, themed

PARTIES = ("contribution_total", "contribution_platform", "contribution_merchants")
TITLE = "Effects of factors, and what they do together"
CAPTION = (
    "Above the line: the effect of each factor, mean over the others on and off. Below it, with ×: by how much the "
    "effect of one is larger (right) or smaller (left) with the other than without; of three, by how much that differs "
    "with the third. Shares of the baseline's mean, with intervals paired by seed; open: not distinguishable from zero "
    "after Holm, or not material."
)


@themed
def draw(results: GridResults) -> Figure | None:
    """A panel per measure, a row per contrast; None over a grid, or without a factorial design."""
    table = results.contrasts
    if results.axes or table.empty or WHOLE in set(table["contrast"]):
        return None
    names = dict.fromkeys([*(measure.name for measure in results.primaries), *PARTIES])
    contrasts = list(dict.fromkeys(table["contrast"]))[::-1]
    figure = new_figure(
        0.6 + len(names) * (0.5 + 0.26 * len(contrasts)), "Effects of factors, and what they do together"
    )
    panels = figure.subplots(len(names), 1, squeeze=False)[:, 0]
    for axes, name in zip(panels, names, strict=True):
        rows = table[table["measure"] == name].set_index("contrast").to_dict("index")
        _draw(axes, contrasts, rows, name)
    panels[-1].set_xlabel(f"share of the mean of {arm_label(results.baseline)}")
    return figure


def _draw(axes: Axes, contrasts: list[str], rows: dict[Any, dict[Any, Any]], name: str) -> None:
    measure = REGISTRY[name]
    n_together = sum(TIMES in contrast for contrast in contrasts)
    axes.axvline(0.0, color=INK, linewidth=1.0, zorder=0.5)
    axes.axhline(n_together - 0.5, color=INK, linewidth=0.6)
    for y, contrast in enumerate(contrasts):
        row, look = rows[contrast], style_of(int(TIMES in contrast))
        fill = look.color if row["verdict"] in (HIGHER, LOWER) else "white"
        axes.plot([row["share_low"], row["share_high"]], [y, y], color=look.color, linewidth=2.0)
        axes.plot(row["share"], y, look.marker, color=look.color, markersize=7, markerfacecolor=fill, label=contrast)
        text = contrasted(row, measure).on_one_line()
        axes.annotate(text, (1.02, y), xycoords=("axes fraction", "data"), va="center", annotation_clip=False)
    axes.set_title(measure.label)
    axes.set_yticks(np.arange(len(contrasts)), [arm_label(contrast) for contrast in contrasts])
    axes.set_ylim(-0.6, len(contrasts) - 0.4)
    axes.tick_params("y", length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(percent_ticks("%"))
