"""What the platform knows of people: how right its beliefs are, as data grows."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from experiments.views.drawing import draw_curve, label_ends, new_figure
from experiments.views.results import Results
from experiments.views.theme import QUIET, SHADE, styles, themed

PANELS = {
    "n_known": "consumers with a profile",
    "taste_correlation": "taste: correlation of what is believed and what is true",
    "price_correlation": "price sensitivity: correlation of what is believed and what is true",
    "alive_auc": "churn: chance that of two buyers the one who still comes has the higher P(alive)",
    "taste_coverage": "honesty: true tastes inside the believed 90% interval",
}
MARKS = {"alive_auc": 0.5, "taste_coverage": 0.9}
"""Where knowing nothing, and an honest interval, would be."""

CAPTION = (
    "Profiles against a truth that no policy sees, every ten days. Broken lines: churn told by chance alone, and an "
    "honest interval. Bands show how much worlds differ. Where prices do not vary, price sensitivity is not learned, "
    "and there is no line. Arms that record nothing are left out."
)


@themed
def draw(results: Results) -> Figure | None:
    """A panel per quality over the days of the run; None if no arm keeps profiles."""
    if results.insights.empty:
        return None
    look, time = styles(results), results.timeline
    curves = {column: _curves(results, column) for column in PANELS}
    shown = [column for column, found in curves.items() if found]
    figure = new_figure(0.8 + 1.7 * len(shown), "What the platform knows of people")
    panels = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
    for column, axes in zip(shown, panels, strict=True):
        for arm, own in curves[column].items():
            draw_curve(axes, own, results.confidence, look[arm], arm)
        if column in MARKS:
            axes.axhline(MARKS[column], color=QUIET, linewidth=1.2, linestyle=(0, (4.0, 3.0)), zorder=0.5)
        axes.set_title(PANELS[column], loc="left", fontsize="medium")
        axes.set_xlim(0, time.days - 1)
        axes.axvspan(time.burn_in_days, time.campaign_end, color=SHADE, zorder=-1, linewidth=0)
        axes.set_ylim(axes.get_ylim())
        label_ends(axes, look)
    panels[-1].set_xlabel("day of the run")
    return figure


def _curves(results: Results, column: str) -> dict[str, pd.DataFrame]:
    """A quality by day (index) and seed (columns) of every arm in which it is defined."""
    table = results.insights.pivot(index="day", columns=["arm", "seed"], values=column)
    found = {arm: pd.DataFrame(table[arm]).dropna() for arm in results.arms if arm in table}
    return {arm: own for arm, own in found.items() if len(own)}
