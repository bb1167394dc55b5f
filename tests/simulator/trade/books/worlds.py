"""Random markets with all that moves money, goods and people in them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from simulator import Market, Scenario

DAYS, BURN_IN = 40, 5

GROUP, COUPONS, REFERRAL, SEEDING, CONTENT, RETURNS = (
    f"mechanics.{name}." for name in ("group_buying", "coupons", "referral", "seeding", "content", "returns")
)
some = st.sampled_from
WORLDS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10**6),
        "post_days": some([1, 15]),
        "consumers.n": st.integers(200, 600),
        "consumers.prospect_fraction": some([0.0, 0.3, 0.8]),
        "waves_per_day": some([1, 3, 8]),
        "needs.rate": some([0.05, 0.2, 0.5]),
        "needs.retry": some([0.0, 0.5, 1.0]),
        "needs.home_stock": some([0.0, 0.5, 1.0]),
        "needs.satisfaction_effect": some([-2.0, 5.0]),
        "choice.appeal": some([-1.95, 0.0, 3.0]),
        "social.kind": some(["small_world", "ring", "random", "scale_free", "communities", "complete", "power_law"]),
        "social.degree": some([4, 10]),
        "attention.per_day": some([0, 1, 3]),
        "invitations.read": some([0.6, 1.0]),
        "merchants.stock_units": some([None, 1, 6, 30]),
        "merchants.restock_days": some([1, 7, 90]),
        "merchants.n_categories": some([1, 3]),
        "platform.subsidy_cap_fraction": some([None, 0.0, 0.004, 0.05]),
        "platform.coupons_stack_on_groups": st.booleans(),
        "platform.wallet_size": some([1, 3]),
        "platform.reminder_visit": some([0.1, 1.0]),
        "policies.pricing.kind": some(["fixed", "promotion_calendar"]),
        "policies.recommendation.kind": some(["random", "popular", "oracle"]),
        GROUP + "enabled": some([True, True, False]),
        GROUP + "size": st.integers(2, 5),
        GROUP + "deadline_days": some([1, 2, 5]),
        GROUP + "cell_size": some([10, 100, 1000]),
        GROUP + "open_cost": some([-2.0, 0.3]),
        GROUP + "invitations": some([0, 2, 6]),
        GROUP + "reach": some([0.5, 1.0]),
        GROUP + "from_day": some([0, 4]),
        COUPONS + "enabled": some([True, True, False]),
        COUPONS + "face_fen": some([100, 1500]),
        COUPONS + "min_spend_fen": some([1600, 4500]),
        COUPONS + "valid_days": some([3, 10, 1]),
        COUPONS + "every_days": some([1, 4, 11]),
        COUPONS + "budget_fen": some([None, 0, 30_000]),
        COUPONS + "kind": some(["threshold", "fixed", "percentage"]),
        COUPONS + "percent": some([5, 40]),
        COUPONS + "transferable": some([True, True, False]),
        COUPONS + "pass_on": some([1.0, 0.3]),
        COUPONS + "pass_on_days": some([1, 2]),
        REFERRAL + "enabled": some([True, True, False]),
        REFERRAL + "refer": some([0.2, 1.0]),
        REFERRAL + "inviter_reward_fen": some([0, 500]),
        REFERRAL + "invitee_reward_fen": some([0, 800]),
        REFERRAL + "valid_days": some([1, 7]),
        REFERRAL + "attribution_days": some([1, 14]),
        REFERRAL + "tiers": some([(), ((2, 700), (3, 900))]),
        REFERRAL + "rewarded_at_most": some([None, 1, 2]),
        SEEDING + "enabled": st.booleans(),
        SEEDING + "choose": some(["random", "degree", "betweenness", "bridges", "learned"]),
        SEEDING + "seed_fraction": some([0.01, 0.2]),
        SEEDING + "every_days": some([1, 7]),
        SEEDING + "product": some(["gift", "none"]),
        SEEDING + "fee_fen": some([0, 333]),
        SEEDING + "invitations": some([0, 2, 50]),
        CONTENT + "enabled": st.booleans(),
        CONTENT + "paid_by": some(["merchants", "platform"]),
        CONTENT + "posts": some([0.1, 2.5]),
        CONTENT + "cost_fen": some([0, 321]),
        CONTENT + "ai_share": some([0.0, 0.5]),
        CONTENT + "ai_cost_fen": some([0, 17]),
        CONTENT + "ugc": some([0.02, 1.0]),
        CONTENT + "cell_size": some([50, 10_000]),
        CONTENT + "opens": some([0.3, 1.0]),
        CONTENT + "audience": some([0.05, 1.0]),
        CONTENT + "pull": some([0.2, 1.0]),
        CONTENT + "shares": some([0.05, 1.0]),
        RETURNS + "enabled": some([True, False, False]),
        RETURNS + "base": some([0.03, 0.5, 1.0]),
        RETURNS + "window_days": some([1, 7]),
        RETURNS + "restocked": some([0.0, 0.7]),
        RETURNS + "salvage": some([0.0, 0.33]),
        RETURNS + "shipping_fen": some([0, 301]),
        RETURNS + "subsidy_back": st.booleans(),
        RETURNS + "fee_back": st.booleans(),
        RETURNS + "coupon_back": st.booleans(),
    }
)
FIXED = {
    "days": DAYS,
    "burn_in_days": BURN_IN,
    "merchants.cohorts": {"small": {"count": 3, "products_each": 2}, "large": {"count": 1, "products_each": 3}},
    "social.n_communities": 4,
}


def market_of(world: dict[str, Any]) -> Market:
    changes = {**FIXED, **world}
    seed = changes.pop("seed")
    changes[COUPONS + "transferable"] &= changes[COUPONS + "pass_on_days"] < changes[COUPONS + "valid_days"]
    if changes["social.kind"] != "communities":
        del changes["social.n_communities"]
    if changes["social.kind"] == "complete":
        del changes["social.degree"]
    return Market(Scenario(), rng=seed, **changes)
