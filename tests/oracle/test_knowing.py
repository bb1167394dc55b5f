"""The same story where much is known of people: drawn worlds seldom have all that these have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator import Market, Scenario
from simulator.choice.experience import TrustReason
from simulator.records.events.codes import Outcome
from simulator.records.events.ids import id_day
from tests.oracle.compare import between, tell
from tests.oracle.world import World

BUSY: dict[str, Any] = {
    "days": 30,
    "burn_in_days": 5,
    "post_days": 5,
    "waves_per_day": 3,
    "consumers.n": 130,
    "consumers.prospect_fraction": 0.2,
    "needs.rate": 0.5,
    "needs.rate_shape": 3.0,
    "social.degree": 6,
    "choice.appeal": 0.0,
    "merchants.n_categories": 2,
    "merchants.cohorts": {"small": {"count": 3, "products_each": 3}, "large": {"count": 1, "products_each": 6}},
    "platform.reaction_days": 2,
    "platform.slate_size": 3,
    "platform.subsidy_cap_fraction": None,
    "privacy.collection": "everything",
    "privacy.leaks.hazard": 20.0,
    "privacy.leaks.exposed": 0.3,
    "insight.refit_days": 6,
    "insight.refit_buyers": 20,
}
GROUPS: dict[str, Any] = {"mechanics.group_buying.enabled": True, "mechanics.group_buying.open_cost": -1.0}
COUPONS: dict[str, Any] = {
    "mechanics.coupons.enabled": True,
    "mechanics.coupons.min_spend_fen": 1000,
    "mechanics.coupons.face_fen": 700,
    "mechanics.coupons.every_days": 4,
    "mechanics.coupons.valid_days": 4,
    "policies.couponing.share": 0.5,
}
UPLIFT: dict[str, Any] = COUPONS | {
    "policies.couponing.kind": "uplift",
    "policies.couponing.uplift.explore": 0.3,
    "policies.couponing.uplift.events": 5,
    "needs.rate": 0.2,
    "days": 50,
}
PERSONAL: dict[str, Any] = {
    "policies.pricing.kind": "personalised",
    "policies.pricing.personalised.noticed": 0.3,
    "policies.pricing.personalised.depth": 0.3,
    "privacy.collection": "browsing",
}
LATE: dict[str, Any] = {"privacy.security.kind": "blockchain", "privacy.security.blockchain.delay_days": 3}


def pages(kind: str) -> dict[str, Any]:
    return {"policies.recommendation.kind": kind, "choice.taste_weight": 1.5}


def loses_trust(world: World) -> bool:
    return any(shift["reason"] == TrustReason.UNFAIR_PRICE for shift in world.records.tables["trust_shifts"])


def is_exposed(world: World) -> bool:
    return all(len(world.records.tables[table]) > 3 for table in ("leaks", "exposed", "withdrawals"))


def is_known(world: World) -> bool:
    return sum(c.profile.n_records > 10 for c in world.consumers) > 50


def is_fitted(world: World) -> bool:
    """And coupons bring some back."""
    ends = world.records.tables["coupon_ends"]
    return world.insight.repurchase.model.alpha != 20.0 and any(end["outcome"] == Outcome.REDEEMED for end in ends)


def predicts(world: World) -> bool:
    return world.couponing.lots is not None and len(world.couponing.lots.models) == 2


REORDERING: dict[str, Any] = {
    "merchants.stock_units": 8,
    "merchants.holding_fen": 2,
    "merchants.ordering_fen": 150,
    "policies.stocking.kind": "reorder",
    "policies.stocking.reorder.reach": 0.7,
    "policies.stocking.reorder.review_days": 2,
    "policies.stocking.reorder.forecast_days": 5.0,
}
PERISHING: dict[str, Any] = {
    "merchants.cohorts": {
        "hotels": {"count": 2, "products_each": 3, "daily_capacity": 2},
        "large": {"count": 1, "products_each": 6},
    },
    "merchants.stock_units": 8,
    "mechanics.group_buying.deadline_days": 2,
}
COST = "policies.product.cost_fen"
DESIGNED: dict[str, Any] = {
    "consumers.taste_dimensions": 2,
    "choice.taste_weight": 1.5,
    COST: 300,
    "policies.product.lead_days": 3,
    "policies.product.customised.review_days": 4,
    "policies.product.customised.fewest": 10,
    "policies.product.customised.sample": 30,
    "policies.product.trend_following.confidence": 0.3,
    "privacy.collection": "browsing",
}
SCARCE: dict[str, Any] = {
    "capability.enabled": True,
    "capability.talent.openings_per_candidate": 1.5,
    "capability.talent.every_days": 4,
    "capability.talent.quits": 40.0,
    "capability.training.reach": 0.5,
    "capability.training.days": 3,
    "policies.pricing.kind": "bandit",
    "policies.pricing.bandit.every_days": 3,
}


def reorders(world: World) -> bool:
    """Goods are ordered, and run out all the same."""
    is_order = [cost["product"] >= 0 and cost["day"] >= 5 for cost in world.records.tables["costs"]]
    return sum(is_order) > 20 and len(world.records.tables["stock_outs"]) > 20


def perishes(world: World) -> bool:
    """What was taken yesterday comes back too late."""
    refunds = [end for end in world.records.tables["settlements"] if end["outcome"] == Outcome.REFUNDED]
    return any(id_day(end["cause"]) < end["day"] for end in refunds)


def redesigns(world: World) -> bool:
    return len(world.records.tables["redesigns"]) > 5


def comes_and_goes(world: World) -> bool:
    staff = world.records.tables["staff"]
    return all(sum(row[what] for row in staff) > 1 for what in ("n_quit", "n_trained", "n_hired"))


WORLDS: dict[str, tuple[dict[str, Any], Callable[[World], object]]] = {
    "friends are alike": (GROUPS, lambda world: any(world.insight.likeness.slope)),
    "some never come back": (
        COUPONS | {"policies.couponing.kind": "win_back", "policies.couponing.win_back.silent_days": 5, "days": 45},
        is_fitted,
    ),
    "personal prices are noticed": (PERSONAL, loses_trust),
    "many are exposed, some withdraw": (GROUPS | {"privacy.leaks.hazard": 300.0}, is_exposed),
    "an uplift is predicted": (UPLIFT, predicts),
    "an uplift is predicted from late records": (UPLIFT | LATE, predicts),
    "clicks are randomised": ({"privacy.noise.epsilon": 1.0} | pages("hybrid"), is_known),
    "shelves are filled by forecast": (REORDERING, reorders),
    "rooms and seats perish": (GROUPS | PERISHING, perishes),
    **{kind: (DESIGNED | {"policies.product.kind": kind}, redesigns) for kind in ("customised", "trend_following")},
    "redesigns cost nothing": (DESIGNED | {"policies.product.kind": "customised", COST: 0}, redesigns),
    "specialists come and go": (SCARCE, comes_and_goes),
    "stocking by who is able": (SCARCE | REORDERING, comes_and_goes),
    **{kind: (GROUPS | pages(kind), is_known) for kind in ("personalised", "collaborative", "hybrid")},
    **{
        kind: ({"policies.pricing.kind": kind, "merchants.stock_units": 20}, lambda world: len(set(prices(world))) > 20)
        for kind in ("stock_driven", "competitor", "bandit")
    },
}


def prices(world: World) -> list[tuple[int, int]]:
    return [(order["product"], order["paid_fen"]) for order in world.records.tables["orders"]]


@pytest.mark.parametrize("what", WORLDS)
def test_same_story(what: str) -> None:
    changes, happens = WORLDS[what]
    scenario = Scenario().replace(**(BUSY | changes))
    world = World(scenario, 4).run()
    assert happens(world)
    assert not (found := between(Market(scenario, rng=4).run(), world)), tell(scenario, 4, found)
