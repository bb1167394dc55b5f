"""Measures of privacy: what leaks, how people react, and what it costs."""

from __future__ import annotations

from simulator.records.measures.measure import Family, Measure

PRIVACY: tuple[Measure, ...] = (
    Measure(
        "leaks",
        "leaks",
        Family.HEALTH,
        "leaks",
        "number of times that a merchant's data leaked",
        higher_is_better=False,
    ),
    Measure(
        "leaks_growth",
        "growth of leaks",
        Family.HEALTH,
        "share",
        "by which share leaks grow in a year: (leaks in the last whole year of the window / leaks in its first)^(1 / "
        "years between) − 1; — below two years, or without leaks in the first",
        higher_is_better=False,
    ),
    Measure(
        "records_exposed",
        "records exposed",
        Family.HEALTH,
        "records",
        "consumers exposed, once for each leak that exposes them",
        higher_is_better=False,
    ),
    Measure(
        "exposed_share",
        "consumers exposed",
        Family.HEALTH,
        "share",
        "consumers exposed at least once, of all consumers",
        higher_is_better=False,
    ),
    Measure(
        "exposed_spending",
        "spending of the exposed",
        Family.HEALTH,
        "ratio",
        "paid in the 30 days from a leak on over that in the 30 days before, by those exposed, over the same ratio of "
        "other earlier customers of the merchant, leaks with both spans inside the run together; — without any",
        higher_is_better=True,
        is_heavy_tailed=True,
    ),
    Measure(
        "trust_lost_to_leaks",
        "trust lost to leaks",
        Family.HEALTH,
        "points (0–1)",
        "trust in the platform taken by leaks, per consumer",
        higher_is_better=False,
    ),
    Measure(
        "consent_withdrawn",
        "consent withdrawn",
        Family.HEALTH,
        "consumers",
        "number of consumers who withdrew consent to the use of their data",
        higher_is_better=False,
    ),
    Measure(
        "consent_share",
        "members who consent",
        Family.HEALTH,
        "share",
        "members whose data may be used on the last day, of all members; — where nothing is collected",
        higher_is_better=True,
    ),
    Measure(
        "privacy_cost",
        "cost of data protection",
        Family.MONEY,
        "yuan",
        "what the platform paid for security and in fines over data",
        higher_is_better=False,
    ),
    Measure(
        "privacy_fines",
        "fines over data",
        Family.MONEY,
        "yuan",
        "what the platform paid in fines after leaks and audits",
        higher_is_better=False,
    ),
)
