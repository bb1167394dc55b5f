"""Measures of service."""

from __future__ import annotations

from simulator.records.measures.measure import Family, Measure

SERVICE: tuple[Measure, ...] = (
    Measure("complaints", "complaints", Family.HEALTH, "cases", "number of complaints that service hears"),
    Measure(
        "complaints_share",
        "complaints of sales",
        Family.HEALTH,
        "share",
        "complaints that service hears, of all sales",
        higher_is_better=False,
    ),
    Measure(
        "cases_resolved_share",
        "cases resolved",
        Family.HEALTH,
        "share",
        "cases resolved, of those that have ended; — without complaints",
        higher_is_better=True,
    ),
    Measure(
        "cases_abandoned_share",
        "cases given up",
        Family.HEALTH,
        "share",
        "cases whose owner lost patience before anybody could resolve them, of those that have ended",
        higher_is_better=False,
    ),
    Measure(
        "case_days",
        "wait for service",
        Family.HEALTH,
        "days",
        "days from the complaint to the end of the case, mean over those that have ended",
        higher_is_better=False,
    ),
    Measure(
        "service_cost",
        "cost of service",
        Family.MONEY,
        "yuan",
        "what service costs, whoever pays; no marketing cost and no subsidy",
        higher_is_better=False,
    ),
    Measure(
        "cost_per_case",
        "cost per case",
        Family.MONEY,
        "yuan",
        "cost of service per case that has ended",
        higher_is_better=False,
    ),
)
