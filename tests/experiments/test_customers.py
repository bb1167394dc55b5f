"""Repurchase analytics: Gamma-Gamma, histories, cohorts, and the command on a log and on a run."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import customers
from experiments.study.customers import GammaGamma, cohorts, histories, lifetime_values, read_log
from simulator.insight.repurchase import BgNbd

LOG = "".join(f"{c} 1997{m:02d}0{d} 1 {a}.50\n" for c, m, d, a in [
    *((1, 1, 1, 10), (1, 1, 5, 20), (1, 3, 5, 30), (2, 1, 2, 5), (3, 2, 3, 8), (3, 2, 3, 8), (3, 4, 3, 9)),
    *((4, 1, 3, 6), (4, 2, 3, 7), (4, 3, 3, 7), (5, 1, 9, 40), (5, 3, 9, 50)),
])  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "log.txt").write_text(LOG)
    return tmp_path / "log.txt"


def test_gamma_gamma_finds_what_was_put_in() -> None:
    """Within three times the spread over data sets of this size, found by simulation."""
    truth, rng = GammaGamma(6.25, 3.74, 15.44), np.random.default_rng(1)
    x = rng.integers(1, 8, 8000)
    scale = rng.gamma(truth.q, 1 / truth.gamma, len(x))
    mean = rng.gamma(truth.p * x, 1 / scale) / x
    found = GammaGamma.fit(x, mean)
    assert (found.p, found.q, found.gamma) == pytest.approx((truth.p, truth.q, truth.gamma), rel=0.2)
    assert found.log_likelihood(x, mean).sum() >= truth.log_likelihood(x, mean).sum()
    later = rng.gamma(truth.p, 1 / scale)  # the next order of each
    expected = truth.expected(x, mean)
    assert expected.mean() == pytest.approx(later.mean(), abs=4 * later.std() / np.sqrt(len(x)))


def test_who_never_came_again_is_expected_to_spend_what_people_do() -> None:
    model = GammaGamma(6.25, 3.74, 15.44)
    expected = model.expected(np.array([0, 1, 1000]), np.array([0.0, 10.0, 10.0]))
    assert expected[0] == pytest.approx(6.25 * 15.44 / 2.74)
    assert 10.0 < expected[1] < expected[0]
    assert expected[2] == pytest.approx(10.0, rel=0.01)


@pytest.mark.data
def test_cdnow_gives_the_published_parameters() -> None:
    """Fader & Hardie 2013: p 6.25, q 3.74, γ 15.44."""
    history = histories(read_log(Path(os.environ["PINTUAN_DATA"]) / "CDNOW_sample.txt"), 272)
    found = GammaGamma.fit(history["n_repeat"].to_numpy(), history["spend_mean"].to_numpy())
    assert (found.p, found.q, found.gamma) == pytest.approx((6.25, 3.74, 15.44), abs=0.01)


def test_histories_are_those_of_the_days_seen(log: Path) -> None:
    orders = read_log(log)
    history = histories(orders, 40)
    assert history["n_repeat"].tolist() == [1, 0, 0, 1, 0]
    assert history.loc["1", ["recency", "age", "spend_mean"]].tolist() == [4, 40, 20.5]
    assert histories(orders, 200).loc["3", "n_repeat"] == 1, "two orders of one day are one"


def test_cohorts_end_where_they_have_not_been_seen(log: Path) -> None:
    table = cohorts(read_log(log), 92)
    assert table.loc[0, [0, 1]].tolist() == [1.0, 0.5]
    assert np.isnan(table.loc[1, 2])


def test_value_grows_with_time_and_falls_with_the_rate(log: Path) -> None:
    history, buying, spending = histories(read_log(log), 92), BgNbd(), GammaGamma(6.25, 3.74, 15.44)
    year, two, dear = (
        lifetime_values(history, buying, spending, days, 0.3, rate)["value"].to_numpy()
        for days, rate in ((365, 0.1), (730, 0.1), (365, 0.5))
    )
    assert (two > year).all()
    assert (dear < year).all()


def test_the_command_reads_a_log_and_a_run(log: Path, busy, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    assert customers.main([str(log), "--out", str(tmp_path / "a"), "--split", "80"]) == 0
    assert "| orders that came |" in (tmp_path / "a" / "report.md").read_text(encoding="utf-8")
    events = tmp_path / "run" / "events"
    events.mkdir(parents=True)
    for table in ("orders", "settlements"):
        busy.log.frame(table).to_parquet(events / f"{table}.parquet")
    assert customers.main([str(tmp_path / "run"), "--out", str(tmp_path / "b")]) == 0
    table = pd.read_csv(tmp_path / "b" / "customers.csv")
    settled = busy.log.frame("settlements").query("outcome == 1")
    assert len(table) == settled["consumer"].nunique()
    assert table["p_alive"].between(0, 1).all()
    assert (tmp_path / "b" / "figures" / "customers.png").stat().st_size > 10_000
    assert "Gamma-Gamma" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [("1 19970101 2\n", "has 3 columns"), ("1 19970101 2 3\n2 1997-1-1 2 3\n", "line 2"), (None, "cannot be read")],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    content: str | None, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.txt"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SystemExit) as ended:
        customers.main([str(path), "--out", str(tmp_path / "new")])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert not (tmp_path / "new").exists()
