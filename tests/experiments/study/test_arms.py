"""Arms are composed and checked before anything runs; a mistake is told in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.study.arms import Arm, compose_arms
from experiments.study.composing import compose_tree, groups, scenario_part
from simulator import Scenario, SettingsError


def arms(names: list[str], *overrides: str) -> list[Arm]:
    tree = compose_tree("compare", overrides)
    return compose_arms(names, scenario_part(tree), overrides)


def test_an_arm_is_the_defaults_then_the_command_line_then_its_strategy() -> None:
    baseline, group = arms(["baseline", "group_buying"], "mechanics.group_buying.size=5", "consumers.n=900")
    assert baseline.scenario == Scenario().replace(**{"mechanics.group_buying.size": 5, "consumers.n": 900})
    assert group.scenario == baseline.scenario.replace(**{"mechanics.group_buying.enabled": True})


def test_without_overrides_the_defaults_are_those_of_the_code() -> None:
    assert arms(["baseline", "referral"])[0].scenario == Scenario()


@pytest.mark.parametrize("option", groups()["social"])
def test_a_group_of_settings_is_chosen_by_name(option: str, tmp_path: Path) -> None:
    links = tmp_path / "links.txt"
    links.write_text("0 1\n1 2\n")
    path = [f"social.path={links}"] if option == "edge_list" else []
    (arm, _) = arms(["baseline", "referral"], f"social={option}", *path)
    assert arm.scenario.social.kind == option
    assert arm.scenario.consumers.n == (3 if option == "edge_list" else Scenario().consumers.n)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["consumers.nn=3"], "consumers.nn=3: there is no setting 'consumers.nn'"),
        (["mechanics.group_buying.deadline_day=2"], "did you mean 'mechanics.group_buying.deadline_days'"),
        (["+consumers.size=3"], "consumers.size: there is no such setting"),
        (["social=smallworld"], "known are .*small_world"),
        (["consumers.n=abc"], r"consumers.n='abc': not a whole number \(allowed: at least 2"),
        (["consumers.n=-5"], "consumers.n=-5: out of range"),
        (["mechanics.group_buying.deadline_days=0"], r"deadline_days=0: out of range \(allowed: 1 to 14\)"),
        (["consumers.n=50", "mechanics.group_buying.size=60"], "size=60 is above consumers.n=50"),
        (["mechanics.coupons.face_fen=3000"], "face_fen=3000 must be below min_spend_fen=2900"),
        (["mechanics.referral.refer=.3"], "refer=.3 has no effect: no arm here switches mechanics.referral on"),
        (["merchants.restock_days=3"], "restock_days=3 has no effect: no arm here uses it"),
        (["social.path=links.txt"], "used only with social.kind=edge_list"),
        (["social=edge_list"], "needs social.path"),
        (["social=edge_list", "social.path=nowhere.txt"], "nowhere.txt: cannot be read"),
        (["consumers.n=1,2"], "one value per setting"),
        (["consumers"], "not of the form key=value"),
        (["consumers=5"], "consumers=5: a block of settings"),
        (["days=60"], "days must be at least 91"),
        (["mechanics=[coupons]"], "'baseline' and 'coupons_blanket' are the same market"),
    ],
)
def test_a_mistake_is_one_line_with_key_value_and_remedy(overrides: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as raised:
        arms(["baseline", "coupons_blanket", "group_buying"], *overrides)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "override", ["platform.wallet_size=2", "platform.coupons_stack_on_groups=true", "invitations.read=.5"]
)
def test_settings_of_what_no_arm_runs_are_refused(override: str) -> None:
    with pytest.raises(SettingsError, match="has no effect"):
        arms(["baseline", "merchant_promotions"], override)
    assert arms(["baseline", "group_buying_and_coupons"], override)


def test_a_malformed_network_file_is_refused_with_its_line(tmp_path: Path) -> None:
    links = tmp_path / "links.txt"
    links.write_text("0 1\n1 x\n")
    with pytest.raises(SettingsError, match="line 2"):
        arms(["baseline", "referral"], "social=edge_list", f"social.path={links}")


def test_the_population_of_a_network_file_cannot_be_set(tmp_path: Path) -> None:
    links = tmp_path / "links.txt"
    links.write_text("0 1\n1 2\n")
    with pytest.raises(SettingsError, match="the network file decides"):
        arms(["baseline", "referral"], "social=edge_list", f"social.path={links}", "consumers.n=5")


def test_an_unknown_arm_is_refused_with_the_nearest_known() -> None:
    with pytest.raises(SettingsError, match="did you mean 'group_buying'"):
        arms(["baseline", "grup_buying"])


def test_strategies_laid_over_each_other_are_one_arm() -> None:
    both, one, other = arms(["referral+group_buying", "referral", "group_buying"])
    changes = {f"mechanics.{name}.enabled": True for name in ("referral", "group_buying")}
    assert both.scenario == Scenario().replace(**changes)
    assert both.name == "referral+group_buying"
    assert both.description == f"{one.description}; {other.description}"
    assert (one.lever, both.lever) == (one.lever, other.lever)
    with pytest.raises(SettingsError, match="there is no strategy 'grup_buying'"):
        arms(["baseline", "referral+grup_buying"])
