"""Uplift: what is learned from past lots, when, and how right it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import spearmanr
from threadpoolctl import threadpool_limits

from simulator import Scenario, SettingsError
from simulator.bitwise import whole
from simulator.draws import Draws
from simulator.policies.couponing import NEVER, CouponingSettings, make_couponing
from simulator.policies.couponing.uplift import UpliftSettings, features
from tests.simulator.policies.couponing.people import people, seen_of

N = 20_000
EVERYBODY = np.arange(N)
SENSITIVITY = np.random.default_rng(1).uniform(1.0, 4.0, N)
APPEAL = np.random.default_rng(2).normal(0.0, 0.5, N)
EFFECT = 0.15 * (SENSITIVITY - 2.0)
"""Planted: by how much a coupon changes the chance of an order; below 0 for some."""
VALID_DAYS = 14
LATE_DAYS = 3
DUE = 40 + VALID_DAYS - 1 + LATE_DAYS
DRAWS = Draws(1)


def policy(**settings: Any) -> Any:
    return make_couponing(CouponingSettings(kind="uplift", share=0.5, uplift=UpliftSettings(**settings)))


def seen(day: int, **columns: Any) -> Any:
    known = people(N, price_sensitivity=SENSITIVITY, appeal=APPEAL, **columns)
    return seen_of(known, day=day, profiles_days=LATE_DAYS)


def issue(uplift: Any, day: int = 40) -> Any:
    """Coupons for the better half; who got one."""
    score = uplift.decide(seen(day), EVERYBODY, DRAWS)
    has_coupon = np.zeros(N, dtype=np.bool_)
    has_coupon[np.argsort(-score, kind="stable")[: N // 2]] = True
    has_coupon &= score > NEVER
    uplift.issued(seen(day), EVERYBODY, has_coupon, VALID_DAYS, DRAWS)
    return has_coupon


def after(has_coupon: Any, day: int, effect: Any = EFFECT) -> Any:
    """What is seen then: who has ordered within the validity, by the planted chances, and others before it."""
    rng = np.random.default_rng(3)
    chance = np.clip(0.3 + 0.1 * APPEAL + effect * has_coupon, 0, 1)
    last = np.where(rng.random(N) < chance, rng.integers(40, 40 + VALID_DAYS, N), rng.integers(0, 40, N))
    known_until = day - LATE_DAYS
    last = np.minimum(last, known_until)
    return seen(day, n_orders=np.ones(N, dtype=int), recency_days=known_until - last, spend_fen=np.full(N, 3000))


def learned(**settings: Any) -> tuple[Any, Any]:
    """A policy that has seen the outcome of one lot, and its scores a day later."""
    uplift = policy(**settings)
    has_coupon = issue(uplift)
    uplift.open_day(after(has_coupon, DUE))
    return uplift, uplift.decide(seen(DUE + 1), EVERYBODY, DRAWS)


def is_in_lot(score: Any) -> Any:
    return (score == 1.0) | (score == NEVER)


def test_the_lot_gives_and_denies_equal_shares_and_everybody_else_is_equal_at_first() -> None:
    score = policy(explore=0.2).decide(seen(40), EVERYBODY, DRAWS)
    sent, denied = (score == 1.0).mean(), (score == NEVER).mean()
    assert abs(sent - 0.2) < 4 * np.sqrt(0.2 * 0.8 / N)
    assert abs(denied - 0.2) < 4 * np.sqrt(0.2 * 0.8 / N)
    assert (score[~is_in_lot(score)] == 0).all()
    again = policy(explore=0.2).decide(seen(41), EVERYBODY, DRAWS)
    both = ((score == 1.0) & (again == 1.0)).mean()
    assert abs(both - 0.04) < 4 * np.sqrt(0.04 * 0.96 / N), "another lot at every issue"


def test_a_planted_effect_is_found_and_who_is_put_off_gets_none() -> None:
    score = learned(explore=0.2)[1]
    free = ~is_in_lot(score)
    assert spearmanr(score[free], EFFECT[free]).statistic > 0.95
    assert (EFFECT[free] > -0.05).all()
    best = np.argsort(-np.where(free, score, NEVER))[: N // 5]
    assert EFFECT[best].mean() > 0.8 * np.sort(EFFECT)[-N // 5 :].mean()


def test_ranks_better_than_chance_from_a_small_lot_already() -> None:
    """By the true effect of those chosen, over the true mean effect, with as few members in the lot as in a test
    market."""
    score = learned(explore=0.02)[1]
    best = np.argsort(-np.where(score == 1.0, NEVER, score))[: N // 5]
    assert EFFECT[best].mean() > EFFECT.mean() + 0.1


def test_without_an_effect_predictions_are_small() -> None:
    uplift = policy(explore=0.2)
    has_coupon = issue(uplift)
    uplift.open_day(after(has_coupon, DUE, effect=0.0))
    score = uplift.decide(seen(DUE + 1), EVERYBODY, DRAWS)
    assert score[(score > NEVER) & (score < 1)].max() < 0.1


@pytest.mark.parametrize("day", [41, DUE - 1])
def test_outcomes_that_cannot_be_seen_yet_are_not_used(day: int) -> None:
    uplift = policy(explore=0.2)
    has_coupon = issue(uplift)
    uplift.open_day(after(has_coupon, day))
    score = uplift.decide(seen(day), EVERYBODY, DRAWS)
    assert (score[~is_in_lot(score)] == 0).all()
    n_lot = len(uplift.waiting[0]["consumer"])
    assert len(uplift.past["has_ordered"]) == 0
    uplift.open_day(after(has_coupon, DUE))
    assert len(uplift.past["has_ordered"]) == n_lot


def test_what_counts_is_an_order_while_the_coupon_was_valid() -> None:
    uplift = policy(explore=0.5)
    has_coupon = issue(uplift)
    in_lot = uplift.waiting[0]["consumer"]
    last_day = np.arange(N) % 60
    recency = DUE - LATE_DAYS - np.minimum(last_day, DUE - LATE_DAYS)
    uplift.open_day(seen(DUE, n_orders=np.ones(N, dtype=int), recency_days=recency))
    assert np.array_equal(uplift.past["has_ordered"], last_day[in_lot] >= 40)
    assert np.array_equal(uplift.past["has_coupon"], has_coupon[in_lot])


def test_who_drew_a_coupon_that_the_budget_did_not_reach_is_no_evidence() -> None:
    uplift = policy(explore=0.2)
    score = uplift.decide(seen(40), EVERYBODY, DRAWS)
    reached = (score == 1.0) & (EVERYBODY % 2 == 0)
    uplift.issued(seen(40), EVERYBODY, reached, VALID_DAYS, DRAWS)
    lot = uplift.waiting[0]
    assert np.array_equal(lot["consumer"][lot["has_coupon"]], np.flatnonzero(reached))
    assert np.array_equal(lot["consumer"][~lot["has_coupon"]], np.flatnonzero(score == NEVER))


def test_who_has_withdrawn_since_is_not_learned_from() -> None:
    uplift = policy(explore=0.2)
    issue(uplift)
    n_lot = len(uplift.waiting[0]["consumer"])
    stays = uplift.waiting[0]["consumer"] % 2 == 0
    uplift.open_day(seen(DUE, is_known=EVERYBODY % 2 == 0))
    assert 0 < len(uplift.past["has_ordered"]) == np.count_nonzero(stays) < n_lot


def test_there_is_no_prediction_before_the_set_number_of_outcomes_and_old_ones_are_forgotten() -> None:
    uplift, score = learned(explore=0.2, events=N)
    assert (score[~is_in_lot(score)] == 0).all()
    uplift, _ = learned(explore=0.2, memory=500)
    assert all(len(values) == 500 for values in uplift.past.values())


def test_predictions_do_not_depend_on_who_else_is_asked() -> None:
    uplift, score = learned(explore=0.2)
    some = np.array([19_000, 3, 77, 78])
    assert np.array_equal(uplift.decide(seen(DUE + 1), some, DRAWS), score[some])


def test_predictions_are_those_of_the_best_coefficients() -> None:
    """Found once more by Newton's method; rounding protects nothing where the fit ends before it is done."""
    uplift, score = learned(memory=300, events=3)
    x, asked = uplift.past["features"], features(seen(DUE + 1), EVERYBODY)
    scale = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    x, asked = ((np.column_stack([np.ones(len(z)), (z - x.mean(axis=0)) / scale])) for z in (x, asked))
    penalty = np.diag([0.0, *np.ones(x.shape[1] - 1)])
    chance = []
    for arm in (uplift.past["has_coupon"], ~uplift.past["has_coupon"]):
        best = np.zeros(x.shape[1])
        for _ in range(30):
            p = expit(x[arm] @ best)
            gradient = x[arm].T @ (uplift.past["has_ordered"][arm] - p) - penalty @ best
            best += np.linalg.solve((x[arm].T * (p * (1 - p))) @ x[arm] + penalty, gradient)
        chance.append(expit(asked @ best))
    predicted = ~is_in_lot(score)
    np.testing.assert_allclose(score[predicted], (chance[0] - chance[1])[predicted], rtol=0, atol=2e-6)


def test_predictions_are_the_same_with_any_number_of_threads() -> None:
    scores = []
    for n_threads in (1, 4):
        with threadpool_limits(limits=n_threads):
            scores.append(learned(explore=0.5)[1])
    assert np.array_equal(*scores)


MARKET = {
    "consumers.n": 600,
    "needs.rate": 0.3,
    "mechanics.coupons.enabled": True,
    "mechanics.coupons.every_days": 3,
    "mechanics.coupons.valid_days": 3,
    "privacy.collection": "everything",
    "policies.couponing.kind": "uplift",
    "policies.couponing.share": 0.5,
    "policies.couponing.uplift.events": 3,
}


def test_in_the_market_outcomes_are_orders_settled_while_the_coupon_was_valid(new_market: Any) -> None:
    market = new_market({**MARKET, "privacy.consent.kind": "unasked", "privacy.leaks.hazard": 0.0})
    while market.day < 8:
        market.step()
    lot = market.couponing.waiting[0]
    market.step()
    settled = market.log.frame("settlements")
    bought = settled["consumer"][settled["day"].between(5, 7)]
    assert np.array_equal(market.couponing.past["has_ordered"], np.isin(lot["consumer"], bought))
    assert 0 < market.couponing.past["has_ordered"].sum() < len(lot["consumer"])


def test_it_goes_on_from_a_saved_market_bit_for_bit(new_market: Any, tmp_path: Any) -> None:
    market = new_market(MARKET)
    while market.day < 12:
        market.step()
    assert market.couponing.waiting
    assert len(market.couponing.past["has_ordered"])
    market.save(tmp_path / "market")
    assert whole(type(market).load(tmp_path / "market").run()) == whole(market.run())


def test_more_exploration_than_coupons_is_refused() -> None:
    settings = {"policies.couponing.kind": "uplift", "policies.couponing.share": 0.05}
    with pytest.raises(SettingsError, match=r"uplift\.explore=0\.1 is above .*share=0\.05.* allowed are .* 0\.05"):
        Scenario().replace(**settings)
    Scenario().replace(**{"policies.couponing.share": 0.05})
