"""Coupons of a grocer (84.51°, The Complete Journey 2.0): what its campaigns did, and a market fitted to them.

The folder is the user's: `campaigns`, `campaign_descriptions` and `coupon_redemptions`, each `.csv` or `.csv.gz`.

Households that got all of the three largest personalised campaigns meet a market in which every member gets a coupon
three times, as far apart and as long valid. Two settings are fitted on the first two campaigns: `reach`, the share of
households that take part at all, and `noticed`, the share of the coupons that these notice. The third campaign is held
out. The data are of frequent shoppers, observed for a year because they stay: the market without attrition is of such.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.calibration.problem import Data, Parameter, Problem
from experiments.study.trials import Found
from simulator import Market
from simulator.records.events.codes import Outcome
from simulator.records.events.log import EventLog

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FOLDER = "complete_journey"
COLUMNS = {
    "campaigns": ["campaign_id", "household_id"],
    "campaign_descriptions": ["campaign_id", "campaign_type", "start_date", "end_date"],
    "coupon_redemptions": ["household_id", "campaign_id"],
}
PERSONALISED = "Type A"
N_CAMPAIGNS = 3
DAYS_BETWEEN, DAYS_VALID = 88, 50
"""Of the three largest personalised campaigns of the data, on average."""

MARKET: dict[str, Any] = {
    "burn_in_days": 30,
    "post_days": 60,
    "days": 30 + (N_CAMPAIGNS - 1) * DAYS_BETWEEN + 1 + 60,
    "waves_per_day": 1,  # nobody invites anybody here, so that the time of day changes nothing
    "consumers.prospect_fraction": 0.0,
    "platform.subsidy_cap_fraction": None,
    "mechanics.coupons.enabled": True,
    "mechanics.coupons.every_days": DAYS_BETWEEN,
    "mechanics.coupons.valid_days": DAYS_VALID,
}


def read_pairs(folder: str | Path) -> pd.DataFrame:
    """The campaigns that households got: one row per household and campaign.

    Returns:
        Columns household_id, campaign_id, is_personalised, n_redeemed (coupons of it that the household redeemed).

    Raises:
        ValueError: If a file is missing, or lacks a column.
    """
    tables = {name: _read(Path(folder), name) for name in COLUMNS}
    key = COLUMNS["coupon_redemptions"]
    n_redeemed = tables["coupon_redemptions"].groupby(key).size().rename("n_redeemed").reset_index()
    kinds = tables["campaign_descriptions"].set_index("campaign_id")["campaign_type"]
    pairs = tables["campaigns"].drop_duplicates().merge(n_redeemed, on=key, how="left")
    pairs["n_redeemed"] = pairs["n_redeemed"].fillna(0).astype(int)
    pairs["is_personalised"] = pairs["campaign_id"].map(kinds) == PERSONALISED
    return pairs


def _read(folder: Path, name: str) -> pd.DataFrame:
    found = [path for path in (folder / f"{name}.csv", folder / f"{name}.csv.gz") if path.exists()]
    if not found:
        raise ValueError(f"{folder} has neither {name}.csv nor {name}.csv.gz")
    table = pd.read_csv(found[0])
    missing = [column for column in COLUMNS[name] if column not in table]
    if missing:
        raise ValueError(f"{found[0]} has no column {', '.join(missing)}; it has {', '.join(table.columns)}")
    return table[COLUMNS[name]]


def published(pairs: pd.DataFrame) -> dict[str, float]:
    """The figures by which this data set is known, each a share."""
    is_redeemed = pairs["n_redeemed"] > 0
    by_household = pairs.groupby("household_id")["n_redeemed"].sum()
    return {
        "households that redeemed at least once": float((by_household > 0).mean()),
        "pairs of household and campaign redeemed": float(is_redeemed.mean()),
        "the same, personalised campaigns": float(is_redeemed[pairs["is_personalised"]].mean()),
        "the same, other campaigns": float(is_redeemed[~pairs["is_personalised"]].mean()),
        "redemptions by the top 20 % of redeemers": top_fifth(by_household.to_numpy()),
    }


def top_fifth(n_redeemed: NDArray[Any]) -> float:
    """Share of all redemptions made by the fifth of redeemers with most of them."""
    counts = np.sort(n_redeemed[n_redeemed > 0])[::-1]
    return float(counts[: round(len(counts) / 5)].sum() / counts.sum())


def three_largest(pairs: pd.DataFrame) -> Flags:
    """Who redeemed in which of the three largest personalised campaigns, in order, shape (n_households, 3).

    Only households that got all three.

    Raises:
        ValueError: If there are fewer than three such campaigns.
    """
    personalised = pairs[pairs["is_personalised"]]
    largest = sorted(personalised["campaign_id"].value_counts().index[:N_CAMPAIGNS])
    if len(largest) < N_CAMPAIGNS:
        raise ValueError(f"there are {len(largest)} campaigns of {PERSONALISED}; the example needs {N_CAMPAIGNS}")
    wide = personalised.pivot(index="household_id", columns="campaign_id", values="n_redeemed")[largest].dropna()
    return np.asarray(wide > 0)


def simulated(consumers: int, seed: int, has_attrition: bool, **coupons: float) -> Flags:
    """Who redeems the coupon of which campaign in a market, shape (n_consumers, 3)."""
    people = {"consumers.n": consumers, "needs.has_attrition": has_attrition}
    changes = {f"mechanics.coupons.{name}": value for name, value in coupons.items()}
    return redeemed_by_issue(Market(rng=seed, **{**MARKET, **people, **changes}).run().log)


def redeemed_by_issue(log: EventLog) -> Flags:
    """Who redeemed the coupon of each day of issue, in order, shape (n_consumers, n_issues)."""
    coupons, ends = log.frame("coupons"), log.frame("coupon_ends")
    issue = np.unique(coupons["day"], return_inverse=True)[1]
    used = coupons["id"].isin(ends.loc[ends["outcome"] == Outcome.REDEEMED, "cause"]).to_numpy()
    redeemed = np.zeros((log.facts.n_consumers, issue.max() + 1), dtype=np.bool_)
    redeemed[coupons["consumer"].to_numpy()[used], issue[used]] = True
    return redeemed


def fitted(data: Flags, everybody: Flags) -> dict[str, float]:
    """Reach and noticed that give the first two campaigns of the data.

    With `everybody` using coupons with probabilities u1 and u2, p = reach · noticed · E(u1 + u2)/2 of the pairs are
    redeemed, and both = reach · noticed² · E(u1·u2) of the households redeem twice.

    Args:
        data: Who redeemed in which campaign, shape (n_households, 3).
        everybody: The same in a market where everybody notices every coupon, shape (n_consumers, 3).

    Returns:
        The two settings, cut off at 1.
    """
    return fitted_to(*_first_two(data), everybody)


def fitted_to(pairs: float, both: float, everybody: Flags) -> dict[str, float]:
    """The same, from the shares of pairs redeemed and of households that redeemed twice."""
    used, used_both = _first_two(everybody)
    noticed = min(both / pairs * used / used_both, 1.0)
    return {"reach": min(pairs / (noticed * used), 1.0), "noticed": noticed}


def _first_two(redeemed: Flags) -> tuple[float, float]:
    return float(redeemed[:, :2].mean()), float(redeemed[:, :2].all(axis=1).mean())


def _mean(x: Flags) -> float:
    """The share of a group, 0 of nobody."""
    return float(x.mean()) if x.size else 0.0


FITTED = ("campaigns 1 and 2: pairs redeemed", "campaigns 1 and 2: households that redeemed in both")


def figures(redeemed: Flags) -> dict[str, float]:
    """What is fitted (the first two) and what is predicted, each a share."""
    earlier, third = redeemed[:, :2].sum(axis=1), redeemed[:, 2]
    return {
        FITTED[0]: float(redeemed[:, :2].mean()),
        FITTED[1]: float(redeemed[:, :2].all(axis=1).mean()),
        "campaign 3: households that redeemed": float(third.mean()),
        **{f"campaign 3: of those who had redeemed in {n}": _mean(third[earlier == n]) for n in range(3)},
        "households that redeemed at least once in the three": float(redeemed.any(axis=1).mean()),
    }


NOTES = (
    "Frequent shoppers, observed for a year because they stay; so nobody drops out, which was assumed after the market "
    "with attrition had been seen to predict too little."
)
PARAMETERS = (Parameter("reach", 0.2, 1.0), Parameter("noticed", 0.2, 1.0))


def simulate(seed: int, values: Sequence[float], households: int, has_attrition: bool) -> Found:
    """What as many households do in a market."""
    reach, noticed = values
    shares = list(figures(simulated(households, seed, has_attrition, reach=reach, noticed=noticed)).values())
    return {"fitted": shares[: len(FITTED)], "held_out": shares[len(FITTED) :]}


def problem(folder: Path, has_attrition: bool = False) -> Problem:
    """The calibration with the data of a folder.

    Raises:
        ValueError: As `read_pairs` and `three_largest`.
    """
    data = three_largest(read_pairs(folder / FOLDER))
    names, shares = list(figures(data)), list(figures(data).values())
    return Problem(
        "complete_journey_with_attrition" if has_attrition else "complete_journey",
        "Coupons of a grocer" + ", people dropping out" * has_attrition,
        "84.51°, The Complete Journey 2.0",
        PARAMETERS,
        names[: len(FITTED)],
        names[len(FITTED) :],
        simulate,
        Data(shares[: len(FITTED)], shares[len(FITTED) :]),
        {"households": len(data), "has_attrition": has_attrition},
        "" if has_attrition else NOTES,
    )
