"""Measures of health: trust, and what abuse does to whom."""

from __future__ import annotations

from simulator.records.measures.measure import Family, Measure

HEALTH: tuple[Measure, ...] = (
    Measure(
        "trust_shift",
        "trust gained",
        Family.HEALTH,
        "points (0–1)",
        "all shifts of trust in the platform, lost trust being negative, per consumer",
        higher_is_better=True,
    ),
    Measure(
        "resold_share",
        "orders for resale",
        Family.HEALTH,
        "share",
        "sales to abusers who came to resell, of all sales",
        higher_is_better=False,
    ),
    Measure(
        "abuse_from_platform",
        "subsidy taken for resale",
        Family.MONEY,
        "yuan",
        "subsidy on sales to abusers who came to resell: what abuse takes from the platform",
        higher_is_better=False,
    ),
    Measure(
        "abuse_from_merchants",
        "discounts taken for resale",
        Family.MONEY,
        "yuan",
        "list price less paid less subsidy on sales to abusers who came to resell: what abuse takes from merchants; "
        "not all of it is lost, since at list price they would not have come",
        higher_is_better=False,
    ),
    Measure(
        "abuse_subsidy_share",
        "subsidy that abuse takes",
        Family.MONEY,
        "share",
        "subsidy on sales to abusers who came to resell, of the subsidy on all sales",
        higher_is_better=False,
    ),
    Measure(
        "needs_met_second_hand",
        "needs met second-hand",
        Family.HEALTH,
        "needs",
        "number of needs of honest consumers met by what abusers resell, before they came to buy",
        higher_is_better=False,
    ),
    Measure(
        "fake_adopters_share",
        "adopters who are abusers",
        Family.SPREAD,
        "share",
        "adopters who are accounts of abusers, of all adopters; — without adopters",
        higher_is_better=False,
    ),
    Measure(
        "honest_orders",
        "orders of the honest",
        Family.HEALTH,
        "orders",
        "sales to consumers who are no abusers, per such consumer",
        higher_is_better=True,
    ),
    Measure(
        "accounts_reviewed",
        "accounts reviewed",
        Family.HEALTH,
        "reviews",
        "number of reviews of accounts flagged for many deals; their cost is marketing cost",
    ),
    Measure(
        "abusers_barred_share",
        "abusers barred",
        Family.HEALTH,
        "share",
        "abusers barred from deals at least once, of all abusers (true positive rate); — without abusers",
        higher_is_better=True,
    ),
    Measure(
        "honest_barred_share",
        "honest consumers barred",
        Family.HEALTH,
        "share",
        "consumers barred from deals at least once who are no abusers, of all who are none (false positive rate)",
        higher_is_better=False,
    ),
    Measure(
        "false_alarms_share",
        "bars on the honest",
        Family.HEALTH,
        "share",
        "bars that hit consumers who are no abusers, of all bars (1 − precision); — without bars",
        higher_is_better=False,
    ),
)
