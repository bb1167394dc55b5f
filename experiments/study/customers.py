"""Repurchase as the field analyses it: histories, BG/NBD and Gamma-Gamma, cohorts, customer lifetime value."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln

from simulator import SettingsError
from simulator.insight.repurchase import BgNbd
from simulator.records.events.codes import Outcome
from simulator.records.events.log import EventLog

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

FEN = 100
FIELDS = "customer, [sample id,] yyyymmdd, units, amount"
"""Of a line of a transaction log."""
MONTH = 30


@dataclass(frozen=True)
class GammaGamma:
    """Spending per order: Gamma(p, ν) about a customer's mean, ν ~ Gamma(q, γ) over customers (Fader & Hardie 2013).

    Attributes:
        p, q, gamma: Its parameters; gamma in the currency of the spending.
    """

    p: float
    q: float
    gamma: float

    def log_likelihood(self, x: Counts, mean: Floats) -> Floats:
        """Of a mean spending over x > 0 repeat orders, shape (n,); equation 1a of the note."""
        p, q, gamma = astuple(self)
        head = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
        return np.asarray(
            head + (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * np.log(gamma + x * mean)
        )

    def expected(self, x: Counts, mean: Floats) -> Floats:
        """Mean spending of an order to come, given x repeat orders of this mean; equation 5. For q ≤ 1 NaN at x = 0."""
        p, q, gamma = astuple(self)
        below = p * x + q - 1
        return np.where(below > 0, p * (gamma + x * mean) / np.where(below > 0, below, np.nan), np.nan)

    @classmethod
    def fit(cls, x: Counts, mean: Floats) -> GammaGamma:
        """Maximum likelihood from customers with repeat orders.

        Raises:
            SettingsError: If there are fewer than three of them.
        """
        bought = (x > 0) & (mean > 0)
        if np.count_nonzero(bought) < 3:
            raise SettingsError("Gamma-Gamma needs at least three customers with a repeat order that cost something")
        x, scale = x[bought], float(mean[bought].mean())
        own = mean[bought] / scale

        def unlikely(logs: Floats) -> float:
            return -float(cls(*np.exp(logs)).log_likelihood(x, own).mean())

        best = minimize(unlikely, np.log([2.0, 3.0, 1.0]), method="L-BFGS-B", bounds=[(-7.0, 7.0)] * 3)
        p, q, gamma = np.exp(best.x)
        return cls(float(p), float(q), float(gamma) * scale)


def read_log(path: Path) -> pd.DataFrame:
    """Orders of a transaction log (customer, [sample id,] yyyymmdd, units, amount), or of a run folder with its events.

    Returns:
        Columns customer, day (whole days from the first), amount.

    Raises:
        SettingsError: If there is no such log, naming what is wrong.
    """
    return _read_run(path) if path.is_dir() else _read_file(path)


def _read_run(folder: Path) -> pd.DataFrame:
    events = folder / "events"
    if not (events / "orders.parquet").exists():
        raise SettingsError(f"{folder}: has no events/orders.parquet; run it with keep_events=true")
    orders = pd.read_parquet(events / "orders.parquet", columns=["id", "consumer", "paid_fen"])
    ends = pd.read_parquet(events / "settlements.parquet")
    markets = [name for name in ends.columns if name in ("arm", "seed")]
    if any(ends[name].nunique() > 1 for name in markets):
        raise SettingsError(f"{folder}: holds several runs; give the folder of one, as experiments.run makes it")
    return _settled(orders, ends)


def orders_of(log: EventLog) -> pd.DataFrame:
    """The settled orders of a market, as `read_log` gives those of a file."""
    return _settled(log.frame("orders"), log.frame("settlements"))


def _settled(orders: pd.DataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    settled = ends.loc[ends["outcome"] == Outcome.SETTLED, ["cause", "day"]]
    table = settled.merge(orders[["id", "consumer", "paid_fen"]], left_on="cause", right_on="id")
    return pd.DataFrame(
        {"customer": table["consumer"], "day": table["day"].astype(int), "amount": table["paid_fen"] / FEN}
    )


def _read_file(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, sep=r"\s+|,", header=None, dtype=str, engine="python")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError:
        raise SettingsError(f"{path}: is no transaction log; needed in each line: {FIELDS}") from None
    if table.shape[1] not in (4, 5):
        raise SettingsError(f"{path}: has {table.shape[1]} columns; needed in each line: {FIELDS}")
    date = pd.to_datetime(table.iloc[:, -3], format="%Y%m%d", errors="coerce")
    amount = pd.to_numeric(table.iloc[:, -1], errors="coerce")
    wrong = np.flatnonzero(date.isna() | amount.isna())
    if len(wrong):
        raise SettingsError(f"{path}, line {wrong[0] + 1}: date must be yyyymmdd and amount a number")
    day = (date - date.min()).dt.days
    return pd.DataFrame({"customer": table.iloc[:, 0], "day": day, "amount": amount})


def histories(orders: pd.DataFrame, until: int) -> pd.DataFrame:
    """What each customer did up to a day, orders of one day being one: index customer, in order.

    Columns n_repeat, recency, age (days, as `BgNbd` wants them), first_day, spend_mean (of repeat orders; 0 for none).
    """
    seen = orders[orders["day"] <= until].groupby(["customer", "day"], as_index=False)["amount"].sum()
    by = seen.groupby("customer")
    first = by["day"].min()
    repeats = seen[seen["day"] > seen["customer"].map(first)]
    return pd.DataFrame(
        {
            "n_repeat": by.size() - 1,
            "recency": by["day"].max() - first,
            "age": until - first,
            "first_day": first,
            "spend_mean": repeats.groupby("customer")["amount"].mean().reindex(first.index).fillna(0.0),
        }
    )


def lifetime_values(
    history: pd.DataFrame, buying: BgNbd, spending: GammaGamma, days: int, margin: float, yearly_rate: float
) -> pd.DataFrame:
    """What each customer is expected to bring, one row per row of `history`.

    Columns p_alive, orders (in the coming days), spend (of one), value: margin · spend · orders, discounted by month.
    """
    x, recency, age = (history[name].to_numpy(dtype=np.int64) for name in ("n_repeat", "recency", "age"))
    spend = spending.expected(x, history["spend_mean"].to_numpy(dtype=np.float64))
    value, before = np.zeros(len(x)), np.zeros(len(x))
    for end in [*range(MONTH, days, MONTH), days]:
        orders = buying.expected(x, recency, age, float(end))
        value += margin * spend * (orders - before) / (1 + yearly_rate) ** (end / 365)
        before = orders
    found = {"p_alive": buying.p_alive(x, recency, age), "orders": before, "spend": spend, "value": value}
    return pd.DataFrame(found, index=history.index)


def cohorts(orders: pd.DataFrame, until: int) -> pd.DataFrame:
    """Share of each cohort (month of first order) that orders in each later month; NaN where it is not over yet.

    Index cohort, columns `n` (customers) and 0, 1, ...: months since the first order, counted from each customer's.
    """
    first = orders.groupby("customer")["day"].transform("min")
    own = orders.assign(cohort=first // MONTH, month=(orders["day"] - first) // MONTH)
    own = own[own["day"] <= until]
    n = own.groupby("cohort")["customer"].nunique()
    active = own.groupby(["cohort", "month"])["customer"].nunique().unstack(fill_value=0)
    table = active.reindex(columns=range(int(active.columns.max()) + 1), fill_value=0).div(n, axis=0)
    for cohort in map(int, table.index):  # the youngest of the cohort must have lived through the month
        for month in range(table.shape[1]):
            if (cohort + 1) * MONTH - 1 + (month + 1) * MONTH - 1 > until:
                table.loc[cohort, month] = np.nan
    table.insert(0, "n", n)
    return table
