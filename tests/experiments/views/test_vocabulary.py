"""Everything that a report may show has a name in both languages; nothing falls back to English."""

from __future__ import annotations

import re

import pytest

from experiments.study import wording
from experiments.study.composing import compose_tree, groups
from experiments.views import grid_figures, vocabulary
from experiments.views.figures import PLOTS
from experiments.views.results import REGISTRY
from simulator.records.measures import Family, Measure

HAS_CHINESE = re.compile(r"[\u4e00-\u9fff]")
ABBREVIATIONS = {"gmv"}
"""Measures whose name is the same in both languages."""


@pytest.mark.parametrize("arm", groups()["strategy"])
def test_every_strategy_has_a_chinese_name_and_description(arm: str) -> None:
    assert HAS_CHINESE.search(vocabulary.arm_name(arm, "zh"))
    assert HAS_CHINESE.search(vocabulary.arm_words(arm, "what it does", "zh"))


@pytest.mark.parametrize("measure", REGISTRY.values(), ids=lambda measure: measure.name)
def test_every_measure_has_a_chinese_name_and_definition(measure: Measure) -> None:
    assert HAS_CHINESE.search(vocabulary.measure_name(measure, "zh")) or measure.name in ABBREVIATIONS
    assert HAS_CHINESE.search(vocabulary.measure_definition(measure, "zh"))
    assert ("—" in vocabulary.measure_definition(measure, "zh")) == ("—" in measure.definition), "when it is undefined"


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("1.23 M yuan", "1.23 M 元"),
        ("−2.50 days [−3.1, −1.9]", "−2.50 天 [−3.1, −1.9]"),
        ("≈ +0.3% [−0.1, 0.6]", "≈ +0.3% [−0.1, 0.6]"),
        ("median 0.67", "中位数 0.67"),
        (wording.IDENTICAL, "完全相同"),
    ],
)
def test_numbers_and_verdicts_are_written_in_both_languages(english: str, chinese: str) -> None:
    assert vocabulary.written(english, "zh") == chinese
    assert vocabulary.written(english, "en") == english


@pytest.mark.parametrize("name", groups()["experiment"])
def test_every_experiment_asks_in_chinese_too(name: str) -> None:
    asked = compose_tree("compare", [f"experiment={name}"])["experiment"]["question"]
    assert HAS_CHINESE.search(vocabulary.question_words(asked, "zh"))
    assert vocabulary.question_words(asked, "en") == asked
    assert vocabulary.question_words("Mine?", "zh") == "Mine?"


def test_no_two_strategies_and_no_two_measures_share_a_chinese_name() -> None:
    for names in (
        [vocabulary.arm_name(arm, "zh") for arm in groups()["strategy"]],
        [vocabulary.measure_name(measure, "zh") for measure in REGISTRY.values()],
    ):
        assert sorted(names) == sorted(set(names))


def test_every_family_caption_and_network_has_a_chinese_name() -> None:
    assert set(vocabulary.FAMILIES) == set(Family)
    assert set(vocabulary.NETWORKS) == set(groups()["social"])
    shown = grid_figures.CAPTIONS | {plot.name: plot.caption for plot in PLOTS}
    assert shown.keys() <= vocabulary.CAPTIONS.keys()


def test_strategies_laid_over_each_other_are_named_after_both() -> None:
    assert vocabulary.arm_name("referral+group_buying", "zh") == "推荐有礼 + 拼团"
    assert vocabulary.arm_words("referral+group_buying", "", "zh").startswith(
        vocabulary.arm_words("referral", "", "zh") + "；"
    )
    assert vocabulary.arm_name("referral+my_own", "zh") == "referral+my own"
    assert vocabulary.arm_words("my_own", "what it does", "zh") == "what it does"
