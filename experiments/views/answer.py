"""The answer in a few sentences, made from the primary measures; it never says more than the verdicts do."""

from __future__ import annotations

import math

from experiments.study import wording
from experiments.views.cells import NO_MATERIAL_MARK, Shown, comparison, percent
from experiments.views.results import Results, arm_label
from simulator.records.measures import Measure

_CLAUSES = {
    wording.HIGHER: "was higher with",
    wording.LOWER: "was lower with",
    wording.NO_MATERIAL_EFFECT: "showed no material effect with",
    wording.OVER_ZERO: "showed a difference not distinguishable from zero with",
    wording.OVER_ZERO_AFTER_HOLM: "showed a difference not distinguishable from zero, after correction "
    "for the number of tests, with",
    wording.IDENTICAL: "was identical, run by run, with",
    wording.NOT_DEFINED: "is not defined with",
}
_NO_INTERVAL = "has no interval, so that nothing follows, with"


def headline(results: Results) -> str:
    """Which arms are higher than the baseline on every primary measure, and which only on some of them."""
    primaries = [measure.label for measure in results.primaries]
    best, mixed = [], []
    for arm in results.others:
        verdicts = [results.row(arm, measure)["verdict"] for measure in results.primaries]
        if set(verdicts) == {wording.HIGHER}:
            best.append(arm_label(arm))
        elif {wording.HIGHER, wording.LOWER} <= set(verdicts):
            mixed.append(arm_label(arm))
    verb = "is" if len(best) == 1 else "are"
    who = f"{_listed(best)} {verb}" if best else "no arm can be said to be"
    text = _capital(f"{who} higher than {_baseline(results)} on all of {_listed(primaries)}.")
    return f"{text} Higher on one of them and lower on another: {'; '.join(mixed)}." if mixed else text


def largest(results: Results) -> str:
    """The largest rise and the largest fall of each primary measure that can be told from zero, with intervals."""
    parts = []
    for measure in results.primaries:
        arms = extremes(results, measure)
        shown = [f"{arm_label(arm)}{_in_brackets(comparison(results, arm, measure))}" for arm in arms]
        parts.append(f"{measure.label}: {', '.join(shown) or 'none'}")
    confidence = percent(results.confidence)
    return f"Largest differences that can be told from zero, with {confidence} intervals: {'; '.join(parts)}."


def extremes(results: Results, measure: Measure) -> list[str]:
    """The arm that raises a measure most and the one that lowers it most, of those that can be told from zero."""
    found = []
    for verdict, best in ((wording.HIGHER, max), (wording.LOWER, min)):
        arms = [arm for arm in results.others if results.row(arm, measure)["verdict"] == verdict]
        found += [best(arms, key=lambda arm: float(results.row(arm, measure)["difference"]))] if arms else []
    return found


def sentences(results: Results) -> list[str]:
    """One sentence per primary measure: how each arm compares with the baseline, with intervals."""
    return [_sentence(results, measure) for measure in results.primaries]


def basis(results: Results) -> str:
    """What the sentences rest on."""
    n = len(results.seeds)
    pairs = "1 pair" if n == 1 else f"{n} pairs"
    text = (
        f"Lifts against {_baseline(results)}, with {percent(results.confidence)} intervals from {pairs} of runs "
        f"in the same worlds with the same luck."
    )
    return f"{text} Conditional on this network." if results.network_file else text


def _sentence(results: Results, measure: Measure) -> str:
    by_clause: dict[str, list[str]] = {clause: [] for clause in (*_CLAUSES.values(), _NO_INTERVAL)}
    for arm in sorted(results.others, key=lambda arm: _size(results, arm, measure), reverse=True):
        clause = _CLAUSES.get(results.row(arm, measure)["verdict"], _NO_INTERVAL)
        by_clause[clause].append(arm_label(arm) + _in_brackets(comparison(results, arm, measure)))
    parts = [f"{clause} {_listed(arms)}" for clause, arms in by_clause.items() if arms]
    return _capital(f"{measure.family.value}: {measure.label} {'; it '.join(parts)}.")


def _size(results: Results, arm: str, measure: Measure) -> float:
    difference = results.row(arm, measure)["difference"]
    return 0.0 if math.isnan(difference) else abs(difference)


def _in_brackets(shown: Shown) -> str:
    if not shown.bounds:
        return ""
    value = shown.value.removeprefix(NO_MATERIAL_MARK).strip()
    return f" ({value})" if len(shown.bounds) == 1 else f" ({value}, {' to '.join(shown.bounds)})"


def _baseline(results: Results) -> str:
    label = arm_label(results.baseline)
    return f"the {label}" if label == "baseline" else f"the baseline ({label})"


def _listed(items: list[str]) -> str:
    """The items as they are listed in a sentence: "a", "a and b", "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
