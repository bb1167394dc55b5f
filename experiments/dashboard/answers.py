"""What a comparison found, in words and as a table, in English and 中文; never more than the verdicts say."""

from __future__ import annotations

from html import escape

from experiments.dashboard.plan import words_of
from experiments.dashboard.texts import Speaker
from experiments.dashboard.words import ARMS, MEASURES, VERDICTS
from experiments.study import wording
from experiments.views import answer
from experiments.views.cells import baseline_mean, comparison, percent
from experiments.views.results import Results, arm_label
from simulator.records.measures import Measure


def arm_name(arm: str, say: Speaker) -> str:
    """A strategy's name as it is shown."""
    return say.choose(arm_label(arm), ARMS[arm][0] if arm in ARMS else arm_label(arm))


def arm_words(arm: str, say: Speaker) -> str:
    """What a strategy does."""
    english = words_of([arm])[arm]
    return say.choose(english, ARMS[arm][1] if arm in ARMS else english)


def measure_name(measure: Measure, say: Speaker) -> str:
    """A measure's name as it is shown."""
    return say.choose(measure.label, MEASURES.get(measure.name, measure.label))


def verdict_words(verdict: str, say: Speaker) -> str:
    """A verdict as it is shown."""
    return say.choose(verdict, VERDICTS.get(verdict, verdict))


def sentences(results: Results, say: Speaker) -> list[str]:
    """The answer: a headline, then a sentence for each measure named beforehand."""
    if say.language == "en":
        return [answer.headline(results), *answer.sentences(results), answer.basis(results)]
    return [_chinese_headline(results, say), *(_chinese_sentence(results, m, say) for m in results.primaries)]


def table(results: Results, say: Speaker) -> str:
    """The measures named beforehand for every strategy, as HTML: lift, interval, verdict."""
    head = "".join(
        f"<th scope='col'>{escape(measure_name(m, say))}<small>{escape(say.choose(m.definition, ''))}</small><small>"
        f"{escape(say('baseline_mean', value=baseline_mean(results, m)))}</small></th>"
        for m in results.primaries
    )
    rows = "".join(
        f"<tr><th scope='row'>{escape(arm_name(arm, say))}</th>"
        f"{''.join(_cell(results, arm, m, say) for m in results.primaries)}</tr>"
        for arm in results.others
    )
    note = say("table_note", confidence=percent(results.confidence), n=len(results.seeds))
    return (
        f"<table class='glance'><thead><tr><th scope='col'>{escape(say('strategy'))}</th>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table><p class='note'>{escape(note)}</p>"
    )


def _cell(results: Results, arm: str, measure: Measure, say: Speaker) -> str:
    shown, verdict = comparison(results, arm, measure), results.row(arm, measure)["verdict"]
    sign = {wording.HIGHER: "▲ ", wording.LOWER: "▼ "}.get(verdict, "")
    kind = {wording.HIGHER: "higher", wording.LOWER: "lower"}.get(verdict, "unclear")
    value = verdict_words(shown.value, say)
    words = "" if value == verdict_words(verdict, say) else f"<em>{sign}{escape(verdict_words(verdict, say))}</em>"
    return f"<td class='{kind}'><b>{escape(value)}</b> <span>{escape(shown.interval)}</span>{words}</td>"


def _chinese_headline(results: Results, say: Speaker) -> str:
    best = [
        arm_name(arm, say)
        for arm in results.others
        if all(results.row(arm, m)["verdict"] == wording.HIGHER for m in results.primaries)
    ]
    names = "、".join(measure_name(m, say) for m in results.primaries)
    if best:
        return f"{'、'.join(best)}在全部指标上高于基线（{names}）。"
    return f"不能说有任何策略在全部指标上高于基线（{names}）。"


def _chinese_sentence(results: Results, measure: Measure, say: Speaker) -> str:
    parts = []
    for arm in results.others:
        shown, verdict = comparison(results, arm, measure), results.row(arm, measure)["verdict"]
        numbers = "" if verdict == wording.IDENTICAL else f"（{shown.on_one_line()}）"
        parts.append(f"{arm_name(arm, say)}{verdict_words(verdict, say)}{numbers}")
    return f"{measure_name(measure, say)}：{'；'.join(parts)}。"
