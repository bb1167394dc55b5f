"""The search: it finds what is best and allowed, a kill changes nothing, and fresh seeds are fresh."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments import optimise
from experiments.study import study as study_module
from experiments.study.grid import Point
from experiments.study.optimum import FRESH
from experiments.study.search import SearchSettings, Seen, Trial, best_of, is_on_front, search
from experiments.study.space import Space
from simulator import SettingsError

TINY = ["consumers.n=150", "days=24", "burn_in_days=4", "post_days=8", "waves_per_day=2", "workers=1"]
GROUPS = [
    "strategy=group_buying",
    "mechanics.group_buying.discount=interval(.05,.4)",
    "mechanics.group_buying.size=4,2,3",
]
SHORT = [*TINY, *GROUPS, "search.trials=6", "search.batch=3", "seeds=2", "fresh_seeds=3", "best=2"]
PLANE = Space("optimise", ("x=interval(0.0,1.0)", "y=interval(0.0,1.0)"))


def outputs(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.[cp][sn][vg]")}


# The search by itself


def test_the_search_comes_close_to_the_optimum_within_the_budget() -> None:
    """x + y is best at (1, 1); with x ≤ .5 allowed only, at (.5, 1)."""

    def look(points: list[Point]) -> list[Seen]:
        return [Seen((point["x"] + point["y"],), excess=point["x"] - 0.5) for point in points]

    trials = search(PLANE, SearchSettings(trials=80, batch=8), [True], look)
    (best,) = best_of(trials, [True], 1)
    assert 1.4 < best.seen.values[0] <= 1.5
    assert best.point["x"] <= 0.5


def test_the_direction_is_the_objectives_own() -> None:
    trials = search(PLANE, SearchSettings(trials=48), [False], lambda ps: [Seen((p["x"],)) for p in ps])
    (best,) = best_of(trials, [False], 1)
    assert best.point["x"] < 0.1


def test_more_trials_continue_the_same_search_and_undefined_points_do_not_stop_it() -> None:
    def look(points: list[Point]) -> list[Seen]:
        return [Seen((math.nan,), note="?") if p["y"] < 0.3 else Seen((p["x"],)) for p in points]

    short, long = (search(PLANE, SearchSettings(trials=n, batch=4), [True], look) for n in (16, 32))
    assert [t.point for t in long[:16]] == [t.point for t in short]
    assert any(t.seen.note for t in long)
    assert all(t.point["y"] >= 0.3 for t in best_of(long, [True], 32))


def test_a_front_is_what_nothing_betters_and_the_ends_stand_for_it() -> None:
    values = np.array([[0.0, 3.0], [1.0, 2.0], [1.0, 1.0], [2.0, 1.2], [2.9, 0.2], [3.0, 0.0], [0.0, 3.0]])
    assert is_on_front(values).tolist() == [True, True, False, True, True, True, True]
    trials = [Trial(i, {"x": i}, Seen(tuple(row))) for i, row in enumerate(values.tolist())]
    assert [t.number for t in best_of(trials, [True, True], 3)] == [5, 0, 3]
    assert {t.number for t in best_of(trials, [True, False], 1)} == {5}


# The command


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("optimised")
    assert optimise.main([*SHORT, f"out={folder}"]) == 0
    return folder


def test_killed_and_run_again_it_ends_in_the_same_result(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = study_module.replicate, iter(range(11))

    def until_killed(*arguments: Any) -> bytes:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(study_module, "replicate", until_killed)
    with pytest.raises(KeyboardInterrupt):
        optimise.main([*SHORT, f"out={tmp_path}"])
    assert not (tmp_path / "best.csv").exists()
    monkeypatch.setattr(study_module, "replicate", real)
    assert optimise.main([*SHORT, f"out={tmp_path}"]) == 0
    assert len(outputs(finished)) == 4
    assert outputs(tmp_path) == outputs(finished)


def test_run_again_it_computes_nothing(finished: Path) -> None:
    runs = {path: path.stat().st_mtime_ns for path in finished.glob("runs/*/*.zip")}
    before = outputs(finished)
    assert optimise.main([*SHORT, f"out={finished}"]) == 0
    assert {path: path.stat().st_mtime_ns for path in finished.glob("runs/*/*.zip")} == runs
    assert outputs(finished) == before


def test_what_is_reported_comes_from_seeds_the_search_never_saw(finished: Path) -> None:
    best, trials = pd.read_csv(finished / "best.csv"), pd.read_csv(finished / "trials.csv")
    assert best["trial"].tolist() == trials["contribution_total"].nlargest(2).index.tolist()
    assert best["search"].tolist() == trials["contribution_total"].nlargest(2).tolist()
    assert ((best["low"] <= best["fresh"]) & (best["fresh"] <= best["high"])).all()
    seeds = {int(path.stem.removeprefix("seed-")) for path in finished.glob("runs/*/*.zip")}
    assert seeds == {0, 1, FRESH, FRESH + 1, FRESH + 2}


def test_a_front_is_measured_anew_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    measures = ["contribution_total", "p_two_orders", "prospects_reached", "trust_shift"]
    assert optimise.main([*SHORT, f"objective.measures=[{','.join(measures)}]", f"out={tmp_path}"]) == 0
    best = pd.read_csv(tmp_path / "best.csv")
    assert best["measure"].tolist() == measures * 2
    assert (tmp_path / "front.png").stat().st_size > 10_000
    assert "trust gained" in capsys.readouterr().out


def test_a_budget_that_nothing_keeps_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [*SHORT, "budget.measure=orders", "budget.at_most=1", f"out={tmp_path}"]
    assert optimise.main(arguments) == 1
    assert "none keeps orders at most 1" in capsys.readouterr().err
    assert not pd.read_csv(tmp_path / "trials.csv")["is_within_budget"].any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["strategy=group_buying"], "nothing varies"),
        ([*GROUPS, "objective.measures=[subsidy]"], "neither more nor less"),
        ([*GROUPS, "objective.measures=[profit]"], "there is no such measure"),
        ([*GROUPS, "search.trials=10"], "multiple of batch=8, such as 16"),
        ([*GROUPS, "objective.baseline=basline"], "did you mean 'baseline'"),
        (["strategy=coupons_blanket", "mechanics.coupons.face_fen=interval(100,900)"], "not a whole number"),
        (["strategy=coupons_blanket", "mechanics.coupons.face_fen=int(interval(100,9000))"], "must be below min_spend"),
        ([*GROUPS[:2], "mechanics.group_buying.size=1,2"], "mechanics.group_buying.size=1"),
    ],
)
def test_mistakes_are_told_before_anything_runs(arguments: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=message):
        optimise.main([*arguments, f"out={tmp_path / 'new'}"])
    assert not (tmp_path / "new").exists()


def test_a_forecast_runs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert optimise.main([*SHORT, "dry_run=true", f"out={tmp_path / 'new'}"]) == 0
    # 3 points and their baseline in 2 worlds, twice; then 2 points and their baselines in 3 fresh ones
    assert "28 runs, 0 of them found" in capsys.readouterr().out
    assert not (tmp_path / "new").exists()


def test_a_winner_that_exceeds_the_budget_on_fresh_seeds_is_not_recommended(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The limit lies between what the best trial sells in the search and, more, on fresh seeds."""
    orders = ["budget.measure=orders", "best=6", f"out={tmp_path}"]
    assert optimise.main([*SHORT[:-1], *orders, "budget.at_most=1e6"]) == 0
    best = pd.read_csv(tmp_path / "best.csv").query("measure == 'orders'")
    over = best[best["fresh"] > best["search"]].iloc[0]
    capsys.readouterr()
    limit = (over["fresh"] + over["search"]) / 2
    assert optimise.main([*SHORT[:-1], *orders, f"budget.at_most={limit}"]) == 0
    told = capsys.readouterr().out
    assert f"Trial {over['trial']} exceeds the budget" in told
    assert f"(trial {over['trial']})." not in told
