"""A comparison over a grid: each point against its own baseline, equal markets computed once, all judged together."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from experiments import compare
from experiments.study import incremental
from experiments.study.statistics import holm
from simulator import SettingsError
from simulator.records.measures import MEASURES, PRIMARIES

TINY = ["consumers.n=150", "days=24", "burn_in_days=4", "post_days=8", "waves_per_day=2", "seeds=2", "workers=1"]
ARMS = "experiment.arms=[baseline,group_buying,coupons_blanket]"
GRID = ["mechanics.group_buying.size=2,3", "social=ring,random"]
KEYS = ["mechanics.group_buying.size", "social"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grid")
    assert compare.main([*TINY, ARMS, *GRID, f"out={folder}"]) == 0
    return folder


def test_the_tables_have_the_grid_in_front(finished: Path) -> None:
    summary = pd.read_csv(finished / "summary.csv")
    assert list(summary.columns[:4]) == [*KEYS, "arm", "measure"]
    assert len(summary) == 4 * 3 * (len(MEASURES) + len(incremental.MEASURES))
    final = pd.read_parquet(finished / "final.parquet")
    assert list(final.columns) == [*KEYS, "arm", "seed", "measure", "value"]
    assert list(pd.read_parquet(finished / "daily.parquet").columns[:4]) == [*KEYS, "arm", "seed"]
    manifest = json.loads((finished / "manifest.json").read_text(encoding="utf-8"))
    assert [tuple(cell[key] for key in (*KEYS, "arm")) for cell in manifest["cells"][:4]] == [
        (2, "ring", "baseline"),
        (2, "ring", "group_buying"),
        (2, "ring", "coupons_blanket"),
        (2, "random", "baseline"),
    ]
    assert {"lifts.png", "forests.png"} >= {path.name for path in (finished / "figures").iterdir()} >= {"lifts.png"}
    assert "point by point" in (finished / "report.html").read_text(encoding="utf-8")


def test_equal_markets_are_computed_once(finished: Path) -> None:
    """Neither the baseline nor the coupons have a group size."""
    assert len(list(finished.glob("runs/*"))) == 2 * 2 + 2 * 1 + 2 * 1


def test_a_point_says_what_a_comparison_of_its_own_says(finished: Path, tmp_path: Path) -> None:
    """All but what is judged together."""
    fixed = ["mechanics.group_buying.size=3", "social=random"]
    assert compare.main([*TINY, ARMS, *fixed, f"out={tmp_path}"]) == 0
    alone = pd.read_csv(tmp_path / "summary.csv").drop(columns=["p_holm", "verdict"])
    summary = pd.read_csv(finished / "summary.csv")
    point = summary[(summary[KEYS[0]] == 3) & (summary["social"] == "random")]
    pd.testing.assert_frame_equal(point[alone.columns].reset_index(drop=True), alone)


def test_a_single_point_has_the_experiments_own_figures_too(tmp_path: Path) -> None:
    fixed = ["mechanics.group_buying.size=2", "mechanics.group_buying.discount=.4", "social.degree=6"]
    assert compare.main(["experiment=tipping", *TINY, *fixed, f"out={tmp_path}"]) == 0
    assert {"tipping.png", "lifts.png", "adoption.png"} <= {path.name for path in (tmp_path / "figures").iterdir()}
    assert "K = 1 of the branching process" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_holm_is_over_points_arms_and_primaries(finished: Path) -> None:
    summary = pd.read_csv(finished / "summary.csv")
    family = summary[summary["measure"].isin(PRIMARIES) & summary["p"].notna()]
    assert len(family) == 4 * 2 * len(PRIMARIES)
    assert family["p_holm"].to_numpy() == pytest.approx(holm(family["p"].to_numpy()), rel=1e-6)


def test_the_command_line_lies_over_the_grid_of_an_experiment() -> None:
    asked = ["experiment=tipping", *TINY]
    assert len(compare.ask(asked).points) == 4 * 6 * 4
    question = compare.ask([*asked, "social.degree=6", "mechanics.group_buying.size=2,3"])
    assert question.axes == {
        "mechanics.group_buying.size": [2, 3],
        "mechanics.group_buying.discount": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    }
    assert {arm.scenario.social.degree for arms in question.arms for arm in arms} == {6}


def test_arms_that_are_equal_at_one_point_only_are_compared_there_too() -> None:
    asked = [*TINY, "experiment.arms=[baseline,referral]", "mechanics.referral.enabled=true"]
    with pytest.raises(SettingsError, match="the same market"):
        compare.ask(asked)
    question = compare.ask([*TINY[:-1], "experiment.arms=[baseline,referral]", "mechanics.referral.enabled=true,false"])
    first, second = question.arms
    assert first[0].scenario == first[1].scenario
    assert second[0].scenario != second[1].scenario


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["seeds=1,2"], "seeds: only settings of the market can be swept"),
        (["strategy=referral"], r"named by experiment.arms=\[baseline"),
        (["needs.retry=interval(0,1)"], "needs.retry: .* intervals take experiments.sweep"),
        (["needs.retry=.1,.1"], "needs.retry: has the same value twice"),
        (["needs.retri=.1,.2"], "there is no setting 'needs.retri'"),
        (["mechanics.referral.refer=.1,2"], r"refer=2: out of range.*\(at mechanics.referral.refer=2\)"),
        (
            ["experiment.arms=[baseline,referral]", "mechanics.coupons.reach=.1,.2"],
            "here switches mechanics.coupons on",
        ),
        (["needs.retry=.1,.2", "until.arm=referral"], "a grid has many"),
        (["experiment=tipping", "experiment.figures=[tiping]"], "there is no such figure; did you mean 'tipping'"),
        (["experiment=tipping", "+experiment.grid={days: '180'}"], "days=180 has one value"),
        (
            ["experiment=tipping", "experiment.arms=[baseline,referral]"],
            "no arm here switches mechanics.group_buying on",
        ),
    ],
)
def test_every_point_is_checked_beforehand_and_a_mistake_is_one_line(arguments: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as raised:
        compare.ask(arguments)
    assert "\n" not in str(raised.value)
