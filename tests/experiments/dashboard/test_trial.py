"""Comparisons of the dashboard: the numbers of the command line, in processes that end when nobody waits."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pandas as pd
import pytest

from experiments import compare
from experiments.dashboard import answers, charts
from experiments.dashboard.plan import NAME, Plan
from experiments.dashboard.texts import Speaker
from experiments.dashboard.trial import AT_A_TIME, Answer, Desk, TrialFailed
from experiments.study.progress import Status
from simulator import SettingsError

SMALL = {"consumers.n": 300, "days": 95, "needs.rate": 0.1}
PLAN = Plan(("group_buying", "popular_pages"), SMALL, 2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("session")


@pytest.fixture(scope="module")
def told() -> list[tuple[str, Status | None]]:
    return []


@pytest.fixture(scope="module")
def answer(folder: Path, told: list[tuple[str, Status | None]]) -> Answer:
    return asyncio.run(Desk().compute(PLAN, folder, lambda phase, status: told.append((phase, status))))


def test_the_numbers_are_those_of_the_command_line(answer: Answer, tmp_path: Path) -> None:
    compare.main([*PLAN.overrides, "workers=1", f"out={tmp_path}"])
    for name in ("final", "daily", "retention"):
        here, there = (pd.read_parquet(path / f"{name}.parquet") for path in (answer.report.parent, tmp_path))
        pd.testing.assert_frame_equal(here, there, check_exact=True)
    assert (answer.report.parent / "summary.csv").read_bytes() == (tmp_path / "summary.csv").read_bytes()
    lift = pd.read_csv(tmp_path / "summary.csv").set_index(["arm", "measure"])["lift"]
    for measure in answer.results.primaries:
        assert answer.results.row("group_buying", measure)["lift"] == lift["group_buying", measure.name]


def test_progress_was_told(answer: Answer, told: list[tuple[str, Status | None]]) -> None:
    phases = list(dict.fromkeys(phase for phase, _ in told))
    assert phases[:2] == ["waiting", "starting"]
    assert {status.total for _, status in told if status} == {6}
    assert "</html>" in answer.report.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_not_distinguishable_is_said_in_words(answer: Answer, language: str) -> None:
    say = Speaker("en" if language == "en" else "zh")
    text, table = " ".join(answers.sentences(answer.results, say)), answers.table(answer.results, say)
    for measure in answer.results.primaries:
        assert answers.measure_name(measure, say) in text
        for arm in answer.results.others:
            verdict = answer.results.row(arm, measure)["verdict"]
            assert answers.written(verdict, say) in table
    unclear = {answer.results.row(a, m)["verdict"] for a in answer.results.others for m in answer.results.primaries}
    assert any(verdict.startswith("not distinguishable") for verdict in unclear), "two seeds cannot tell everything"
    assert ("distinguishable from zero" if language == "en" else "不能与零区分") in text


def test_an_open_point_is_not_distinguishable_and_zero_is_on_every_axis(answer: Answer) -> None:
    results, say = answer.results, Speaker("en")
    for measure, plot in zip(results.primaries, charts.lifts(results, say), strict=True):
        assert plot.x_range.start < 0.0 < plot.x_range.end
        points = [glyph for glyph in plot.renderers if hasattr(glyph.glyph, "marker")]
        for arm, point in zip(results.others, points, strict=True):
            is_clear = results.row(arm, measure)["p_holm"] <= 1.0 - results.confidence
            assert (point.glyph.fill_color == "white") != is_clear
    money = charts.money(results, say)
    assert money.x_range.start < 0.0 < money.x_range.end
    assert len(charts.adoption(results, say)) == 2


def test_a_wrong_plan_is_refused_before_anything_runs(tmp_path: Path) -> None:
    told: list[str] = []
    wrong = Plan(("group_buying",), {"mechanics.group_buying.size": 1000}, 2)
    with pytest.raises(SettingsError, match="out of range"):
        asyncio.run(Desk().compute(wrong, tmp_path, lambda phase, _: told.append(phase)))
    assert told == []


def test_cancelling_ends_the_process_and_frees_its_place(tmp_path: Path) -> None:
    long = Plan(("group_buying",), {"consumers.n": 10_000}, 32)

    async def start_and_cancel(desk: Desk) -> None:
        started = asyncio.Event()
        task = asyncio.create_task(
            desk.compute(long, tmp_path, lambda phase, _: started.set() if phase == "starting" else None)
        )
        await asyncio.wait_for(started.wait(), 600)
        await asyncio.sleep(0.5)
        (process,) = desk.running
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert process.poll() is not None
        assert not desk.running

    async def cancel_often() -> None:
        desk = Desk()
        for _ in range(AT_A_TIME + 1):
            await start_and_cancel(desk)

    asyncio.run(cancel_often())


def test_more_than_a_few_wait_for_their_turn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    under_way: list[int] = []

    async def crowd() -> None:
        desk = Desk()
        n_now = 0

        async def run(*_: object) -> None:
            nonlocal n_now
            n_now += 1
            under_way.append(n_now)
            await asyncio.sleep(0.05)
            n_now -= 1
            raise TrialFailed("enough")

        monkeypatch.setattr(desk, "_run", run)
        monkeypatch.setattr(Plan, "check", lambda _: None)
        visitors = [desk.compute(PLAN, tmp_path, lambda *_: None) for _ in range(4)]
        ended = await asyncio.gather(*visitors, return_exceptions=True)
        assert all(isinstance(error, TrialFailed) for error in ended)

    asyncio.run(crowd())
    assert max(under_way) == AT_A_TIME


def test_a_run_that_fails_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "results" / NAME).mkdir(parents=True)
    (tmp_path / "results" / NAME / "runs").write_text("in the way")
    with pytest.raises(TrialFailed) as failure:
        asyncio.run(Desk().compute(PLAN, tmp_path, lambda *_: None))
    assert re.fullmatch(rf"compare: .*{NAME}.*", str(failure.value))
    assert "\n" not in str(failure.value)
