"""A claimed lift, or level, over a grid: under which conditions would it hold?"""

from __future__ import annotations

import math
from collections.abc import Iterator

from matplotlib.figure import Figure

from experiments.study.wording import MINUS
from experiments.views.grid_results import GridResults, Point
from experiments.views.heatmap import Line, Map, draw_maps
from experiments.views.results import arm_label
from experiments.views.sweep import short_names
from experiments.views.theme import INK, themed
from experiments.views.vocabulary import Language, arm_name, measure_name
from simulator.records.measures import Measure

HOLDS, OPEN, FAILS = "holds", "undecided", "does not hold"
LEVEL = {"color": INK, "linewidth": 2.2, "linestyle": "-"}

CAPTION = (
    "The number that the claim is about, over the conditions, with its interval below it. Full line: what is claimed; "
    "beyond it the number is larger. No line: it is not crossed on this panel."
)


def verdict(low: float, high: float, claim: float) -> str:
    """Whether a claimed lift holds at a point, by the interval of the lift there."""
    if math.isnan(low) or math.isnan(high):
        return OPEN
    if claim < 0:
        low, high, claim = -high, -low, -claim
    return HOLDS if low >= claim else FAILS if high < claim else OPEN


def sentences(results: GridResults, language: Language = "en") -> list[str]:
    """The answer to a claim, one sentence per arm; none without a claim (then see `grid_answer`)."""
    tell = _sentence if language == "en" else _chinese_sentence
    return [] if results.claim is None else [tell(results, results.claim, arm) for arm in results.others]


def _sentence(results: GridResults, claim: float, arm: str) -> str:
    measure = results.primaries[0]
    rows = {point: _number(results, point, arm) for point in results.points}
    found = {point: verdict(low, high, claim) for point, (_, low, high) in rows.items()}
    counts = [f"{word} at {sum(f == word for f in found.values())}" for word in (HOLDS, OPEN, FAILS)]
    values = [value for value, *_ in rows.values() if not math.isnan(value)]
    spread = f" It is {_signed(min(values))} to {_signed(max(values))}." if values else ""
    where = "; ".join(_conditions(results, [point for point, word in found.items() if word == HOLDS]))
    said = f"changes {measure.label} by {_signed(claim)} against {arm_label(results.baseline)}"
    if results.claim_of == "level":
        said = f"has a {measure.label} of {_signed(claim)}"
    return f"That {arm_label(arm)} {said} {', '.join(counts)} of {len(found)} points.{spread}" + (
        f" It holds where {where}." if where else ""
    )


def _number(results: GridResults, point: Point, arm: str) -> tuple[float, float, float]:
    """What the claim is about at a point, and its interval."""
    row, name = results.row(point, arm, results.primaries[0]), results.claim_of
    return float(row[name]), float(row[f"{name}_low"]), float(row[f"{name}_high"])


def _chinese_sentence(results: GridResults, claim: float, arm: str) -> str:
    name, measure = arm_name(arm, "zh"), measure_name(results.primaries[0], "zh")
    rows = {point: _number(results, point, arm) for point in results.points}
    found = {point: verdict(low, high, claim) for point, (_, low, high) in rows.items()}
    words = {HOLDS: "成立", OPEN: "无法判定", FAILS: "不成立"}
    counts = "、".join(f"{sum(f == word for f in found.values())} 个点{said}" for word, said in words.items())
    values = [value for value, *_ in rows.values() if not math.isnan(value)]
    spread = f"实际为 {_signed(min(values))} 到 {_signed(max(values))}。" if values else ""
    where = "；".join(_conditions(results, [p for p, word in found.items() if word == HOLDS], ("为", "或")))
    said = f"使{measure}相对{arm_name(results.baseline, 'zh')}变化 {_signed(claim)}"
    if results.claim_of == "level":
        said = f"的{measure}为 {_signed(claim)}"
    return f"“{name}{said}”在 {len(found)} 个点中：{counts}。{spread}" + (f"成立的条件：{where}。" if where else "")


def _conditions(results: GridResults, points: list[Point], words: tuple[str, str] = ("is", "or")) -> Iterator[str]:
    """The values of each setting under which a claim holds somewhere, if they are not all."""
    names = short_names(list(results.axes))
    for place, (key, values) in enumerate(results.axes.items()):
        holding = [value for value in values if any(point[place] == value for point in points)]
        if points and len(holding) < len(values):
            yield f"{names[key]} {words[0]} {f' {words[1]} '.join(map(str, holding))}"


@themed
def draw(results: GridResults) -> Figure | None:
    """The first primary measure with the line of the claim; None without a claim or a second setting."""
    if results.claim is None or len(results.axes) < 2:
        return None
    maps = [_map(results, arm, results.primaries[0], results.claim) for arm in results.others]
    return draw_maps(results, f"Where would {_signed(results.claim)} hold?", maps)


def _map(results: GridResults, arm: str, measure: Measure, claim: float) -> Map:
    def value(point: Point) -> float:
        return _number(results, point, arm)[0]

    def interval(point: Point) -> str:
        _, low, high = _number(results, point, arm)
        return "" if math.isnan(low) else f"[{_signed(low)[:-1]}, {_signed(high)[:-1]}]".replace("+", "")

    line = Line(f"claimed: {_signed(claim)}", value, claim, LEVEL)
    title = f"{measure.label}{': lift' if results.claim_of == 'lift' else ''}, {arm_label(arm)}"
    return Map(title, value, _signed, is_signed=True, lines=[line], below=interval)


def _signed(share: float) -> str:
    return f"{100.0 * share:+.0f}%".replace("-", MINUS)
