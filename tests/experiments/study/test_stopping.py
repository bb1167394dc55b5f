"""Seeds are added until a named lift is known well enough, judged by its width, twice in a row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from experiments import compare
from experiments.study.engines import LocalEngine
from experiments.study.stopping import BATCH, UntilSettings, compute_until
from experiments.study.store import RunStore
from experiments.study.study import Cell, Study
from simulator import Scenario
from simulator.draws import ALWAYS, Draws, decision

LUCK = decision("test.stopping.luck")


class Worlds(Study):
    """A study whose two arms are known numbers; nothing is computed."""

    def compute(self, engine: object) -> list[object]:  # type: ignore[override]
        return []

    def gather(self, frame: str) -> pd.DataFrame:
        rows = []
        for seed in self.seeds:
            base, noise = Draws(seed).normal(LUCK, ALWAYS, [0, 1])
            for arm, value in (("baseline", 10 + base), ("other", 11 + base + 0.4 * noise)):
                rows.append({"arm": arm, "seed": seed, "measure": "orders", "value": value})
        return pd.DataFrame(rows)


def worlds(folder: Path, n_seeds: int) -> Worlds:
    scenario = Scenario()
    return Worlds(
        [Cell({"arm": "baseline"}, scenario), Cell({"arm": "other"}, scenario)], range(n_seeds), RunStore(folder)
    )


def until(width: float, max_seeds: int = 400) -> UntilSettings:
    return UntilSettings(arm="other", measure="orders", width=width, max_seeds=max_seeds)


@pytest.mark.parametrize("width", [0.03, 0.015, 0.01])
def test_it_stops_at_the_second_look_in_a_row_that_is_narrow_enough(width: float, tmp_path: Path) -> None:
    study, _, stop = compute_until(worlds(tmp_path, 16), until(width), "baseline", LocalEngine(1))

    def width_at(n_seeds: int) -> float:
        _, _, look = compute_until(worlds(tmp_path, n_seeds), until(1e-9, max(n_seeds, 16)), "baseline", LocalEngine(1))
        return look.width

    looks = range(16, stop.n_seeds + 1, BATCH)
    is_met = [width_at(n) < width for n in looks]
    assert stop.is_met
    assert stop.n_seeds == len(study.seeds)
    assert is_met[-2:] == [True, True]
    assert [True, True] not in [is_met[i : i + 2] for i in range(len(is_met) - 2)]
    assert stop.width == width_at(stop.n_seeds)


def test_the_cap_is_reported(tmp_path: Path) -> None:
    study, _, stop = compute_until(worlds(tmp_path, 16), until(1e-6, 27), "baseline", LocalEngine(1))
    assert len(study.seeds) == 27
    assert not stop.is_met
    assert str(stop).startswith("stopped at the cap of 27 seeds: the 95 % interval of the lift of other in orders is ")


def test_compare_says_why_it_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny = ["consumers.n=60", "days=10", "burn_in_days=2", "post_days=2", "waves_per_day=2", "workers=1"]
    arms = "experiment.arms=[baseline,coupons_blanket]"
    wish = ["until.arm=coupons_blanket", "until.measure=gmv", "until.width=1", "until.max_seeds=24"]
    assert compare.main([*tiny, arms, *wish, "seeds=2", f"out={tmp_path}"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "stopped at 20 seeds: the 95 % interval of the lift of coupons blanket in GMV is" in said
    assert "stopped at 20 seeds" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert seeds_of(tmp_path) == list(range(20))


def seeds_of(folder: Path) -> Sequence[int]:
    return sorted(pd.read_parquet(folder / "final.parquet")["seed"].unique())
