"""Measures of spread: whom the platform reaches, and through whom."""

from __future__ import annotations

from simulator.records.events.codes import Origin
from simulator.records.measures.measure import Family, Measure

INVITING: tuple[Origin, ...] = (
    Origin.GROUP_BUYING,
    Origin.REFERRAL,
    Origin.BARGAINING,
    Origin.CONTENT,
    Origin.SEEDING,
    Origin.WORD_OF_MOUTH,
    Origin.SHARED,
)
"""Whose invitations can bring an adopter."""

SPREAD: tuple[Measure, ...] = (
    Measure(
        "prospects_reached",
        "prospects reached",
        Family.SPREAD,
        "share",
        "adopters (prospects whose first sale ever falls in the window), of all initial prospects",
        higher_is_better=True,
        is_primary=True,
    ),
    Measure(
        "n_adopters",
        "adopters",
        Family.SPREAD,
        "consumers",
        "number of prospects whose first sale ever falls in the window",
        higher_is_better=True,
    ),
    Measure(
        "joined_share",
        "prospects joined",
        Family.SPREAD,
        "share",
        "prospects who became members in the window, buying or not, of all initial prospects",
        higher_is_better=True,
    ),
    Measure(
        "invited_share",
        "adopters invited",
        Family.SPREAD,
        "share",
        "adopters whose first sale came through an invitation (incentivised), of all adopters; the rest, "
        "by word of mouth or by themselves, are organic",
    ),
    Measure(
        "invitations_per_inviter",
        "invitations per inviter",
        Family.SPREAD,
        "invitations",
        "invitations and good word of mouth sent, per consumer who sent any",
    ),
    Measure(
        "invitations_read_share",
        "invitations read",
        Family.SPREAD,
        "share",
        "invitations read, of those read, unread or crowded out (those under way at the end are left out)",
        higher_is_better=True,
    ),
    Measure(
        "orders_per_invitation",
        "orders per invitation",
        Family.SPREAD,
        "orders",
        "orders placed through an invitation, settled or not, per invitation sent",
        higher_is_better=True,
    ),
    Measure(
        "k_factor",
        "K, 90 days",
        Family.SPREAD,
        "adopters",
        "adopters brought within 90 days of one's own adoption, per adopter followed for 90 days; "
        "— without invitations",
        higher_is_better=True,
    ),
    Measure(
        "k_unsaturated",
        "K, prospects not running out",
        Family.SPREAD,
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
            Family.SPREAD,
            "adopters",
            "the part of K that this mechanic's invitations brought; the parts add up to K; — where it sends none",
            higher_is_better=True,
        )
        for origin in INVITING
    ),
    Measure(
        "generation_time_days",
        "generation time",
        Family.SPREAD,
        "days",
        "days from an adopter's adoption to that of one it brought, per adopter brought that K counts",
    ),
    Measure(
        "largest_cascade",
        "largest cascade",
        Family.SPREAD,
        "consumers",
        "consumers in the largest cascade, its root included",
        higher_is_better=True,
        is_heavy_tailed=True,
    ),
    Measure(
        "deepest_cascade",
        "deepest cascade",
        Family.SPREAD,
        "generations",
        "steps from the root to the last generation of the deepest cascade",
        higher_is_better=True,
        is_heavy_tailed=True,
    ),
    Measure(
        "single_cascades_share",
        "cascades of size 1",
        Family.SPREAD,
        "share",
        "cascades whose root brought no adopter, of all cascades",
        higher_is_better=False,
    ),
    Measure(
        "structural_virality",
        "structural virality",
        Family.SPREAD,
        "steps",
        "mean distance between two consumers of a cascade (Goel et al. 2016), per cascade of at least 3 consumers",
    ),
    Measure(
        "referred_value_ratio",
        "value of the referred",
        Family.SPREAD,
        "ratio",
        "contribution within 60 days of the first sale, per adopter whom a referral brought to it, "
        "over that per other adopter, of those followed so long",
        higher_is_better=True,
        is_heavy_tailed=True,
    ),
    Measure(
        "referred_retention_ratio",
        "retention of the referred",
        Family.SPREAD,
        "ratio",
        "share with a sale 31 to 60 days after the first, of adopters whom a referral brought to it, "
        "over that of other adopters, of those followed so long",
        higher_is_better=True,
        is_heavy_tailed=True,
    ),
)
