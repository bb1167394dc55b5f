"""Collaborative pages: similarity of products by baskets, learned now and then, and what they do with it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Market
from simulator.draws import Draws
from simulator.policies.recommendation import RecommendationSettings, make_recommendation
from simulator.policies.recommendation.similarity import nearest
from tests.simulator.policies.recommendation.pages import EVERYTHING, best, no_truth, scores, with_baskets

COLLECTS = {"privacy.collection": "browsing", "policies.recommendation.kind": "collaborative", "needs.rate": 0.5}
REFRESH = "policies.recommendation.collaborative.refresh_days"

baskets_told = st.lists(st.lists(st.integers(-1, 5), min_size=4, max_size=4), min_size=1, max_size=12)


def kept(baskets: Any, n_neighbours: int = 12) -> Any:
    """The similarities that are kept, shape (6, 6); 0 where none is."""
    starts, neighbours, cosines = nearest(np.array(baskets, dtype=np.int32), 6, n_neighbours).values()
    result = np.zeros((6, 6))
    result[np.repeat(np.arange(6), np.diff(starts)), neighbours] = cosines
    return result


def test_similarity_by_hand() -> None:
    """Product 0 is wanted by three consumers, 1 by two of them, 2 by one other and one of these, 3 by nobody."""
    found = kept([[0, 1, -1], [1, 0, 0], [0, 2, -1], [2, -1, -1]])
    assert found[0, 1] == 2 / np.sqrt(3 * 2)
    assert found[0, 2] == 1 / np.sqrt(3 * 2)
    assert found[1, 2] == 0
    assert np.diag(found).tolist() == [1, 1, 1, 0, 0, 0]
    assert np.array_equal(found, found.T)


@given(baskets_told)
def test_similarity_is_the_cosine_of_sets_of_consumers(baskets: list[list[int]]) -> None:
    wants = np.array([[product in basket for product in range(6)] for basket in baskets], dtype=float)
    length = np.sqrt((wants**2).sum(axis=0))
    expected = np.divide(
        wants.T @ wants, length[:, None] * length, where=(length[:, None] * length) > 0, out=np.zeros((6, 6))
    )
    np.testing.assert_allclose(kept(baskets), expected, rtol=1e-12)


@given(baskets_told, st.integers(1, 4))
def test_the_nearest_are_kept_and_the_product_itself(baskets: list[list[int]], n_neighbours: int) -> None:
    everything, some = kept(baskets), kept(baskets, n_neighbours)
    for product in range(6):
        others, left = (np.delete(cosines[product], product) for cosines in (everything, some))
        assert np.count_nonzero(left) == min(n_neighbours, np.count_nonzero(others))
        assert sorted(left)[::-1][:n_neighbours] == sorted(others)[::-1][:n_neighbours]
        assert some[product, product] == everything[product, product]


def test_a_score_is_the_similarity_to_all_that_is_in_the_basket() -> None:
    """The last shopper wanted 0 twice and 2 once."""
    seen = with_baskets([0, 1], [1, 0], [0, 2], [0, 0, 2])
    scored = np.floor(scores(seen, [3], kind="collaborative"))[0]
    of_1, of_2 = 2 / np.sqrt(4 * 2), 2 / np.sqrt(4 * 2)
    assert scored[0] == np.rint(10_000 * (2 + of_2))
    assert scored[1] == np.rint(10_000 * 2 * of_1)
    assert scored[2] == np.rint(10_000 * (2 * of_2 + 1))
    assert not scored[3:].any()


def test_ties_are_broken_by_the_fallback() -> None:
    """The shopper wanted product 3, which nobody else did: all others are alike to it, and stand as by popularity."""
    seen = with_baskets([3], [5, 6])
    for fallback in ("popular", "random"):
        settings = {"kind": "collaborative", "collaborative": {"fallback": fallback}}
        order = best(scores(seen, [0], **settings))[0].tolist()
        expected = best(scores(seen, [0], kind=fallback))[0].tolist()
        assert order == [3, *(product for product in expected if product != 3)]


def test_so_many_members_are_asked_evenly_over_the_rows() -> None:
    """Odd rows, whose baskets pair other products, are left out of a sample of every second; so are prospects."""
    seen = with_baskets(*[[0, 1], [0, 2]] * 10)
    half = {"kind": "collaborative", "collaborative": {"sample": 10}}
    assert best(scores(seen, [0], **half))[0, :2].tolist() == [0, 1]
    assert np.floor(scores(seen, [0], **half)[0, 2]) == 0
    assert np.floor(scores(seen, [0], kind="collaborative")[0, 2]) > 0
    joined = np.where(np.arange(20) % 2, 0, -1).astype(np.int16)
    assert np.floor(scores(dataclasses.replace(seen, joined_day=joined), [1], kind="collaborative")[0, 1]) == 0


def test_similarities_are_learned_on_the_first_day_and_every_so_often() -> None:
    settings = {"kind": "collaborative", "collaborative": {"refresh_days": 5}}
    policy = make_recommendation(RecommendationSettings.model_validate(settings), no_truth)
    shopper, before, after = (with_baskets([0, other], [0, other]) for other in (5, 1, 2))
    beside_0 = []
    for day in range(40, 51):
        policy.open_day(dataclasses.replace(before if day == 40 else after, day=day))
        first = best(policy.decide(shopper, np.array([0]), EVERYTHING[None, :], Draws(1)))[0, :2]
        beside_0.append(int(first.sum()))
    assert beside_0 == [1] * 5 + [2] * 6


def test_nothing_is_learned_in_the_burn_in(new_market: Any) -> None:
    market = new_market(COLLECTS)
    similarities = market.slates.campaign_policy._similarities
    while market.day < market.scenario.burn_in_days:
        market.step()
        assert similarities._fitted_day == -1
    market.step()
    assert similarities._fitted_day == market.scenario.burn_in_days
    assert len(similarities._nearest["cosines"]) > len(market.products)


@pytest.mark.parametrize("kind", ["collaborative", "hybrid"])
def test_what_was_learned_goes_on_after_saving_between_two_fits(
    new_market: Any, finished: Any, tmp_path: Any, kind: str
) -> None:
    settings = {**COLLECTS, "policies.recommendation.kind": kind, REFRESH.replace("collaborative", kind): 6}
    market = new_market(settings)
    while market.day < 9:
        market.step()
    market.save(tmp_path / "saved")
    loaded, whole = Market.load(tmp_path / "saved").run(), finished(settings)
    for table in ("exposures", "orders", "settlements", "trust_shifts"):
        assert loaded.log.arrow(table) == whole.log.arrow(table)


def test_it_shows_people_what_those_like_them_want(finished: Any) -> None:
    """With tastes that matter, pages by baskets are clicked more than pages by popularity or by lot."""
    settings = {**COLLECTS, "consumers.n": 2000, "choice.taste_weight": 3.0, "platform.slate_size": 2}
    kind = "policies.recommendation.kind"
    rates = {}
    for page in ("random", "popular", "collaborative"):
        funnel = finished({**settings, kind: page}).log.frame("exposures").query("day >= 5").sum()
        rates[page] = funnel["n_clicked"] / funnel["n_examined"]
    assert rates["collaborative"] > 1.05 * max(rates["random"], rates["popular"])
