"""Random and popular pages."""

from __future__ import annotations

import numpy as np

from simulator.draws import Draws
from simulator.policies.recommendation import RecommendationSettings, make_recommendation
from tests.simulator.policies.recommendation.pages import no_truth
from tests.simulator.policies.seen import observations


def test_a_random_page_is_new_for_each_shopper_and_day() -> None:
    policy = make_recommendation(RecommendationSettings(kind="random"), no_truth)
    page = np.tile(np.arange(12), (400, 1))
    today = policy.decide(observations(), np.arange(400), page, Draws(1)).argmax(axis=1)
    tomorrow = policy.decide(observations(day=41), np.arange(400), page, Draws(1)).argmax(axis=1)
    assert len(set(today)) == 12
    assert (today == tomorrow).mean() < 0.2


def test_a_popular_page_ranks_by_sales_and_breaks_ties_by_lot() -> None:
    policy = make_recommendation(RecommendationSettings(kind="popular"), no_truth)
    page = np.arange(12)[None, :]
    nobody = np.zeros(1, dtype=int)
    assert np.argsort(-policy.decide(observations(), nobody, page, Draws(1))[0]).tolist() == list(range(12))
    ties = observations(units_sold=np.zeros(12, dtype=int))
    order = {tuple(np.argsort(policy.decide(ties, nobody, page, Draws(seed))[0])) for seed in range(5)}
    assert len(order) == 5
