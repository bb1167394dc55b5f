"""Settings of policies, of privacy and of insight, drawn at random."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.oracle.values import OFTEN, SHARE, Settings, ints, reals, some

PRICING: dict[str, Settings] = {
    "cost_plus": {"reach": OFTEN, "markup": reals(0.0, 2.0)},
    "promotion_calendar": {"reach": OFTEN, "discount": reals(0.0, 0.6)},
    "stock_driven": {
        "reach": OFTEN,
        "bound": reals(0.0, 0.8),
        "recent_days": ints(1, 9),
        "demand_response": reals(0.0, 3.0),
        "prior_units": st.floats(0.5, 20.0),
        "stock_response": reals(0.0, 3.0),
        "cover_days": reals(0.0, 20.0),
    },
    "competitor": {"reach": OFTEN, "undercut": reals(0.0, 0.3), "floor_markup": reals(0.0, 1.0)},
    "bandit": {
        "reach": OFTEN,
        "levels": some([(0.9, 1.0, 1.1), (0.5, 1.5), (0.6, 0.8, 1.0, 1.3, 3.0)]),
        "every_days": ints(1, 5),
        "prior_looks": st.floats(0.5, 30.0),
        "prior_conversion": st.floats(0.05, 0.95),
    },
    "personalised": {
        "reach": OFTEN,
        "depth": reals(0.0, 0.6),
        "usual_elasticity": st.floats(1.1, 5.0),
        "exploration": reals(0.0, 0.5),
        "noticed": SHARE,
        "trust_lost": SHARE,
    },
}

FALLBACK = some(["popular", "random"])
BASKETS: Settings = {
    "fallback": FALLBACK,
    "refresh_days": ints(1, 8),
    "sample": ints(1, 100),
    "neighbours": ints(1, 12),
}
PAGES: dict[str, Settings] = {
    "personalised": {"fallback": FALLBACK},
    "collaborative": BASKETS,
    "hybrid": BASKETS | {"weight": reals(0.0, 3.0), "exploration": reals(0.0, 3.0)},
}

COUPONING: dict[str, Settings] = {
    "win_back": {"silent_days": ints(1, 12)},
    "uplift": {"events": ints(1, 6), "memory": ints(4, 40) | st.just(1000)},
}

STOCKING: Settings = {
    "reach": OFTEN,
    "review_days": ints(1, 5),
    "lead_days": ints(1, 6),
    "forecast_days": st.floats(1.0, 30.0),
    "corrects_stock_outs": st.booleans(),
    "service": st.floats(0.05, 0.999),
    "cover_days": reals(0.0, 15.0),
}

PRODUCT: dict[str, Settings] = {
    "customised": {
        "reach": OFTEN,
        "review_days": ints(1, 6),
        "payback_days": ints(1, 400),
        "step": reals(0.01, 1.0),
        "sample": ints(5, 200),
        "fewest": ints(2, 12),
    },
    "trend_following": {
        "reach": OFTEN,
        "review_days": ints(1, 6),
        "payback_days": ints(1, 400),
        "step": reals(0.01, 1.0),
        "recent_days": ints(1, 9),
        "prior_units": st.floats(0.5, 10.0),
        "confidence": st.floats(0.05, 0.9),
    },
}

CAPABILITY: Settings = {
    "enabled": some([False, True, True]),
    "products_per_post": ints(1, 5),
    "able_from": SHARE,
    "talent.openings_per_candidate": st.floats(0.5, 6.0),
    "talent.wage_fen": some([0.0, 15.0, 9999.5]),
    "talent.size_premium": reals(0.0, 2.0),
    "talent.wage_pull": reals(0.0, 5.0),
    "talent.every_days": ints(1, 9),
    "talent.quits": some([0.0, 0.2, 30.0, 100.0]),
    "training.reach": SHARE,
    "training.cost_fen": some([0.0, 900.0, 50_000.0]),
    "training.days": ints(1, 9),
    "training.success": SHARE,
    "technology.reach": OFTEN,
    "technology.platform_fen": some([0.0, 50.0, 5000.0]),
    "technology.merchant_fen": some([0.0, 5.0, 5000.0]),
}

PRIVACY: Settings = {
    "collection": some(["none", "orders", "browsing", "browsing", "everything", "everything"]),
    "consent.kind": some(["opt_in", "opt_out", "unasked"]),
    "consent.opt_in": SHARE,
    "consent.opt_out": SHARE,
    "noise.epsilon": st.none() | reals(0.01, 6.0),
    "noise.profile_sd": st.just(0.0) | reals(0.0, 2.0),
    "security.kind": some(["none", "encryption", "blockchain"]),
    "security.encryption.spend_fen": some([0, 200, 5000]),
    "security.encryption.half_fen": st.floats(1.0, 1000.0),
    "security.blockchain.spend_fen": some([0, 200, 5000]),
    "security.blockchain.half_fen": st.floats(1.0, 1000.0),
    "security.blockchain.delay_days": ints(0, 4),
    "leaks.hazard": some([0.0, 5.0, 100.0, 1000.0]),
    "leaks.growth": reals(0.5, 10.0),
    "leaks.years": reals(0.0, 3.0),
    "leaks.exposed": SHARE,
    "leaks.trust": SHARE,
    "leaks.wariness": reals(0.0, 3.0),
    "leaks.half_life_days": st.floats(1.0, 100.0),
    "leaks.withdraw": SHARE,
    "leaks.fine_fen": some([0, 100, 5000]),
    "audits.per_year": some([0.0, 20.0, 365.0]),
    "audits.fine_share": SHARE,
    "audits.turnover_days": ints(1, 40),
}

INSIGHT: Settings = {
    "appeal_sd": reals(0.0, 2.0),
    "taste_sd": reals(0.0, 2.0),
    "price_sensitivity": reals(0.0, 5.0),
    "price_sensitivity_sd": reals(0.0, 2.0),
    "click_margin": reals(0.0, 3.0),
    "prior_looks": reals(1.0, 50.0),
    "prior_clicks": st.floats(0.01, 0.99),
    "memory": ints(1, 30),
    "demographics_sd": st.floats(0.1, 5.0),
    "device_sd": st.floats(0.1, 5.0),
    "refit_days": ints(3, 12),
    "refit_buyers": ints(1, 40),
}
