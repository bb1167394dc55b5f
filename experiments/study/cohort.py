"""New buyers and whether they buy again: the cohort of CDNOW, pull-forward taken off, the mix held still.

Who buys for the first time in the first 12/39 of the window is followed to its end, as in the CDNOW data (Fader,
Hardie & Lee 2005), where the window has 39 weeks. An arm that draws marginal buyers in has another mix of them: so
rates are also weighted to the baseline's mix, by traits that no arm can change. What was bought without need and still
lies at home at the end is a purchase of later made earlier; what was used up by then has kept its owner from buying
once already.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator import Market
from simulator.records.consumers import orders_of_consumers
from simulator.records.measures import Family, Measure

ENTRY = 12 / 39
"""Share of the window in which new buyers enter the cohort."""
N_RATES = 5
"""Groups of consumers by need rate, equally large."""

MEASURES: tuple[Measure, ...] = (
    Measure(
        "new_buyers_repeat",
        "new buyers who buy again",
        Family.REPURCHASE,
        "share",
        "consumers with another sale by the end of the window, of those whose first sale of the run lies in the first "
        "12/39 of it (of 39 weeks: 12 weeks, as in the CDNOW cohort)",
        higher_is_better=True,
    ),
    Measure(
        "new_buyers_repeat_net",
        "new buyers who buy again, pull-forward taken off",
        Family.REPURCHASE,
        "share",
        "the same, with a consumer's sales less the units that lie at home at the end",
        higher_is_better=True,
    ),
    Measure(
        "new_buyers_repeat_alike",
        "new buyers who buy again, of the baseline's mix, pull-forward taken off",
        Family.REPURCHASE,
        "share",
        "the same, as a mean over groups (prospect or member at the start × fifth of the need rate) weighted by the "
        "baseline's new buyers; — if a group of these has nobody in the arm",
        higher_is_better=True,
    ),
)


def consumers_table(market: Market) -> pd.DataFrame:
    """What each consumer of a finished run bought, and what it takes to follow a cohort.

    Columns of `orders_of_consumers`, and `entered` (bool: new buyer of the cohort), `at_home` (units at home at the
    end) and `group` (int8: fifth of the need rate, plus `N_RATES` for who was a prospect at the start).
    """
    log, facts = market.log, market.log.facts
    table = orders_of_consumers(log)
    entry_days = ENTRY * (facts.days - facts.burn_in_days)
    settlements = log.columns("settlements")
    first = settlements["is_first"] & (settlements["day"] >= facts.burn_in_days)
    first &= settlements["day"] < facts.burn_in_days + entry_days
    entered = np.zeros(facts.n_consumers, dtype=np.bool_)
    entered[settlements["consumer"][first]] = True
    rate = market.columns["need_rate"]
    place = np.empty(facts.n_consumers, dtype=np.int64)
    place[np.lexsort((np.arange(facts.n_consumers), rate))] = np.arange(facts.n_consumers)
    group = N_RATES * place // facts.n_consumers
    # Prospects are those who join in the course of the run, and those who have not joined at its end.
    joined = np.zeros(facts.n_consumers, dtype=np.bool_)
    joined[log.columns("joins")["consumer"]] = True
    is_prospect = joined | (market.columns["joined_day"] < 0)
    table["entered"] = entered
    table["at_home"] = np.minimum(market.columns["home_stock"].sum(axis=1), np.iinfo(np.int16).max).astype(np.int16)
    table["group"] = (group + N_RATES * is_prospect).astype(np.int8)
    return table


def rates(own: pd.DataFrame, base: pd.DataFrame) -> dict[str, float]:
    """The measures of a run against the baseline's in the same world.

    Args:
        own: The `consumers_table` of the arm.
        base: That of the baseline; the baseline's own measures have the same table twice.
    """
    cohort, theirs = own[own["entered"]], base[base["entered"]]
    orders = cohort["orders"].to_numpy().astype(np.int64)
    repeats = orders - cohort["at_home"].to_numpy() >= 2
    return {
        "new_buyers_repeat": _mean(orders >= 2),
        "new_buyers_repeat_net": _mean(repeats),
        "new_buyers_repeat_alike": _weighted(repeats, cohort["group"].to_numpy(), theirs["group"].to_numpy()),
    }


def _weighted(repeats: NDArray[np.bool_], group: NDArray[np.int8], mix: NDArray[np.int8]) -> float:
    """The mean over groups of the share that repeats, weighted by a mix of groups."""
    weights = np.bincount(mix, minlength=2 * N_RATES)
    n = np.bincount(group, minlength=2 * N_RATES)
    n_repeats = np.bincount(group[repeats], minlength=2 * N_RATES)
    wanted = weights > 0
    if not wanted.any() or (n[wanted] == 0).any():
        return float("nan")
    return float((weights[wanted] * n_repeats[wanted] / n[wanted]).sum() / weights.sum())


def _mean(flags: NDArray[np.bool_]) -> float:
    return float(flags.mean()) if len(flags) else float("nan")
