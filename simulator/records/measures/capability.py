"""Measures of capability: who is able to decide by data, what that costs, and what comes of it (技术投入与转化效能).

Large merchants are those with more products than the mean merchant, small ones all others; where all are alike, there
are no large ones.
"""

from __future__ import annotations

from simulator.records.measures.measure import Family, Measure

CAPABILITY: tuple[Measure, ...] = (
    Measure(
        "posts_filled_share",
        "posts filled",
        Family.CAPABILITY,
        "share",
        "filled posts for specialists, of all posts, sum over the days of the campaign; — without capability",
    ),
    Measure(
        "able_share_small",
        "small merchants able to decide by data",
        Family.CAPABILITY,
        "share",
        "small merchants with specialists enough, of all small ones, sum over the days of the campaign; — without "
        "capability",
        higher_is_better=True,
    ),
    Measure(
        "able_share_large",
        "large merchants able to decide by data",
        Family.CAPABILITY,
        "share",
        "large merchants with specialists enough, of all large ones, sum over the days of the campaign; — without "
        "capability or large ones",
        higher_is_better=True,
    ),
    Measure(
        "specialists_trained",
        "specialists trained",
        Family.CAPABILITY,
        "people",
        "number of courses that made a specialist",
    ),
    Measure(
        "talent_cost",
        "wages and training",
        Family.CAPABILITY,
        "yuan",
        "paid for specialists and courses, by merchants and the platform",
        higher_is_better=False,
    ),
    Measure(
        "technology_cost",
        "cost of technology",
        Family.CAPABILITY,
        "yuan",
        "paid for technology, by merchants and the platform",
        higher_is_better=False,
    ),
    Measure(
        "capability_cost",
        "cost of capability",
        Family.CAPABILITY,
        "yuan",
        "wages, training and technology",
        higher_is_better=False,
    ),
    Measure(
        "contribution_per_capability",
        "contribution per yuan of capability",
        Family.CAPABILITY,
        "ratio",
        "total contribution, of the cost of capability; not what that cost has brought; — where it is 0",
    ),
    Measure(
        "contribution_small",
        "contribution of small merchants",
        Family.MONEY,
        "yuan",
        "the part of the contribution of merchants that small ones make, per small merchant",
        higher_is_better=True,
    ),
    Measure(
        "contribution_large",
        "contribution of large merchants",
        Family.MONEY,
        "yuan",
        "the part of the contribution of merchants that large ones make, per large merchant; — without any",
        higher_is_better=True,
    ),
)
