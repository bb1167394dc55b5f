"""BG/NBD needs fitted to the CDNOW cohort's first 39 weeks; the 39 weeks after them are held out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibration.problem import Data, Parameter, Problem
from experiments.study.trials import Found
from experiments.validation.cdnow import (
    END,
    FILE,
    LATER_DAYS,
    PER_DAY,
    REPEATS,
    buys_by_the_model,
    frequencies,
    orders_file,
)
from simulator.insight.repurchase import BgNbd

PARTS = 3
"""The time since each first purchase is cut into as many equal parts."""
CLASSES = 4
"""Held-out purchases are told by repeat purchases before: 0, 1, 2, 3 and more."""
PARAMETERS = (
    Parameter("r: shape of needs", 0.05, 1.5, True, 0.2426),
    Parameter("α: scale of needs, weeks", 0.5, 30.0, True, 4.4135),
    Parameter("a of attrition", 0.1, 5.0, True, 0.7929),
    Parameter("b of attrition", 0.3, 20.0, True, 2.4258),
)
FITTED = (
    *(f"customers with {k}{'+' * (k == len(REPEATS) - 1)} repeats" for k in range(len(REPEATS))),
    *(f"repeats in part {k + 1} of {PARTS}" for k in range(PARTS)),
    "recency of repeaters",
    "repeats, in all",
)
HELD_OUT = (
    "repeats in the next 39 weeks",
    *(f"the same of those with {k}{'+' * (k == CLASSES - 1)} repeats" for k in range(CLASSES)),
)


def shown(who: Any, day: Any, age: Any) -> Found:
    """What a cohort shows.

    Args:
        who, day: Of each repeat purchase: the customer, and days since its first; shape (n,).
        age: Days for which each customer is observed before the held-out time, shape (n_customers,).
    """
    before = day <= age[who]
    early, when = who[before], day[before]
    n_repeat = np.bincount(early, minlength=len(age))
    last = np.zeros(len(age))
    np.maximum.at(last, early, when)
    part = np.minimum((when * PARTS / np.maximum(age[early], 1)).astype(int), PARTS - 1)
    repeats = n_repeat > 0
    recency = float((last[repeats] / age[repeats]).mean()) if repeats.any() else 0.0
    later = np.bincount(who[(~before) & (day <= age[who] + LATER_DAYS)], minlength=len(age))
    by_class = [int(later[np.minimum(n_repeat, CLASSES - 1) == k].sum()) for k in range(CLASSES)]
    counts = [*frequencies(n_repeat), *np.bincount(part, minlength=PARTS)]
    return {
        "fitted": [*np.log1p(counts).tolist(), recency, float(np.log1p(n_repeat.sum()))],
        "held_out": [float(later.sum()), *map(float, by_class)],
    }


def simulate(seed: int, values: Sequence[float], ages: Sequence[int]) -> Found:
    """A cohort of the same days of entry, in a market that buys by the model."""
    r, weeks, a, b = values
    age = np.asarray(ages)
    model = BgNbd(r, weeks * PER_DAY, a, b)
    orders = buys_by_the_model(len(age), int(age.max()) + LATER_DAYS, seed, model).run().log.columns("orders")
    return shown(orders["consumer"].astype(np.int64), orders["day"].astype(np.int64) + 1, age)


def problem(folder: Path) -> Problem:
    """The calibration with the data of a folder."""
    orders = orders_file(folder / FILE)
    first = orders.groupby("customer")["date"].min()
    number = pd.Series(np.arange(len(first)), first.index)
    days = (orders["date"] - orders["customer"].map(first)).dt.days.to_numpy()
    who = orders["customer"].map(number).to_numpy()
    age = (END - first).dt.days.to_numpy()
    seen = shown(who[days > 0], days[days > 0], age)
    return Problem(
        "cdnow",
        "BG/NBD needs of the CDNOW cohort",
        "Fader, Hardie & Lee 2005",
        PARAMETERS,
        FITTED,
        HELD_OUT,
        simulate,
        Data(seen["fitted"], seen["held_out"]),
        {"ages": age.tolist()},
        "The market is that of targets T1 and T2: whatever is needed is bought. 'Known' are the maximum-likelihood "
        "estimates. Counts are fitted in logarithms.",
    )
