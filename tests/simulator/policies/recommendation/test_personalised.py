"""Personalised pages: the believed utility, and the fallback for who is not known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import SettingsError
from simulator.bitwise import accounts, events
from simulator.policies.recommendation import RecommendationSettings
from simulator.settings import parse_settings
from tests.simulator.policies.recommendation.pages import best, scores, with_beliefs
from tests.simulator.policies.seen import observations, profiles

DATA_LESS = {"consumers.n": 600, "platform.slate_size": 3}
KIND = "policies.recommendation.kind"


def test_a_score_is_appeal_and_taste_and_price_by_hand() -> None:
    seen = with_beliefs([[0.5, -1.0, 0.0]], [2.0], list_fen=np.full(12, 1000), offer_fen=np.array([1000, 800] * 6))
    attributes = seen.attributes
    for product in range(12):
        cut = np.log(1000 / 800) if product % 2 else 0.0
        utility = seen.appeal[product] + 0.5 * attributes[product, 0] - attributes[product, 1] + 2.0 * cut
        assert scores(seen, [0], kind="personalised")[0, product] == pytest.approx(utility, rel=1e-12)


def test_a_strong_belief_rules_the_page_and_a_sensitive_shopper_sees_what_is_cheaper() -> None:
    tastes = 9.0 * np.eye(3)
    seen = with_beliefs(tastes, [1.5] * 3)
    assert np.array_equal(best(scores(seen, [0, 1, 2], kind="personalised"))[:, 0], seen.attributes.argmax(axis=0))
    cut = np.where(np.arange(12) == 7, 500, 1000)
    seen = with_beliefs(np.zeros((2, 3)), [0.0, 20.0], list_fen=np.full(12, 1000), offer_fen=cut)
    first = best(scores(seen, [0, 1], kind="personalised"))[:, 0]
    assert first.tolist() == [seen.appeal.argmax(), 7]


@pytest.mark.parametrize("fallback", ["popular", "random"])
@pytest.mark.parametrize("kind", ["personalised", "collaborative", "hybrid"])
def test_who_is_not_known_gets_the_scores_of_the_fallback(kind: str, fallback: str) -> None:
    settings: dict[str, Any] = {"kind": kind, kind: {"fallback": fallback}}
    strangers = np.arange(0, 60, 3)  # see `profiles`
    seen = observations()
    assert np.array_equal(scores(seen, strangers, **settings), scores(seen, strangers, kind=fallback))
    nobody = observations(profiles=profiles(known=False))
    assert np.array_equal(scores(nobody, np.arange(60), **settings), scores(nobody, np.arange(60), kind=fallback))
    known = np.array([1])
    assert not np.array_equal(scores(seen, known, **settings), scores(seen, known, kind=fallback))


@pytest.mark.parametrize("fallback", ["popular", "random"])
@pytest.mark.parametrize("kind", ["personalised", "collaborative", "hybrid"])
def test_without_data_a_run_equals_that_of_the_fallback(finished: Any, kind: str, fallback: str) -> None:
    """What insight is worth comes from data alone: nothing is collected, nothing changes, bit for bit."""
    blind = finished({**DATA_LESS, KIND: kind, f"policies.recommendation.{kind}.fallback": fallback})
    plain = finished({**DATA_LESS, KIND: fallback})
    assert events(blind) == events(plain)
    assert accounts(blind) == accounts(plain)


@pytest.mark.parametrize("kind", ["personalised", "collaborative", "hybrid"])
def test_other_fallbacks_are_refused(kind: str) -> None:
    with pytest.raises(SettingsError, match=rf"{kind}\.fallback='oracle': no such choice \(allowed: popular or random"):
        parse_settings(RecommendationSettings, {kind: {"fallback": "oracle"}})
