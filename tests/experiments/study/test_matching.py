"""Levers are moved until arms give away the same, in worlds that nobody compares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from experiments import compare
from experiments.study.arms import Arm, Lever, compose_arm
from experiments.study.composing import groups
from experiments.study.engines import LocalEngine
from experiments.study.matching import FIRST_SEED, MatchSettings, check_levers, match_arms
from experiments.study.store import RunStore
from simulator import Scenario, SettingsError

COUPON, GROUP = "mechanics.coupons.face_fen", "mechanics.group_buying.discount"
TINY = [
    "consumers.n=150",
    "days=24",
    "waves_per_day=2",
    "burn_in_days=4",
    "post_days=8",
    "needs.rate=.3",
    "seeds=2",
    "workers=1",
]


def arm(name: str, lever: Lever | None = None, **changes: object) -> Arm:
    return Arm(name, name, Scenario().replace(**changes), lever)


def worlds(
    gives: Callable[[Scenario], float], looks: list[str]
) -> Callable[[Mapping[str, Scenario]], dict[str, float]]:
    def amounts(asked: Mapping[str, Scenario]) -> dict[str, float]:
        looks.extend(asked)
        return {name: gives(scenario) for name, scenario in asked.items()}

    return amounts


def spent(scenario: Scenario) -> float:
    """A made-up market: twice the coupon's face value, and 10,000 yuan times the square of the group discount."""
    return 2.0 * scenario.mechanics.coupons.face_fen + 1e4 * scenario.mechanics.group_buying.discount**2 - 1200.0


ARMS = [
    arm("baseline", Lever(settings=(COUPON,), low=1, high=2000)),
    arm("target"),  # 2 · 400 + 10⁴ · .2² − 1200 = 0, so it is moved below
    arm("coupons", Lever(settings=(COUPON,), low=1, high=2000)),
    arm("groups", Lever(settings=(GROUP,), low=0.01, high=0.6)),
    arm("small", Lever(settings=(COUPON,), low=1, high=500)),
    arm("plain"),
]


def test_levers_come_to_where_arms_give_away_the_same() -> None:
    target = arm("target", **{COUPON: 900})
    arms, matching = match_arms(
        [ARMS[0], target, *ARMS[2:]], "baseline", MatchSettings(to="target"), worlds(spent, looks := [])
    )
    assert matching.target == 1000.0
    assert [a.name for a in arms] == ["baseline", "target", "coupons", "groups"]
    assert arms[:2] == [ARMS[0], target], "baseline and target stay as they are"
    for moved, key in zip(arms[2:], (COUPON, GROUP), strict=True):
        assert abs(spent(moved.scenario) - 1000.0) <= 20.0
        assert key in moved.description
    assert isinstance(arms[2].scenario.mechanics.coupons.face_fen, int)
    assert "baseline" not in looks
    assert len(looks) == 1 + sum(matched.n_looks for matched in matching.arms), "nothing is looked at twice"


def test_what_cannot_be_matched_takes_no_part_and_the_reason_is_one_line() -> None:
    target = arm("target", **{COUPON: 900})
    _, matching = match_arms([ARMS[0], target, *ARMS[4:]], "baseline", MatchSettings(to="target"), worlds(spent, []))
    small, plain = matching.left_out
    assert small == f"small: gives away -798 to 200 yuan with {COUPON} from 1 to 500, and so cannot be matched to 1,000"
    assert plain == "plain: has no lever, so that it cannot give away more or less"
    table = matching.table()
    assert list(table["arm"]) == ["target", "small", "plain"]
    assert table["share_of_target"].tolist()[:2] == [1.0, pytest.approx(0.2)]


def test_a_target_that_gives_nothing_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"match.to=target: it gives away nothing .* or match.measure=given_away"):
        match_arms(ARMS, "baseline", MatchSettings(to="target"), worlds(spent, []))


@pytest.mark.parametrize("name", groups()["strategy"])
def test_every_lever_moves_something_between_its_ends(name: str) -> None:
    own = compose_arm(name, Scenario().model_dump(mode="json"))
    check_levers([own])
    if own.lever is not None:
        assert own.lever.low < own.lever.high


def test_a_lever_that_does_not_exist_is_told() -> None:
    with pytest.raises(SettingsError, match=r"no such setting.*\(lever of wrong\)"):
        check_levers([arm("wrong", Lever(settings=("mechanics.coupons.fase_fen",), low=1, high=2))])


def test_a_matched_comparison_is_found_again_and_its_worlds_are_fresh(tmp_path: Path) -> None:
    asked = [
        *(*TINY, "experiment.arms=[baseline,coupons_blanket,group_buying,content]", f"out={tmp_path}"),
        *("match.to=coupons_blanket", "match.measure=given_away", "match.seeds=1", "match.tolerance=.2"),
    ]
    assert compare.main(asked) == 0
    first = {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/*.zip")}
    seeds = {int(path.stem.removeprefix("seed-")) for path in first}
    assert seeds == {0, 1, FIRST_SEED}
    matching = pd.read_csv(tmp_path / "matching.csv").set_index("arm")
    assert matching.loc["group_buying", "share_of_target"] == pytest.approx(1.0, abs=0.2)
    assert matching.loc["content", "left_out"] == "has no lever, so that it cannot give away more or less"
    summary = pd.read_csv(tmp_path / "summary.csv")
    assert set(summary["arm"]) == {"baseline", "coupons_blanket", "group_buying"}
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Arms matched" in page
    assert "has no lever" in page
    again = compare.ask(asked).matched(RunStore(tmp_path), LocalEngine(1))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/*.zip")} == first
    assert again.matching is not None
    pd.testing.assert_frame_equal(
        again.matching.table().set_index("arm")[["amount", "value"]], matching[["amount", "value"]]
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["match.to=referal"], "match.to=referal: is none of the arms"),
        (["match.to=baseline"], "match.to=baseline: the baseline stays as it is"),
        (["match.to=referral", "needs.retry=.1,.2"], "levers are sought in one market, and a grid has many"),
        (["match.to=referral", "match.measure=gmv"], "match.measure='gmv': no such choice"),
        (["experiment=full_chain", "match.to=insight"], "contrasts need every arm as it is"),
    ],
)
def test_a_mistake_is_told_before_anything_runs(arguments: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as raised:
        compare.ask(arguments)
    assert "\n" not in str(raised.value)
