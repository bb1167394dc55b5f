"""Settings blocks: every setting explained; mistakes answered with key, value and what is allowed."""

from __future__ import annotations

import json
from typing import Literal

import pytest

from simulator import Scenario, SettingsError
from simulator.settings import Described, Settings, describe, nearest, parse_settings, quantity, share

EVERY_SETTING = list(describe(Scenario))


class Oven(Settings):
    """An oven."""

    heat: float = quantity(180.0, "how hot", unit="°C", source="grandmother", gt=0, le=300)
    minutes: int = quantity(30, "how long", unit="minute", ge=1)
    door: Literal["open", "shut"] = quantity("shut", "its door")
    crust: float = share(0.5, "how crusty")


class Kitchen(Settings):
    """A kitchen."""

    oven: Oven = Oven()
    spares: dict[str, Oven] = quantity({"old": Oven(minutes=60)}, "more ovens")


@pytest.mark.parametrize("setting", EVERY_SETTING, ids=lambda s: s.key)
def test_every_setting_of_the_scenario_is_explained(setting: Described) -> None:
    assert len(setting.meaning) > 5
    assert setting.source
    is_switch = setting.default in ("true", "false")
    assert setting.unit or setting.allowed or is_switch or setting.default in ("null", "[]")


def test_keys_of_settings_are_unique_and_known_to_the_scenario() -> None:
    keys = [setting.key for setting in EVERY_SETTING]
    assert len(set(keys)) == len(keys)
    assert {"days", "consumers.n", "mechanics.group_buying.size", "merchants.cohorts.small.count"} <= set(keys)


def test_what_is_described_can_be_written_back() -> None:
    plain = {s.key: s.default for s in EVERY_SETTING if s.default not in ("null", "[]")}
    lists = {key: json.loads(text) for key, text in plain.items() if text.startswith("[")}
    assert Scenario().replace(**{**plain, **lists}) == Scenario()


def test_describe_tells_default_unit_range_meaning_and_source() -> None:
    heat, minutes, door, crust = describe(Oven, "kitchen.")
    assert heat == Described("kitchen.heat", "180.0", "°C", "above 0 and at most 300", "how hot", "grandmother")
    assert (minutes.allowed, minutes.source) == ("at least 1", "assumed")
    assert door.allowed == "open or shut"
    assert (crust.unit, crust.allowed) == ("share", "0.0 to 1.0")


def test_described_defaults_of_named_blocks_are_their_own() -> None:
    defaults = {s.key: s.default for s in describe(Kitchen)}
    assert defaults["oven.minutes"] == "30"
    assert defaults["spares.old.minutes"] == "60"


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"oven": {"heat": 301}}, "oven.heat=301: out of range (allowed: above 0 and at most 300)"),
        ({"oven": {"heat": "hot"}}, "oven.heat='hot': not a number (allowed: above 0 and at most 300)"),
        ({"oven": {"minutes": 1.5}}, "oven.minutes=1.5: not a whole number (allowed: at least 1)"),
        ({"oven": {"door": "ajar"}}, "oven.door='ajar': no such choice (allowed: open or shut)"),
        ({"oven": {"heet": 1}}, "oven.heet: there is no such setting; did you mean 'oven.heat'?"),
        ({"oven": 3}, "oven=3: a block of settings, not a single value"),
        (
            {"spares": {"new": {"heet": 1}}},
            "spares.new.heet: there is no such setting; did you mean 'spares.new.heat'?",
        ),
    ],
)
def test_a_mistake_is_named_with_its_value_and_what_is_allowed(tree: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError) as error:
        parse_settings(Kitchen, tree)
    assert str(error.value) == message


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        parse_settings(Kitchen, {"oven": {"heat": -1, "minutes": 0}})
    assert [line.split(":")[0] for line in str(error.value).splitlines()] == ["oven.heat=-1", "oven.minutes=0"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_must_be_finite(value: float) -> None:
    with pytest.raises(SettingsError, match=r"oven\.heat="):
        parse_settings(Kitchen, {"oven": {"heat": value}})


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Oven().minutes = 3  # type: ignore[misc]


def test_defaults_are_checked_too() -> None:
    class Broken(Settings):
        heat: float = quantity(400.0, "too hot", le=300)

    with pytest.raises(SettingsError, match=r"heat=400\.0: out of range"):
        parse_settings(Broken, {})


def test_the_nearest_name_is_offered_or_all_of_them() -> None:
    assert nearest("sise", ["size", "reach"]) == "did you mean 'size'?"
    assert nearest("xyz", ["size", "reach"]) == "known are reach, size"
