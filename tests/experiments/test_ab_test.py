"""The A/B lab: the estimator, the exact account of its bias, and the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from experiments import ab_test
from experiments.study.interference import Assignment, difference_in_means, judge, summarise
from simulator import SettingsError

SMALL = [
    *("days=24", "burn_in_days=4", "post_days=6", "waves_per_day=4", "consumers.n=300", "needs.rate=.3"),
    *("mechanics.group_buying.cell_size=30", "seeds=2", "workers=1", "consumers.sociability=.5"),
]


def people(seed: int, n: int = 400, n_units: int = 40) -> tuple[Any, Assignment]:
    """Outcomes that units share, of people whose units are treated by lot."""
    rng = np.random.default_rng(seed)
    unit = np.arange(n) % n_units
    y = rng.poisson(2.0, n) + rng.normal(0.0, 1.0, n_units)[unit]
    return y, Assignment((rng.random(n_units) < 0.5)[unit], unit, 0.5)


def test_with_consumers_as_units_the_interval_is_that_of_unequal_variances() -> None:
    y, assignment = people(1)
    own = Assignment(assignment.is_treated, np.arange(len(y)), 0.5)
    found = difference_in_means(y, own, 0.95)
    known = ttest_ind(y[own.is_treated], y[~own.is_treated], equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=1e-3)  # degrees of freedom differ


def test_the_interval_covers_nothing_as_often_as_it_says_if_it_knows_the_units() -> None:
    """No effect at all; the other interval takes people who share their luck for independent ones."""
    robust, naive = [], []
    for seed in range(400):
        y, assignment = people(seed)
        for unit, found in ((assignment.unit, robust), (np.arange(len(y)), naive)):
            low, high = difference_in_means(y, Assignment(assignment.is_treated, unit, 0.5), 0.9)[1:3]
            found.append(low <= 0 <= high)
    assert np.mean(robust) == pytest.approx(0.9, abs=0.045)
    assert np.mean(naive) < 0.8


def test_bias_is_shortfall_less_spillover_and_luck_exactly() -> None:
    y, assignment = people(3)
    rng = np.random.default_rng(4)
    everybody, nobody = y + rng.poisson(1.0, len(y)), y - rng.poisson(0.5, len(y))
    row = judge(y, everybody, nobody, assignment, 0.95)
    assert row["estimate"] - row["truth"] == pytest.approx(row["shortfall"] - row["spillover"] + row["luck"])
    assert row["shortfall"] < 0 < row["spillover"]


def test_nobody_treated_is_no_estimate() -> None:
    y, assignment = people(5)
    row = judge(y, y, y, Assignment(np.zeros(len(y), dtype=np.bool_), assignment.unit, np.nan), 0.95)
    table = pd.DataFrame([{"design": "cell", **row}, {"design": "cell", **judge(y, y, y, assignment, 0.95)}])
    summary = summarise(table, ["design"], 0.95).iloc[0]
    assert (summary["n"], summary["n_undefined"]) == (1, 1)


def test_the_command_leaves_table_figure_report_and_says_the_same_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [*SMALL, f"out={tmp_path}"]
    assert ab_test.main(arguments) == 0
    assert "worlds; brackets" in capsys.readouterr().out
    summary = (tmp_path / "summary.csv").read_bytes()
    tests = pd.read_parquet(tmp_path / "tests.parquet")
    assert list(tests.groupby(["design", "outcome"]).size()) == [2] * 9
    gap = tests["estimate"] - tests["truth"] - (tests["shortfall"] - tests["spillover"] + tests["luck"])
    assert np.abs(gap.dropna()).max() < 1e-12
    assert tests.groupby("seed")["truth"].nunique().max() <= 3, "one truth per outcome, whatever the design"
    is_by = {design: rows["units"].iloc[0] for design, rows in tests.groupby("design")}
    assert is_by["consumer"] == 300 > is_by["cluster"] > is_by["cell"] == 10
    assert (tmp_path / "figures" / "ab_test.png").stat().st_size > 10_000
    assert "the true total effect" in (tmp_path / "report.html").read_text(encoding="utf-8")
    (tmp_path / "summary.csv").unlink()
    assert ab_test.main(arguments) == 0
    assert (tmp_path / "summary.csv").read_bytes() == summary


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("test.mechanic=group_bying", "did you mean 'group_buying'"),
        ("test.outcomes=[ordrs]", "did you mean 'orders'"),
        ("test.designs=[consumer,consumer]", "name each once"),
        ("mechanics.group_buying.reach=.3", "the test decides to whom group_buying is open; leave it out"),
        ("mechanics.referral.refer=.3", "has no effect"),
    ],
)
def test_a_mistake_is_told_before_anything_runs(argument: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=message):
        ab_test.main([*SMALL, argument, f"out={tmp_path / 'new'}"])
    assert not (tmp_path / "new").exists()


def test_a_mechanic_without_cells_is_not_tested_by_cell(tmp_path: Path) -> None:
    few = [a for a in SMALL if "group_buying" not in a]
    with pytest.raises(SettingsError, match=r"mechanics\.coupons: reach_by=cell: this mechanic has no cells"):
        ab_test.main([*few, "test.mechanic=coupons", f"out={tmp_path / 'new'}"])
