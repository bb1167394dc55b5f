"""The comparison of arms gives known answers: those of scipy, of hands and of exact laws; heavy tails too."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from experiments.study.statistics import N_RESAMPLES, compare_arms, fieller, holm, median_estimate
from tests.experiments.study.comparisons import ARM, BASE, CASCADES, LARGER, compared, frame


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


def test_fieller_refuses_a_denominator_near_zero() -> None:
    assert np.isnan(fieller(np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.1, 2.0]), 0.95).value)
