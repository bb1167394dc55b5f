"""A chain link by link: what each link adds to each measure, as steps from the baseline to the whole chain."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from experiments.study.contrasts import WHOLE
from experiments.study.wording import MINUS
from experiments.views.cells import contrasted
from experiments.views.drawing import new_figure, percent_ticks
from experiments.views.grid_results import GridResults
from experiments.views.results import REGISTRY, arm_label
from experiments.views.theme import INK, QUIET, style_of, themed
from simulator.records.measures import Measure

PARTIES = ("contribution_total", "contribution_platform", "contribution_merchants", "surplus")
"""Who gains and who pays, beside the measures named beforehand; surplus is the consumers'."""
CAPTION = (
    "Each bar is what one link adds to the chain before it, in the same worlds; the dark line is its interval, paired "
    "by seed. The last bar is the whole chain against the baseline, to which the others add up. Below: money by party. "
    "Numbers are shares of the baseline's mean (of surplus, whose level has no meaning, yuan); ≈: no material effect."
)
GAIN, LOSS = style_of(2).color, style_of(1).color


@themed
def draw(results: GridResults) -> Figure | None:
    """A panel per measure; None over a grid, or without steps."""
    table = results.contrasts
    if results.axes or table.empty or WHOLE not in set(table["contrast"]):
        return None
    names = dict.fromkeys([*(measure.name for measure in results.primaries), *PARTIES])
    shown = [REGISTRY[name] for name in names if name in set(table["measure"])]
    figure = new_figure(0.6 + 2.5 * -(-len(shown) // 2), f"{results.name.replace('_', ' ').capitalize()}, link by link")
    panels = figure.subplots(-(-len(shown) // 2), 2, squeeze=False)
    for axes, measure in zip(panels.ravel(), shown, strict=False):
        _draw(axes, table[table["measure"] == measure.name].to_dict("records"), measure)
    for axes in panels.ravel()[len(shown) :]:
        axes.set_visible(False)
    return figure


def _draw(axes: Axes, rows: list[dict[Any, Any]], measure: Measure) -> None:
    """One panel: steps that begin where the one before ended, and the whole beside them."""
    start = 0.0
    axes.axhline(0.0, color=INK, linewidth=0.8, zorder=0.5)
    for x, row in enumerate(rows):
        is_whole = row["contrast"] == WHOLE
        base = 0.0 if is_whole else start
        end = base + row["difference"]
        colour = QUIET if is_whole else GAIN if row["difference"] >= 0.0 else LOSS
        axes.bar(x, row["difference"], bottom=base, width=0.62, color=colour, label=row["contrast"])
        axes.plot([x, x], [base + row["low"], base + row["high"]], color=INK, linewidth=1.4)
        top = np.nanmax([base, end, base + row["high"]])
        text = contrasted(row, measure).value
        axes.annotate(text, (x, top), (0, 3), textcoords="offset points", ha="center", va="bottom", fontsize="x-small")
        if not is_whole and x + 1 < len(rows):
            axes.plot([x, x + 1], [end, end], color=QUIET, linewidth=0.8, linestyle=(0, (2.0, 2.0)), zorder=0.6)
            start = end
    axes.set_title(f"{measure.label}, {'points' if measure.unit == 'share' else measure.unit}")
    axes.set_xticks(range(len(rows)), [arm_label(row["contrast"]).replace(" ", "\n") for row in rows], fontsize="small")
    axes.tick_params("x", length=0)
    axes.use_sticky_edges = False  # so that there is room for what stands above a bar that hangs from zero
    axes.margins(y=0.16)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    plain = FuncFormatter(lambda value, _: f"{value:,.6g}".replace("-", MINUS))
    axes.yaxis.set_major_formatter(percent_ticks() if measure.unit == "share" else plain)
