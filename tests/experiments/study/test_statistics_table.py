"""The table of a comparison: its rows and corrections, what it says of degenerate data, what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from experiments.study.statistics import compare_arms, holm
from tests.experiments.study.comparisons import ARM, BASE, NAN, compared, frame, judged, pair


class TestTable:
    def test_baseline_and_primaries_come_first(self) -> None:
        arm = {"a": [1.0, 2.0], "reach": [3.0, 5.0], "z": [1.0, 1.0]}
        table = compare_arms(frame({"y": arm, "x": arm, "promo": arm}), "x", ["z", "reach"])
        assert table["arm"].unique().tolist() == ["x", "promo", "y"]
        assert table["measure"].tolist() == ["z", "reach", "a"] * 3
        assert table["is_primary"].tolist() == [True, True, False] * 3

    def test_baseline_rows_describe_and_do_not_compare(self) -> None:
        row = compare_arms(pair([*BASE, NAN], [*ARM, 1.0]), "baseline", ["orders"]).iloc[0]
        assert (row["n"], row["n_undefined"], row["verdict"]) == (6, 1, "baseline")
        assert row["mean"] == row["baseline_mean"] == pytest.approx(np.mean(BASE))
        assert row["sd"] == pytest.approx(np.std(BASE, ddof=1))
        assert row[["difference", "low", "lift", "p", "p_holm", "correlation"]].isna().all()

    def test_holm_is_over_arms_and_primaries_only(self) -> None:
        arms = {
            "b": {"p": BASE, "q": BASE, "other": BASE},
            "x": {"p": ARM, "q": BASE[::-1], "other": ARM},
            "y": {"p": [v + 1.0 for v in ARM], "q": [NAN] * 6, "other": ARM},
        }
        table = judged(frame(arms), ["p", "q"])
        family = [("x", "p"), ("x", "q"), ("y", "p")]  # (y, q) is not defined: no test
        assert table.loc[family, "p_holm"].tolist() == holm(table.loc[family, "p"].to_numpy()).tolist()
        assert table["p_holm"].notna().sum() == len(family)

    def test_a_primary_that_fails_only_after_holm_says_so(self) -> None:
        weak = [10.2, 12.9, 9.1, 14.8, 11.9, 12.95]  # paired t: p between .025 and .05
        final = frame({"b": {"p": BASE, "q": BASE, "r": BASE}, "x": {"p": BASE[::-1], "q": weak, "r": weak}})
        table = judged(final, ["p", "q"]).loc["x"]
        assert 0.025 < table.loc["q", "p"] < 0.05 < table.loc["q", "p_holm"]
        assert table.loc["q", "low"] > 0.0
        assert table.loc["q", "verdict"] == "not distinguishable from zero after Holm"
        assert table.loc["r", "verdict"] == "higher"  # exploratory: not corrected
        alone = judged(final, ["q"]).loc["x"]
        assert alone.loc["q", "verdict"] == "higher"
        lenient = compare_arms(final, "b", ["p", "q"], confidence=0.9).query("arm == 'x' and measure == 'q'")
        assert lenient["verdict"].tolist() == ["higher"]

    def test_only_the_baseline(self) -> None:
        table = compare_arms(frame({"b": {"m": BASE}}), "b", ["m"])
        assert table["verdict"].tolist() == ["baseline"]


class TestDegenerate:
    def test_undefined_seeds_are_dropped_in_pairs_and_counted(self) -> None:
        row = compared([*BASE, NAN, 5.0, NAN], [*ARM, 7.0, NAN, NAN])
        clean = compared(BASE, ARM)
        same = ["n", "difference", "low", "high", "lift", "lift_low", "lift_high", "p", "correlation", "verdict"]
        assert row[same].tolist() == clean[same].tolist()
        assert (row["n_undefined"], clean["n_undefined"]) == (3, 0)
        assert row["mean"] == pytest.approx(np.mean([*ARM, 7.0]))
        assert row["baseline_mean"] == pytest.approx(np.mean([*BASE, 5.0]))

    @pytest.mark.parametrize("heavy", [False, True])
    def test_never_defined_in_the_baseline(self, heavy: bool) -> None:
        row = compared([NAN] * 6, ARM, heavy)
        assert (row["n"], row["n_undefined"], row["verdict"]) == (0, 6, "not defined")
        assert row[["difference", "low", "high", "lift", "p", "effect_size", "runs_saved"]].isna().all()
        assert row["mean"] == pytest.approx(np.mean(ARM))

    @pytest.mark.parametrize("heavy", [False, True])
    def test_one_seed_has_no_interval(self, heavy: bool) -> None:
        row = compared([10.0], [11.0], heavy)
        assert (row["difference"], row["verdict"]) == (1.0, "one seed: no interval")
        assert row["lift"] == pytest.approx(0.1)
        assert row[["low", "high", "lift_low", "lift_high", "p", "sd"]].isna().all()

    @pytest.mark.parametrize("heavy", [False, True])
    @pytest.mark.parametrize("values", [BASE, [0.0] * 6, [-1.0, 0.0, 2.0, 3.0, 4.0, 5.0]])
    def test_equal_in_every_pair_is_identical(self, values: list[float], heavy: bool) -> None:
        row = compared(values, values, heavy)
        assert row["verdict"] == "identical"
        assert row[["difference", "low", "high"]].tolist() == [0.0, 0.0, 0.0]
        assert row["p"] == 1.0

    def test_equal_nonzero_differences(self) -> None:
        row = compared([1.0, 2.0, 3.0], [2.0, 3.0, 4.0])
        assert row[["difference", "low", "high", "p"]].tolist() == [1.0, 1.0, 1.0, 0.0]
        assert row["effect_size"] == row["runs_saved"] == np.inf
        assert compared([1.0, 2.0, 3.0], [0.0, 1.0, 2.0])["effect_size"] == -np.inf
        assert row["verdict"] == "higher"

    def test_constant_arms(self) -> None:
        row = compared([0.1] * 3, [0.3] * 3)
        assert row["sd"] == 0.0
        assert row["lift_low"] == pytest.approx(2.0)
        assert row[["correlation", "runs_saved"]].isna().all()

    def test_no_lift_on_a_baseline_that_may_be_zero(self) -> None:
        for base in ([0.0] * 6, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0], [-10.0, -12.0, -9.0, -14.0, -11.0, -13.0]):
            row = compared(base, ARM)
            assert row[["lift", "lift_low", "lift_high"]].isna().all()
            assert (row["lift_method"], row["verdict"]) == ("", "higher")

    def test_a_lift_beyond_every_float_is_infinite(self) -> None:
        assert compared([1.0, 1.0], [1.0, 1e100])["lift_high"] == np.inf


class TestBadInput:
    def test_different_seeds(self) -> None:
        final = pair(BASE, ARM)
        with pytest.raises(ValueError, match=r"'coupons' and 'baseline' must have the same seeds; .* \[5\]"):
            compare_arms(final[(final["arm"] == "baseline") | (final["seed"] < 5)], "baseline", [])

    def test_duplicates(self) -> None:
        final = pair(BASE, ARM)
        with pytest.raises(ValueError, match="more than one value for arm 'baseline', seed 2, measure 'orders'"):
            compare_arms(pd.concat([final, final.iloc[[2]]]), "baseline", [])

    def test_absent_cell(self) -> None:
        final = frame({"b": {"m": BASE, "k": BASE}, "x": {"m": BASE, "k": BASE}}).iloc[:-1]
        with pytest.raises(ValueError, match="no value for arm 'x', seed 5, measure 'k'; write NaN"):
            compare_arms(final, "b", [])

    def test_infinite_value(self) -> None:
        with pytest.raises(ValueError, match="arm 'coupons', seed 1, measure 'orders' is infinite"):
            compare_arms(pair([1.0, 2.0], [1.0, np.inf]), "baseline", [])

    def test_unknown_names(self) -> None:
        final = pair(BASE, ARM)
        with pytest.raises(ValueError, match=r"baseline 'control' is not among the arms \['baseline', 'coupons'\]"):
            compare_arms(final, "control", [])
        with pytest.raises(ValueError, match=r"primary measures \['gmv'\] are not among the measures \['orders'\]"):
            compare_arms(final, "baseline", ["gmv"])
        with pytest.raises(ValueError, match=r"heavy-tailed measures \['cascade'\]"):
            compare_arms(final, "baseline", [], heavy_tailed={"cascade"})

    def test_columns_and_keys(self) -> None:
        with pytest.raises(ValueError, match=r"lack the columns \['value'\]"):
            compare_arms(pair(BASE, ARM).drop(columns="value"), "baseline", [])
        with pytest.raises(ValueError, match="rows without arm, seed or measure"):
            compare_arms(pair(BASE, ARM).assign(measure=None), "baseline", [])

    @pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0])
    def test_confidence(self, confidence: float) -> None:
        with pytest.raises(ValueError, match=r"confidence=.*must be greater than 0 and less than 1"):
            compare_arms(pair(BASE, ARM), "baseline", [], confidence)
