"""Contrasts of arms: steps of a chain and effects of factors, by hand and through the statistics."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from experiments.study.contrasts import WHOLE, compare_contrasts, contrasts_at_points, make_contrasts
from experiments.study.statistics import fieller, holm, mean_estimate
from simulator import SettingsError
from tests.experiments.study.comparisons import frame

CHAIN = ["base", "a", "a+b", "a+b+c"]
CUBE = ["base", "a", "b", "c", "a+b", "a+c", "b+c", "a+b+c"]


def test_steps_add_up_to_the_whole() -> None:
    contrasts = make_contrasts("steps", CHAIN, "base")
    assert [contrast.name for contrast in contrasts] == ["a", "b", "c", WHOLE]
    assert contrasts[1].weights == {"a+b": 1.0, "a": -1.0}
    values = {"base": [10.0, 12.0, 9.0], "a": [11.0, 12.5, 9.5], "a+b": [15.0, 16.0, 14.0], "a+b+c": [14.0, 15.5, 14.0]}
    table = compare_contrasts(frame({arm: {"gmv": own} for arm, own in values.items()}), contrasts, "base", ["gmv"])
    by_name = table.set_index("contrast")
    assert by_name.loc[["a", "b", "c"], "difference"].sum() == pytest.approx(by_name.loc[WHOLE, "difference"])
    step = np.array([4.0, 3.5, 4.5])
    assert tuple(by_name.loc["b", ["difference", "low", "high", "p"]]) == pytest.approx(mean_estimate(step, 0.95))
    share = fieller(step, np.array(values["base"]), 0.95)
    assert tuple(by_name.loc["b", ["share", "share_low", "share_high"]]) == pytest.approx(share[:3])
    assert by_name["p_holm"].to_numpy() == pytest.approx(holm(by_name["p"].to_numpy()))


def test_a_factorial_design_finds_what_was_put_in() -> None:
    """y = 5 + 2a − b + 4ab + 6abc with a, b, c off or on: effects are means over the rest, of which half is on."""
    worlds = np.array([0.0, 3.0, -2.0])
    arms = {}
    for on in product((0, 1), repeat=3):
        a, b, c = on
        name = "+".join(name for name, is_on in zip("abc", on, strict=True) if is_on) or "base"
        arms[name] = {"gmv": (5 + 2 * a - b + 4 * a * b + 6 * a * b * c + worlds).tolist()}
    table = compare_contrasts(frame(arms), make_contrasts("factorial", CUBE, "base"), "base", ["gmv"])
    found = dict(zip(table["contrast"], table["difference"], strict=True))
    expected = {"a": 2 + 2 + 1.5, "b": -1 + 2 + 1.5, "c": 1.5, "a × b": 4 + 3, "a × c": 3, "b × c": 3, "a × b × c": 6}
    assert found == pytest.approx(expected)
    assert table["low"].to_numpy() == pytest.approx(table["high"].to_numpy()), "the worlds' luck cancels"


def test_a_seed_in_which_an_arm_is_not_defined_is_dropped_and_counted() -> None:
    arms = {"base": {"k": [1.0, 2.0, 3.0]}, "a": {"k": [2.0, float("nan"), 5.0]}}
    row = compare_contrasts(frame(arms), make_contrasts("steps", ["base", "a"], "base"), "base", ["k"]).iloc[0]
    assert (row["n"], row["n_undefined"], row["difference"]) == (2, 1, 1.5)


def test_over_a_grid_all_points_are_judged_together() -> None:
    arms = {"base": {"gmv": [1.0, 2.0, 3.0]}, "a": {"gmv": [2.0, 2.5, 5.0]}}
    final = pd.concat([frame(arms).assign(x=x) for x in (1, 2)])
    table = contrasts_at_points(final, ["x"], make_contrasts("steps", ["base", "a"], "base"), "base", ["gmv"])
    assert list(table.columns[:2]) == ["x", "contrast"]
    assert table["p_holm"].to_numpy() == pytest.approx(np.minimum(4 * table["p"].to_numpy(), 1.0))


@pytest.mark.parametrize(
    ("design", "arms", "message"),
    [
        ("steps", ["a", "base"], "the first arm is 'a', not the baseline 'base'"),
        ("steps", ["base", "a", "b"], "'b' is not 'a' and one strategy more"),
        ("steps", ["base", "a+b"], r"'a\+b' is not 'base' and one strategy more"),
        ("factorial", ["base", "a", "b"], "no arm combines a and b"),
        ("factorial", ["base", "a", "b", "a+b", "b+a"], "two arms combine the same"),
    ],
)
def test_arms_that_do_not_form_the_design_are_refused(design: str, arms: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        make_contrasts(design, arms, "base")  # type: ignore[arg-type]
