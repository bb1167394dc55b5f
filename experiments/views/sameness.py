"""What running the same campaign as others pays, and what being different pays."""

from __future__ import annotations

from matplotlib.figure import Figure

from experiments.views.grid_results import GridResults
from experiments.views.theme import themed
from experiments.views.trends import Trend, draw_trends

ARM = "brand_steady"
TRENDS = (
    Trend(
        "payoff_on_commonest_move", "on the commonest move: yuan a day that advertising brings a merchant", "difference"
    ),
    Trend("payoff_on_other_moves", "on other moves: yuan a day that advertising brings a merchant", "difference"),
    Trend("contribution_merchants", "all merchants: yuan that advertising brings them in a run", "difference"),
    Trend("goodwill", "goodwill of a merchant"),
    Trend("sameness", "sameness (Herfindahl index of moves)"),
)
CAPTION = (
    "A line for each strength of clutter, against the share of merchants who begin with the same move. Upper three "
    "rows: what advertising brings, its cost taken off, against the same merchants in the same worlds without any; "
    "below zero it does not pay. First those who run the commonest move, then those who run another one, then all "
    "together. Bars are intervals. Where all are alike there are no others."
)


@themed
def draw(results: GridResults) -> Figure | None:
    """The payoff of each group over how alike campaigns are; None without the arm."""
    if ARM not in results.others:
        return None
    return draw_trends(results, ARM, "Sameness: what it pays to do as others do", TRENDS)
