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

ARM = "group_buying"
MEASURED = {"color": INK, "linewidth": 2.2, "linestyle": "-"}
RECKONED = {"color": style_of(1).color, "linewidth": 1.8, "linestyle": "--"}

CAPTION = (
    "Top: measured adopters whom one adopter brings within 90 days, each weighted as if prospects did not run out; the "
    "darker, the more. Middle: the same of a branching process reckoned from the settings alone. It knows neither "
    "invitations from one's own friends to buy again, nor learned chances of filling, nor friends who know each other. "
    "Bottom: prospects with a first purchase. Full line: measured K = 1, above which every generation of adopters is "
    "larger than the one before, as long as prospects last; broken line: K = 1 of the branching process. No line: K = "
    "1 is not crossed on this panel. Lines run straight between the points of the grid."
)


@themed
def draw(results: GridResults) -> Figure | None:
    """K as measured and as reckoned, and reach; None with fewer than two settings that vary."""
    if len(results.axes) < 2:
        return None

    def reckoned(point: Point) -> float:
        return _reckoned(results, point)

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
    return draw_maps(results, "When group buying spreads by itself", maps)


def _level(results: GridResults, name: str) -> Callable[[Point], float]:
    return lambda point: float(results.row(point, ARM, REGISTRY[name])["level"])


@cache
def _reckoned(results: GridResults, point: Point) -> float:
    return k_of_group_buying(results.scenarios[point, ARM])


def _plain(value: float) -> str:
    return f"{value:.2f}"


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f}%"
