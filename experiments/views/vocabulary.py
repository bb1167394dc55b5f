"""What strategies, measures, verdicts and networks are called in English and 中文: one vocabulary for report, desk and
theatre.

What has no 中文 name here, such as a strategy of the user's own, goes by its English one.
"""

from __future__ import annotations

import re
from typing import Literal

from experiments.study import wording
from experiments.study.arms import PLUS
from experiments.views.chinese import ARMS, QUESTIONS
from experiments.views.chinese_measures import MEASURES
from experiments.views.results import arm_label
from simulator.records.measures import Family, Measure

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def arm_name(arm: str, language: Language) -> str:
    """A strategy's name as it is shown; that of strategies laid over each other (`a+b`) is made of theirs."""
    known = _in_chinese(arm) if language == "zh" else None
    return f" {PLUS} ".join(name for name, _ in known) if known else arm_label(arm)


def arm_words(arm: str, english: str, language: Language) -> str:
    """What a strategy does; `english` are the words of its file."""
    known = _in_chinese(arm) if language == "zh" else None
    return "；".join(words for _, words in known) if known else english


def _in_chinese(arm: str) -> list[tuple[str, str]] | None:
    """Names and words of the strategies of an arm; None if one of them has none."""
    parts = arm.split(PLUS)
    return [ARMS[part] for part in parts] if all(part in ARMS for part in parts) else None


def measure_name(measure: Measure, language: Language) -> str:
    """A measure's name as it is shown."""
    return _measure_words(measure, language)[0]


def measure_definition(measure: Measure, language: Language) -> str:
    """What a measure counts, as it is shown."""
    return _measure_words(measure, language)[1]


def _measure_words(measure: Measure, language: Language) -> tuple[str, str]:
    english = (measure.label, measure.definition)
    return MEASURES.get(measure.name, english) if language == "zh" else english


def question_words(question: str, language: Language) -> str:
    """What an experiment asks; `question` are its own words."""
    return QUESTIONS.get(question, question) if language == "zh" else question


def written(text: str, language: Language) -> str:
    """A verdict, or a number with its unit as `cells` writes it, as it is shown."""
    if language == "en":
        return text
    return VERDICTS.get(text) or _ENGLISH.sub(lambda found: _IN_NUMBERS[found[0]], text)


FAMILIES: dict[Family, str] = {
    Family.REPURCHASE: "复购",
    Family.SPREAD: "传播",
    Family.MONEY: "收支",
    Family.MECHANICS: "玩法",
    Family.EXPOSURE: "曝光",
    Family.INSIGHT: "洞察",
    Family.SUPPLY: "供给",
    Family.HEALTH: "健康度",
    Family.CAPABILITY: "能力",
    Family.INCREMENTAL: "相对基线",
}
"""中文 names of what measures are about."""

VERDICTS: dict[str, str] = {
    wording.HIGHER: "更高",
    wording.LOWER: "更低",
    wording.IDENTICAL: "完全相同",
    wording.NO_MATERIAL_EFFECT: "无实质影响",
    wording.OVER_ZERO: "不能与零区分",
    wording.OVER_ZERO_AFTER_HOLM: "校正后不能与零区分",
    wording.NOT_DEFINED: "无定义",
}
"""What a comparison may say in 中文."""

_IN_NUMBERS = {"yuan": "元", "days": "天", "mean": "均值", "median": "中位数"}
_ENGLISH = re.compile(rf"\b({'|'.join(_IN_NUMBERS)})\b")

NETWORKS: dict[str, str] = {
    "small_world": "小世界",
    "scale_free": "无标度",
    "communities": "社群",
    "complete": "完全图",
    "ring": "环",
    "random": "随机",
    "power_law": "幂律",
    "edge_list": "实际网络（文件）",
}
"""中文 names of the kinds of social networks."""

CAPTIONS: dict[str, str] = {
    "lifts": "每种策略相对基线的提升，两者处于同一个世界，运气相同。点为提升，横线为区间；"
    "空心点或浅色格表示按检验次数校正后不能与零区分，或无实质影响。",
    "adoption": "已首次购买的潜在用户占比：每格一种策略（彩色）与基线（灰色），各格坐标相同。"
    "色带为同一世界内差的区间；色带离开灰线时，该策略确实更好或更差。数字为最后一天的差。",
    "money": "各方收支：一次运行中贡献额的变化（策略减基线）及其区间。零的右侧为增加，左侧为减少。",
    "sales": "每天成交的订单，各世界均值：策略为彩色，基线为灰色，色带同上。"
    "活动结束后低于灰线，说明销量只是提前，而非新增。数字为结束时的差。",
    "retention": "在观察足够久的买家中，到该天数为止最近 30 天内有购买者的占比；数字为最后一点的差。"
    "带来更多偶尔购买者的策略可能降低这一比率，同时增加复购人数。",
    "cascade_sizes": "所有裂变链中达到一定人数的占比（双对数坐标，各世界合并）。"
    "曲线越靠右，裂变链越大；右端只依据少数裂变链。",
    "reproduction": "左：每一代的一位成员带来的新买家；低于 1 时裂变会停止。右：剩余可带来的潜在用户占比，"
    "因为人越少，能带来的也越少。",
    "forests": "最大的几条裂变链：每个点是一位顾客，连线表示谁带来了谁。",
    "insight": "画像与真实值的对照（策略看不到真实值），每十天一次。不记录数据的策略不在图中。",
    "tipping": "上：实测的 K 值（90 天内一位新买家带来的新买家，按潜在用户不会耗尽计）；"
    "中：仅由设置推算的分支过程的 K 值；"
    "下：触达的潜在用户。实线处实测 K = 1，越过它裂变便能自行扩大。",
    "whom_to_seed": "每种选人方式一条线，横轴为每轮奖励的顾客占比；竖线为区间。"
    "扩张高处赢得新买家；只有加速高处，只是提前购买。",
    "who_pays": "每种薅羊毛者占比一条线，横轴为检测器开始标记的次数，越靠左越严格。上三行：谁因薅羊毛和检测而得失；"
    "下两行：检测器误伤和命中了谁。",
    "claim": "所涉指标在各种条件下的提升。实线为所声称的提升，越过它则提升更大。数值与区间见表。",
    "frontier": "每种策略一个标记。横轴：相对不用个人数据，平台与商家多赚多少；"
    "纵轴：信任的得失，以及期末可用数据的会员。",
    "waterfall": "每个条是一环加到之前的链路上所带来的，处于同一个世界；深色线为按种子配对的区间。"
    "最后一条是整条链路相对基线，"
    "等于其余各条之和。下：各方收支。数值为基线均值的占比（消费者剩余没有有意义的水平，以元计）；≈：无实质影响。",
    "effects": "线上方：每个因素的效应，取其余因素开与关的均值。下方带 × 者："
    "一个因素的效应在另一个启用时大（右）或小（左）多少；"
    "三个因素时，为这一差别又相差多少。为基线均值的占比，区间按种子配对；空心：校正后不能与零区分，或无实质影响。",
    "talent": "每种培训员工的雇主占比一条线，横轴为每位求职者对应的岗位数，越靠右人才越稀缺。上三行："
    "活动期内平均有多少人才；"
    "虚线：每位求职者 3.7 个岗位时，不培训所能填满的岗位。随后两行：商家在同一世界内比按原价多赚多少，"
    "已扣除工资、培训和技术；"
    "低于零则用数据决策不划算。最下行：包括平台在内，每元投入带来的合计。竖线为区间。",
    "sameness": "每种干扰强度一条线，横轴为一开始采用相同动作的商家占比。上三行：广告扣除成本后的收益，"
    "与同一世界内不做广告的同一商家相比；"
    "低于零则不划算。依次为采用最常见动作者、采用其他动作者、全体。竖线为区间。所有人都相同时，没有其他动作者。",
}
"""How to read the figures, in 中文, by name."""
