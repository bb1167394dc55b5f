"""A sweep leaves one tidy table; collect joins several; status tells how far one is."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import collect, run, status, sweep
from experiments.study.progress import LOG, STATUS, Status
from simulator import Market, Scenario, SettingsError, final_measures
from simulator.records.measures import MEASURES

MARKET = ["consumers.n=60", "days=10", "burn_in_days=2", "post_days=2", "waves_per_day=2", "workers=1"]
GRID = ["strategy=baseline,group_buying", "mechanics.group_buying.size=2,3"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("swept")
    assert sweep.main([*MARKET, *GRID, "seeds=2", f"out={folder}"]) == 0
    return folder


def test_the_table_has_a_row_per_run_with_what_was_varied_and_every_measure(finished: Path) -> None:
    table = pd.read_parquet(finished / "runs.parquet")
    varied = ["strategy", "mechanics.group_buying.size", "seed"]
    assert list(table.columns) == [*varied, *(measure.name for measure in MEASURES)]
    assert len(table) == len(table[varied].drop_duplicates()) == 2 * 2 * 2
    assert (finished / "sweep.png").stat().st_size > 10_000


def test_a_row_is_what_the_market_gives(finished: Path) -> None:
    table = pd.read_parquet(finished / "runs.parquet")
    row = table.query("strategy == 'group_buying' and `mechanics.group_buying.size` == 3 and seed == 1").iloc[0]
    settings = {"consumers.n": 60, "days": 10, "burn_in_days": 2, "post_days": 2, "waves_per_day": 2}
    own = {"mechanics.group_buying.enabled": True, "mechanics.group_buying.size": 3}
    expected = final_measures(Market(Scenario().replace(**settings, **own), rng=1).run().log)
    for name, value in expected.items():
        np.testing.assert_equal(row[name], value, err_msg=name)


def test_collect_gives_one_table_of_settings_that_vary(finished: Path, tmp_path: Path) -> None:
    out = tmp_path / "all.parquet"
    assert collect.main([str(finished), "--out", str(out)]) == 0
    table = pd.read_parquet(out)
    assert len(table) == 3 * 2  # the baseline is one market, whatever the size of groups that it does not have
    assert "mechanics.group_buying.size" in table.columns
    assert "consumers.n" not in table.columns
    assert collect.main([str(finished), "--all-settings", "--out", str(out)]) == 0
    assert set(pd.read_parquet(out)["consumers.n"]) == {60}


def test_collect_names_what_is_damaged(finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["cp", "-r", str(finished), str(tmp_path / "copy")], check=True)
    path = next((tmp_path / "copy").glob("runs/*/*.zip"))
    path.write_bytes(path.read_bytes()[:100])
    assert collect.main([str(tmp_path / "copy")]) == 1
    assert str(path) in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["nowhere"], [".", "--out", "x.xlsx"]])
def test_collect_refuses_with_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        collect.main(arguments)
    assert raised.value.code == 2
    said = capsys.readouterr().err
    assert arguments[-1] in said
    assert said.count("\n") == 1


def test_run_with_m_is_a_sweep(finished: Path, tmp_path: Path) -> None:
    assert run.main(["-m", *MARKET, *GRID, "seeds=2", f"out={tmp_path}"]) == 0
    assert (tmp_path / "runs.csv").read_bytes() == (finished / "runs.csv").read_bytes()


def test_status_tells_the_end(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status.main([str(finished)]) == 0
    assert capsys.readouterr().out.startswith("finished: 6 of 6 runs done (0 found, 6 computed), 0 failed")
    assert "finished: 6 computed, 0 found, 0 failed of 6" in (finished / LOG).read_text(encoding="utf-8")


def write(folder: Path, **facts: object) -> None:
    status_now = dataclasses.replace(Status(total=10, found=2, computed=4), **facts)  # type: ignore[arg-type]
    (folder / STATUS).write_text(json.dumps(dataclasses.asdict(status_now)))


def test_status_of_a_running_study_says_what_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, started=1000.0, updated=1060.0)
    assert status.main([str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("running: 6 of 10 runs done (2 found, 4 computed), 0 failed")
    assert "4 runs a minute, about 0:01:00 left" in said


def test_status_knows_a_killed_study(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    write(tmp_path, pid=gone.pid)
    assert status.main([str(tmp_path)]) == 1
    assert capsys.readouterr().out.startswith("killed: 6 of 10")
    write(tmp_path, pid=os.getpid(), host=socket.gethostname() + "-not", updated=0.0)
    assert status.main([str(tmp_path)]) == 1


def test_status_lists_failures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, state="failed", failed=["arm=a with seed 3: MemoryError: "])
    assert status.main([str(tmp_path)]) == 1
    assert "failed: arm=a with seed 3: MemoryError" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["seeds=1,2"], "seeds: only settings of the market can be swept, and capability, mechanics, "),
        (["consumers.n=1,2"], "out of range"),
        (["design.kind=grid"], "lhs or sobol"),
    ],
)
def test_a_mistake_is_found_before_the_first_run(arguments: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=message):
        sweep.main([*MARKET[1:], *arguments, f"out={tmp_path / 'new'}"])
    assert not (tmp_path / "new").exists()
