"""New buyers who buy again: by hand, and as the log of a run tells it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.study.cohort import ENTRY, N_RATES, consumers_table, rates
from simulator import Market


def people(*rows: tuple[int, int, bool, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["orders", "at_home", "entered", "group"])


BASE = people((2, 0, True, 0), (1, 0, True, 0), (3, 0, True, 1), (5, 0, False, 1))


def test_by_hand() -> None:
    """Of group 0, where two thirds of the baseline's new buyers are, half repeat; of group 1, net, one in three."""
    own = people((2, 0, True, 0), (1, 0, True, 0), (2, 1, True, 1), (3, 1, True, 1), (2, 2, True, 1), (9, 0, False, 0))
    found = rates(own, BASE)
    assert found["new_buyers_repeat"] == 4 / 5
    assert found["new_buyers_repeat_net"] == 2 / 5
    assert found["new_buyers_repeat_alike"] == pytest.approx(2 / 3 * 1 / 2 + 1 / 3 * 1 / 3)


def test_the_baselines_own_mix_changes_nothing() -> None:
    found = rates(BASE, BASE)
    assert found["new_buyers_repeat_alike"] == pytest.approx(found["new_buyers_repeat_net"])


def test_who_is_only_in_the_arm_has_no_weight_and_who_is_missing_leaves_nothing_to_say() -> None:
    stranger = people((9, 0, True, 2), (9, 0, True, 2))
    assert rates(pd.concat([BASE, stranger]), BASE)["new_buyers_repeat_alike"] == pytest.approx(2 / 3)
    assert math.isnan(rates(BASE[BASE["group"] == 0], BASE)["new_buyers_repeat_alike"])
    assert all(math.isnan(value) for value in rates(BASE[:0], BASE[:0]).values())


def test_the_cohort_of_a_run_is_that_of_its_log(busy: Market) -> None:
    table, facts = consumers_table(busy), busy.log.facts
    sales = busy.log.frame("settlements").query("is_first")
    last = facts.burn_in_days + ENTRY * (facts.days - facts.burn_in_days)
    new = sales[(sales["day"] >= facts.burn_in_days) & (sales["day"] < last)]["consumer"]
    assert set(np.flatnonzero(table["entered"])) == set(new)
    assert np.array_equal(table["at_home"], busy.columns["home_stock"].sum(axis=1))
    n_by_fifth = np.bincount(table["group"] % N_RATES)
    assert n_by_fifth.max() - n_by_fifth.min() <= 1
    order = busy.columns["need_rate"][table["group"] % N_RATES == 0].max()
    assert order <= busy.columns["need_rate"][table["group"] % N_RATES == 1].min()
    prospects = table["group"] >= N_RATES
    assert prospects.sum() == facts.n_prospects
    assert set(np.flatnonzero(table["adoption_day"] >= 0)) <= set(np.flatnonzero(prospects))


def test_groups_do_not_depend_on_the_arm(finished: Any, all_on: dict[str, Any]) -> None:
    assert consumers_table(finished())["group"].equals(consumers_table(finished(all_on))["group"])
