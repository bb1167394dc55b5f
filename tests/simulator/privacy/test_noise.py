"""Noise: what it hides, and how profiles are blurred; the error of randomised responses is target A11."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from experiments.validation.noise import told_and_true
from tests.simulator.saving.markets import run_to

BROWSING = {"privacy.collection": "browsing", "privacy.leaks.hazard": 0.0}
EPSILON = "privacy.noise.epsilon"


def test_without_noise_clicks_are_what_they_are(new_market: Any) -> None:
    told, true, _ = told_and_true(new_market(BROWSING))
    assert np.array_equal(told, true)


def test_on_a_device_that_randomises_its_reports_carts_stay_there(new_market: Any) -> None:
    """Then only orders are known for sure, so nobody is remembered to have wanted what they did not buy."""
    open_, private = (new_market({**BROWSING, EPSILON: e}).run() for e in (None, 1.0))
    bought = set(zip(*(private.log.columns("orders")[name].tolist() for name in ("consumer", "product")), strict=True))
    for market, may_be_unbought in ((open_, True), (private, False)):
        who, place = np.nonzero(market.columns["insight_basket"] >= 0)
        wanted = zip(who.tolist(), market.columns["insight_basket"][who, place].tolist(), strict=True)
        assert set(wanted) - bought if may_be_unbought else set(wanted) <= bought


def test_profiles_tell_less_of_who_randomises(new_market: Any) -> None:
    """Less of what was unknown is resolved: the information in a report falls by (1 - 2p)²."""
    left = []
    for epsilon in (None, 3.0, 1.0, 0.3):
        market = run_to(new_market({**BROWSING, EPSILON: epsilon}), 20)
        left.append(float(market.columns["insight_variance"][:, 1:-1].mean()))
    prior = market.scenario.insight.taste_sd**2
    assert left == sorted(left)
    assert left[-1] < prior
    assert prior - left[-1] < 0.3 * (prior - left[0])


def test_profiles_are_blurred_when_read_and_always_in_the_same_way(new_market: Any) -> None:
    """Asking again does not average the noise away; what is kept is not touched."""
    sd, everybody = 0.5, np.arange(5000)
    settings = {**BROWSING, "consumers.n": 5000, "days": 20}
    plain, blurred = (new_market({**settings, "privacy.noise.profile_sd": s}).run() for s in (0.0, sd))
    assert np.array_equal(plain.columns["insight_mean"], blurred.columns["insight_mean"])
    true, read, again = (m.pipe.profiles.beliefs(everybody) for m in (plain, blurred, blurred))
    assert np.array_equal(read.taste, again.taste)
    error = np.concatenate([(read.taste - true.taste).ravel(), read.price_sensitivity - true.price_sensitivity])
    assert error.mean() == pytest.approx(0, abs=4 * sd / np.sqrt(len(error)))
    assert error.std() == pytest.approx(sd, abs=4 * sd / np.sqrt(2 * len(error)))
