"""The registry of final measures: one number per run each, with its unit and its denominator.

Unless a definition says otherwise, a measure covers the window `burn_in_days` ≤ day < `days` (campaign and
post-window), sales are settled orders by the day of settlement, and a ratio with nothing below the line is NaN ("—").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """What a measure is about."""

    REPURCHASE = "repurchase"
    SPREAD = "spread"
    MONEY = "money"
    MECHANICS = "mechanics"
    EXPOSURE = "exposure"


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


_REPURCHASE, _SPREAD, _MONEY, _MECHANICS, _EXPOSURE = Family

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
        "adopters whose first sale came through an invitation (incentivised), of all adopters; the rest are organic",
    ),
    Measure(
        "invitations_per_inviter",
        "invitations per inviter",
        _SPREAD,
        "invitations",
        "invitations sent, per consumer who sent any",
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
        "orders paid through an invitation, settled or not, per invitation sent",
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
    Measure("gmv", "GMV", _MONEY, "yuan", "paid by consumers plus subsidy, sum over sales", higher_is_better=True),
    Measure(
        "contribution_platform",
        "contribution of the platform",
        _MONEY,
        "yuan",
        "net revenue: fees less subsidies, sum over sales",
        higher_is_better=True,
    ),
    Measure(
        "contribution_merchants",
        "contribution of merchants",
        _MONEY,
        "yuan",
        "paid plus subsidy minus fee minus cost of goods and fulfilment, sum over sales",
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
    Measure("subsidy", "subsidy", _MONEY, "yuan", "paid by the platform on top of what consumers paid, sum over sales"),
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
        "number of orders paid in the window and neither settled nor refunded at the end",
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
)

PRIMARIES: tuple[str, ...] = tuple(m.name for m in MEASURES if m.is_primary)
"""The names of the primary measures, in registry order."""
