"""When group buying tips: K and reach over a grid, with the line K = 1, measured and reckoned from settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from matplotlib.figure import Figure

from experiments.study.branching import k_of_group_buying
from experiments.views.grid_results import GridResults, Point
from experiments.views.heatmap import Line, Map, draw_maps
from experiments.views.results import REGISTRY
from experiments.views.theme import INK, style_of, themed
from experiments.views.trends import Trend, draw_trends

ARM = "group_buying"
TITLE = "When group buying spreads by itself"
MEASURED = {"color": INK, "linewidth": 2.2, "linestyle": "-"}
RECKONED = {"color": style_of(1).color, "linewidth": 1.8, "linestyle": "--"}

CAPTION = (
    "Top: measured adopters whom one adopter brings within 90 days, each weighted as if prospects did not run out; the "
    "darker, the more. Middle: the same of a branching process reckoned from the settings alone. It knows neither "
    "invitations from one's own friends to buy again, nor learned chances of filling, nor friends who know each other. "
    "Bottom: prospects with a first purchase. Full line: measured K = 1, above which every generation of adopters is "
    "larger than the one before, as long as prospects last; broken line: K = 1 of the branching process. No line: K = "
    "1 is not crossed on this panel. Lines run straight between the points of the grid. Over fewer than two "
    "settings: both K and the prospects reached, with intervals."
)


@themed
def draw(results: GridResults) -> Figure | None:
    """K as measured and as reckoned, and reach: maps over two and more settings; None without the arm."""
    if ARM not in results.others:
        return None

    def reckoned(point: Point) -> float:
        return _reckoned(results, point)

    if len(results.axes) < 2:
        trends = [
            Trend("k_unsaturated", "K, measured and of the branching process", beside=reckoned, mark=1.0),
            Trend("prospects_reached", "prospects reached"),
        ]
        return draw_trends(results, ARM, TITLE, trends)
    k = _level(results, "k_unsaturated")
    lines = [
        Line("K = 1, measured", k, 1.0, MEASURED),
        Line("K = 1, branching process from settings", reckoned, 1.0, RECKONED),
    ]
    maps = [
        Map("K, measured", k, _plain, lines=lines),
        Map("K of the branching process", reckoned, _plain, lines=lines),
        Map("prospects reached", _level(results, "prospects_reached"), _percent, lines=lines),
    ]
    return draw_maps(results, TITLE, maps)


def _level(results: GridResults, name: str) -> Callable[[Point], float]:
    return lambda point: float(results.row(point, ARM, REGISTRY[name])["level"])


@cache
def _reckoned(results: GridResults, point: Point) -> float:
    return k_of_group_buying(results.scenarios[point, ARM])


def _plain(value: float) -> str:
    return f"{value:.2f}"


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f}%"
