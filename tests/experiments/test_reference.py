"""Reference results: the declared list, what is kept of a study, and the small baseline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from experiments import reference
from experiments.command import StudySettings
from experiments.reference import BASELINE, PRINTED, REFERENCE, ROOT, SMALL_MARKETS, STUDIES, Study
from experiments.study.composing import groups
from simulator import Scenario
from simulator.settings import flat


@pytest.mark.parametrize("name", SMALL_MARKETS)
def test_the_model_does_what_the_baseline_says(name: str) -> None:
    """Measures that are newer than the baseline are not compared; integers exactly, floats to 1e-9."""
    then, now = json.loads(BASELINE.read_text(encoding="utf-8"))["markets"][name], reference.small(name)
    remedy = (
        "these numbers have changed; if they should have, say why: "
        'python -m experiments.reference --baseline "why", and make the reference results that rest on them anew'
    )
    changed = {what: (was, now["counts"].get(what)) for what, was in then["counts"].items()}
    assert {what: both for what, both in changed.items() if both[0] != both[1]} == {}, remedy
    for measure, was in then["measures"].items():
        value = now["measures"][measure]
        assert value == (was if was is None else pytest.approx(was, rel=1e-9, abs=1e-9)), f"{measure}: {remedy}"


def test_the_baseline_says_why_and_would_notice_a_change() -> None:
    content = json.loads(BASELINE.read_text(encoding="utf-8"))
    assert content["why"]
    assert all(content["why"])
    markets = content["markets"]
    assert list(markets) == list(SMALL_MARKETS)
    for name in SMALL_MARKETS:
        assert name == "nothing" or markets[name]["counts"] != markets["nothing"]["counts"]
    for table in ("groups", "bargains", "coupons", "contents", "invitations", "leaks"):
        assert any(market["counts"][table] for market in markets.values()), f"nothing in {table}"


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_every_reference_result_is_there_and_its_command_is_one(study: Study) -> None:
    module, *arguments = study.command.split()
    assert (ROOT / "experiments" / f"{module}.py").exists()
    known = {"data", *groups(), *flat(StudySettings().model_dump()), *flat(Scenario().model_dump())}
    for key, _, value in (argument.partition("=") for argument in arguments if "=" in argument):
        assert key in known, f"{key} is no setting of {module}"
        assert key not in groups() or set(value.split(",")) <= set(groups()[key])
    for pattern in study.keeps:
        assert study.data or list((REFERENCE / study.name).glob(pattern)), f"make it: make reference ONLY={study.name}"


def test_what_is_in_the_reference_folder_is_on_the_list() -> None:
    folders = {path.name for path in REFERENCE.iterdir() if path.is_dir()}
    assert folders <= {study.name for study in STUDIES}, "add it to STUDIES in experiments/reference.py"


def test_what_is_kept_takes_the_place_of_what_was_kept(tmp_path: Path) -> None:
    made, kept = tmp_path / "made", tmp_path / "kept"
    (made / "figures").mkdir(parents=True)
    (made / "figures" / "new.png").write_bytes(b"new")
    (made / "summary.csv").write_text('arm,measure,lift\na,orders,0.10\na,"k, own",\n', encoding="utf-8")
    (made / "manifest.json").write_text("{}", encoding="utf-8")
    (made / "runs.parquet").write_bytes(b"large")
    (kept / "figures").mkdir(parents=True)
    (kept / "figures" / "old.png").write_bytes(b"old")
    reference.keep(Study("x", "compare", measures=("k, own",)), made, kept)
    left = {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()}
    assert left == {"figures/new.png", "summary.csv", "manifest.json"}
    assert (kept / "summary.csv").read_text(encoding="utf-8") == 'arm,measure,lift\na,"k, own",\n'
    (made / "manifest.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"no manifest\.json"):
        reference.keep(Study("x", "compare"), made, kept)
    assert (kept / "manifest.json").exists(), "nothing is lost when a study is not whole"


def test_a_study_runs_in_a_process_of_its_own_and_a_missing_data_set_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reference, "MAKING", tmp_path / "making")
    monkeypatch.setattr(reference, "REFERENCE", tmp_path / "kept")
    monkeypatch.delenv("PINTUAN_DATA", raising=False)
    wanted = [Study("told", "reference --list", keeps=(PRINTED,)), Study("facebook", "compare", data=("links.txt",))]
    broken = Study("broken", "reference nonsense", keeps=(PRINTED,))
    monkeypatch.setattr(reference, "STUDIES", (*wanted, broken))
    assert reference.main(["told", "facebook"]) == 0
    assert (tmp_path / "kept" / "told" / PRINTED).read_text(encoding="utf-8").startswith("strategies: python -m")
    assert "facebook: left out; it needs links.txt" in capfd.readouterr().out
    assert reference.main(["broken"]) == 1
    assert "broken failed" in capfd.readouterr().err
    assert not (tmp_path / "kept" / "broken").exists()


@pytest.mark.parametrize(
    ("arguments", "message"), [(["tiping"], "did you mean 'tipping'?"), (["--baseline", " "], "say why")]
)
def test_a_mistake_is_told_before_anything_runs(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        reference.main(arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
