"""Markets with much under way in them, and all that can differ between two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import numpy as np

from simulator import Market, final_measures
from simulator.mechanics import MECHANICS
from simulator.policies.couponing import CouponingSettings
from simulator.policies.pricing import PricingSettings
from simulator.policies.product import ProductSettings
from simulator.policies.recommendation import RecommendationSettings
from simulator.policies.stocking import StockingSettings
from simulator.records.events.tables import TABLES

MarketMaker = Callable[..., Market]
Changes = dict[str, Any]

FAMILIES = {
    "pricing": PricingSettings,
    "recommendation": RecommendationSettings,
    "couponing": CouponingSettings,
    "stocking": StockingSettings,
    "product": ProductSettings,
}
KINDS = {f"policies.{name}.kind": get_args(block.model_fields["kind"].annotation) for name, block in FAMILIES.items()}
COUPONS: Changes = {"mechanics.coupons.enabled": True, "mechanics.coupons.every_days": 4}
ALL_ACTING: Changes = {
    **{f"mechanics.{name}.enabled": True for name in MECHANICS},
    "mechanics.coupons.every_days": 4,
    "mechanics.coupons.budget_fen": 300_000,
    "mechanics.coupons.transferable": True,
    "mechanics.group_buying.deadline_days": 2,
    "mechanics.referral.refer": 0.6,
    "mechanics.abuse.abusers": 0.3,
    "mechanics.abuse.activity": 0.7,
    "mechanics.abuse.signal": "meetings",
    "mechanics.abuse.flag_from": 100,
    "policies.pricing.kind": "promotion_calendar",
    "policies.recommendation.kind": "popular",
    "platform.reaction_days": 2,
    "platform.subsidy_cap_fraction": 0.05,
    "merchants.stock_units": 40,
    "needs.rate": 0.4,
    "invitations.read": 0.95,
    "attention.per_day": 2,
    "attention.fatigue": 0.3,
}
LEAKING: Changes = {
    "privacy.collection": "browsing",
    "privacy.noise.epsilon": 2.0,
    "privacy.security.kind": "blockchain",
    "privacy.leaks.hazard": 500.0,
}
EVERYTHING: Changes = ALL_ACTING | {
    "privacy.collection": "everything",
    "privacy.consent.kind": "unasked",
    "privacy.leaks.hazard": 30.0,
    "privacy.audits.per_year": 200.0,
    "privacy.audits.turnover_days": 3,
    "insight.refit_days": 2,
    "insight.refit_buyers": 5,
    "mechanics.coupons.budget_fen": 152_000,
    "mechanics.coupons.valid_days": 5,
    "policies.couponing.kind": "uplift",
    "policies.couponing.uplift.events": 2,
    "capability.enabled": True,
    "capability.platform_posts": 2,
    "capability.talent.openings_per_candidate": 1.7,
    "capability.talent.every_days": 4,
    "capability.talent.quits": 20.0,
    "capability.training.reach": 0.6,
    "capability.training.days": 6,
}
REORDERING: Changes = {
    "merchants.stock_units": 40,
    "merchants.restock_days": 3,
    "merchants.ordering_fen": 70,
    "policies.stocking.kind": "reorder",
}
REDESIGNING: Changes = {
    "policies.product.kind": "customised",
    "policies.product.cost_fen": 1,
    "policies.product.lead_days": 3,
    "policies.product.customised.review_days": 2,
    "policies.product.customised.fewest": 10,
    "policies.product.trend_following.confidence": 0.0,
    "policies.product.trend_following.recent_days": 3,
    "capability.enabled": False,
}
REMEMBERED_BY: dict[str, Changes] = {
    "Resumable": {
        **(REORDERING | REDESIGNING),
        "capability.enabled": True,
        "capability.talent.openings_per_candidate": 0.5,
        "policies.product.lead_days": 4,
    },
    **{name: {**REORDERING, **REDESIGNING} for name in ("ReorderPoints", "Shelves", "Products", "Workshop", "Pipe")},
    "Trends": {"mechanics.trends.every_days": 1.0},
    "TrendFollowing": {**REDESIGNING, "policies.product.kind": "trend_following"},
    "BanditPrices": {"policies.pricing.kind": "bandit", "capability.enabled": False},
    "StockDrivenPrices": {"policies.pricing.kind": "stock_driven"},
    "CollaborativePage": {"policies.recommendation.kind": "collaborative"},
    "HybridPage": {"policies.recommendation.kind": "hybrid"},
    "Uplift": {
        "mechanics.coupons.valid_days": 2,
        "mechanics.coupons.pass_on_days": 1,
        "mechanics.coupons.every_days": 2,
        "mechanics.coupons.budget_fen": None,
    },
    "Brand": {
        "policies.campaigning.kind": "imitating",
        "policies.campaigning.every_days": 3,
        "policies.campaigning.imitating.invention": 0.5,
        "policies.campaigning.imitating.crowded_from": 0.0,
    },
    "Similarities": {"policies.recommendation.kind": "collaborative", "platform.slate_size": 2},
}
"""What must be changed in EVERYTHING for a class to have something to remember."""
ARMS: dict[str, Changes] = {
    "everything": ALL_ACTING,
    "leaking": LEAKING,
    **{name: {f"mechanics.{name}.enabled": True} for name in MECHANICS},
    **{f"{key}={kind}": {key: kind, **COUPONS} for key, kinds in KINDS.items() for kind in kinds},
    "reordering": REORDERING,
    "redesigning": {**REDESIGNING, "privacy.collection": "browsing"},
}
BUSY_DAY = 9
PRODUCTS = ("attributes", "offer_fen", "stock", "on_order", "ratings", "rating_sum_permille")


def state(market: Market) -> Changes:
    """All that can be seen of a market between two days, in a form that compares bit by bit."""
    columns = {f"column {c.name}": market.columns[c.name].tobytes() for c in market.columns}
    products = {f"product {name}": getattr(market.products, name).tobytes() for name in PRODUCTS}
    tables = {f"events {name}": _bytes(market.log.columns(name)) for name in TABLES}
    today = {f"today {name}": _bytes(market.log.today(name)) for name in TABLES}
    ledger, budget, wallets = market.ledger, market.budget, market.wallets
    everybody = np.arange(market.columns.n)
    return {
        **(columns | products | tables | today),
        "accounts": [ledger.merchants.tolist(), ledger.platform, ledger.escrow, ledger.suppliers],
        "budget": [budget.gmv_fen, budget.committed_fen],
        "wallets": [wallets.state.tolist(), wallets.id.tolist(), wallets.expires_day.tolist()],
        "clock": [market.day, market.tick, market.steps, getattr(market, "time", market.steps), market.running],
        "daily": repr(market.datacollector.get_model_vars_dataframe().to_dict("list")),
        "row of today": repr(market.today),
        "quality": market.quality_above_standard.tolist(),
        "seen": repr(market.observe()).partition("profiles=")[0],  # profiles are columns, and what is made of these:
        "purchases": [values.tobytes() for values in vars(market.pipe.profiles.purchases(everybody)).values()],
        "measures": repr(final_measures(market.log)) if not market.running and market.log.keeps else "",
    }


def _bytes(table: Changes) -> Changes:
    """A table by field, so that NaN equals NaN."""
    return {name: values.tobytes() for name, values in table.items()}


def differing(one: Market, other: Market) -> list[str]:
    """What differs between two markets."""
    a, b = state(one), state(other)
    return [name for name in (a | b) if a.get(name) != b.get(name)]


def run_to(market: Market, day: int) -> Market:
    while market.day < day:
        market.step()
    return market
