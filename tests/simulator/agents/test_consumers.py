"""Who consumers are: the laws of their traits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

N = 20_000
RARE = 1e-4


@pytest.fixture(scope="module")
def traits(new_market: Any) -> Any:
    return new_market({"consumers.n": N, "needs.rate": 0.05}).columns


def test_need_rates_follow_a_gamma_law(traits: Any) -> None:
    assert stats.kstest(traits["need_rate"], "gamma", args=(0.5, 0, 0.05 / 0.5)).pvalue > RARE
    assert traits["need_rate"].mean() == pytest.approx(0.05, abs=4 * 0.05 * np.sqrt(2 / N))


def test_attrition_follows_a_beta_law(traits: Any) -> None:
    assert stats.kstest(expit(traits["attrition_logit"].astype(float)), "beta", args=(0.8, 15.2)).pvalue > RARE


def test_price_sensitivity_is_lognormal_above_its_floor(traits: Any) -> None:
    beta = traits["price_sensitivity"].astype(float)
    assert beta.min() == 1.5
    assert np.median(beta) == pytest.approx(2.0, rel=0.02)
    above = beta[beta > 1.5]
    floor = stats.norm.cdf(np.log(1.5 / 2.0) / 0.3)
    assert len(above) / N == pytest.approx(1 - floor, abs=4 * np.sqrt(floor * (1 - floor) / N))
    z = (stats.norm.cdf(np.log(above / 2.0) / 0.3) - floor) / (1 - floor)
    assert stats.kstest(z, "uniform").pvalue > RARE


def test_taste_is_standard_normal_in_every_dimension(traits: Any) -> None:
    taste = traits["taste"]
    assert taste.shape == (N, 4)
    for dimension in taste.T:
        assert stats.kstest(dimension, "norm").pvalue > RARE
    correlation = np.corrcoef(taste.T)[np.triu_indices(4, 1)]
    assert (np.abs(correlation) < 4.5 / np.sqrt(N)).all()


def test_sociability_follows_a_beta_law_and_trust_a_clipped_normal(traits: Any) -> None:
    assert stats.kstest(traits["sociability"], "beta", args=(2, 2)).pvalue > RARE
    assert traits["trust"].mean() == pytest.approx(0.7, abs=0.005)
    assert traits["trust"].std() == pytest.approx(0.1, rel=0.03)
    assert traits["trust"].max() <= 1


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_set_share_are_prospects(new_market: Any, share: float) -> None:
    joined = new_market({"consumers.n": N, "consumers.prospect_fraction": share}).columns["joined_day"]
    assert set(joined) <= {-1, 0}
    assert abs((joined < 0).mean() - share) <= 4 * np.sqrt(share * (1 - share) / N)


def test_traits_are_independent_of_each_other(traits: Any) -> None:
    plain = ["need_rate", "attrition_logit", "price_sensitivity", "sociability", "trust"]
    ranks = [stats.rankdata(traits[name]) for name in plain]
    correlation = np.corrcoef([*ranks, *traits["taste"].T])[np.triu_indices(9, 1)]
    assert (np.abs(correlation) < 4.5 / np.sqrt(N)).all()


def test_a_larger_population_begins_with_the_smaller_one(new_market: Any) -> None:
    small, large = new_market({"consumers.n": 100}).columns, new_market({"consumers.n": 200}).columns
    for name in ("need_rate", "taste", "trust", "joined_day"):
        assert np.array_equal(large[name][:100], small[name])


def test_rates_given_per_purchase_are_turned_into_rates_per_need(new_market: Any) -> None:
    per_need = new_market({"needs.rate": 0.05}).columns
    per_purchase = new_market({"needs.rate": 0.05, "needs.conversion": 0.5}).columns
    assert per_purchase["need_rate"] == pytest.approx(2 * per_need["need_rate"], rel=1e-5)
    p, half = (expit(c["attrition_logit"].astype(float)) for c in (per_need, per_purchase))
    assert half == pytest.approx(p / 2, rel=1e-4)
