"""What abuse costs and who pays: the platform, the merchants, and honest people whom the detector takes for abusers."""

from __future__ import annotations

from matplotlib.figure import Figure

from experiments.views.grid_results import GridResults
from experiments.views.theme import themed
from experiments.views.trends import Trend, draw_trends

ARM = "deals_abused"
TRENDS = (
    Trend("contribution_platform", "platform: contribution beyond that without abuse, yuan", "difference"),
    Trend("contribution_merchants", "merchants: contribution beyond that without abuse, yuan", "difference"),
    Trend("honest_orders", "honest people: orders of each beyond those without abuse", "difference"),
    Trend("honest_barred_share", "honest people barred from deals, of all honest people"),
    Trend("abusers_barred_share", "abusers barred from deals, of all abusers"),
)
CAPTION = (
    "A line for each share of abusers, against the count from which the detector flags an account: the further left, "
    "the stricter; at 1000 nobody is flagged. Upper three rows: who gains or loses by abuse and detector together, "
    "against the same people without abusers; below zero is a loss, bars are intervals. Lower two rows: whom the "
    "detector hits, wrongly and rightly."
)


@themed
def draw(results: GridResults) -> Figure | None:
    """Gains and losses of each party, and whom the detector hits; None without the arm."""
    if ARM not in results.others:
        return None
    return draw_trends(results, ARM, "Abuse: who pays, and whom the detector hits", TRENDS)
