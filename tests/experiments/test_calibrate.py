"""Settings are found again where they can be; what cannot be told is said so; bad input is one clear error."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from experiments import calibrate
from experiments.calibration import CASES, growth, transactions
from experiments.calibration.calibrating import calibrate as fit
from experiments.calibration.calibrating import design, trials
from experiments.calibration.problem import Data, Parameter, Problem
from experiments.study.abc import Learner, recover, share_interval
from experiments.study.trials import Found
from experiments.views.calibration import print_calibration, write_calibration
from simulator import SettingsError

N = 40


def normal(seed: int, values: Sequence[float]) -> Found:
    """A sample whose mean is told well, whose spread is told, and of whose third setting nothing is told."""
    mean, sd, _ = values
    sample = np.random.default_rng(seed).normal(mean, sd, N)
    return {"fitted": [float(sample.mean()), float(np.log(sample.std()))], "held_out": [float(sample.max())]}


def problem(truth: Sequence[float]) -> Problem:
    data = normal(10**6, truth)
    return Problem(
        "normal",
        "A normal sample",
        "made",
        [Parameter("mean", -3.0, 3.0), Parameter("sd", 0.3, 3.0, True), Parameter("idle", 0.0, 1.0)],
        ["mean", "ln sd"],
        ["largest"],
        normal,
        Data(data["fitted"], data["held_out"]),
    )


def found(case: Problem, n: int = 256, n_tests: int = 200) -> tuple[object, ...]:
    places = design(case, n, n_tests)
    return places, [trial.measure(trial.seed, **trial.arguments) for trial in trials(case, places)]


def test_posterior_recovery_and_prediction_are_those_of_a_normal_sample() -> None:
    case = problem([1.0, 1.0, 0.5])
    places, results = found(case, n=512)
    result = fit(case, places, results, keep=154)  # type: ignore[arg-type]
    rows = result.settings.set_index("setting")
    mean = case.data.fitted[0]
    half = 1.645 * np.exp(case.data.fitted[1]) / np.sqrt(N)
    assert rows["median"]["mean"] == pytest.approx(mean, abs=0.5 * half)
    assert rows["low"]["mean"] == pytest.approx(mean - half, abs=0.5 * half)
    assert rows["high"]["mean"] == pytest.approx(mean + half, abs=0.5 * half)
    assert rows["low"]["sd"] < 1.0 < rows["high"]["sd"]
    assert rows["variance_left"]["mean"] < 0.02
    assert rows["variance_left"]["idle"] > 0.7
    assert rows["recovered"]["mean"] > 0.9
    assert rows["recovered"]["idle"] < 0.1
    assert (rows["coverage"] - 0.9).abs().max() < 4 * np.sqrt(0.09 / 200)
    assert result.correlations.set_index("setting")["least_known"].abs().idxmax() == "idle"
    largest = result.predictions.iloc[0]
    assert largest["low"] < mean + 2.2 < largest["high"]


def test_intervals_hold_the_truth_as_often_as_they_say_when_much_is_shown_that_tells_nothing() -> None:
    rng = np.random.default_rng(1)
    unit = rng.uniform(1e-6, 1 - 1e-6, (456, 4))
    shown = np.hstack([np.exp(unit[:, :2].sum(axis=1, keepdims=True)), unit[:, 1:] ** 2, np.zeros((456, 9))])
    shown += 0.1 * rng.normal(size=shown.shape)
    learner = Learner(unit[:256], shown[:256], np.zeros((256, 0)), 128)
    recovery = recover(learner, unit[256:], shown[256:], 0.9)
    assert (np.abs(recovery.covered / 200 - 0.9) < 4 * np.sqrt(0.09 / 200)).all()
    assert (recovery.gained > 0.5).all(), "not by intervals of everything"


def test_what_the_model_cannot_show_lies_outside_its_interval() -> None:
    case = problem([1.0, 1.0, 0.5])
    places, results = found(case, n_tests=5)
    odd = Problem(**{**vars(case), "data": Data(case.data.fitted, [30.0])})
    assert not fit(odd, places, results, keep=128).predictions["is_inside"].iloc[0]  # type: ignore[arg-type]


def test_where_nothing_is_held_out_nothing_is_said_of_it(tmp_path: Path) -> None:
    case = problem([1.0, 1.0, 0.5])
    places, results = found(case, n=32, n_tests=5)
    alone = Problem(**{**vars(case), "held_out": [], "data": Data(case.data.fitted, [])})
    result = fit(alone, places, [{**one, "held_out": []} for one in results], keep=16)  # type: ignore[arg-type, dict-item]
    console = Console(record=True, file=io.StringIO())
    print_calibration(result, console)
    assert "held out" not in console.export_text()
    names = {path.name for path in write_calibration(tmp_path, result)}
    assert {"settings.csv", "posterior.png", "report.html"} <= names
    assert "predictions.png" not in names
    assert "held out" not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_nothing_leaves_the_box_nor_what_was_simulated() -> None:
    rng = np.random.default_rng(1)
    unit = np.clip(rng.random((200, 1)), 1e-6, 1 - 1e-6)
    orders = rng.poisson(3.0 * unit).astype(float)
    learner = Learner(unit, unit + 0.05 * rng.normal(size=unit.shape), orders, 60)
    for observed in (-0.5, 0.0, 1.0, 1.5):
        posterior = learner.posterior(np.array([observed]))
        assert ((posterior.unit > 0) & (posterior.unit < 1)).all()
        assert 0.0 <= posterior.predicted.min(), "nobody orders less than nothing"
        assert posterior.predicted.max() <= orders.max()
        assert posterior.weights.sum() == pytest.approx(1.0)


def test_the_interval_of_a_share_is_exact() -> None:
    assert share_interval(9, 10) == pytest.approx((0.555, 0.9975), abs=5e-4)
    assert share_interval(0, 10)[0] == 0.0
    assert share_interval(10, 10)[1] == 1.0


@pytest.mark.slow
def test_growing_platforms_have_more_buyers_who_have_had_more_time() -> None:
    shown = growth.simulate(1, [0.02, 1.5, 900.0, 0.05])
    assert np.diff(shown["fitted"][:3]).min() > 0
    assert growth.simulate(1, [0.02, 1.5, 900.0, 0.05]) == shown
    assert len(shown["held_out"]) == 4


# The command


@pytest.fixture
def normal_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CASES, "cdnow", (lambda folder: problem([1.0, 1.0, 0.5]), ()))


def run(folder: Path, *overrides: str) -> int:
    return calibrate.main([f"out={folder}", "workers=1", *overrides])


@pytest.mark.usefixtures("normal_case")
def test_it_reports_and_goes_on_where_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = ("simulations=32", "tests=8")
    assert run(tmp_path, *few) == 0
    assert "A normal sample" in capsys.readouterr().out
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    before = {name: (tmp_path / name).read_bytes() for name in manifest["outputs"]}
    assert {"settings.csv", "predictions.csv", "correlations.csv", "report.html", "figures/recovery.png"} <= set(before)
    assert run(tmp_path, *few, "dry_run=true") == 0
    assert "To compute: 0." in capsys.readouterr().out
    assert run(tmp_path, *few) == 0
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


TINY = ("consumers.n=60", "days=20", "burn_in_days=4", "post_days=5", "waves_per_day=1", "simulations=24", "tests=6")
NEEDS = "fit={needs.rate:[.05,.4]}"


def is_found(folder: Path, setting: str, low: float, high: float) -> bool:
    """Whether an interval inside the range is reported, and settings that are known are found again."""
    rows = pd.read_csv(folder / "settings.csv").set_index("setting")
    return bool(low < rows["low"][setting] < rows["high"][setting] < high and rows["recovered"][setting] > 0.3)


def test_a_table_of_moments_fits_settings_of_any_market(tmp_path: Path) -> None:
    pd.DataFrame(
        {"measure": ["orders", "average_order_value"], "value": [120.0, 45.0], "held_out": [False, True]}
    ).to_csv(tmp_path / "mine.csv", index=False)
    assert run(tmp_path / "run", "calibration=moments", f"table={tmp_path / 'mine.csv'}", NEEDS, *TINY) == 0
    assert is_found(tmp_path / "run", "needs.rate", 0.05, 0.4)


def test_an_adoption_curve_fits_what_makes_people_join(tmp_path: Path) -> None:
    (tmp_path / "curve.csv").write_text(
        "day,adopted,held_out\n3,.1,false\n6,.2,false\n10,.3,false\n15,.45,true\n", encoding="utf-8"
    )
    fit = ("fit={joining.innovation:[1,30]}", "needs.rate=.5", "choice.appeal=5", "consumers.n=400", "simulations=40")
    assert run(tmp_path / "run", "calibration=adoption", f"table={tmp_path / 'curve.csv'}", *TINY, *fit) == 0
    assert is_found(tmp_path / "run", "joining.innovation", 1.0, 30.0)
    predicted = pd.read_csv(tmp_path / "run" / "predictions.csv").set_index("what")
    assert predicted["data"]["adopted by day 15"] == 0.45
    assert 0 < predicted["low"]["adopted by day 15"] < predicted["high"]["adopted by day 15"] < 1


def test_a_transaction_log_fits_how_often_people_come(tmp_path: Path) -> None:
    first = pd.Timestamp("2026-01-01")
    lines = [
        f"{who} {first + pd.Timedelta(days=day):%Y%m%d} 1 9.90" for who in range(9) for day in range(who % 5, 20, 5)
    ]
    more = ("choice.appeal=10", "consumers.n=150", "days=25")
    (tmp_path / "log.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert run(tmp_path / "run", "calibration=transactions", f"table={tmp_path / 'log.txt'}", NEEDS, *TINY, *more) == 0
    assert is_found(tmp_path / "run", "needs.rate", 0.05, 0.4)
    predicted = pd.read_csv(tmp_path / "run" / "predictions.csv").set_index("what")
    assert predicted["data"]["later orders"] == 2.0, "on days 10 to 19, every fifth day"


def test_a_log_shows_the_same_whether_it_is_a_file_or_a_market() -> None:
    orders = pd.DataFrame({"customer": [1, 1, 1, 2, 3, 1, 2], "day": [0, 0, 4, 1, 9, 12, 13], "amount": 1.0})
    shown = transactions.shown(orders, until=10, last=14)
    shares, repeats, recency = shown["fitted"][:6], *shown["fitted"][6:]
    assert shares == [0.5, 0.5, 0, 0, 0, 0], "of two who came by day 3: one came again, on day 4"
    assert (repeats, recency) == (0.5, 0.4)
    assert shown["held_out"] == [1.0, 1.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["calibration=cdnow"], "data=null: case=cdnow needs data=FOLDER"),
        (["calibration=cdnow", "data=."], "has no CDNOW_sample.txt"),
        (["calibration=cdnow", "data=nowhere"], "data=nowhere: there is no such folder"),
        (["case=nothing"], "case=nothing: there is no such case"),
        (["calibration=moments"], "table=None: a table belongs to case=moments, adoption, transactions"),
        (["calibration=moments", "table=nowhere.csv", NEEDS], "table=nowhere.csv: cannot be read (No such file"),
        (["calibration=moments", "table=nowhere.csv"], "name at least one setting and its range"),
        (["calibration=transactions", "table=nowhere.csv", NEEDS], "nowhere.csv: cannot be read (No such file"),
        (["calibration=pinduoduo", NEEDS], "fit: used only with case=moments, adoption, transactions"),
    ],
)
def test_bad_input_is_one_clear_error(tmp_path: Path, overrides: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)):
        run(tmp_path, *overrides)


@pytest.mark.parametrize(
    ("case", "text", "message"),
    [
        ("moments", "measure,value\norderz,3\n", "there is no measure orderz"),
        ("moments", "measure,value\norders,many\n", "value must be a number"),
        ("moments", "name,value\norders,3\n", "has no column measure"),
        ("moments", "measure,value,held_out\norders,3,perhaps\n", "held_out must be true or false"),
        ("moments", "measure,value,held_out\norders,3,true\n", "1 settings need as many numbers"),
        ("adoption", "day,adopted\n400,.5\n", "day=400; allowed are whole days of the campaign, 0 to 149"),
        ("adoption", "day,adopted\n4,50\n", "adopted must be a share"),
        ("transactions", "1 20260101 1 9.9\n1 20270101 1 9.9\n", "days=180: the log covers 366 days"),
        ("transactions", "1 2026-01-01 1 9.9\n", "line 1: date must be yyyymmdd"),
    ],
)
def test_a_bad_table_is_told(case: str, text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        run(tmp_path, f"calibration={case}", f"table={tmp_path / 'mine.csv'}", NEEDS)
