"""What scarce specialists cost: how many posts are filled, who is able to decide by data, and who earns by it."""

from __future__ import annotations

from matplotlib.figure import Figure

from experiments.views.grid_results import GridResults
from experiments.views.theme import themed
from experiments.views.trends import Trend, draw_trends

ARM = "by_data"
FILLED_IN_THE_PAPER = 1 / 3.7
TRENDS = (
    Trend("posts_filled_share", "posts for specialists that are filled", mark=FILLED_IN_THE_PAPER),
    Trend("able_share_small", "small merchants able to decide by data"),
    Trend("able_share_large", "large merchants able to decide by data"),
    Trend("contribution_small", "a small merchant: contribution beyond that at list prices, yuan", "difference"),
    Trend("contribution_large", "a large merchant: contribution beyond that at list prices, yuan", "difference"),
    Trend("contribution_per_extra_capability", "all: contribution beyond that at list prices, per yuan of capability"),
)
CAPTION = (
    "A line for each share of employers who train staff, against the openings per candidate: the further right, the "
    "scarcer. Upper three rows: what specialists there are, mean over the campaign; broken line: all posts that can be "
    "filled without training at 3.7 openings per candidate. Next two rows: what a merchant earns more than at list "
    "prices in the same world, wages, training and technology already paid; below zero deciding by data did not pay. "
    "Lowest: the same for everybody together, platform included, per yuan of that cost. Bars are intervals."
)


@themed
def draw(results: GridResults) -> Figure | None:
    """Posts, able merchants, and what they earn by it; None without the arm."""
    if ARM not in results.others:
        return None
    return draw_trends(results, ARM, "Talent: who finds specialists, and what they bring", TRENDS)
