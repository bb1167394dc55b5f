"""The main job: the same bytes however it is run, all it promises in the run folder, mistakes without a trace."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from experiments import compare, run
from experiments.command import StudySettings
from experiments.command import command as run_command
from experiments.study import incremental
from experiments.study.composing import compose_tree, configs_folder, groups
from experiments.study.grid import take_apart
from experiments.study.replicate import FRAMES
from simulator.records.events.tables import TABLES
from simulator.records.measures import MEASURES

TINY = ["consumers.n=150", "days=24", "burn_in_days=4", "post_days=8", "waves_per_day=2", "seeds=2"]
TWO_ARMS = "experiment.arms=[baseline,group_buying_and_coupons]"


def tables(folder: Path) -> dict[str, str]:
    files = [*folder.glob("*.csv"), *folder.glob("*.parquet")]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compared")
    assert compare.main([*TINY, "workers=1", TWO_ARMS, "keep_events=true", f"out={folder}"]) == 0
    return folder


def test_the_run_folder_holds_what_is_promised(finished: Path) -> None:
    summary = pd.read_csv(finished / "summary.csv")
    assert len(summary) == 2 * (len(MEASURES) + len(incremental.MEASURES))
    assert {"mean", "lift", "low", "high", "p", "n", "correlation", "verdict"} <= set(summary.columns)
    final = pd.read_parquet(finished / "final.parquet")
    assert len(final) == 2 * 2 * (len(MEASURES) + len(incremental.MEASURES) - len(incremental.RATIOS))
    assert len(pd.read_parquet(finished / "daily.parquet")) == 2 * 2 * 24
    assert len(list((finished / "figures").glob("*.png"))) >= 5
    assert "<html" in (finished / "report.html").read_text(encoding="utf-8")
    manifest = json.loads((finished / "manifest.json").read_text(encoding="utf-8"))
    assert [cell["arm"] for cell in manifest["cells"]] == ["baseline", "group_buying_and_coupons"]
    assert 0.0 < manifest["run_seconds"] < manifest["seconds"], "in one process"
    recorded = {name: digest for name, digest in manifest["outputs"].items() if "/" not in name}
    assert recorded == tables(finished)
    assert {path.stem for path in (finished / "events").glob("*.parquet")} == set(TABLES)
    orders = pd.read_parquet(finished / "events" / "orders.parquet")
    assert len(orders[["arm", "seed"]].drop_duplicates()) == 2 * 2


def test_two_workers_give_the_same_bytes_as_one(finished: Path, tmp_path: Path) -> None:
    assert compare.main([*TINY, "workers=2", TWO_ARMS, f"out={tmp_path}"]) == 0
    assert tables(tmp_path) == tables(finished)


def test_running_again_finds_what_is_there_and_adds_what_is_new(finished: Path, tmp_path: Path) -> None:
    more = [argument for argument in TINY if not argument.startswith("seeds")]
    assert compare.main([*more, "seeds=1", "workers=1", TWO_ARMS, f"out={tmp_path}"]) == 0
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/*.zip")}
    assert len(kept) == 2
    assert compare.main([*TINY, "workers=1", TWO_ARMS, f"out={tmp_path}"]) == 0
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert tables(tmp_path) == tables(finished)


def test_arms_are_paired_by_seed(finished: Path) -> None:
    daily = pd.read_parquet(finished / "daily.parquet").query("day < 4").drop(columns="arm")
    burn_in = daily.groupby(["seed", "day"]).nunique()
    assert (burn_in == 1).all().all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["consumers.n=-5"], "consumers.n=-5"),
        (["out=/dev/null/x"], "out=/dev/null/x: cannot be written"),
        (["out=README.md"], "out=README.md: is a file; name a folder"),
        (["consumers.nn=5"], "did you mean 'consumers.n'?"),
        (["experiment.arms=[baseline]"], "experiment.arms"),
        (["experiment.arms=[baseline,referral,referral]"], "'referral' stands there twice"),
        (["experiment.baseline=referal"], "is none of the arms"),
        (["seeds=0"], "seeds=0: out of range"),
        (["no.such.key=1"], "there is no setting"),
        (["consumers.n=100,-5"], "consumers.n=-5: out of range"),
        (["engine=dask"], "engine=dask needs engine.address"),
        (["engine=cluster"], "there is no such engine; known are dask, local"),
        (["until.arm=baseline"], "the baseline has no lift"),
        (["until.arm=group_buying", "until.measure=sales"], "there is no such measure"),
        (["until.arm=group_buying", "seeds=200"], "until.max_seeds=128: is below seeds=200"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2_and_leaves_nothing(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "new"
    out = [] if any(argument.startswith("out=") for argument in arguments) else [f"out={folder}"]
    monkeypatch.setattr(sys, "argv", ["compare", *TINY[:4], *arguments, *out])
    assert run_command(compare.main, "compare", compare.__doc__, StudySettings) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert not folder.exists()


def test_a_mistake_is_told_by_the_process_too(tmp_path: Path) -> None:
    done = command("experiments.compare", "consumers.n=-5", f"out={tmp_path / 'new'}")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "consumers.n=-5" in done.stderr


def test_a_dry_run_tells_what_a_study_takes_and_runs_nothing(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    assert compare.main([*TINY, "workers=1", TWO_ARMS, "dry_run=true", f"out={tmp_path / 'new'}"]) == 0
    assert capsys.readouterr().out.startswith("4 runs, 0 of them found. To compute: 4 runs of about ")
    assert not (tmp_path / "new").exists()


def test_help_explains_every_setting() -> None:
    done = command("experiments.compare", "--help")
    assert done.returncode == 0
    for key in ("mechanics.group_buying.size=3", "consumers.n=20000", "seeds=16", "social: communities"):
        assert key in done.stdout


def test_a_failed_run_is_named_and_the_others_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:  # type: ignore[no-untyped-def]
    from experiments.study import replicate

    real = replicate.Market

    def sometimes(*arguments, rng: int, **keywords):  # type: ignore[no-untyped-def]
        if rng == 1:
            raise MemoryError("no room")
        return real(*arguments, rng=rng, **keywords)

    monkeypatch.setattr(replicate, "Market", sometimes)
    assert compare.main([*TINY, "workers=1", TWO_ARMS, f"out={tmp_path}"]) == 1
    error = capsys.readouterr().err
    assert "arm=baseline with seed 1" in error
    assert "MemoryError: no room" in error
    assert len(list(tmp_path.glob("runs/*/seed-000000.zip"))) == 2
    assert not (tmp_path / "summary.csv").exists()
    log = (tmp_path / "study.log").read_text(encoding="utf-8")
    assert "failed: arm=baseline with seed 1: MemoryError: no room; settings" in log
    assert "'n': 150" in log


@pytest.mark.parametrize("name", groups()["experiment"])
def test_every_experiment_runs_tiny(name: str, tmp_path: Path) -> None:
    """With the ends of every axis of its grid, and two values at most."""
    grid = compose_tree("compare", [f"experiment={name}"])["experiment"].get("grid", {})
    axes = take_apart([f"{key}={values}" for key, values in grid.items()]).axes
    ends = [f"{key}={values[0]},{values[-1]}" for key, values in axes.items()]
    assert compare.main([f"experiment={name}", *TINY, *ends, "seeds=1", "workers=1", f"out={tmp_path}"]) == 0


@pytest.mark.parametrize(
    "choice", [f"{group}={name}" for group in ("needs", "merchants", "social", "policies") for name in groups()[group]]
)
def test_every_config_runs_tiny(choice: str, tmp_path: Path) -> None:
    links = tmp_path / "links.csv"
    links.write_text("source,target\n" + "\n".join(f"{i},{(i + 1) % 60}" for i in range(60)))
    own = [f"social.path={links}"] if choice == "social=edge_list" else ["consumers.n=300"]
    done = run.main([choice, *own, *TINY[1:4], f"out={tmp_path / 'run'}"])
    assert done == 0
    assert {f"{frame}.parquet" for frame in FRAMES} < {path.name for path in (tmp_path / "run").iterdir()}
    assert {path.stem for path in (tmp_path / "run" / "events").iterdir()} == set(TABLES)


def test_the_settings_page_is_up_to_date() -> None:
    from experiments.handbook import page

    assert (configs_folder() / "README.md").read_text(encoding="utf-8") == page(), "run `make docs`"
