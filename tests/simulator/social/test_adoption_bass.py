"""The formulas behind targets A1 to A3 of adoption; that the market meets them: experiments/test_validation.py."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.validation.adoption import DAYS_PER_YEAR, PEAK, TEN_YEARS, P, Q, bass, pairs, ring


def test_the_formulas_give_the_numbers_of_the_targets() -> None:
    assert bass(10) == pytest.approx(0.8128, abs=5e-5)
    assert pytest.approx(6.19, abs=5e-3) == PEAK
    assert ring(10) == pytest.approx(0.5583, abs=5e-5)
    assert pairs(10) == pytest.approx(0.4056, abs=5e-5)


def test_daily_steps_hardly_bias_it() -> None:
    """F by days without chance; steps that were a tenth as many would be off by ten times as much."""
    share = 0.0
    for _ in range(TEN_YEARS):
        share += (1 - share) * -np.expm1(-(P + Q * share) / DAYS_PER_YEAR)
    assert share == pytest.approx(0.8126, abs=5e-5)
