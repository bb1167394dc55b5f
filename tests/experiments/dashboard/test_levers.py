"""The chosen settings, their units and their words."""

from __future__ import annotations

import string

import pytest

from experiments.command import StudySettings
from experiments.dashboard.levers import CLASSROOM, DESK, Lever
from experiments.dashboard.texts import Speaker, preferred
from experiments.dashboard.words import WORDS
from experiments.study import wording
from experiments.study.composing import groups
from experiments.views.vocabulary import ARMS, LANGUAGES, MEASURES, VERDICTS
from simulator import Scenario
from simulator.records.measures import PRIMARIES

LEVERS = [*(lever for block in DESK.values() for lever in block), *CLASSROOM]


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.key)
def test_wherever_a_lever_is_put_the_setting_allows_it(lever: Lever) -> None:
    positions = list(lever.options) if lever.is_choice else [lever.low, lever.high, lever.shown(lever.default)]
    for shown in positions:
        if lever.key == "seeds":
            StudySettings(seeds=lever.setting(shown))
        else:
            Scenario().replace(**{lever.key: lever.setting(shown)})


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.key)
def test_a_lever_stands_at_first_where_its_setting_does(lever: Lever) -> None:
    assert lever.setting(lever.shown(lever.default)) == lever.default
    if not lever.is_choice:
        assert lever.low <= lever.shown(lever.default) <= lever.high


def test_units_are_those_that_people_use() -> None:
    discount = next(lever for lever in LEVERS if lever.key == "mechanics.group_buying.discount")
    coupon = next(lever for lever in LEVERS if lever.key == "mechanics.coupons.face_fen")
    assert (discount.shown(0.2), discount.setting(35)) == (20, 0.35)
    assert (coupon.shown(400), coupon.setting(7)) == (4, 700)
    assert isinstance(coupon.setting(7.0), int)
    assert coupon.label(Speaker("en")) == "Coupon takes off (yuan)"
    assert coupon.label(Speaker("zh")) == "优惠券面额 (元)"


def test_every_text_has_both_languages_with_the_same_values_to_fill_in() -> None:
    for key, texts in WORDS.items():
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts]
        assert all(texts), key
        assert fields[0] == fields[1], key


def test_strategies_measures_and_verdicts_in_chinese_are_there() -> None:
    assert set(ARMS) <= set(groups()["strategy"])
    assert set(PRIMARIES) <= set(MEASURES)
    said = {wording.HIGHER, wording.LOWER, wording.IDENTICAL, wording.NO_MATERIAL_EFFECT, wording.NOT_DEFINED}
    assert said | {wording.OVER_ZERO, wording.OVER_ZERO_AFTER_HOLM} == set(VERDICTS)


def test_a_speaker_says_everything_again_in_the_other_language() -> None:
    say, said = Speaker("en"), []
    say.saying(lambda: said.append(say("run")))
    for language in LANGUAGES[::-1]:
        say.speak(language)
    assert said == ["Run", "运行", "Run"]


def test_the_browser_tells_the_language() -> None:
    assert [preferred(header) for header in ("zh-CN,zh;q=0.9", "en-US", "de, zh;q=0.5", "")] == ["zh", "en", "en", "en"]
