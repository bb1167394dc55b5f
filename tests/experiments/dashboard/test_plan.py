"""A what-if on the command line, as a file, and checked."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from experiments.compare import ask
from experiments.dashboard.plan import BASELINE, Plan, settings_used, strategies
from experiments.study import composing
from simulator import SettingsError

SETTINGS = {"consumers.n": 700, "days": 120, "mechanics.group_buying.size": 4, "mechanics.referral.refer": 0.2}
PLAN = Plan(("group_buying", "referral"), SETTINGS, 3)


def hashes(overrides: list[str]) -> list[tuple[str, str]]:
    return [(str(cell), cell.scenario.hash) for cell in ask(overrides).cells()]


def test_the_command_line_asks_for_the_plan() -> None:
    question = ask(PLAN.overrides)
    assert [arm.name for arm in question.arms[0]] == [BASELINE, "group_buying", "referral"]
    assert question.settings.seeds == 3
    for arm in question.arms[0]:
        assert (arm.scenario.consumers.n, arm.scenario.days) == (700, 120)
    assert question.arms[0][1].scenario.mechanics.group_buying.size == 4


def test_what_stands_at_its_default_is_not_typed() -> None:
    assert not any("refer=" in override for override in PLAN.overrides)
    assert shlex.split(PLAN.command)[3:] == PLAN.overrides


def test_the_exported_file_is_the_same_experiment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    configs = shutil.copytree(composing.configs_folder(), tmp_path / "configs")
    (configs / "experiment" / "what_if.yaml").write_text(PLAN.as_yaml(), encoding="utf-8")
    expected = hashes(PLAN.overrides)
    monkeypatch.setattr(composing, "configs_folder", lambda: configs)
    told = next(line for line in PLAN.as_yaml().splitlines() if "experiment=what_if" in line)
    assert hashes(told.split()[4:]) == expected


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"mechanics.group_buying.size": 100_000}, "mechanics.group_buying.size=100000: out of range"),
        ({"mechanics.group_buying.discount": 1.5}, "mechanics.group_buying.discount=1.5: out of range"),
        ({"days": 40}, "days=40 leaves no campaign"),
        ({"social.degree": 7}, "must be an even number"),
        ({"consumers.n": -5}, "consumers.n=-5"),
        ({"mechanics.coupons.face_fen": 900}, "no arm here switches mechanics.coupons on"),
    ],
)
def test_absurd_values_are_refused_in_one_sentence(settings: dict[str, float], words: str) -> None:
    with pytest.raises(SettingsError, match=words.replace(".", r"\.")):
        Plan(("group_buying",), settings, 2).check()


def test_only_settings_that_a_strategy_uses_are_used() -> None:
    assert "mechanics.group_buying.size" in settings_used("group_buying", "small_world")
    assert "mechanics.group_buying.size" not in settings_used("referral", "small_world")
    assert "social.degree" not in settings_used("referral", "complete")
    assert BASELINE not in strategies()
