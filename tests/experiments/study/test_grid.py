"""Sweeps are written as in Hydra, over any setting, and become points that are checked before anything runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.study.composing import groups
from experiments.study.grid import DesignSettings, Interval, compose_points, take_apart
from experiments.study.study import Cell
from experiments.sweep import make_cells
from simulator import Scenario, SettingsError

DESIGN = DesignSettings(points=8)


def points(*overrides: str, design: DesignSettings = DESIGN) -> list[dict[str, object]]:
    return take_apart(overrides).points(design)


def cells_of(overrides: list[str]) -> list[Cell]:
    sweep = take_apart(overrides)
    return make_cells(sweep, sweep.points(DESIGN))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("consumers.n=100,200", [100, 200]),
        ("consumers.n=range(2,6)", [2, 3, 4, 5]),
        ("needs.retry=range(0,1,.25)", [0, 0.25, 0.5, 0.75]),
        ("needs.retry=choice(.1,.9)", [0.1, 0.9]),
        ("needs.has_attrition=true,false", [True, False]),
        ("strategy=glob(coupons*)", ["coupons_blanket", "coupons_targeted"]),
        ("strategy=glob(*,exclude=*e*)", [name for name in groups()["strategy"] if "e" not in name]),
        ("mechanics=[coupons],[referral,coupons]", [["coupons"], ["referral", "coupons"]]),
        ("social.path='a b','c'", ["a b", "c"]),
    ],
)
def test_values_are_those_of_hydra(text: str, values: list[object]) -> None:
    key = text.split("=")[0]
    assert points(text) == [{key: value} for value in values]


def test_points_are_every_combination_and_the_first_key_varies_slowest() -> None:
    found = points("days=100,110", "consumers.n=50,60", "seeds=3")
    assert [(p["days"], p["consumers.n"]) for p in found] == [(100, 50), (100, 60), (110, 50), (110, 60)]


def test_an_interval_is_filled_by_the_design_and_crossed_with_the_rest() -> None:
    found = points("needs.retry=interval(.2,.4)", "invitations.read=interval(0,1)", "days=100,110")
    assert len(found) == 2 * 8
    # A Latin hypercube has one point in each eighth of every setting.
    for key, low, width in (("needs.retry", 0.2, 0.2), ("invitations.read", 0.0, 1.0)):
        eighths = [int((float(p[key]) - low) / width * 8) for p in found[:8]]  # type: ignore[arg-type]
        assert sorted(eighths) == list(range(8))


def test_a_sobol_design_is_balanced_and_needs_a_power_of_two() -> None:
    sobol = DesignSettings(kind="sobol", points=16)
    values = [p["needs.retry"] for p in points("needs.retry=interval(0,1)", design=sobol)]
    assert sorted(int(16 * float(v)) for v in values) == list(range(16))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="such as 8 or 16"):
        DesignSettings(kind="sobol", points=12)


def test_a_design_depends_on_its_seed_only() -> None:
    one, again, other = (points("needs.retry=interval(0,1)", design=DesignSettings(seed=s)) for s in (1, 1, 2))
    assert one == again != other


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 50), st.integers(1, 50), st.booleans())
def test_a_place_in_an_interval_lies_in_it(unit: float, low: int, width: int, is_log: bool) -> None:
    whole = Interval("n", low, low + width, is_whole=True, is_log=is_log).at(unit)
    assert isinstance(whole, int)
    assert low <= whole <= low + width
    assert low <= Interval("x", float(low), float(low + width), is_whole=False, is_log=is_log).at(unit) <= low + width


def test_whole_numbers_are_equally_likely() -> None:
    interval = Interval("n", 2, 5, is_whole=True, is_log=False)
    values = [interval.at(unit) for unit in (np.arange(400) + 0.5) / 400]
    assert [values.count(v) for v in (2, 3, 4, 5)] == [100] * 4


def test_a_cell_is_the_point_laid_over_the_command_line_and_under_its_strategy() -> None:
    cells = cells_of(["consumers.n=70", "mechanics.group_buying.size=2,4", "strategy=baseline,group_buying"])
    assert [(c.labels["strategy"], c.labels["mechanics.group_buying.size"]) for c in cells] == [
        ("baseline", 2),
        ("group_buying", 2),
        ("baseline", 4),
        ("group_buying", 4),
    ]
    expected = Scenario().replace(
        **{"consumers.n": 70, "mechanics.group_buying.size": 4, "mechanics.group_buying.enabled": True}
    )
    assert cells[3].scenario == expected
    assert cells[0].key == cells[2].key  # the size changes nothing where nobody buys in groups


def test_a_column_holds_numbers_or_words_but_not_both() -> None:
    mixed = ["merchants.stock_units=5,null", "merchants.restock_days=1,2", "needs.retry=0,.5"]
    labels = [tuple(cell.labels.values()) for cell in cells_of(mixed)]
    assert labels[0] == ("5", 1, 0)
    assert labels[-1] == ("null", 2, 0.5)


def test_groups_are_swept_like_settings() -> None:
    cells = cells_of(["social=ring,random", "social.degree=4"])
    assert [(c.scenario.social.kind, c.scenario.social.degree) for c in cells] == [("ring", 4), ("random", 4)]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["consumers.nn=1,2"], "there is no setting 'consumers.nn'"),
        (["consumers.n=100,-5"], r"consumers.n=-5: out of range.*\(at consumers.n=-5\)"),
        (["strategy=baseline,refferal"], "there is no strategy 'refferal'; did you mean 'referral'"),
        (["strategy=glob(x*)"], "fits none of .*baseline"),
        (["social=ring,rung"], "there is no such social"),
        (["consumers.n=glob(1*)"], "glob chooses among the files of a group"),
        (["needs.retry=interval(1,0)"], "from a lower to a higher"),
        (["needs.retry=tag(log,interval(0,1))"], "must begin above 0"),
        (["needs.retry=interval(0,2)"], "out of range"),
    ],
)
def test_every_point_is_checked_and_a_mistake_is_one_line(overrides: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as raised:
        cells_of(overrides)
    assert "\n" not in str(raised.value)


def test_composing_is_done_once_however_many_points(monkeypatch: pytest.MonkeyPatch) -> None:
    from experiments.study import grid

    composed: list[object] = []
    real = grid.compose_tree
    monkeypatch.setattr(grid, "compose_tree", lambda *a: composed.append(a) or real(*a))
    sweep = take_apart(["consumers.n=range(10,60)", "needs.retry=0,.5"])
    assert len(compose_points("sweep", sweep, sweep.points(DESIGN))) == 100
    assert len(composed) == 1
