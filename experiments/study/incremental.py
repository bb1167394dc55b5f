"""What an arm adds to the baseline's world, consumer by consumer: which orders would have happened anyway.

Both runs of a pair hold the same consumers with the same luck, so a consumer's orders in the baseline are what this
consumer buys without the arm. The window is that of all measures, campaign and post-window, so that orders which were
only pulled forward are not taken for additional ones. A consumer's luck is the same in both worlds, but what friends,
ratings and stocks do to it is not; such shifts count as one order lost and another one added, so that the share made
anyway is a lower bound, and the share lost an upper one.
"""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.study import cohort
from experiments.study.replicate import CONSUMERS
from experiments.study.store import read_table
from experiments.study.study import Cell, Study
from simulator.records.measures import Family, Measure

Counts = NDArray[np.int64]

MEASURES: tuple[Measure, ...] = (
    Measure(
        "orders_anyway_share",
        "orders made anyway",
        Family.INCREMENTAL,
        "share",
        "orders that the same consumers make in the baseline's world too (the smaller of a consumer's two numbers of "
        "orders), of the arm's orders",
    ),
    Measure(
        "orders_lost_share",
        "orders lost",
        Family.INCREMENTAL,
        "share",
        "orders that consumers make in the baseline's world beyond those they make in the arm's, of the baseline's "
        "orders",
        higher_is_better=False,
    ),
    Measure(
        "cannibalised_share",
        "discounted orders made anyway",
        Family.INCREMENTAL,
        "share",
        "orders below the list price that are not among the orders which their consumer makes beyond those of the "
        "baseline's world, of all orders below the list price (cannibalisation)",
        higher_is_better=False,
    ),
    Measure(
        "expansion_share",
        "adopters won (expansion)",
        Family.INCREMENTAL,
        "share",
        "adopters (prospects with a first sale) who do not adopt in the baseline's world, of the arm's adopters",
        higher_is_better=True,
    ),
    Measure(
        "acceleration_days",
        "adoption brought forward (acceleration)",
        Family.INCREMENTAL,
        "days",
        "days from adoption in the arm to adoption in the baseline's world, per adopter of both worlds "
        "(Libai, Muller & Peres 2013)",
        higher_is_better=True,
    ),
    Measure(
        "subsidy_per_extra_order",
        "subsidy per extra order",
        Family.INCREMENTAL,
        "yuan",
        "subsidy beyond the baseline's, per order beyond the baseline's; ratio of sums over all pairs, — unless there "
        "are more orders beyond doubt",
        higher_is_better=False,
    ),
    Measure(
        "subsidy_per_extra_adopter",
        "subsidy per extra adopter",
        Family.INCREMENTAL,
        "yuan",
        "subsidy beyond the baseline's, per adopter (prospect with a first sale) beyond the baseline's; ratio of sums "
        "over all pairs, — unless there are more adopters beyond doubt",
        higher_is_better=False,
    ),
    Measure(
        "contribution_per_extra_capability",
        "contribution per yuan of capability (lift)",
        Family.INCREMENTAL,
        "ratio",
        "total contribution beyond the baseline's, the cost of capability taken off, per yuan of wages, "
        "training and technology beyond the baseline's; ratio of sums over all pairs, — unless more is spent beyond "
        "doubt",
        higher_is_better=True,
    ),
    *cohort.MEASURES,
)
"""The measures that need a pair of runs; of the baseline only those of its cohort of new buyers are defined."""
RATIOS = {
    "subsidy_per_extra_order": ("subsidy", "orders"),
    "subsidy_per_extra_adopter": ("subsidy", "n_adopters"),
    "contribution_per_extra_capability": ("contribution_total", "capability_cost"),
}
"""Measure → the final measures whose differences from the baseline it is the ratio of."""


def shares(study: Study, baseline: str) -> pd.DataFrame:
    """The measures of one pair each, as further rows of the table of final measures.

    Args:
        study: Computed; its cells are labelled `arm`, last, and come point by point.
        baseline: The arm that the others are compared with at the same point.

    Returns:
        The cells' labels, seed, measure, value; for the baseline NaN but for its cohort of new buyers.
    """
    rows = []
    for _, cells in groupby(study.cells, key=lambda cell: list(cell.labels.values())[:-1]):
        arms = {cell.labels["arm"]: cell for cell in cells}
        for seed in study.seeds:
            base = _consumers(study, arms[baseline], seed)
            for arm, cell in arms.items():
                own = base if arm == baseline else _consumers(study, cell, seed)
                pair = cohort.rates(own, base)
                if arm != baseline:
                    orders, discounted, days = _counts(own)
                    base_orders, _, base_days = _counts(base)
                    pair |= compare_consumers(orders, discounted, base_orders) | compare_adoption(days, base_days)
                for measure in MEASURES:
                    if measure.name not in RATIOS:
                        value = pair.get(measure.name, np.nan)
                        rows.append({**cell.labels, "seed": seed, "measure": measure.name, "value": value})
    return pd.DataFrame(rows)


def compare_consumers(orders: Counts, discounted: Counts, base: Counts) -> dict[str, float]:
    """The measures of one pair of runs.

    Args:
        orders: Orders of each consumer in the arm, shape (n_consumers,).
        discounted: Those of them below the list price, same shape.
        base: Orders of each consumer in the baseline, same shape.
    """
    extra = np.maximum(orders - base, 0)
    return {
        "orders_anyway_share": _ratio(np.minimum(orders, base).sum(), orders.sum()),
        "orders_lost_share": _ratio(np.maximum(base - orders, 0).sum(), base.sum()),
        "cannibalised_share": _ratio(np.maximum(discounted - extra, 0).sum(), discounted.sum()),
    }


def compare_adoption(days: Counts, base: Counts) -> dict[str, float]:
    """What one pair of runs tells of adoption: who adopts that would not have, and how much earlier the others do.

    Args:
        days: Day of adoption of each consumer in the arm, -1 for none, shape (n_consumers,).
        base: The same in the baseline.
    """
    adopts, in_both = days >= 0, (days >= 0) & (base >= 0)
    return {
        "expansion_share": _ratio((adopts & (base < 0)).sum(), adopts.sum()),
        "acceleration_days": _ratio((base - days)[in_both].sum(), in_both.sum()),
    }


def _consumers(study: Study, cell: Cell, seed: int) -> pd.DataFrame:
    table: pd.DataFrame = read_table(study.store.path(cell.key, seed), CONSUMERS).to_pandas()
    return table


def _counts(table: pd.DataFrame) -> tuple[Counts, Counts, Counts]:
    orders, discounted, days = (
        table[name].to_numpy().astype(np.int64) for name in ("orders", "discounted", "adoption_day")
    )
    return orders, discounted, days


def _ratio(part: np.int64, whole: np.int64) -> float:
    return float(part / whole) if whole else np.nan
