"""What an arm adds, consumer by consumer."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.study import cohort, incremental
from experiments.study.engines import LocalEngine
from experiments.study.incremental import compare_adoption, compare_consumers
from experiments.study.statistics import compare_arms
from experiments.study.store import RunStore
from experiments.study.study import Cell, Study
from simulator import Scenario

CONSUMERS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12)


def test_by_hand() -> None:
    """Consumers: buys anyway, at a discount; buys one more; comes new; buys less; never buys."""
    base = np.array([2, 1, 0, 3, 0])
    orders = np.array([2, 2, 1, 1, 0])
    discounted = np.array([1, 2, 0, 1, 0])
    found = compare_consumers(orders, discounted, base)
    assert found["orders_anyway_share"] == (2 + 1 + 0 + 1) / 6
    assert found["orders_lost_share"] == 2 / 6
    assert found["cannibalised_share"] == (1 + 1 + 0 + 1) / 4  # of the second's two discounted orders one is additional


def test_expansion_and_acceleration_by_hand() -> None:
    """Consumers: adopts ten days earlier; two days later; would not have; not any more; never."""
    found = compare_adoption(np.array([20, 32, 40, -1, -1]), np.array([30, 30, -1, 50, -1]))
    assert found == {"expansion_share": 1 / 3, "acceleration_days": 8 / 2}
    nobody = compare_adoption(np.array([-1]), np.array([-1]))
    assert all(math.isnan(value) for value in nobody.values())


@given(CONSUMERS)
def test_what_is_added_and_what_is_lost_balance(rows: list[tuple[int, int, int]]) -> None:
    orders, cheaper, base = np.array(rows).T
    discounted = np.minimum(orders, cheaper)
    found = compare_consumers(orders, discounted, base)
    anyway = found["orders_anyway_share"] * orders.sum() if orders.sum() else 0.0
    lost = found["orders_lost_share"] * base.sum() if base.sum() else 0.0
    assert anyway + lost == pytest.approx(base.sum())
    for share in found.values():
        assert math.isnan(share) or 0.0 <= share <= 1.0


def test_shares_are_those_of_the_runs_and_nothing_is_said_of_the_baseline(tmp_path: Path) -> None:
    tiny = Scenario().replace(**{"consumers.n": 200, "days": 30, "burn_in_days": 4, "post_days": 8, "needs.rate": 0.2})
    scenarios = {"none": tiny, "groups": tiny.replace(**{"mechanics.group_buying.enabled": True})}
    cells = [Cell({"x": x, "arm": arm}, scenario) for x in (1, 2) for arm, scenario in scenarios.items()]
    study = Study(cells, range(2), RunStore(tmp_path))
    assert study.compute(LocalEngine(1)) == []
    table = incremental.shares(study, "none")
    assert list(table.columns) == ["x", "arm", "seed", "measure", "value"]
    assert len(table) == 2 * 2 * 2 * (5 + len(cohort.MEASURES))
    of_pairs = ~table["measure"].isin([measure.name for measure in cohort.MEASURES])
    assert table.loc[(table["arm"] == "none") & of_pairs, "value"].isna().all()
    assert table.loc[(table["arm"] == "none") & ~of_pairs, "value"].notna().all()
    groups = table[table["arm"] == "groups"].pivot(index=["x", "seed"], columns="measure", values="value")
    assert groups.loc[1].equals(groups.loc[2])
    final = study.gather("final").query("x == 1").pivot(index="seed", columns=["arm", "measure"], values="value")
    for seed, row in groups.loc[1].iterrows():
        base, own = (final.loc[seed, (arm, "orders")] for arm in scenarios)
        kept = row["orders_anyway_share"] * own
        assert kept == pytest.approx(base * (1 - row["orders_lost_share"]))
        assert 0 < row["cannibalised_share"] < 1
        assert 0 <= row["expansion_share"] < 1


def final(**values: Any) -> pd.DataFrame:
    rows = [
        {"arm": arm, "seed": seed, "measure": measure, "value": value}
        for measure, arms in values.items()
        for arm, many in arms.items()
        for seed, value in enumerate(many)
    ]
    return pd.DataFrame(rows)


def test_a_ratio_is_that_of_the_sums_and_is_left_out_where_nothing_is_surely_added() -> None:
    subsidy = {"b": [0.0, 10.0, 5.0], "a": [100.0, 130.0, 95.0], "c": [50.0, 60.0, 55.0]}
    orders = {"b": [50.0, 60.0, 55.0], "a": [70.0, 82.0, 73.0], "c": [49.0, 63.0, 55.0]}
    table = compare_arms(final(subsidy=subsidy, orders=orders), "b", [], ratios={"each": ("subsidy", "orders")})
    each = table[table["measure"] == "each"].set_index("arm")
    assert each.loc["a", "level"] == pytest.approx((100 + 120 + 90) / (20 + 22 + 18))
    assert each.loc["a", "level_low"] < each.loc["a", "level"] < each.loc["a", "level_high"]
    assert each.loc[["b", "c"], "level"].isna().all()
