"""A run is kept whole or not at all; what is damaged is noticed, named and computed again."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.study.engines import LocalEngine
from experiments.study.replicate import FRAMES, replicate
from experiments.study.store import Damaged, RunStore, check, pack
from experiments.study.study import Cell, Study
from simulator import Scenario, SettingsError
from simulator.files import model_version, whole

TINY = Scenario().replace(**{"consumers.n": 60, "days": 8, "burn_in_days": 2, "post_days": 2})
HERE = LocalEngine(1)


def study(folder: Path, n_seeds: int = 2, **changes: object) -> Study:
    cells = [Cell({"arm": "a"}, TINY.replace(**changes)), Cell({"arm": "b"}, TINY.replace(**{"needs.retry": 0.1}))]
    return Study(cells, range(n_seeds), RunStore(folder))


def ages(folder: Path) -> dict[str, int]:
    return {path.name + path.parent.name: path.stat().st_mtime_ns for path in folder.glob("runs/*/*.zip")}


def test_only_what_is_new_is_computed(tmp_path: Path) -> None:
    assert study(tmp_path).compute(HERE) == []
    before = ages(tmp_path)
    assert len(before) == 4
    assert study(tmp_path).missing() == ([], [])
    study(tmp_path, n_seeds=3).compute(HERE)
    after = ages(tmp_path)
    assert len(after) == 6
    assert before.items() <= after.items()
    assert len(study(tmp_path, 3, **{"needs.retry": 0.2}).missing()[0]) == 3


def test_another_model_is_another_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study(tmp_path).compute(HERE)
    monkeypatch.setattr("experiments.study.study.model_version", lambda: "another")
    assert len(study(tmp_path).missing()[0]) == 4


def test_a_worker_with_another_model_refuses() -> None:
    with pytest.raises(RuntimeError, match="install the same on both"):
        replicate(TINY, 0, False, "another")


@pytest.mark.parametrize("damage", ["truncated", "empty", "flipped", "not a zip"])
def test_a_damaged_run_is_named_and_computed_again(damage: str, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    study(tmp_path).compute(HERE)
    whole_tables = {frame: study(tmp_path).gather(frame) for frame in FRAMES}
    path = sorted(tmp_path.glob("runs/*/*.zip"))[2]
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 0x10
    kept = {"truncated": data[: len(data) // 2], "empty": b"", "flipped": data, "not a zip": b"x" * 300}[damage]
    path.write_bytes(kept)
    missing, damaged = study(tmp_path).missing()
    assert len(missing) == 1
    assert str(path) in damaged[0]
    study(tmp_path).compute(HERE)
    assert str(path) in capsys.readouterr().err
    for frame, table in whole_tables.items():
        pd.testing.assert_frame_equal(study(tmp_path).gather(frame), table)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    path = tmp_path_factory.mktemp("store") / "run.zip"
    return path, replicate(TINY, 0, False, model_version())


@given(place=st.integers(0, 10**6), bit=st.integers(0, 7), is_late=st.booleans())
def test_no_flipped_bit_goes_unnoticed(run: tuple[Path, bytes], place: int, bit: int, is_late: bool) -> None:
    path, whole_run = run
    damaged = bytearray(whole_run)
    # Half of the flips hit the directory at the end, which a zip's own checksums leave out.
    damaged[-1 - place % 1500 if is_late else place % len(damaged)] ^= 1 << bit
    path.write_bytes(damaged)
    with pytest.raises(Damaged, match=str(path)):
        check(path)


@given(st.integers(0, 10**6))
def test_no_cut_goes_unnoticed(run: tuple[Path, bytes], place: int) -> None:
    path, whole_run = run
    path.write_bytes(whole_run[: place % len(whole_run)])
    with pytest.raises(Damaged, match=str(path)):
        check(path)


def test_a_run_that_cannot_be_read_is_not_taken_for_damaged(run: tuple[Path, bytes]) -> None:
    path, whole_run = run
    with pytest.raises(IsADirectoryError):
        check(path.parent)
    path.write_bytes(whole_run)
    assert "final.arrow" in check(path)


def test_events_are_computed_only_if_they_are_not_there(tmp_path: Path) -> None:
    with_events = Study(study(tmp_path).cells, range(2), RunStore(tmp_path), keep_events=True)
    study(tmp_path).compute(HERE)
    assert len(with_events.missing()[0]) == 4
    with_events.compute(HERE)
    assert with_events.missing()[0] == []
    assert study(tmp_path).missing()[0] == []


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old")

    def write_half() -> None:
        with whole(target) as unfinished:
            unfinished.write_text("half")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        write_half()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_killed_processes_left_is_swept_up_and_nothing_else(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    store.put("key", 0, pack({}, {}))
    old, new = (tmp_path / "runs" / "key" / f".unfinished-{name}" for name in ("old", "new"))
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    store.open()
    assert not old.exists()
    assert new.exists()
    assert store.path("key", 0).exists()


def test_a_run_packs_to_the_same_bytes() -> None:
    first, second = (replicate(TINY, 3, True, model_version()) for _ in range(2))
    assert abs(len(first) - len(second)) <= 8  # they differ in the seconds they took, nothing else
    assert pack({"a": 1}, {}) == pack({"a": 1}, {})


def test_a_folder_that_cannot_be_written_is_named() -> None:
    with pytest.raises(SettingsError, match="out=/dev/null/x: cannot be written"):
        RunStore(Path("/dev/null/x")).open()
