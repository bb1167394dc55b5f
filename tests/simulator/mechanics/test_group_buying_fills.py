"""What the platform tells of how often groups fill; how often they do is targets A7 and A8."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import Market
from simulator.mechanics.group_buying import GroupBuying
from simulator.mechanics.tipping import Tipping


def test_the_prior_of_the_fill_rate_is_seven_in_ten() -> None:
    tipping = Tipping(3, 8, window_days=7, prior_groups=20, prior_filled=0.7)
    assert tipping.p_fills(2, 8) == pytest.approx(0.7)
    assert tipping.p_fills(1, 1) == pytest.approx(0.7)
    assert tipping.p_fills(0, 5) == 1.0


def test_fill_rates_count_the_groups_of_the_last_seven_days_by_state() -> None:
    """20 pseudo-groups of which 14 filled, and the real ones in the states they went through."""
    tipping = Tipping(3, 4, window_days=7, prior_groups=20, prior_filled=0.7)
    tipping.open_day()
    missing = np.array([[2, 2, 1, 0]], dtype=np.int16)  # opened, waited a wave, was joined, filled at age 2
    tipping.record(missing, np.array([2]), is_filled=True)
    lapsed = np.array([[2, 1, 1, 1]], dtype=np.int16)
    tipping.record(lapsed, np.array([4]), is_filled=False)
    assert tipping.p_fills(2, 4) == pytest.approx(0.7), "published the next morning"
    for _ in range(7):
        tipping.open_day()
        assert tipping.p_fills(2, 4) == pytest.approx(15 / 22)
        assert tipping.p_fills(2, 3) == pytest.approx(15 / 21)
        assert tipping.p_fills(1, 3) == pytest.approx(14 / 21)
        assert tipping.p_fills(1, 2) == pytest.approx(15 / 22)
        assert tipping.p_fills(1, 1) == pytest.approx(14 / 21)
        assert tipping.p_fills(2, 1) == pytest.approx(0.7)
    tipping.open_day()
    assert tipping.p_fills(2, 4) == pytest.approx(0.7), "forgotten after seven days"


def test_fill_rates_in_a_market_follow_its_groups(busy: Market) -> None:
    mechanic = next(m for m in busy.mechanics if m.name == "group_buying")
    assert isinstance(mechanic, GroupBuying)
    p = mechanic.tipping.p_fills(np.arange(1, 3)[:, None], np.arange(1, 5)[None, :])
    assert ((p > 0) & (p < 1)).all()
