"""The comparison of arms: known answers, degenerate data, honest words, and symmetries that must hold."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments.study import wording
from experiments.study.statistics import N_RESAMPLES, compare_arms, fieller, holm, median_estimate

NAN = float("nan")
BASE = [10.0, 12.0, 9.0, 14.0, 11.0, 13.0]
ARM = [11.0, 13.5, 9.5, 15.0, 13.0, 13.5]
CASCADES = [5.0, 6.0, 4.0, 7.0, 5.0, 6.0, 3.0, 8.0, 6.0]
LARGER = [7.0, 9.0, 5.0, 8.0, 8.0, 7.0, 5.0, 9.0, 8.0]


def frame(arms: Mapping[str, Mapping[str, Sequence[float]]]) -> pd.DataFrame:
    """A tidy frame from arm → measure → one value per seed."""
    rows = [
        (arm, seed, measure, value)
        for arm, measures in arms.items()
        for measure, values in measures.items()
        for seed, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["arm", "seed", "measure", "value"])


def pair(base: Sequence[float], arm: Sequence[float]) -> pd.DataFrame:
    """Two arms and one measure, "orders"."""
    return frame({"baseline": {"orders": base}, "coupons": {"orders": arm}})


def compared(base: Sequence[float], arm: Sequence[float], heavy: bool = False, confidence: float = 0.95) -> Any:
    """The row that compares `arm` with `base`, unadjusted."""
    table = compare_arms(pair(base, arm), "baseline", [], confidence, ["orders"] if heavy else [])
    return table.set_index("arm").loc["coupons"]


def judged(final: pd.DataFrame, primaries: Sequence[str]) -> Any:
    """The table against the baseline "b", by arm and measure."""
    return compare_arms(final, "b", primaries).set_index(["arm", "measure"])


class TestKnownAnswers:
    @pytest.mark.parametrize("confidence", [0.8, 0.95])
    def test_difference_is_scipys_paired_t(self, confidence: float) -> None:
        row = compared(BASE, ARM, confidence=confidence)
        peer = stats.ttest_rel(ARM, BASE)
        interval = peer.confidence_interval(confidence)
        assert row["difference"] == pytest.approx(np.mean(ARM) - np.mean(BASE))
        assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))
        assert row["p"] == pytest.approx(peer.pvalue)
        assert row["method"] == "paired t"

    def test_lift_of_positive_values_is_the_paired_log_ratio(self) -> None:
        row = compared(BASE, ARM)
        peer = stats.ttest_1samp(np.log(ARM) - np.log(BASE), 0.0)
        interval = peer.confidence_interval(0.95)
        assert row["lift"] == pytest.approx(stats.gmean(ARM) / stats.gmean(BASE) - 1.0)
        assert (row["lift_low"], row["lift_high"]) == pytest.approx((np.expm1(interval.low), np.expm1(interval.high)))
        assert row["lift_method"] == "log-ratio"

    def test_lift_with_a_zero_holds_the_ratios_that_a_t_test_does_not_reject(self) -> None:
        base, arm = np.array([*BASE, 0.0]), np.array([*ARM, 2.0])
        row = compared(list(base), list(arm))
        assert row["lift_method"] == "Fieller"
        assert row["lift"] == pytest.approx(arm.mean() / base.mean() - 1.0)
        for bound in (row["lift_low"], row["lift_high"]):
            assert stats.ttest_1samp(arm - (1.0 + bound) * base, 0.0).pvalue == pytest.approx(0.05)
        assert row["lift_low"] < row["lift"] < row["lift_high"]

    def test_pairing_and_effect_size(self) -> None:
        row = compared(BASE, ARM)
        differences = np.subtract(ARM, BASE)
        assert row["effect_size"] == pytest.approx(stats.ttest_rel(ARM, BASE).statistic / np.sqrt(len(BASE)))
        assert row["correlation"] == pytest.approx(stats.pearsonr(ARM, BASE).statistic)
        assert row["runs_saved"] == pytest.approx(
            (np.var(ARM, ddof=1) + np.var(BASE, ddof=1)) / np.var(differences, ddof=1)
        )

    def test_independent_arms_save_no_runs(self) -> None:
        n = 4_000
        base, arm = np.random.default_rng(2).normal(size=(2, n))
        row = compared(list(base), list(arm))
        # s_d² = s_a² + s_b² − 2·r·s_a·s_b, so runs_saved ≈ 1/(1 − r), and r has standard error 1/√n: four of them.
        assert row["runs_saved"] == pytest.approx(1.0, abs=4.0 / np.sqrt(n))

    def test_holm_worked_by_hand(self) -> None:
        # Sorted .005·4, .01·3, .03·2, .04·1, made monotone: .02, .03, .06, .06.
        assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
        assert holm(np.array([0.9, 0.8])) == pytest.approx([1.0, 1.0])
        assert holm(np.array([])).size == 0

    @pytest.mark.parametrize("n", [7, 13, 21])
    def test_median_interval_is_the_exact_bootstrap_one(self, n: int) -> None:
        # For odd n, P(resampled median ≤ k-th value) = P(Binomial(n, k/n) ≥ (n+1)/2) (Efron 1982).
        reached = stats.binom.sf((n + 1) // 2 - 1, n, np.arange(1, n + 1) / n)
        # No step of that distribution is near the tail here, so 9,999 resamples must find the exact order statistic.
        assert np.abs(reached - 0.025).min() > 4.0 * np.sqrt(0.025 * 0.975 / N_RESAMPLES)
        low, high = (float(np.argmax(reached >= tail) + 1) for tail in (0.025, 0.975))
        estimate = median_estimate(np.arange(1.0, n + 1.0), 0.95)
        assert (estimate.low, estimate.value, estimate.high) == (low, (n + 1) / 2, high)

    def test_intervals_cover_as_often_as_they_say(self) -> None:
        n_trials, n_seeds, truth, confidence = 1_000, 6, 3.0, 0.9
        luck = np.random.default_rng(7)
        base = luck.normal(50.0, 10.0, size=(n_trials, n_seeds))
        arm = base + luck.normal(truth, 5.0, size=base.shape)
        names = [f"m{i}" for i in range(n_trials)]
        final = frame(
            {"b": dict(zip(names, base.tolist(), strict=True)), "a": dict(zip(names, arm.tolist(), strict=True))}
        )
        table = compare_arms(final, "b", [], confidence).query("arm == 'a'")
        covered = ((table["low"] <= truth) & (truth <= table["high"])).mean()
        assert covered == pytest.approx(confidence, abs=4.0 * np.sqrt(confidence * (1.0 - confidence) / n_trials))


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


class TestHeavyTails:
    def test_one_giant_run_does_not_move_the_median(self) -> None:
        giant = [*LARGER[:-1], 1e9]
        calm, stormy = compared(CASCADES, LARGER, True), compared(CASCADES, giant, True)
        assert calm["method"] == stormy["method"] == "bootstrap median"
        assert calm["lift_method"] == "median log-ratio"
        assert calm[["effect_size", "runs_saved"]].isna().all()  # they rest on variances
        assert calm["difference"] == stormy["difference"] == 2.0
        assert calm["verdict"] == stormy["verdict"] == "higher"
        assert compared(CASCADES, giant)["verdict"] == "not distinguishable from zero"

    def test_p_agrees_with_the_interval(self) -> None:
        for shift in np.linspace(-3.0, 1.0, 17):
            row = compared(CASCADES, [value + shift for value in LARGER], True)
            is_over_zero = row["low"] <= 0.0 <= row["high"]
            assert (row["p"] > 0.05) == is_over_zero

    def test_too_few_seeds_for_the_confidence_have_no_interval(self) -> None:
        # Five pairs hold the median between them with probability 1 − 2⁻⁴ = .9375, six with .96875.
        five, six = (compared(CASCADES[:n], LARGER[:n], True) for n in (5, 6))
        assert five["verdict"] == "5 seeds: no interval"
        assert five[["low", "high", "p"]].isna().all()
        assert five["difference"] == 2.0
        assert six["verdict"] == "higher"

    def test_no_lift_without_positive_values(self) -> None:
        row = compared([0.0, *CASCADES[1:]], LARGER, True)
        assert np.isnan(row["lift"])
        assert row["lift_method"] == ""
        assert row["verdict"] == "higher"


class TestWording:
    WIDE = (-0.5, 0.5)

    @pytest.mark.parametrize(
        ("interval", "words"),
        [
            ((0.0, 2.0), "not distinguishable from zero"),
            ((-2.0, 0.0), "not distinguishable from zero"),
            ((1e-9, 2.0), "higher"),
            ((-2.0, -1e-9), "lower"),
            ((NAN, NAN), "4 seeds: no interval"),
        ],
    )
    def test_interval_against_zero(self, interval: tuple[float, float], words: str) -> None:
        assert wording.verdict(4, False, interval, self.WIDE) == words
        assert wording.verdict(4, False, interval, (NAN, NAN)) == words

    @pytest.mark.parametrize(
        ("lift_90", "is_material"),
        [
            ((-0.0099, 0.0099), False),
            ((-0.01, 0.005), True),
            ((-0.005, 0.01), True),
            ((-0.02, 0.0), True),
            ((0.002, 0.004), False),
        ],
    )
    def test_no_material_effect_only_inside_one_percent(self, lift_90: tuple[float, float], is_material: bool) -> None:
        over_zero = wording.verdict(4, False, (-1.0, 1.0), lift_90)
        above_zero = wording.verdict(4, False, (1.0, 2.0), lift_90)
        assert over_zero == ("not distinguishable from zero" if is_material else "no material effect")
        assert above_zero == ("higher" if is_material else "no material effect")

    def test_holm_tempers_only_claims_of_a_difference(self) -> None:
        for words in ("higher", "lower"):
            assert wording.after_holm(words, 0.051, 0.05) == "not distinguishable from zero after Holm"
            assert wording.after_holm(words, 0.05, 0.05) == words
            assert wording.after_holm(words, NAN, 0.05) == words
        assert wording.after_holm("no material effect", 1.0, 0.05) == "no material effect"

    def test_ninety_percent_interval_decides_equivalence(self) -> None:
        # Log-ratios ±s: the 90 % interval is ±t(.95, n−1)·sd/√n, whatever confidence the table has.
        n = 8
        signs = np.tile([1.0, -1.0], n // 2)
        edge = np.log1p(0.01) / (stats.t.ppf(0.95, n - 1) * np.std(signs, ddof=1) / np.sqrt(n))
        for factor, words in ((0.98, "no material effect"), (1.02, "not distinguishable from zero")):
            # exp is asymmetric: ln 1.01 is the nearer of the two bounds.
            arm = 100.0 * np.exp(signs * edge * factor)
            assert compared([100.0] * n, list(arm))["verdict"] == words
            assert compared([100.0] * n, list(arm), confidence=0.99)["verdict"] == words

    def test_undefined_is_a_dash(self) -> None:
        assert (wording.shown(NAN), wording.shown(0.1234, ".1%")) == ("—", "12.3%")


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


values = st.one_of(st.just(NAN), st.just(0.0), st.floats(-1e3, 1e3).map(lambda x: round(x, 3)))
pairs = st.lists(st.tuples(values, values), min_size=1, max_size=9)
patient = settings(deadline=None, max_examples=40)  # wall time says nothing on a busy machine
NUMBERS = ["n", "difference", "low", "high", "p", "lift", "lift_low", "lift_high", "effect_size", "runs_saved"]


class TestSymmetries:
    @patient
    @given(pairs, st.booleans())
    def test_swapping_arms_flips_the_sign(self, data: list[tuple[float, float]], heavy: bool) -> None:
        base, arm = zip(*data, strict=True)
        ahead, back = compared(base, arm, heavy), compared(arm, base, heavy)
        mirrored = [-back["difference"], -back["high"], -back["low"], back["p"], -back["effect_size"]]
        assert ahead[["difference", "low", "high", "p", "effect_size"]].tolist() == pytest.approx(mirrored, nan_ok=True)
        flip = {"higher": "lower", "lower": "higher"}
        # Lifts have different denominators, so equivalence may hold one way only.
        if "no material effect" not in (ahead["verdict"], back["verdict"]):
            assert ahead["verdict"] == flip.get(back["verdict"], back["verdict"])

    @patient
    @given(pairs, st.integers(-6, 6), st.booleans())
    def test_the_unit_leaves_lift_and_verdict_alone(
        self, data: list[tuple[float, float]], power: int, heavy: bool
    ) -> None:
        base, arm = zip(*data, strict=True)
        scale = 4.0**power  # a power of two: no rounding, so that even the borders of the verdicts stay
        fen, yuan = compared(base, arm, heavy), compared([scale * b for b in base], [scale * a for a in arm], heavy)
        same = ["lift", "lift_low", "lift_high", "p", "effect_size", "correlation", "runs_saved"]
        assert yuan[same].tolist() == pytest.approx(fen[same].tolist(), nan_ok=True, abs=1e-9)
        assert yuan["low"] == pytest.approx(scale * fen["low"], nan_ok=True)
        assert (yuan["verdict"], yuan["lift_method"]) == (fen["verdict"], fen["lift_method"])

    @patient
    @given(pairs, st.randoms(use_true_random=False))
    def test_the_order_of_rows_changes_nothing(self, data: list[tuple[float, float]], luck: random.Random) -> None:
        base, arm = zip(*data, strict=True)
        final = frame({"b": {"m": base, "k": arm}, "x": {"m": arm, "k": arm}, "w": {"m": base, "k": base}})
        order = list(range(len(final)))
        luck.shuffle(order)
        sorted_rows, shuffled_rows = (
            compare_arms(rows, "b", ["m"], heavy_tailed=["k"]) for rows in (final, final.iloc[order])
        )
        pd.testing.assert_frame_equal(sorted_rows, shuffled_rows, check_exact=True)

    @patient
    @given(pairs, st.integers(0, 8), st.booleans())
    def test_an_undefined_pair_is_an_absent_pair(
        self, data: list[tuple[float, float]], where: int, heavy: bool
    ) -> None:
        base, arm = map(list, zip(*data, strict=True))
        at = min(where, len(base))
        row = compared([*base[:at], NAN, *base[at:]], [*arm[:at], 1.0, *arm[at:]], heavy)
        without = compared(base, arm, heavy)
        assert row[NUMBERS].tolist() == pytest.approx(without[NUMBERS].tolist(), rel=0.0, abs=0.0, nan_ok=True)
        assert (row["verdict"], row["n_undefined"]) == (without["verdict"], without["n_undefined"] + 1)

    @patient
    @given(pairs)
    def test_fieller_and_t_agree_about_zero(self, data: list[tuple[float, float]]) -> None:
        base, arm = zip(*data, strict=True)
        row = compared(base, arm)
        if row["lift_method"] == "Fieller" and abs(row["p"] - 0.05) > 1e-6:
            assert (row["low"] <= 0.0 <= row["high"]) == (row["lift_low"] <= 0.0 <= row["lift_high"])
            assert row["lift_low"] <= row["lift"] <= row["lift_high"]

    @patient
    @given(st.lists(st.floats(0.0, 1.0), max_size=12))
    def test_holm_never_helps_and_keeps_the_order(self, p: list[float]) -> None:
        raw = np.array(p)
        adjusted = holm(raw)
        assert (adjusted >= raw).all()
        assert (adjusted <= 1.0).all()
        assert (np.diff(adjusted[np.argsort(raw, kind="stable")]) >= 0.0).all()
        if raw.size:  # never beyond Bonferroni
            assert (adjusted <= np.minimum(raw * raw.size, 1.0)[np.argsort(raw)].max()).all()


def test_fieller_refuses_a_denominator_near_zero() -> None:
    assert np.isnan(fieller(np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.1, 2.0]), 0.95).value)
