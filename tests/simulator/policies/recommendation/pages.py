"""What tests of pages share."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.draws import Draws
from simulator.policies.policy import Beliefs, Observations
from simulator.policies.recommendation import RecommendationSettings, make_recommendation
from tests.simulator.policies.seen import Known, observations

EVERYTHING = np.arange(12)


def no_truth(consumers: object, page: object) -> Any:
    raise AssertionError("only the oracle may ask for the truth")


def scores(seen: Observations, consumers: Any, products: Any = EVERYTHING, seed: int = 1, **settings: Any) -> Any:
    """What a new policy gives products, the same ones for every consumer; shape (n_consumers, n_products)."""
    policy = make_recommendation(RecommendationSettings.model_validate(settings), no_truth)
    policy.open_day(seen)
    return policy.decide(seen, np.asarray(consumers), np.tile(products, (len(consumers), 1)), Draws(seed))


def best(scored: Any) -> Any:
    """The products of each row, best first."""
    return np.argsort(-scored, axis=-1)


def with_baskets(*baskets: list[int], **changes: Any) -> Observations:
    """Members with these baskets, of whom nothing else is known."""
    n, memory = len(baskets), max(len(basket) for basket in baskets)
    padded = np.array([basket + [-1] * (memory - len(basket)) for basket in baskets], dtype=np.int32)
    nothing, taste = np.zeros(n), np.zeros((n, 3))
    beliefs = Beliefs(np.ones(n, bool), nothing, taste, nothing, nothing, taste, nothing)
    no_purchases: Any = None
    known = Known(beliefs, no_purchases, padded)
    return observations(profiles=known, joined_day=np.zeros(n, dtype=np.int16), **changes)


def with_beliefs(taste: Any, price_sensitivity: Any, taste_sd: float = 0.3, **changes: Any) -> Observations:
    """Members of whom this is believed, with empty baskets."""
    taste, sensitivity = np.array(taste, dtype=float), np.array(price_sensitivity, dtype=float)
    n = len(taste)
    beliefs = Beliefs(
        np.ones(n, bool), np.zeros(n), taste, sensitivity, np.ones(n), np.full(taste.shape, taste_sd), np.zeros(n)
    )
    no_purchases: Any = None
    known = Known(beliefs, no_purchases, np.full((n, 1), -1, dtype=np.int32))
    return observations(profiles=known, joined_day=np.zeros(n, dtype=np.int16), **changes)
