"""Pages: whole categories, ranks, and what is looked at; the funnel that is recorded."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import Market
from simulator.choice import slate


def exposures(market: Market, *days: int) -> pd.DataFrame:
    frame = market.log.frame("exposures")
    return (frame[frame["day"].isin(days)] if days else frame).groupby("product").sum()


def test_the_funnel_narrows_and_ends_in_the_orders(busy: Market) -> None:
    funnel = exposures(busy)
    steps = [funnel[step].to_numpy() for step in ("n_shown", "n_examined", "n_clicked", "n_carted", "n_ordered")]
    for wider, narrower in pairwise(steps):
        assert (wider >= narrower).all()
    orders = np.bincount(busy.log.frame("orders")["product"], minlength=10)
    assert np.array_equal(steps[-1], orders)
    assert len(busy.log.frame("exposures")) == 30 * 10


@pytest.mark.parametrize(("decay", "expected"), [(0.0, 1.0), (0.5, (1 + 2**-0.5 + 3**-0.5) / 3), (5.0, 0.345)])
def test_a_product_at_a_rank_is_looked_at_with_falling_probability(
    finished: Any, decay: float, expected: float
) -> None:
    changes = {"platform.slate_size": 3, "platform.examination_decay": decay, "needs.rate": 0.5, "consumers.n": 1000}
    funnel = exposures(finished(changes))
    share = funnel["n_examined"].sum() / funnel["n_shown"].sum()
    error = np.sqrt(expected * (1 - expected) / funnel["n_shown"].sum())
    assert abs(share - expected) < 4 * error + 5e-4


def test_random_pages_show_every_product_of_a_category_equally_often(finished: Any) -> None:
    changes = {"platform.slate_size": 2, "needs.rate": 0.5, "consumers.n": 1000}
    market = finished(changes)
    shown = exposures(market)["n_shown"].to_numpy()
    for category in (0, 1):
        mine = shown[market.products.category == category]
        assert len(mine) == 5
        assert np.ptp(mine) < 6 * np.sqrt(mine.mean())


def test_popular_pages_show_the_best_sellers_of_the_window_that_may_be_seen(new_market: Any) -> None:
    window = {"platform.sales_window_days": 3, "platform.reaction_days": 2}
    market = new_market(
        {"policies.recommendation.kind": "popular", "platform.slate_size": 2, "needs.rate": 0.5, **window}
    )
    for _ in range(12):
        market.step()
    today = market.day - 1
    orders = market.log.frame("orders").query("@today - 4 <= day <= @today - 2")
    sold = np.bincount(orders["product"], minlength=10)
    shown = exposures(market, today)["n_shown"].to_numpy()
    for category in (0, 1):
        mine = np.flatnonzero(market.products.category == category)
        seen = mine[shown[mine] > 0]
        assert len(seen) == 2
        assert sold[seen].min() >= np.delete(sold[mine], np.searchsorted(mine, seen)).max()


def test_the_oracle_shows_what_is_liked(finished: Any) -> None:
    """With full knowledge more needs end in a purchase, from the same number of visits at the start."""
    few = {"platform.slate_size": 1, "choice.taste_weight": 3.0, "needs.rate": 0.3}
    conversions = {}
    for kind in ("random", "oracle"):
        market = finished({**few, "policies.recommendation.kind": kind})
        funnel = exposures(market)
        conversions[kind] = funnel["n_ordered"].sum() / funnel["n_shown"].sum()
    assert conversions["oracle"] > 1.5 * conversions["random"]


def test_a_category_without_products_makes_no_sale(finished: Any) -> None:
    market = finished({"merchants.n_categories": 20})
    assert set(market.products.category[market.log.frame("orders")["product"]]) <= set(range(10))
    assert len(market.log.frame("orders")) > 20


@pytest.mark.parametrize("kind", ["random", "hybrid"])
def test_pages_do_not_depend_on_how_many_are_made_at_once(
    finished: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    settings = {"policies.recommendation.kind": kind, "privacy.collection": "browsing"}
    at_once = finished(settings)
    monkeypatch.setattr(slate, "SCORES", 11)  # two shoppers at a time
    assert finished(settings).log.arrow("exposures") == at_once.log.arrow("exposures")
    assert finished(settings).log.arrow("orders") == at_once.log.arrow("orders")
