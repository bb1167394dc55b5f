"""Verdicts in words claim what the intervals bear, and no more."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from experiments.study import wording
from tests.experiments.study.comparisons import NAN, compared


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
