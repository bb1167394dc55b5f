"""Measures of insight: how much the platform knows, and how right it is."""

from __future__ import annotations

from simulator.records.measures.measure import Family, Measure

INSIGHT: tuple[Measure, ...] = (
    Measure(
        "known_share",
        "consumers with a profile",
        Family.INSIGHT,
        "share",
        "consumers of whom there is a profile with at least one record at the last evaluation, of all consumers",
    ),
    Measure(
        "insight_taste_correlation",
        "insight into taste",
        Family.INSIGHT,
        "correlation",
        "correlation of believed and true taste, over the attributes of all consumers with a profile",
        higher_is_better=True,
    ),
    Measure(
        "insight_taste_coverage",
        "honesty about taste",
        Family.INSIGHT,
        "share",
        "true tastes inside the believed 90 % interval, of all those of consumers with a profile; .90 is honest",
    ),
    Measure(
        "insight_price_correlation",
        "insight into price sensitivity",
        Family.INSIGHT,
        "correlation",
        "correlation of believed and true price sensitivity over consumers with a profile; — where nothing is learned",
        higher_is_better=True,
    ),
    Measure(
        "insight_alive_auc",
        "insight into churn",
        Family.INSIGHT,
        "AUC",
        "probability that of two recorded buyers, one active and one dormant, the active one has the higher P(alive)",
        higher_is_better=True,
    ),
)
