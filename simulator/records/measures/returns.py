"""Measures of returns: what comes back, and what that costs."""

from __future__ import annotations

from simulator.records.measures.measure import Family, Measure

RETURNS: tuple[Measure, ...] = (
    Measure(
        "return_rate",
        "return rate",
        Family.MONEY,
        "share",
        "sales whose goods came back until the end of the run, of the sales of the campaign",
        higher_is_better=False,
    ),
    Measure(
        "gmv_kept",
        "GMV after returns",
        Family.MONEY,
        "yuan",
        "GMV less that of the sales whose goods came back",
        higher_is_better=True,
    ),
    Measure(
        "lost_by_returns",
        "lost by returns",
        Family.MONEY,
        "yuan",
        "refunds and shipping less what was recovered of the cost: what returns took from the total contribution, in "
        "which it is subtracted",
        higher_is_better=False,
    ),
)
