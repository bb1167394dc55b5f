"""A claimed lift over a grid: under which conditions would it hold?"""

from __future__ import annotations

import math
from collections.abc import Iterator

from matplotlib.figure import Figure

from experiments.views.cells import MINUS
from experiments.views.grid_results import GridResults, Point
from experiments.views.heatmap import Line, Map, draw_maps
from experiments.views.results import arm_label
from experiments.views.sweep import short_names
from experiments.views.theme import INK, themed
from simulator.records.measures import Measure

HOLDS, OPEN, FAILS = "holds", "undecided", "does not hold"
LEVEL = {"color": INK, "linewidth": 2.2, "linestyle": "-"}

CAPTION = (
    "The lift of the measure that the claim is about, over the conditions. Full line: the claimed lift; beyond it "
    "the lift is larger. No line: the claimed lift is not crossed on this panel. Numbers and intervals are in "
    "the table."
)


def verdict(low: float, high: float, claim: float) -> str:
    """Whether a claimed lift holds at a point, by the interval of the lift there."""
    if math.isnan(low) or math.isnan(high):
        return OPEN
    if claim < 0:
        low, high, claim = -high, -low, -claim
    return HOLDS if low >= claim else FAILS if high < claim else OPEN


def sentences(results: GridResults) -> list[str]:
    """The answer to a claim, one sentence per arm; none without a claim."""
    return [] if results.claim is None else [_sentence(results, results.claim, arm) for arm in results.others]


def _sentence(results: GridResults, claim: float, arm: str) -> str:
    measure = results.primaries[0]
    rows = {point: results.row(point, arm, measure) for point in results.points}
    found = {point: verdict(row["lift_low"], row["lift_high"], claim) for point, row in rows.items()}
    counts = [f"{word} at {sum(f == word for f in found.values())}" for word in (HOLDS, OPEN, FAILS)]
    lifts = [row["lift"] for row in rows.values() if not math.isnan(row["lift"])]
    spread = f" Lifts range from {_signed(min(lifts))} to {_signed(max(lifts))}." if lifts else ""
    where = "; ".join(_conditions(results, [point for point, word in found.items() if word == HOLDS]))
    return (
        f"That {arm_label(arm)} changes {measure.label} by {_signed(claim)} against {arm_label(results.baseline)} "
        f"{', '.join(counts)} of {len(found)} points.{spread}" + (f" It holds where {where}." if where else "")
    )


def _conditions(results: GridResults, points: list[Point]) -> Iterator[str]:
    """The values of each setting under which a claim holds somewhere, if they are not all."""
    names = short_names(list(results.axes))
    for place, (key, values) in enumerate(results.axes.items()):
        holding = [value for value in values if any(point[place] == value for point in points)]
        if points and len(holding) < len(values):
            yield f"{names[key]} is {' or '.join(map(str, holding))}"


@themed
def draw(results: GridResults) -> Figure | None:
    """The lift of the first primary measure with the line of the claim; None without a claim or a second setting."""
    if results.claim is None or len(results.axes) < 2:
        return None
    measure = results.primaries[0]
    maps = [_map(results, arm, measure, results.claim) for arm in results.others]
    return draw_maps(results, f"Where would {_signed(results.claim)} hold?", maps)


def _map(results: GridResults, arm: str, measure: Measure, claim: float) -> Map:
    def lift(point: Point) -> float:
        return float(results.row(point, arm, measure)["lift"])

    line = Line(f"claimed: {_signed(claim)}", lift, claim, LEVEL)
    return Map(f"{measure.label}: lift, {arm_label(arm)}", lift, _signed, is_signed=True, lines=[line])


def _signed(share: float) -> str:
    return f"{100.0 * share:+.0f}%".replace("-", MINUS)
