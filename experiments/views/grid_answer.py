"""The answer over a grid in a few sentences, English and 中文; it never says more than the verdicts do."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.study import wording
from experiments.views import claim
from experiments.views.cells import compared, percent
from experiments.views.grid_results import GridResults, Point
from experiments.views.results import arm_label
from experiments.views.sweep import short_names
from experiments.views.vocabulary import Language, arm_name, measure_name, written
from simulator.records.measures import Measure

_Place = tuple[Point, str]
"""A comparison: an arm at a point."""


def sentences(results: GridResults, language: Language = "en") -> list[str]:
    """What comes of a claim, if there is one; else how often arms differ from the baseline, and where they do most."""
    if results.claim is not None:
        return claim.sentences(results, language)
    told = _counts if language == "en" else _chinese_counts
    counts = [told(results, measure) for measure in results.primaries]
    colon = ": " if language == "en" else "："
    most = [
        f"{measure_name(measure, language)}{colon}{_extremes(results, measure, language)}"
        for measure in results.primaries
    ]
    confidence = percent(results.confidence)
    if language == "en":
        arms = "" if len(results.others) == 1 else f" × {len(results.others)} arms"
        n = f"{len(results.points)} points{arms}"
        return [
            f"Of {n}, each compared with {arm_label(results.baseline)}: {'; '.join(counts)}.",
            f"Largest differences that can be told from zero, with {confidence} intervals: {'; '.join(most)}.",
        ]
    return [
        f"{len(results.points)} 个点 × {len(results.others)} 种策略，与{arm_name(results.baseline, 'zh')}相比："
        f"{'；'.join(counts)}。",
        f"能与零区分的最大差异（{confidence} 区间）：{'；'.join(most)}。",
    ]


def _counts(results: GridResults, measure: Measure) -> str:
    higher, lower, n = _tally(results, measure)
    return f"{measure.label} is higher at {higher}, lower at {lower} of {n}"


def _chinese_counts(results: GridResults, measure: Measure) -> str:
    higher, lower, n = _tally(results, measure)
    return f"{measure_name(measure, 'zh')}在 {n} 处中 {higher} 处更高、{lower} 处更低"


def _tally(results: GridResults, measure: Measure) -> tuple[int, int, int]:
    """At how many places a measure is higher, is lower, and of how many."""
    verdicts = [results.row(point, arm, measure)["verdict"] for point, arm in _places(results)]
    return verdicts.count(wording.HIGHER), verdicts.count(wording.LOWER), len(verdicts)


def _places(results: GridResults) -> Iterator[_Place]:
    return ((point, arm) for point in results.points for arm in results.others)


def _extremes(results: GridResults, measure: Measure, language: Language) -> str:
    """The largest rise and the largest fall, with their places, of those that can be told from zero."""
    found = []
    for verdict, best in ((wording.HIGHER, max), (wording.LOWER, min)):
        rows = {place: results.row(place[0], place[1], measure) for place in _places(results)}
        sizes = {place: float(row["difference"]) for place, row in rows.items() if row["verdict"] == verdict}
        if sizes:
            found.append(best(sizes, key=sizes.__getitem__))
    nothing = "none" if language == "en" else "无"
    return (", " if language == "en" else "、").join(_told(results, p, measure, language) for p in found) or nothing


def _told(results: GridResults, place: _Place, measure: Measure, language: Language) -> str:
    """A comparison in writing: how large it is, and whose and where."""
    point, arm = place
    shown = written(compared(results.row(point, arm, measure), measure).on_one_line(), language)
    names = short_names(list(results.axes))
    where = [f"{names[key].replace('_', ' ')} {value}" for key, value in zip(results.axes, point, strict=True)]
    who = [arm_name(arm, language)] if len(results.others) > 1 else []
    return f"{shown} ({', '.join([*who, *where])})" if language == "en" else f"{shown}（{'，'.join([*who, *where])}）"
