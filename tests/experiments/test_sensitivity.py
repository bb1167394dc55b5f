"""Sensitivity: Ishigami's function through the market's own path, Morris on a plane, and the command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import sensitivity
from experiments.study.grid import Point
from experiments.study.sensitivity import SensitivityDesign, analyse, luck_share, place
from experiments.study.space import Space
from simulator import SettingsError

TINY = ["consumers.n=150", "days=24", "burn_in_days=4", "post_days=8", "waves_per_day=2", "seeds=2", "workers=1"]
GROUPS = [
    "strategy=group_buying",
    "mechanics.group_buying.discount=interval(.05,.4)",
    "mechanics.group_buying.size=4,2,3",
]


def unit_space(n: int) -> Space:
    return Space("sensitivity", tuple(f"x{i}=interval(0,1.0)" for i in range(n)))


def test_ishigami() -> None:
    """Indices as in Ishigami & Homma (1990) with a = 7, b = .1; the intervals hold them."""
    pi = np.pi
    space = Space("sensitivity", tuple(f"x{i}=interval({-pi},{pi})" for i in (1, 2, 3)))

    def ishigami(points: list[Point]) -> np.ndarray:
        x1, x2, x3 = (np.array([point[key] for point in points]) for key in ("x1", "x2", "x3"))
        y = np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)
        luck = np.random.default_rng(1).standard_normal(4)  # of the seeds, the same at all points
        return np.asarray(y[:, None, None] + luck[None, :, None])

    table = analyse(space, SensitivityDesign(kind="sobol", samples=4096), ishigami, ["y"]).set_index("setting")
    for key, first, total in (("x1", 0.314, 0.558), ("x2", 0.442, 0.442), ("x3", 0.0, 0.244)):
        row = table.loc[key]
        assert row["first"] == pytest.approx(first, abs=0.015)
        assert row["total"] == pytest.approx(total, abs=0.015)
        assert row["first_low"] <= first <= row["first_high"]
        assert row["total_low"] <= total <= row["total_high"]
    assert list(table.index) == ["x1", "x2", "x3"]
    assert table["luck"].max() < 1e-12


def test_morris_finds_slopes_and_interactions() -> None:
    def model(points: list[Point]) -> np.ndarray:
        x = np.array([[point[f"x{i}"] for i in range(4)] for point in points])
        return np.asarray(3 * x[:, 0] - 2 * x[:, 1] + 4 * x[:, 2] * x[:, 3])[:, None, None]

    table = analyse(unit_space(5), SensitivityDesign(samples=32), lambda p: model(p), ["y"]).set_index("setting")
    assert table.loc["x0", ["mean_effect", "mean_size", "sd_effect"]].tolist() == pytest.approx([3, 3, 0], abs=1e-9)
    assert table.loc["x1", ["mean_effect", "mean_size", "sd_effect"]].tolist() == pytest.approx([-2, 2, 0], abs=1e-9)
    assert table.loc["x2", "sd_effect"] > 0.5
    assert table.loc["x4", "mean_size"] == 0.0


def test_a_measure_that_is_not_defined_everywhere_or_never_varies_has_no_indices() -> None:
    def model(points: list[Point]) -> np.ndarray:
        y = np.ones((len(points), 1, 2))
        y[0, 0, 1] = np.nan
        return y

    table = analyse(unit_space(2), SensitivityDesign(samples=4), model, ["constant", "undefined"])
    assert table["mean_size"].isna().all()
    assert table.groupby("measure")["n_undefined"].max().to_dict() == {"constant": 0, "undefined": 1}


def test_luck_is_what_seeds_do_at_single_points() -> None:
    rng = np.random.default_rng(1)
    points, seeds, rest = rng.standard_normal((5_000, 1)), rng.standard_normal((1, 4)), rng.standard_normal((5_000, 4))
    assert luck_share(points + 10 * seeds) == pytest.approx(0.0, abs=1e-12)
    assert luck_share(points + 10 * seeds + 2 * rest) == pytest.approx(0.5, abs=0.02)  # 2² / 4 against 1


def test_choices_are_equally_likely_and_numbers_in_order() -> None:
    space = Space("sensitivity", ("a.size=4,2,3", "social=random,ring,complete,small_world"))
    _, points = place(space, SensitivityDesign(kind="sobol", samples=64))
    for key in ("a.size", "social"):
        counts = pd.Series([point[key] for point in points]).value_counts(normalize=True)
        assert counts.max() / counts.min() < 1.35
    assert [space.at([u, 0])["a.size"] for u in (0.0, 0.5, 1.0)] == [2, 3, 4]


@pytest.mark.parametrize("kind", ["morris", "sobol"])
def test_the_command_explains_lifts_and_finds_its_runs_again(kind: str, tmp_path: Path) -> None:
    arguments = [*TINY, *GROUPS, f"design.kind={kind}", "design.samples=4", "baseline=baseline", f"out={tmp_path}"]
    assert sensitivity.main(arguments) == 0
    table = pd.read_csv(tmp_path / "sensitivity.csv")
    assert set(table["setting"]) == {"mechanics.group_buying.discount", "mechanics.group_buying.size"}
    assert {"sensitivity.png", "manifest.json"} < {path.name for path in tmp_path.iterdir()}
    runs = {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/*.zip")}
    written = (tmp_path / "sensitivity.csv").read_bytes()
    assert sensitivity.main(arguments) == 0
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/*.zip")} == runs
    assert (tmp_path / "sensitivity.csv").read_bytes() == written


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["consumers.n=150"], "nothing varies"),
        ([*GROUPS, "measures=[gvm]"], "did you mean 'gmv'"),
        ([*GROUPS, "design.kind=sobol", "design.samples=20"], "power of 2, such as 16 or 32"),
        ([GROUPS[1]], "has no effect"),
        ([GROUPS[0], "mechanics.group_buying.discount=interval(.5,1.5)"], "mechanics.group_buying.discount=1.5"),
        ([*GROUPS, "baseline=group_buying"], "is the same market"),
    ],
)
def test_mistakes_are_told_before_anything_runs(arguments: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=message):
        sensitivity.main([*arguments, f"out={tmp_path / 'new'}"])
    assert not (tmp_path / "new").exists()
