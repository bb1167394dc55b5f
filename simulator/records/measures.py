"""The registry of final measures: one number per run each, with its unit and its denominator.

Unless a definition says otherwise, a measure covers the window `burn_in_days` ≤ day < `days` (campaign and
post-window), sales are settled orders by the day of settlement, and a ratio with nothing below the line is NaN ("—").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from simulator.records.events import Origin


class Family(StrEnum):
    """What a measure is about."""

    REPURCHASE = "repurchase"
    SPREAD = "spread"
    MONEY = "money"
    MECHANICS = "mechanics"
    EXPOSURE = "exposure"
    HEALTH = "health"
    INCREMENTAL = "against the baseline"


@dataclass(frozen=True)
class Measure:
    """One number per run.

    Attributes:
        name: Its key in `final_measures`.
        label: Its name in tables and figures.
        family: What it is about.
        unit: The unit of the number.
        definition: One line, with the denominator.
        higher_is_better: None where neither direction is good as such.
        is_primary: Whether it was named beforehand as a result; the others are exploratory.
        is_heavy_tailed: Whether a mean over seeds is unreliable (use the median or a bootstrap).
    """

    name: str
    label: str
    family: Family
    unit: str
    definition: str
    higher_is_better: bool | None = None
    is_primary: bool = False
    is_heavy_tailed: bool = False


_REPURCHASE, _SPREAD, _MONEY, _MECHANICS, _EXPOSURE, _HEALTH, _ = Family

INVITING: tuple[Origin, ...] = tuple(
    origin for origin in Origin if origin not in (Origin.NONE, Origin.COUPONS, Origin.ABUSE)
)
"""Whose invitations can bring an adopter."""

MEASURES: tuple[Measure, ...] = (
    Measure(
        "p_two_orders",
        "P(≥ 2 orders)",
        _REPURCHASE,
        "share",
        "consumers with at least two sales, of all consumers",
        higher_is_better=True,
        is_primary=True,
    ),
    Measure(
        "orders_per_consumer",
        "orders per consumer",
        _REPURCHASE,
        "orders",
        "sales per consumer, buyers or not",
        higher_is_better=True,
    ),
    Measure(
        "buyers_share",
        "buyers",
        _REPURCHASE,
        "share",
        "consumers with at least one sale, of all consumers",
        higher_is_better=True,
    ),
    *(
        Measure(
            f"repeat_rate_{days}",
            f"repeat rate, {days} days",
            _REPURCHASE,
            "share",
            f"buyers with a second sale at most {days} days after their first of the window, "
            f"of the buyers followed for {days} days",
            higher_is_better=True,
        )
        for days in (30, 60, 90)
    ),
    *(
        Measure(
            f"retention_month_{month}",
            f"retention, month {month}",
            _REPURCHASE,
            "share",
            f"buyers with a sale {30 * month - 29} to {30 * month} days after their first of the window, "
            f"of the buyers followed for {30 * month} days",
            higher_is_better=True,
        )
        for month in (1, 2, 3)
    ),
    Measure(
        "mean_gap_days",
        "mean gap between orders",
        _REPURCHASE,
        "days",
        "days between one sale and the next to the same consumer, per completed gap; "
        "too short as an estimate, since the window cuts long gaps off",
    ),
    Measure(
        "orders_per_buyer",
        "orders per buyer",
        _REPURCHASE,
        "orders",
        "sales per consumer with at least one sale",
        higher_is_better=True,
    ),
    Measure(
        "prospects_reached",
        "prospects reached",
        _SPREAD,
        "share",
        "adopters (prospects whose first sale ever falls in the window), of all initial prospects",
        higher_is_better=True,
        is_primary=True,
    ),
    Measure(
        "n_adopters",
        "adopters",
        _SPREAD,
        "consumers",
        "number of prospects whose first sale ever falls in the window",
        higher_is_better=True,
    ),
    Measure(
        "joined_share",
        "prospects joined",
        _SPREAD,
        "share",
        "prospects who became members in the window, buying or not, of all initial prospects",
        higher_is_better=True,
    ),
    Measure(
        "invited_share",
        "adopters invited",
        _SPREAD,
        "share",
        "adopters whose first sale came through an invitation (incentivised), of all adopters; the rest, "
        "by word of mouth or by themselves, are organic",
    ),
    Measure(
        "invitations_per_inviter",
        "invitations per inviter",
        _SPREAD,
        "invitations",
        "invitations and good word of mouth sent, per consumer who sent any",
    ),
    Measure(
        "invitations_read_share",
        "invitations read",
        _SPREAD,
        "share",
        "invitations read, of those read, unread or crowded out (those under way at the end are left out)",
        higher_is_better=True,
    ),
    Measure(
        "orders_per_invitation",
        "orders per invitation",
        _SPREAD,
        "orders",
        "orders placed through an invitation, settled or not, per invitation sent",
        higher_is_better=True,
    ),
    Measure(
        "k_factor",
        "K, 90 days",
        _SPREAD,
        "adopters",
        "adopters brought within 90 days of one's own adoption, per adopter followed for 90 days; "
        "— without invitations",
        higher_is_better=True,
    ),
    Measure(
        "k_unsaturated",
        "K, prospects not running out",
        _SPREAD,
        "adopters",
        "K with every adopter brought counted as 1/share of prospects not yet reached on its day: K as it would be if "
        "everybody were still to be reached. K itself stays below 1 over a whole spread, since each adopter is brought "
        "once; this one tells whether a spread feeds itself",
        higher_is_better=True,
    ),
    *(
        Measure(
            f"k_{origin.name.lower()}",
            f"K of {origin.name.lower().replace('_', ' ')}",
            _SPREAD,
            "adopters",
            "the part of K that this mechanic's invitations brought; the parts add up to K; — where it sends none",
            higher_is_better=True,
        )
        for origin in INVITING
    ),
    Measure(
        "generation_time_days",
        "generation time",
        _SPREAD,
        "days",
        "days from an adopter's adoption to that of one it brought, per adopter brought that K counts",
    ),
    Measure(
        "largest_cascade",
        "largest cascade",
        _SPREAD,
        "consumers",
        "consumers in the largest cascade, its root included",
        higher_is_better=True,
        is_heavy_tailed=True,
    ),
    Measure(
        "deepest_cascade",
        "deepest cascade",
        _SPREAD,
        "generations",
        "steps from the root to the last generation of the deepest cascade",
        higher_is_better=True,
        is_heavy_tailed=True,
    ),
    Measure(
        "single_cascades_share",
        "cascades of size 1",
        _SPREAD,
        "share",
        "cascades whose root brought no adopter, of all cascades",
        higher_is_better=False,
    ),
    Measure(
        "structural_virality",
        "structural virality",
        _SPREAD,
        "steps",
        "mean distance between two consumers of a cascade (Goel et al. 2016), per cascade of at least 3 consumers",
    ),
    Measure(
        "referred_value_ratio",
        "value of the referred",
        _SPREAD,
        "ratio",
        "contribution within 60 days of the first sale, per adopter whom a referral brought to it, "
        "over that per other adopter, of those followed so long",
        higher_is_better=True,
        is_heavy_tailed=True,
    ),
    Measure(
        "referred_retention_ratio",
        "retention of the referred",
        _SPREAD,
        "ratio",
        "share with a sale 31 to 60 days after the first, of adopters whom a referral brought to it, "
        "over that of other adopters, of those followed so long",
        higher_is_better=True,
        is_heavy_tailed=True,
    ),
    Measure("gmv", "GMV", _MONEY, "yuan", "paid by consumers plus subsidy, sum over sales", higher_is_better=True),
    Measure(
        "contribution_platform",
        "contribution of the platform",
        _MONEY,
        "yuan",
        "net revenue: fees less subsidies, sum over sales, less the marketing cost it bears",
        higher_is_better=True,
    ),
    Measure(
        "contribution_merchants",
        "contribution of merchants",
        _MONEY,
        "yuan",
        "paid plus subsidy minus fee minus cost of goods and fulfilment, sum over sales, "
        "less the marketing cost they bear",
        higher_is_better=True,
    ),
    Measure(
        "contribution_total",
        "total contribution",
        _MONEY,
        "yuan",
        "contribution of the platform plus contribution of the merchants",
        higher_is_better=True,
        is_primary=True,
    ),
    Measure(
        "marketing_cost",
        "marketing cost",
        _MONEY,
        "yuan",
        "fees of seeds, the goods given to them, and what content costs, whoever pays",
        higher_is_better=False,
    ),
    Measure(
        "subsidy",
        "subsidy",
        _MONEY,
        "yuan",
        "paid by the platform on top of what consumers paid, sum over sales, and the marketing cost it bears",
    ),
    Measure(
        "subsidy_per_adopter",
        "subsidy per adopter",
        _MONEY,
        "yuan",
        "all subsidy, whoever received it, per adopter (acquisition cost)",
        higher_is_better=False,
    ),
    Measure("subsidy_share", "subsidy of GMV", _MONEY, "share", "subsidy, of GMV", higher_is_better=False),
    Measure("orders", "orders", _MONEY, "orders", "number of sales", higher_is_better=True),
    Measure("average_order_value", "average order value", _MONEY, "yuan", "GMV per sale", higher_is_better=True),
    Measure(
        "paid_per_buyer",
        "paid per buyer",
        _MONEY,
        "yuan",
        "paid by consumers, per consumer with at least one sale",
        higher_is_better=True,
    ),
    Measure(
        "surplus",
        "surplus",
        _MONEY,
        "yuan",
        "buyers' surplus over not buying, sum over sales; only its difference between paired arms has a meaning",
        higher_is_better=True,
    ),
    Measure("groups_opened", "groups opened", _MECHANICS, "groups", "number of groups opened"),
    Measure(
        "groups_filled_share",
        "groups filled",
        _MECHANICS,
        "share",
        "groups filled, of the groups opened in the window that have filled or lapsed",
        higher_is_better=True,
    ),
    Measure(
        "joiners_invited_share",
        "joiners invited by friends",
        _MECHANICS,
        "share",
        "orders by shoppers whom an invitation brought, of all orders that joined a group",
    ),
    Measure("bargains_opened", "bargains opened", _MECHANICS, "bargains", "number of bargains opened"),
    Measure(
        "bargains_done_share",
        "bargains that came about",
        _MECHANICS,
        "share",
        "bargains that came about, of the bargains opened in the window that have come about or lapsed",
        higher_is_better=True,
    ),
    Measure(
        "helpers_per_bargain",
        "helpers per bargain",
        _MECHANICS,
        "consumers",
        "friends who cut, per bargain opened in the window that has come about or lapsed",
    ),
    Measure(
        "joined_by_helping",
        "prospects who joined by helping",
        _MECHANICS,
        "consumers",
        "number of prospects who joined by cutting in a friend's bargain",
        higher_is_better=True,
    ),
    Measure(
        "word_of_mouth_heard",
        "word of mouth heard",
        _MECHANICS,
        "messages",
        "number of times that a friend took in what a buyer said about a product",
    ),
    Measure(
        "bad_word_of_mouth_share",
        "bad word of mouth",
        _MECHANICS,
        "share",
        "word of mouth of disappointed buyers, of the word of mouth heard",
        higher_is_better=False,
    ),
    Measure(
        "refunded_share",
        "orders refunded",
        _MECHANICS,
        "share",
        "orders refunded, of the orders settled or refunded in the window",
        higher_is_better=False,
    ),
    Measure(
        "unresolved_orders",
        "orders unresolved",
        _MECHANICS,
        "orders",
        "number of orders placed in the window and neither settled nor undone at the end",
    ),
    Measure("coupons_issued", "coupons issued", _MECHANICS, "coupons", "number of coupons issued"),
    Measure(
        "coupons_noticed_share",
        "coupons noticed",
        _MECHANICS,
        "share",
        "coupons noticed by their receivers, of all coupons issued",
    ),
    Measure(
        "coupons_redeemed_share",
        "coupons redeemed",
        _MECHANICS,
        "share",
        "coupons redeemed, of the coupons issued in the window, noticed or not, that are no longer outstanding",
        higher_is_better=True,
    ),
    Measure(
        "coupons_outstanding",
        "coupons outstanding",
        _MECHANICS,
        "coupons",
        "number of coupons issued in the window and noticed that are still held at the end",
    ),
    Measure(
        "coupons_passed_on",
        "coupons passed on",
        _MECHANICS,
        "coupons",
        "number of times that a holder's coupon went to a friend; not counted as issued again",
    ),
    Measure("contents_made", "pieces of content", _MECHANICS, "pieces", "pieces by merchants and posts by buyers"),
    Measure(
        "views_per_consumer",
        "content views per consumer",
        _MECHANICS,
        "views",
        "views of content in the feed, per consumer",
    ),
    Measure(
        "orders_per_view",
        "orders per content view",
        _MECHANICS,
        "orders",
        "orders by viewers whom a piece brought, settled or not, per view of a piece in the feed",
        higher_is_better=True,
    ),
    Measure(
        "orders_per_examined",
        "orders per product examined",
        _EXPOSURE,
        "orders",
        "orders from a slate, per product examined on a slate",
        higher_is_better=True,
    ),
    Measure(
        "exposure_gini",
        "inequality of exposure",
        _EXPOSURE,
        "Gini",
        "Gini coefficient of the times shown, over all products, never shown ones included",
    ),
    Measure(
        "products_shown_share",
        "products ever shown",
        _EXPOSURE,
        "share",
        "products shown at least once, of all products; — if nothing was shown",
        higher_is_better=True,
    ),
    Measure("mean_rating", "mean rating", _EXPOSURE, "points (0–1)", "rating given, per rating", higher_is_better=True),
    Measure(
        "trust_shift",
        "trust gained",
        _HEALTH,
        "points (0–1)",
        "all shifts of trust in the platform, lost trust being negative, per consumer",
        higher_is_better=True,
    ),
    Measure(
        "resold_share",
        "orders for resale",
        _HEALTH,
        "share",
        "sales to abusers who came to resell, of all sales",
        higher_is_better=False,
    ),
    Measure(
        "abuse_from_platform",
        "subsidy taken for resale",
        _MONEY,
        "yuan",
        "subsidy on sales to abusers who came to resell: what abuse takes from the platform",
        higher_is_better=False,
    ),
    Measure(
        "abuse_from_merchants",
        "discounts taken for resale",
        _MONEY,
        "yuan",
        "list price less paid less subsidy on sales to abusers who came to resell: what abuse takes from merchants; "
        "not all of it is lost, since at list price they would not have come",
        higher_is_better=False,
    ),
    Measure(
        "abuse_subsidy_share",
        "subsidy that abuse takes",
        _MONEY,
        "share",
        "subsidy on sales to abusers who came to resell, of the subsidy on all sales",
        higher_is_better=False,
    ),
    Measure(
        "needs_met_second_hand",
        "needs met second-hand",
        _HEALTH,
        "needs",
        "number of needs of honest consumers met by what abusers resell, before they came to buy",
        higher_is_better=False,
    ),
    Measure(
        "fake_adopters_share",
        "adopters who are abusers",
        _SPREAD,
        "share",
        "adopters who are accounts of abusers, of all adopters; — without adopters",
        higher_is_better=False,
    ),
    Measure(
        "honest_orders",
        "orders of the honest",
        _HEALTH,
        "orders",
        "sales to consumers who are no abusers, per such consumer",
        higher_is_better=True,
    ),
    Measure(
        "accounts_reviewed",
        "accounts reviewed",
        _HEALTH,
        "reviews",
        "number of reviews of accounts flagged for many deals; their cost is marketing cost",
    ),
    Measure(
        "abusers_barred_share",
        "abusers barred",
        _HEALTH,
        "share",
        "abusers barred from deals at least once, of all abusers (true positive rate); — without abusers",
        higher_is_better=True,
    ),
    Measure(
        "honest_barred_share",
        "honest consumers barred",
        _HEALTH,
        "share",
        "consumers barred from deals at least once who are no abusers, of all who are none (false positive rate)",
        higher_is_better=False,
    ),
    Measure(
        "false_alarms_share",
        "bars on the honest",
        _HEALTH,
        "share",
        "bars that hit consumers who are no abusers, of all bars (1 − precision); — without bars",
        higher_is_better=False,
    ),
)

PRIMARIES: tuple[str, ...] = tuple(m.name for m in MEASURES if m.is_primary)
"""The names of the primary measures, in registry order."""
