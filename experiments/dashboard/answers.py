"""What a comparison found, in words and as a table, in English and 中文; never more than the verdicts say."""

from __future__ import annotations

from html import escape

from experiments.dashboard.plan import words_of
from experiments.dashboard.texts import Speaker
from experiments.study import wording
from experiments.views import answer, answer_zh, vocabulary
from experiments.views.cells import baseline_mean, comparison, percent
from experiments.views.results import Results
from simulator.records.measures import Measure


def arm_name(arm: str, say: Speaker) -> str:
    """A strategy's name as it is shown."""
    return vocabulary.arm_name(arm, say.language)


def arm_words(arm: str, say: Speaker) -> str:
    """What a strategy does."""
    return vocabulary.arm_words(arm, words_of([arm])[arm], say.language)


def measure_name(measure: Measure, say: Speaker) -> str:
    """A measure's name as it is shown."""
    return vocabulary.measure_name(measure, say.language)


def written(text: str, say: Speaker) -> str:
    """A verdict, or a number with its unit, as it is shown."""
    return vocabulary.written(text, say.language)


def sentences(results: Results, say: Speaker) -> list[str]:
    """The answer: a headline, what changed most, then a sentence for each measure named beforehand, and its basis."""
    told = answer if say.language == "en" else answer_zh
    return [told.headline(results), told.largest(results), *told.sentences(results), told.basis(results)]


def table(results: Results, say: Speaker) -> str:
    """The measures named beforehand for every strategy, as HTML: lift, interval, verdict."""
    head = "".join(
        f"<th scope='col'>{escape(measure_name(m, say))}<small>{escape(vocabulary.measure_definition(m, say.language))}"
        f"</small><small>{escape(say('baseline_mean', value=written(baseline_mean(results, m), say)))}</small></th>"
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
    value = written(shown.value, say)
    words = "" if value == written(verdict, say) else f"<em>{sign}{escape(written(verdict, say))}</em>"
    return f"<td class='{kind}'><b>{escape(value)}</b> <span>{escape(shown.interval)}</span>{words}</td>"
