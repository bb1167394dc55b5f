"""The answer in 中文: the same claims as in `answer`, no more."""

from __future__ import annotations

from experiments.study import wording
from experiments.views.answer import extremes
from experiments.views.cells import comparison, percent
from experiments.views.results import Results
from experiments.views.vocabulary import arm_name, measure_name, written
from simulator.records.measures import Measure


def headline(results: Results) -> str:
    """Which arms are higher than the baseline on every primary measure, and which only on some of them."""
    best, mixed = [], []
    for arm in results.others:
        verdicts = {results.row(arm, measure)["verdict"] for measure in results.primaries}
        if verdicts == {wording.HIGHER}:
            best.append(arm_name(arm, "zh"))
        elif {wording.HIGHER, wording.LOWER} <= verdicts:
            mixed.append(arm_name(arm, "zh"))
    names = "、".join(measure_name(measure, "zh") for measure in results.primaries)
    text = f"{'、'.join(best)}在全部指标上高于" if best else "不能说有任何策略在全部指标上高于"
    text = f"{text}{arm_name(results.baseline, 'zh')}（{names}）。"
    return f"{text}在某一指标上更高、在另一指标上更低的有：{'、'.join(mixed)}。" if mixed else text


def largest(results: Results) -> str:
    """The largest rise and the largest fall of each primary measure that can be told from zero, with intervals."""
    parts = []
    for measure in results.primaries:
        ends = [f"{arm_name(arm, 'zh')}{_numbers(results, arm, measure)}" for arm in extremes(results, measure)]
        parts.append(f"{measure_name(measure, 'zh')}：{'、'.join(ends) or '无'}")
    return f"能与零区分的最大差异（{percent(results.confidence)} 区间）：{'；'.join(parts)}。"


def sentences(results: Results) -> list[str]:
    """One sentence per primary measure: how each arm compares with the baseline, with intervals."""
    return [_sentence(results, measure) for measure in results.primaries]


def basis(results: Results) -> str:
    """What the sentences rest on."""
    n, baseline = len(results.seeds), arm_name(results.baseline, "zh")
    text = f"以上为相对{baseline}的提升，来自同一世界、同样运气下的 {n} 对运行。"
    return f"{text}结论只对这一社交网络成立。" if results.network_file else text


def _sentence(results: Results, measure: Measure) -> str:
    parts = []
    for arm in results.others:
        verdict = results.row(arm, measure)["verdict"]
        numbers = "" if verdict == wording.IDENTICAL else _numbers(results, arm, measure)
        parts.append(f"{arm_name(arm, 'zh')}{written(verdict, 'zh')}{numbers}")
    return f"{measure_name(measure, 'zh')}：{'；'.join(parts)}。"


def _numbers(results: Results, arm: str, measure: Measure) -> str:
    return f"（{written(comparison(results, arm, measure).on_one_line(), 'zh')}）"
