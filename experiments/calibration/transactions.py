"""A transaction log like CDNOW's: how often those who came early come again.

Those who first buy in the first 12/39 of the fitted time are followed (of 39 weeks: 12, as in the CDNOW cohort).
Amounts are not fitted, for they may be in any currency.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibration.own import Kind, Observed, world
from experiments.calibration.problem import Data
from experiments.study.customers import histories, orders_of, read_log
from experiments.study.trials import Found
from simulator import Scenario, SettingsError

COHORT = 12 / 39
"""Share of the fitted time in which those who are followed buy first."""
FITTED = 0.5
"""Share of the log that is fitted; the rest is predicted."""
REPEATS = 6
"""Customers are told apart by 0, 1, … 4, 5 and more repeat orders."""
CLASSES = 4
"""Later orders are told by repeat orders before: 0, 1, 2, 3 and more."""


def shown(orders: pd.DataFrame, until: int, last: int) -> Found:
    """What a log shows.

    Args:
        orders: Columns customer, day, amount, from day 0 on.
        until: Last day that is fitted.
        last: Last day that is predicted.
    """
    seen = histories(orders, until)
    seen = seen[seen["first_day"] <= COHORT * until]
    n, repeats = max(len(seen), 1), seen["n_repeat"].to_numpy(dtype=np.int64)
    has = repeats > 0
    recency = (seen["recency"] / seen["age"].clip(lower=1)).to_numpy()[has]
    days = (
        orders[orders["day"].between(until + 1, last)].drop_duplicates(["customer", "day"]).groupby("customer").size()
    )
    later = days.reindex(seen.index, fill_value=0).to_numpy(dtype=np.int64)
    shares = np.bincount(np.minimum(repeats, REPEATS - 1), minlength=REPEATS) / n
    kinds = [later[np.minimum(repeats, CLASSES - 1) == k] for k in range(CLASSES)]
    return {
        "fitted": [*shares.tolist(), float(repeats.sum()) / n, float(recency.mean()) if has.any() else 0.0],
        "held_out": [float(later.sum()) / n, *(float(kind.mean()) if len(kind) else 0.0 for kind in kinds)],
    }


NAMES = (
    [*(f"share with {k}{'+' * (k == REPEATS - 1)} repeats" for k in range(REPEATS)), "repeats", "recency of repeaters"],
    ["later orders", *(f"the same of those with {k}{'+' * (k == CLASSES - 1)} repeats" for k in range(CLASSES))],
)


def read(path: Path, scenario: Scenario) -> Observed:
    """A log as `experiments.customers` reads it, or the folder of a run."""
    orders = read_log(path)
    last = int(orders["day"].max())
    if scenario.days <= last:
        raise SettingsError(f"days={scenario.days}: the log covers {last + 1} days; allowed are {last + 1} or more")
    until = int(FITTED * last)
    found = shown(orders, until, last)
    return Observed(*NAMES, Data(found["fitted"], found["held_out"]), {"until": until, "last": last})


def simulate(seed: int, until: int, last: int, **market: Any) -> Found:
    """What the log of one world shows."""
    return shown(orders_of(world(seed, **market).log), until, last)


KIND = Kind(
    read,
    simulate,
    "The first day of the log is the first of the market. The first half of the log is fitted: customers who first buy "
    "in the first 12/39 of it, orders of one day being one; numbers are shares of them, or orders each.",
)
