"""Market shares against the multinomial logit (TARGETS A10), with everything that makes people differ switched off."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from simulator import Market, Scenario
from simulator.draws import ALWAYS, Draws
from simulator.policies.pricing.pricing import FOLLOWS

CALENDAR = "policies.pricing.promotion_calendar."
LOGIT: dict[str, Any] = {
    "days": 12,
    "burn_in_days": 1,
    "post_days": 1,
    "consumers.n": 3000,
    "consumers.prospect_fraction": 0.0,
    "consumers.price_sensitivity_sd": 0.0,
    "needs.rate": 1.0,
    "needs.rate_shape": 1e9,
    "needs.retry": 0.0,
    "needs.home_stock": 0.0,
    "needs.has_attrition": False,
    "social.kind": "ring",
    "social.degree": 2,
    "merchants.n_categories": 1,
    "choice.taste_weight": 0.0,
    "choice.friends_weight": 0.0,
    "choice.loyalty_weight": 0.0,
    "choice.trust_weight": 0.0,
    "choice.gain_weight": 0.0,
    "choice.quality_weight": 0.0,
    "platform.examination_decay": 0.0,
    "platform.slate_size": 200,
    "policies.pricing.kind": "promotion_calendar",
    CALENDAR + "period_days": 28,
    CALENDAR + "length_days": 28,
}
"""Identical shoppers who need something every day and look at everything; promotions last the whole campaign."""

FAILS_BELOW = 1e-3


class Shares(NamedTuple):
    """What was chosen in the campaign: how often each product, how often nothing; and the offer prices over list."""

    counts: NDArray[np.int64]
    n_nothing: int
    price_ratio: NDArray[np.float64]

    @property
    def n(self) -> int:
        return int(self.counts.sum()) + self.n_nothing


def softmax(appeal: float, beta: float, price_ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of the products, then of buying nothing."""
    v = np.append(appeal - beta * np.log(price_ratio), 0.0)
    return np.exp(v) / np.exp(v).sum()


def choices(n_products: int, appeal: float, beta: float, discount: float, reach: float, seed: int) -> Shares:
    changes = {
        "choice.appeal": appeal,
        "consumers.price_sensitivity": beta,
        "merchants.cohorts": {"each": {"count": n_products, "products_each": 1}},
        CALENDAR + "discount": discount,
        CALENDAR + "reach": reach,
    }
    market = Market(Scenario().replace(**LOGIT), rng=seed, **changes)
    while market.day < market.scenario.campaign_end:
        market.step()
    ratio = market.products.offer_fen / market.products.list_fen
    campaign = market.log.frame("exposures").query("day >= 1")
    per_product = campaign.groupby("product")[["n_shown", "n_examined", "n_ordered"]].sum()
    n_choices = per_product["n_shown"].iloc[0]
    assert (per_product["n_shown"] == n_choices).all()
    assert (per_product["n_examined"] == n_choices).all()
    counts = per_product["n_ordered"].to_numpy()
    return Shares(counts, int(n_choices - counts.sum()), ratio)


def reach_of_one(n_products: int, seed: int) -> float:
    """A reach of the promotion at which exactly one merchant follows it."""
    first, second = np.sort(Draws(seed).uniform(FOLLOWS, ALWAYS, np.arange(n_products)))[:2]
    return float(first + second) / 2


@pytest.mark.parametrize(
    ("n_products", "appeal", "beta", "discount", "seed"),
    [(6, -1.0, 2.0, 0.25, 1), (6, -1.0, 2.0, 0.25, 2), (12, 0.5, 4.0, 0.1, 3), (3, -2.0, 1.5, 0.6, 8)],
)
def test_shares_equal_the_softmax(n_products: int, appeal: float, beta: float, discount: float, seed: int) -> None:
    got = choices(n_products, appeal, beta, discount, 0.5, seed)
    assert len(np.unique(np.round(got.price_ratio, 2))) == 2, "some products are promoted, others not"
    expected = got.n * softmax(appeal, beta, got.price_ratio)
    assert got.n > 25_000
    assert stats.chisquare([*got.counts, got.n_nothing], expected).pvalue > FAILS_BELOW


@pytest.mark.parametrize(("n_products", "appeal", "beta"), [(4, -1.0, 2.0), (8, 0.0, 4.0)])
def test_own_price_elasticity(n_products: int, appeal: float, beta: float) -> None:
    """β(1-s) in the log of the price. One product gets cheaper by 4 %; the same shoppers with the same luck."""
    seed, discount = 5, 0.04
    before = choices(n_products, appeal, beta, 0.0, 1.0, seed)
    after = choices(n_products, appeal, beta, discount, reach_of_one(n_products, seed), seed)
    promoted = after.price_ratio < 1
    assert promoted.sum() == 1
    assert after.n == before.n
    gained = int((after.counts - before.counts)[promoted].sum())
    s0, s1 = (softmax(appeal, beta, x.price_ratio)[:-1][promoted].item() for x in (before, after))
    # With common luck nobody leaves the product that got cheaper, so the gain is a binomial count.
    assert abs(gained - after.n * (s1 - s0)) < 3 * np.sqrt(after.n * (s1 - s0))
    assert ((after.counts - before.counts)[~promoted] <= 0).all()
    elasticity = gained / (after.n * (s0 + s1) / 2) / -np.log(after.price_ratio[promoted].item())
    sampling = 3 * elasticity / np.sqrt(gained)
    curvature = beta**3 * np.log(1 - discount) ** 2 / 12  # of the arc between the prices, third order
    assert abs(elasticity - beta * (1 - (s0 + s1) / 2)) < sampling + curvature


def test_odds_of_two_products_do_not_depend_on_the_others() -> None:
    """Independence of irrelevant alternatives: the odds are (1 - discount)^-β in a shop of 3 and in one of 12."""
    beta, discount = 2.0, 0.3
    for n_products in (3, 12):
        got = choices(n_products, 0.0, beta, discount, reach_of_one(n_products, 9), 9)
        promoted = got.counts[got.price_ratio < 1].item()
        others = got.counts[got.price_ratio == 1]
        odds = promoted / others.mean()
        error = odds * np.sqrt(1 / promoted + 1 / others.sum())
        # Prices are whole fen: the ratio is off by at most half a fen in a thousand or so.
        exact = (got.price_ratio[got.price_ratio < 1].item()) ** -beta
        assert abs(odds - exact) < 3 * error


def test_a_promotion_of_one_product_moves_nobody_between_two_others(new_market: Any) -> None:
    """The lesson of pairing: errors are keyed by (consumer, product), so only the promoted product gains."""
    seed = 4
    calendar = {"policies.pricing.kind": "promotion_calendar", CALENDAR + "period_days": 28}
    changes = {
        "consumers.n": 5000,
        "needs.rate": 0.9,
        "merchants.cohorts": {"each": {"count": 10, "products_each": 1}},
        "merchants.n_categories": 1,
        "platform.slate_size": 10,
        "platform.examination_decay": 0.0,
        **calendar,
        CALENDAR + "length_days": 28,
        CALENDAR + "discount": 0.3,
    }
    bought = first_campaign_day(new_market, {**changes, CALENDAR + "reach": 0.0}, seed)
    promoted = first_campaign_day(new_market, {**changes, CALENDAR + "reach": reach_of_one(10, seed)}, seed)
    changed = bought != promoted
    assert changed.sum() > 50
    assert len(np.unique(promoted[changed])) == 1


def test_a_coupon_for_one_product_moves_nobody_between_two_others(new_market: Any) -> None:
    changes = {
        "consumers.n": 5000,
        "needs.rate": 0.9,
        "merchants.n_categories": 1,
        "platform.slate_size": 10,
        "mechanics.coupons.noticed": 1.0,
        "mechanics.coupons.face_fen": 1000,
    }
    market = new_market(changes, 4)
    dearest = int(market.products.list_fen.argmax())
    threshold = {"mechanics.coupons.min_spend_fen": int(market.products.list_fen[dearest])}
    bought = first_campaign_day(new_market, changes, 4)
    couponed = first_campaign_day(new_market, {**changes, **threshold, "mechanics.coupons.enabled": True}, 4)
    changed = bought != couponed
    assert changed.sum() > 10
    assert set(couponed[changed]) == {dearest}


def first_campaign_day(new_market: Any, changes: dict[str, Any], seed: int) -> NDArray[np.int64]:
    """What each consumer bought on the first day of the campaign; -1 for nothing."""
    market = new_market(changes, seed)
    while market.day <= market.scenario.burn_in_days:
        market.step()
    orders = market.log.frame("orders").query(f"day == {market.scenario.burn_in_days}")
    assert orders["consumer"].is_unique
    bought = np.full(len(market.consumers), -1)
    bought[orders["consumer"]] = orders["product"]
    return bought
