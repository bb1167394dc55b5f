"""Small worlds drawn over every setting, with odd corners and enough going on."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from simulator import Scenario
from tests.oracle.blocks import CAPABILITY, COUPONING, INSIGHT, PAGES, PRICING, PRIVACY, PRODUCT, STOCKING
from tests.oracle.values import OFTEN, SHARE, Settings, ints, reals, some

LINKS = Path(__file__).with_name("links.txt")
MECHANICS = (
    "group_buying",
    "bargaining",
    "coupons",
    "referral",
    "word_of_mouth",
    "returns",
    "trends",
    "channels",
    "service",
    "brand",
)

PEOPLE: Settings = {
    "consumers.prospect_fraction": st.floats(0.2, 0.8) | SHARE,
    "consumers.taste_dimensions": ints(1, 5),
    "consumers.price_sensitivity": reals(1.5, 5.0),
    "consumers.price_sensitivity_sd": reals(0.0, 1.0),
    "consumers.sociability": st.floats(0.1, 0.95),
    "consumers.sociability_concentration": st.floats(0.5, 20.0),
    "consumers.trust": SHARE,
    "consumers.trust_sd": reals(0.0, 0.5),
    "needs.rate": st.floats(0.1, 1.0),
    "needs.rate_shape": st.floats(0.3, 5.0),
    "needs.conversion": reals(0.5, 1.0),
    "needs.retry": SHARE,
    "needs.attrition_alpha": st.floats(0.2, 3.0),
    "needs.attrition_beta": st.floats(0.5, 20.0),
    "needs.satisfaction_effect": reals(-20.0, 20.0),
    "needs.has_attrition": st.booleans(),
    "needs.weekend_factor": reals(0.1, 3.0),
    "needs.festival_days": st.lists(ints(0, 39), max_size=4, unique=True).map(tuple),
    "needs.festival_factor": reals(0.2, 5.0),
    "needs.home_stock": SHARE,
    "joining.innovation": reals(0.0, 3.0),
    "joining.imitation": reals(0.0, 5.0),
    "joining.threshold": st.none() | st.floats(0.01, 1.0),
    "invitations.read": OFTEN,
    "attention.per_day": ints(0, 4),
    "attention.fatigue": reals(0.0, 2.0),
    "attention.recovery_days": reals(0.5, 20.0),
}

MARKET: Settings = {
    "merchants.n_categories": ints(1, 4),
    "merchants.list_price_median_fen": ints(100, 10_000),
    "merchants.list_price_sd": reals(0.0, 1.0),
    "merchants.cost_fraction": reals(0.0, 1.5),
    "merchants.fulfilment_fen": ints(0, 1000),
    "merchants.quality_alpha": st.floats(0.5, 10.0),
    "merchants.quality_beta": st.floats(0.5, 10.0),
    "merchants.stock_units": st.none() | ints(1, 12),
    "merchants.restock_days": ints(1, 9),
    "merchants.holding_fen": some([0, 0, 3]),
    "merchants.ordering_fen": some([0, 0, 250]),
    "platform.take_rate": SHARE,
    "platform.subsidy_cap_fraction": st.none() | some([0.0, 0.01, 0.03, 0.1, 1.0]),
    "platform.slate_size": ints(1, 8),
    "platform.examination_decay": reals(0.0, 3.0),
    "platform.sales_window_days": ints(1, 10),
    "platform.reaction_days": ints(1, 5),
    "platform.coupons_stack_on_groups": st.booleans(),
    "platform.reminder_visit": SHARE,
    "platform.wallet_size": ints(1, 4),
    "choice.appeal": reals(-3.0, 4.0),
    "choice.quality_weight": reals(0.0, 4.0),
    "choice.taste_weight": reals(0.0, 2.0),
    "choice.loyalty_weight": reals(0.0, 4.0),
    "choice.friends_weight": reals(0.0, 3.0),
    "choice.friends_seen": ints(0, 20),
    "choice.friends_at_most": ints(0, 4),
    "choice.trust_weight": reals(0.0, 3.0),
    "choice.trust_standard": SHARE,
    "choice.without_need": reals(0.0, 2.0),
    "choice.prospect_reserve": reals(0.0, 2.0),
    "choice.home_stock_reserve": reals(0.0, 2.0),
    "choice.gain_weight": reals(0.0, 2.0),
    "choice.loss_aversion": reals(1.0, 3.0),
    "experience.quality_noise": reals(0.0, 1.0),
    "experience.defect": reals(0.0, 0.5),
    "experience.standard": SHARE,
    "experience.satisfaction_carry": SHARE,
    "experience.loyalty_carry": SHARE,
    "experience.reference_carry": SHARE,
    "experience.rating": SHARE,
    "experience.prior_ratings": st.floats(0.1, 10.0),
    "experience.defect_trust": reals(0.0, 1.0),
    "policies.couponing.share": reals(0.05, 1.0),
    "policies.couponing.kind": some(["blanket", "new_customer", "price_sensitivity", "rfm", "win_back", "uplift"]),
    "policies.stocking.kind": some(["routine", "reorder"]),
    "policies.product.kind": some(["fixed", *PRODUCT]),
    "policies.product.cost_fen": some([0, 300, 5000]),
    "policies.product.lead_days": ints(1, 9),
    "policies.pricing.kind": some(["fixed", *PRICING]),
    "policies.recommendation.kind": some(["random", "popular", "oracle", *PAGES]),
}

GROUP_BUYING: Settings = {
    "reach": OFTEN,
    "size": some([2, 2, 3, 4, 6]),
    "discount": reals(0.0, 0.7),
    "deadline_days": some([1, 1, 2, 3]),
    "cell_size": some([2, 10, 30, 10_000]),
    "tipping_days": ints(1, 8),
    "prior_groups": st.floats(0.5, 30.0),
    "prior_filled": SHARE,
    "open_cost": reals(-2.0, 1.0),
    "join_cost": reals(-3.0, 1.0),
    "cost_sd": reals(0.0, 2.0),
    "lapse_cost": reals(0.0, 2.0),
    "friend_bonus": reals(0.0, 4.0),
    "invitations": ints(0, 8),
    "lapse_satisfaction": reals(0.0, 0.5),
}

BARGAINING: Settings = {
    "reach": OFTEN,
    "floor": st.floats(0.01, 0.99),
    "platform_share": st.just(0.0) | SHARE,
    "deadline_days": some([1, 1, 2, 3]),
    "cut": st.floats(0.05, 1.0),
    "new_cut": st.floats(0.05, 1.0),
    "rounded_off": reals(0.0, 0.3),
    "flattery": some([0.0, 0.5, 0.9]),
    "help": OFTEN,
    "new_help": OFTEN,
    "invitations": some([0, 2, 8, 8, 20]),
    "open_cost": reals(-4.0, 0.5),
    "cost_sd": reals(0.0, 2.0),
    "lapse_cost": reals(0.0, 2.0),
    "success_days": ints(1, 8),
    "prior_bargains": st.floats(0.5, 30.0),
    "prior_done": SHARE,
    "lapse_satisfaction": reals(0.0, 0.5),
    "near_miss": reals(0.0, 0.5),
    "near_miss_trust": SHARE,
}

COUPONS: Settings = {
    "reach": OFTEN,
    "kind": some(["threshold", "fixed", "percentage"]),
    "face_fen": ints(1, 1000),
    "percent": ints(1, 99),
    "valid_days": ints(1, 12),
    "every_days": ints(1, 8),
    "noticed": OFTEN,
    "budget_fen": st.none() | ints(0, 20_000),
    "pass_on": OFTEN,
}

REFERRAL: Settings = {
    "reach": OFTEN,
    "refer": OFTEN,
    "invitations": ints(0, 8),
    "inviter_reward_fen": some([100, 500, 900, 0]),
    "invitee_reward_fen": some([100, 500, 900, 0]),
    "valid_days": ints(1, 12),
    "attribution_days": ints(1, 12),
    "tiers": some([(), (), ((2, 300), (3, 800)), ((2, 0),), ((4, 950),)]),
    "rewarded_at_most": some([None, None, 0, 1, 3]),
}

WORD_OF_MOUTH: Settings = {
    "reach": OFTEN,
    "satisfied_from": reals(0.0, 0.2),
    "disappointed_from": reals(0.0, 0.2),
    "good_talk": OFTEN,
    "bad_talk": OFTEN,
    "friends_told": some([0, 2, 8, 8, 20]),
    "loyalty_lost": reals(0.0, 2.0),
}

RETURNS: Settings = {
    "reach": OFTEN,
    "base": SHARE,
    "disappointment": reals(0.0, 50.0),
    "fit_sd": reals(0.0, 2.0),
    "window_days": ints(1, 9),
    "restocked": SHARE,
    "salvage": SHARE,
    "shipping_fen": ints(0, 1000),
    "subsidy_back": st.booleans(),
    "fee_back": st.booleans(),
    "coupon_back": st.booleans(),
    "satisfaction": reals(-0.5, 0.5),
    "loyalty_lost": reals(0.0, 2.0),
}

TRENDS: Settings = {
    "reach": OFTEN,
    "every_days": some([1.0, 4.0, 20.0]),
    "festival_days": st.lists(ints(0, 20), max_size=3, unique=True).map(tuple),
    "life_days": ints(1, 20),
    "half_life_days": st.floats(0.5, 20.0),
    "strength": reals(0.0, 4.0),
    "visits": SHARE,
}

CHANNELS: Settings = {
    "reach": OFTEN,
    "history": some(["one", "silos"]),
    "n_regions": ints(1, 4),
    "stores": OFTEN,
    "lure": reals(-2.0, 6.0),
    "trip": reals(0.0, 6.0),
    "rent_fen": ints(0, 20_000),
    "take_rate": SHARE,
}

SERVICE: Settings = {
    "reach": OFTEN,
    "routing": some(["humans", "ai", "ai_first", "ai_first"]),
    "paid_by": some(["merchants", "platform"]),
    "disappointed_from": reals(0.0, 0.5),
    "complains": OFTEN,
    "human_cases": st.just(0.0) | reals(0.0, 50.0),
    "ai_cases": reals(0.0, 100.0),
    "human_resolves": SHARE,
    "ai_resolves": SHARE,
    "human_fen": ints(0, 2000),
    "ai_fen": ints(0, 200),
    "patience_days": ints(1, 6),
    "gives_back": reals(0.0, 2.0),
    "takes_more": reals(0.0, 2.0),
}

BRAND: Settings = {
    "reach": OFTEN,
    "decay": reals(0.0, 1.0),
    "goodwill_weight": reals(0.0, 3.0),
    "full_fen": st.floats(0.1, 200.0),
    "moves": ints(2, 6),
    "alike": SHARE,
    "clutter": reals(0.0, 5.0),
    "invention_fen": ints(0, 5000),
}

CAMPAIGNING: Settings = {
    "reach": OFTEN,
    "kind": some(["steady", "imitating", "imitating", "imitating"]),
    "every_days": ints(1, 6),
    "budget_share": SHARE,
    "imitating.imitation": OFTEN,
    "imitating.invention": SHARE,
    "imitating.crowded_from": SHARE,
}

NETWORKS: dict[str, Settings] = {
    "small_world": {"degree": some([2, 4, 10]), "rewire_fraction": SHARE},
    "scale_free": {"degree": some([2, 4, 10])},
    "power_law": {"degree": st.floats(1.0, 10.0), "exponent": st.floats(2.1, 4.0)},
    "communities": {
        "degree": st.floats(1.0, 6.0),
        "n_communities": ints(2, 3),
        "mixing_fraction": SHARE,
        "taste_homophily": SHARE,
    },
    "complete": {},
    "ring": {"degree": some([2, 4, 10])},
    "random": {"degree": st.floats(1.0, 10.0)},
    "edge_list": {"path": st.just(str(LINKS))},
}


def _block(prefix: str, settings: Settings) -> Settings:
    return {f"{prefix}.{name}": values for name, values in settings.items()}


@st.composite
def scenarios(draw: st.DrawFn, on: frozenset[str] | None = None) -> Scenario:
    """A small world with these mechanics on; with any if None."""
    burn_in, campaign, post = draw(ints(2, 5)), draw(ints(7, 28)), draw(ints(3, 10))
    kind = draw(some(sorted(NETWORKS)))
    n = draw(ints(20, 120) | ints(110, 160))
    period = draw(ints(1, 12))
    told = _block("privacy", PRIVACY) | _block("insight", INSIGHT)
    told |= _block("policies.campaigning", CAMPAIGNING)
    for family, kinds in {
        "pricing": PRICING,
        "recommendation": PAGES,
        "couponing": COUPONING,
        "product": PRODUCT,
    }.items():
        for name, block in kinds.items():
            told |= _block(f"policies.{family}.{name}", block)
    told |= _block("policies.stocking.reorder", STOCKING) | _block("capability", CAPABILITY)
    capacity = st.none() | st.none() | ints(1, 4)
    settings = {
        "days": burn_in + campaign + post,
        "burn_in_days": burn_in,
        "post_days": post,
        "waves_per_day": draw(ints(1, 8)),
        "consumers.n": n,
        "merchants.cohorts": {
            "small": {"count": draw(ints(1, 4)), "products_each": draw(ints(1, 3)), "daily_capacity": draw(capacity)},
            "large": {"count": draw(ints(0, 2)), "products_each": draw(ints(1, 6)), "daily_capacity": draw(capacity)},
        },
        "policies.pricing.promotion_calendar.period_days": period,
        "policies.pricing.promotion_calendar.length_days": draw(ints(1, period)),
        "social.kind": kind,
        **draw(st.fixed_dictionaries(PEOPLE | MARKET | told | _block("social", NETWORKS[kind]))),
    }
    blocks = {
        "group_buying": GROUP_BUYING,
        "bargaining": BARGAINING,
        "coupons": COUPONS,
        "referral": REFERRAL,
        "word_of_mouth": WORD_OF_MOUTH,
        "returns": RETURNS,
        "trends": TRENDS,
        "channels": CHANNELS,
        "service": SERVICE,
        "brand": BRAND,
    }
    for name, block in blocks.items():
        if name in on if on is not None else draw(st.booleans()):
            settings |= draw(st.fixed_dictionaries(_block(f"mechanics.{name}", block)))
            settings[f"mechanics.{name}.enabled"] = True
            settings[f"mechanics.{name}.from_day"] = draw(some([0, 0, 0, 1, 5]))
            if name in ("coupons", "referral"):
                settings[f"mechanics.{name}.min_spend_fen"] = 1000 + draw(ints(1, 3000))
    if (valid_days := settings.get("mechanics.coupons.valid_days", 1)) > 1:
        settings["mechanics.coupons.transferable"] = draw(some([True, True, False]))
        settings["mechanics.coupons.pass_on_days"] = draw(ints(1, valid_days - 1))
    if settings["policies.pricing.kind"] == "competitor":
        # Among equal list prices the mean of rivals' often ends in half a fen, where the last bit of a sum decides.
        settings["merchants.list_price_sd"] = draw(reals(0.2, 1.0))
    settings["policies.couponing.uplift.explore"] = draw(reals(0.1, 0.5)) * settings["policies.couponing.share"]
    return Scenario().replace(**settings)
