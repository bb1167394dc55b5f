"""Adoption by thresholds: what a threshold of one means, what is refused; the window of cascades is target A6."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.validation.thresholds import cascade
from simulator import Scenario, SettingsError


def test_with_a_threshold_of_one_all_friends_must_have_joined() -> None:
    assert max(cascade(seed, 1.0, 4.0, 5_000, 5)["share"] for seed in range(2)) < 0.005


@pytest.mark.parametrize("threshold", [0, -0.1, 1.1, "some"])
def test_a_bad_threshold_is_refused(threshold: Any) -> None:
    with pytest.raises(SettingsError, match=r"joining\.threshold"):
        Scenario().replace(**{"joining.threshold": threshold})
