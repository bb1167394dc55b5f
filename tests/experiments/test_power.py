"""Seeds needed: the formula against simulation, the pilot against known spreads, and the command."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind, ttest_rel

from experiments import compare, power
from experiments.study.power import fewest, paired_power, power_table, spread_of, unpaired_power
from simulator import SettingsError
from simulator.records.measures import PRIMARIES

TINY = ["consumers.n=150", "days=24", "burn_in_days=4", "post_days=8", "waves_per_day=2", "seeds=3", "workers=1"]
TWO_ARMS = "experiment.arms=[baseline,group_buying]"


def pairs(n_studies: int, n: int, lift: float, sd: float, correlation: float) -> tuple[np.ndarray, np.ndarray]:
    """Normal logs of an arm and a baseline, shape (n_studies, n); both with sd `sd`."""
    rng = np.random.default_rng(1)
    common, own, base = rng.standard_normal((3, n_studies, n))
    shared, rest = math.sqrt(correlation), math.sqrt(1 - correlation)
    return math.log1p(lift) + sd * (shared * common + rest * own), sd * (shared * common + rest * base)


@pytest.mark.parametrize(
    ("n", "lift", "sd", "correlation"), [(4, 0.05, 0.05, 0.8), (12, 0.05, 0.1, 0.6), (30, -0.03, 0.06, 0.3)]
)
def test_paired_power_is_how_often_a_lift_is_seen(n: int, lift: float, sd: float, correlation: float) -> None:
    arm, base = pairs(20_000, n, lift, sd, correlation)
    found = ttest_rel(arm, base, axis=1)
    seen = (found.pvalue < 0.05) & (np.sign(found.statistic) == np.sign(lift))
    of_formula = paired_power(math.log1p(lift), sd * math.sqrt(2 * (1 - correlation)), n, 0.05)
    assert seen.mean() == pytest.approx(float(of_formula), abs=0.012)


@pytest.mark.parametrize(("n", "lift", "sd"), [(12, 0.05, 0.03), (30, -0.03, 0.03)])
def test_unpaired_power_is_how_often_a_lift_is_seen(n: int, lift: float, sd: float) -> None:
    arm, base = pairs(20_000, n, lift, sd, 0.0)
    found = ttest_ind(arm, 2 * base, axis=1, equal_var=False)
    seen = (found.pvalue < 0.05) & (np.sign(found.statistic) == np.sign(lift))
    of_formula = unpaired_power(math.log1p(lift), sd, 2 * sd, n, 0.05)
    assert seen.mean() == pytest.approx(float(of_formula), abs=0.012)


def test_the_seeds_named_are_the_fewest() -> None:
    def of(n: int) -> float:
        return float(paired_power(0.02, 0.05, n, 0.05))

    n = fewest(of, 0.8)
    assert n == 52  # as G*Power 3 and R's power.t.test give for d = .4
    assert of(int(n)) >= 0.8 > of(int(n) - 1)
    assert fewest(of, 0.01) == 2
    assert math.isinf(fewest(lambda n: 0.0, 0.8))


def final(arm: np.ndarray, base: np.ndarray) -> pd.DataFrame:
    parts = {"other": arm, "baseline": base}
    return pd.concat(
        pd.DataFrame({"arm": name, "seed": range(len(x)), "measure": "gmv", "value": x}) for name, x in parts.items()
    )


def test_a_pilot_tells_spread_correlation_and_what_pairing_saves() -> None:
    arm, base = (np.exp(x[0]) for x in pairs(1, 4_000, 0.1, 0.1, 0.9))
    table = power_table(final(arm, base), "baseline", ["gmv"], [0.02, 0.05], 0.8, 0.05)
    row = table.iloc[0]
    assert row["correlation"] == pytest.approx(0.9, abs=0.02)
    assert row["sd_paired"] == pytest.approx(0.1 * math.sqrt(0.2), rel=0.05)
    assert row["times_fewer"] == pytest.approx(1 / (1 - 0.9), rel=0.15)  # (1 + 1) / 2(1 − ρ)
    assert row["seeds_paired_low"] <= row["seeds_paired"] <= row["seeds_paired_high"]
    assert table["seeds_paired"].is_monotonic_decreasing


def test_values_that_are_not_positive_are_compared_by_differences() -> None:
    arm, base = np.array([3.0, -1.0, 4.0, 2.0]), np.array([2.0, -2.0, 4.0, 4.0])
    spread = spread_of(arm, base)
    assert not spread.is_log
    assert spread.paired == pytest.approx(np.std(arm - base, ddof=1) / base.mean())
    assert spread.effect(0.02) == 0.02


@pytest.mark.parametrize(
    "arm", [np.array([1.0, 2.0, 3.0]), np.array([1.0, np.nan, np.nan])], ids=["equal", "undefined"]
)
def test_nothing_is_said_where_nothing_varies_or_is_known(arm: np.ndarray) -> None:
    table = power_table(final(arm, np.array([1.0, 2.0, 3.0])), "baseline", ["gmv"], [0.02], 0.8, 0.05)
    assert table["seeds_paired"].isna().all()
    assert table["times_fewer"].isna().all()


def test_the_command_leaves_its_runs_where_compare_finds_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert power.main([*TINY, TWO_ARMS, "lifts=[.05,.1]", f"out={tmp_path}"]) == 0
    table = pd.read_csv(tmp_path / "power" / "power.csv")
    assert len(table) == len(PRIMARIES) * 1 * 2
    assert {"power.png", "manifest.json"} < {path.name for path in (tmp_path / "power").iterdir()}
    assert "To see +5 % in every arm and measure" in capsys.readouterr().out
    runs = {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/*.zip")}
    assert len(runs) == 2 * 3
    assert compare.main([*TINY, TWO_ARMS, f"out={tmp_path}"]) == 0
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/*.zip")} == runs


def test_a_forecast_runs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert power.main([*TINY, TWO_ARMS, "dry_run=true", f"out={tmp_path / 'new'}"]) == 0
    assert "6 runs, 0 of them found" in capsys.readouterr().out
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("lifts=[0]", "lifts="),
        ("power=.01", "must be above alpha"),
        ("seeds=2", "seeds=2: out of range"),
        ("experiment.baseline=referal", "is none of the arms"),
        ("consumers.m=3", "there is no setting 'consumers.m'"),
    ],
)
def test_mistakes_are_told_before_anything_runs(argument: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=message):
        power.main([argument, f"out={tmp_path / 'new'}"])
    assert not (tmp_path / "new").exists()
