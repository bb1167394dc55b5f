"""Symmetries that the comparison of any two arms must have."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.study.statistics import compare_arms, holm
from tests.experiments.study.comparisons import NAN, compared, frame

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
