"""What merchants sell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats


@pytest.fixture(scope="module")
def products(new_market: Any) -> Any:
    cohorts = {"small": {"count": 150, "products_each": 10}, "large": {"count": 10, "products_each": 50}}
    return new_market({"merchants.cohorts": cohorts, "merchants.n_categories": 5}).products


def test_cohorts_become_merchants_in_order(products: Any) -> None:
    assert len(products) == 2000
    assert np.bincount(products.merchant).tolist() == [10] * 150 + [50] * 10


def test_every_category_has_its_share_of_products(products: Any) -> None:
    assert np.bincount(products.category).tolist() == [400] * 5


def test_list_prices_are_lognormal_and_whole_fen(products: Any) -> None:
    z = np.log(products.list_fen / 4500) / 0.5
    assert stats.kstest(z, "norm").pvalue > 1e-4
    assert products.list_fen.dtype == np.int64


def test_costs_follow_prices(products: Any) -> None:
    assert np.array_equal(products.cost_fen, np.rint(0.6 * products.list_fen).astype(int) + 300)


def test_quality_follows_its_beta_law_and_attributes_are_directions(products: Any) -> None:
    assert stats.kstest(products.quality, "beta", args=(8, 2)).pvalue > 1e-4
    assert np.linalg.norm(products.attributes, axis=1) == pytest.approx(1.0)
    assert np.abs(products.attributes.mean(axis=0)).max() < 4 * 0.5 / np.sqrt(2000)
