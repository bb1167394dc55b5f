"""Observations: read-only, and no newer than they may be."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from simulator import Market


def test_observations_are_read_only(busy: Market) -> None:
    seen = busy.observe()
    arrays = [f.name for f in dataclasses.fields(seen) if isinstance(getattr(seen, f.name), np.ndarray)]
    assert len(arrays) == len(dataclasses.fields(seen)) - 6
    for name in arrays:
        with pytest.raises(ValueError, match="read-only"):
            getattr(seen, name)[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        seen.day = 3  # type: ignore[misc]


def test_what_is_seen_follows_from_the_events(new_market: Any) -> None:
    market = new_market({"platform.sales_window_days": 4, "needs.rate": 0.5})
    for _ in range(9):
        market.step()
    seen = market.observe()
    orders, ratings = market.log.frame("orders"), market.log.frame("ratings")
    assert (seen.day, seen.campaign_day) == (9, 4)
    assert np.array_equal(seen.units_sold, np.bincount(orders.query("5 <= day")["product"], minlength=10))
    mean = ratings.groupby("product")["rating_permille"].mean().reindex(range(10)) / 1000
    np.testing.assert_allclose(seen.mean_rating, mean)
    assert np.array_equal(seen.list_fen, market.products.list_fen)


@pytest.mark.parametrize("reaction_days", [1, 3, 6])
def test_nothing_newer_than_the_reaction_time_is_seen(new_market: Any, reaction_days: int) -> None:
    """`reaction_days` is the age of the newest record that policies may see: of sales and of ratings."""
    market = new_market({"platform.reaction_days": reaction_days, "needs.rate": 0.5, "experience.rating": 1.0})
    for _ in range(9):
        market.step()
    seen = market.observe()
    visible = f"day <= {9 - reaction_days}"
    orders, ratings = market.log.frame("orders").query(visible), market.log.frame("ratings").query(visible)
    assert np.array_equal(seen.units_sold, np.bincount(orders["product"], minlength=10))
    mean = ratings.groupby("product")["rating_permille"].mean().reindex(range(10)) / 1000
    np.testing.assert_allclose(seen.mean_rating, mean)
