"""Whom to seed, and how many: whether adoption is won or brought forward, and at what price."""

from __future__ import annotations

from matplotlib.figure import Figure

from experiments.views.grid_results import GridResults
from experiments.views.theme import themed
from experiments.views.trends import Trend, draw_trends

ARM = "seeding"
TRENDS = (
    Trend("n_adopters", "adopters beyond the baseline's, in a run", "difference"),
    Trend("expansion_share", "expansion: adopters who would not have adopted, of all adopters"),
    Trend("acceleration_days", "acceleration: days by which the others adopt earlier"),
    Trend("subsidy_per_extra_adopter", "yuan per adopter beyond the baseline's"),
    Trend("contribution_total", "contribution of platform and merchants beyond the baseline's, yuan", "difference"),
)
CAPTION = (
    "A line for each way of choosing seeds, against the share of consumers who become seeds in a round; bars are "
    "intervals. Seeding wins adopters where expansion is high; where only acceleration is, it buys sooner what would "
    "have come anyway (Libai, Muller & Peres 2013). Yuan per adopter is missing where adopters are not more beyond "
    "doubt."
)


@themed
def draw(results: GridResults) -> Figure | None:
    """Adopters won and brought forward, and what they cost; None without the arm."""
    if ARM not in results.others:
        return None
    return draw_trends(results, ARM, "Seeding: adopters won, adopters brought forward", TRENDS)
