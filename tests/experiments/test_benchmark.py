"""The benchmark: what it times is the whole run, and what it reports is what it timed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from experiments import benchmark
from simulator import Market
from simulator.choice.choose import Chooser
from simulator.mechanics.content import Content


def test_the_parts_of_a_run_add_up_to_it() -> None:
    found = benchmark.measure_market(400, 24, "all_social")
    assert sum(found["parts"].values()) == pytest.approx(found["run_seconds"], rel=0.02)
    assert {"content", "group buying", "bargaining", "referral", "seeding", "word of mouth"} <= set(found["parts"])
    assert min(found["parts"].values()) >= 0


def test_timing_counts_visits_and_leaves_nothing_behind() -> None:
    before = Chooser.choose, Content.open_wave
    market = Market(benchmark.scenario(300, 12, "baseline"))
    with benchmark.timed_parts() as watch:
        market.run()
    assert (Chooser.choose, Content.open_wave) == before
    orders = market.log.frame("orders")
    assert watch.n_visits >= len(orders) > 0
    assert "content" not in watch.spent


def test_a_strategy_is_compared_with_the_baseline_at_every_size(tmp_path: Path) -> None:
    size = ["--sizes", "300", "--days", "24", "--repeats", "1"]
    assert benchmark.main(["--cost", "all_social", *size, "--out", str(tmp_path)]) == 0
    without, with_all = pd.read_csv(tmp_path / "cost.csv").to_dict("records")
    assert (without["what"], with_all["what"]) == ("baseline", "all_social")
    assert without["visits"] < with_all["visits"]
    ratio = with_all["cpu_seconds"] / without["cpu_seconds"]
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| all social"))
    assert float(row.split("|")[6]) == pytest.approx(ratio, abs=0.01)
    assert "| content |" in text
