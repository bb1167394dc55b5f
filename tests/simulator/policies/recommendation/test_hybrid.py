"""Hybrid pages: beliefs, similarity in standard deviations, and exploration that fades as beliefs firm up."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.simulator.policies.recommendation.pages import best, scores, with_baskets, with_beliefs
from tests.simulator.policies.seen import observations


def hybrid(seen: Any, consumers: Any, weight: float = 0.0, exploration: float = 0.0, **more: Any) -> Any:
    return scores(seen, consumers, kind="hybrid", hybrid={"weight": weight, "exploration": exploration}, **more)


def test_without_similarity_and_exploration_it_is_the_personalised_page() -> None:
    everybody = np.arange(60)
    assert np.array_equal(hybrid(observations(), everybody), scores(observations(), everybody, kind="personalised"))


def test_a_run_without_them_equals_one_of_personalised_pages(finished: Any) -> None:
    settings = {"privacy.collection": "browsing", "platform.slate_size": 3}
    page = "policies.recommendation."
    off = {page + "kind": "hybrid", page + "hybrid.weight": 0.0, page + "hybrid.exploration": 0.0}
    one, other = finished({**settings, **off}), finished({**settings, page + "kind": "personalised"})
    assert one.log.arrow("exposures") == other.log.arrow("exposures")
    assert one.log.arrow("orders") == other.log.arrow("orders")


def test_similarity_counts_in_standard_deviations_within_the_category() -> None:
    """Two products of category 0 fill up a row of four of category 1: they change nothing."""
    seen = with_baskets([1, 4], [1, 4], [1, 7], category=np.arange(12) % 3)
    of_category = np.array([1, 4, 7, 10])
    added = hybrid(seen, [0], weight=0.7, products=of_category)[0] - hybrid(seen, [0], products=of_category)[0]
    by_product = np.array([1 + 2 / np.sqrt(6), 1 + 2 / np.sqrt(6), 1 / np.sqrt(3), 0.0])
    expected = 0.7 * (by_product - by_product.mean()) / by_product.std()
    np.testing.assert_allclose(added, expected, rtol=1e-9)
    filled = np.array([1, 4, 7, 10, 0, 0])
    assert np.array_equal(
        hybrid(seen, [0], weight=0.7, products=filled)[0, :4], hybrid(seen, [0], weight=0.7, products=of_category)[0]
    )


def test_a_shopper_without_a_basket_gets_no_similarity() -> None:
    seen = with_beliefs([[1.0, 0.0, 0.0]], [2.0])
    assert np.array_equal(hybrid(seen, [0], weight=5.0), hybrid(seen, [0]))


def test_exploration_is_a_draw_of_what_is_uncertain_about_the_utility() -> None:
    n = 2000
    seen = with_beliefs(np.zeros((n, 3)), [2.0] * n, taste_sd=0.4)
    drawn = hybrid(seen, np.arange(n), exploration=0.5) - hybrid(seen, np.arange(n))
    deviation = 0.5 * 0.4 * np.sqrt((seen.attributes**2).sum(axis=1))
    assert stats.kstest((drawn / deviation).ravel(), "norm").pvalue > 1e-3
    apart = np.corrcoef(drawn, rowvar=False)[np.triu_indices(12, 1)]
    assert np.abs(apart).max() < 5 / np.sqrt(n)
    tomorrow = dataclasses.replace(seen, day=seen.day + 1)
    again = hybrid(tomorrow, np.arange(n), exploration=0.5) - hybrid(tomorrow, np.arange(n))
    assert abs(np.corrcoef(drawn.ravel(), again.ravel())[0, 1]) < 5 / np.sqrt(12 * n)


def test_an_uncertain_price_sensitivity_matters_where_prices_are_cut() -> None:
    seen = with_beliefs(np.zeros((1, 3)), [2.0], 0.0, list_fen=np.full(12, 1000), offer_fen=np.array([1000, 500] * 6))
    beliefs: Any = seen.profiles
    beliefs.all_beliefs.price_sensitivity_sd[:] = 0.6
    explored = hybrid(seen, [0], exploration=1.0) - hybrid(seen, [0])
    assert not explored[0, ::2].any()
    assert explored[0, 1::2].all()


@pytest.mark.parametrize("exploration", [0.5, 1.0])
def test_exploration_fades_as_the_posterior_shrinks(exploration: float) -> None:
    n, tastes = 300, np.random.default_rng(2).normal(0, 0.6, (300, 3))
    differing = []
    for taste_sd in (1.0, 0.3, 0.1, 0.0):
        seen = with_beliefs(tastes, [2.0] * n, taste_sd)
        explored = best(hybrid(seen, np.arange(n), exploration=exploration))[:, 0]
        differing.append(float((explored != best(hybrid(seen, np.arange(n)))[:, 0]).mean()))
    assert differing == sorted(differing, reverse=True)
    assert differing[0] > 0.3
    assert differing[-1] == 0


def test_pages_explore_less_the_longer_somebody_is_known(new_market: Any) -> None:
    """In a market: what is uncertain about utilities shrinks with every look."""
    market = new_market({"privacy.collection": "browsing", "policies.recommendation.kind": "hybrid", "needs.rate": 0.5})
    spread = []
    who, page = np.arange(300), np.tile(np.arange(10), (300, 1))
    policy = market.slates.campaign_policy
    for day in (6, 14, 29):
        while market.day < day:
            market.step()
        members = who[market.columns["joined_day"] < 6][:100]
        members = members[market.columns["joined_day"][members] >= 0]
        rows = (members, page[members])
        seen = market.observe()
        explored = [policy.decide(dataclasses.replace(seen, day=d), *rows, market.draws) for d in range(40)]
        spread.append(np.std(explored, axis=0).mean())
    assert spread[0] > spread[1] > spread[2]
