"""Repurchase beside the CDNOW cohort (T1), and BG/NBD put in and found again (T2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from experiments.validation.target import (
    Ask,
    Case,
    Finding,
    Floats,
    Found,
    Judgement,
    Line,
    Panel,
    Target,
    Worlds,
    equal,
    value_near,
)
from simulator import Market
from simulator.insight.repurchase import BgNbd
from simulator.records.events.log import EventLog

FILE = "CDNOW_sample.txt"
PER_DAY = 7
"""Days per unit of the published α, a week."""
EXACT = BgNbd(0.2426, 4.4135 * PER_DAY, 0.7929, 2.4258)
"""As published, with more digits (Fader, Hardie & Lee 2005, table 2); in days."""
END = pd.Timestamp("1997-09-30")
"""Last day of the 39 weeks of calibration."""
LATER_DAYS = 273
"""As many days after it that the file goes on, nearly."""
REPEATS = (1411, 439, 214, 100, 62, 38, 29, 64)
"""Customers with 0, 1, … 6, 7 or more repeat transactions."""
MOST = len(REPEATS) - 1
TOTAL_VARIATION = 0.016
"""Of 40 replicates pooled, from 2,357 customers; of one it is .022 in the median."""
REPLICATES = 40

Histories = tuple[Any, Any, Any]
"""Repeat purchases, day of the last, days observed, both since the first; shape (n,) each."""


def orders_file(path: Path) -> pd.DataFrame:
    """The CDNOW sample: customer and date of each order, several of one day as one."""
    orders = pd.read_csv(path, sep=r"\s+", header=None, usecols=[1, 2], names=["customer", "date"], dtype=str)
    orders["date"] = pd.to_datetime(orders["date"], format="%Y%m%d")
    return orders.drop_duplicates()


def histories_of(orders: pd.DataFrame, end: pd.Timestamp) -> Histories:
    """The histories of those who bought until a day, in days."""
    days = orders[orders["date"] <= end].groupby("customer")["date"].agg(["min", "max", "count"])
    gaps = ((days["max"] - days["min"]).dt.days, (end - days["min"]).dt.days)
    n_repeat, (last, age) = days["count"].to_numpy() - 1, (gap.to_numpy() for gap in gaps)
    return n_repeat, last, age


def buys_by_the_model(n: int, days: int, seed: int, model: BgNbd = EXACT) -> Market:
    """A market in which every need is bought at once, by members whose first purchase is a day behind them.

    So nobody leaves at the first purchase, and everybody's time begins with it.
    """
    settings: dict[str, Any] = {
        "consumers.n": n,
        "consumers.prospect_fraction": 0.0,
        "needs.rate": model.r / model.alpha,
        "needs.rate_shape": model.r,
        "needs.attrition_alpha": model.a,
        "needs.attrition_beta": model.b,
        "needs.satisfaction_effect": 0.0,
        "needs.home_stock": 0.0,
        "choice.appeal": 20.0,
        "merchants.n_categories": 1,
        "merchants.cohorts": {"one": {"count": 1, "products_each": 1}},
        "days": days,
        "burn_in_days": days - 2,
        "post_days": 1,
        "waves_per_day": 1,
    }
    market = Market(rng=seed, **settings)
    market.columns.writable("n_orders", "experience")[:] = 1
    return market


def histories_in(log: EventLog, age: Any) -> Histories:
    """The histories of consumers observed for `age` days, shape (n,), from a finished market's log."""
    orders = log.frame("orders")
    who, day = orders["consumer"].to_numpy(), orders["day"].to_numpy().astype(np.int64) + 1
    is_seen = day <= age[who]
    last = np.zeros(len(age), dtype=np.int64)
    np.maximum.at(last, who[is_seen], day[is_seen])
    return np.bincount(who[is_seen], minlength=len(age)), last, age


def in_standard_errors(fitted: BgNbd, truth: BgNbd, histories: Histories) -> Floats:
    """How far the logarithms of the parameters are from the truth, by the curvature of the likelihood at the fit."""
    return np.asarray(np.log(astuple(fitted)) - np.log(astuple(truth))) / np.sqrt(
        np.diag(covariance(fitted, histories))
    )


def covariance(fitted: BgNbd, histories: Histories) -> Floats:
    """Of the logarithms of the parameters, by the curvature of the likelihood at the fit; shape (4, 4)."""
    at, step, eye = np.log(astuple(fitted)), 1e-3, np.eye(4)

    def likelihood(x: Floats) -> float:
        return float(BgNbd(*np.exp(x)).log_likelihood(*histories).sum())

    def curvature(i: int, j: int) -> float:
        corners = [likelihood(at + step * (p * eye[i] + q * eye[j])) * p * q for p in (-1, 1) for q in (-1, 1)]
        return sum(corners) / (4 * step**2)

    information = -np.array([[curvature(i, j) for j in range(4)] for i in range(4)])
    return np.asarray(np.linalg.inv(information))


def nbd_likelihood(histories: Histories) -> float:
    """The most likely NBD's log-likelihood: BG/NBD in which nobody leaves."""

    def unlikely(x: Floats) -> float:
        return -float(BgNbd(float(np.exp(x[0])), float(np.exp(x[1])), 1e-12, 1.0).log_likelihood(*histories).sum())

    return -float(minimize(unlikely, np.log([0.5, 50.0]), method="Nelder-Mead").fun)


def frequencies(n_repeat: Any) -> Any:
    """How many have 0, 1, … 6, 7 or more repeat purchases."""
    return np.bincount(np.minimum(n_repeat, MOST), minlength=MOST + 1)


# The histogram of repeat transactions (T1)


def cohort(seed: int, ages: Sequence[int], replicates: int) -> Found:
    """The histograms of replicates of a cohort, all in one market, each customer observed from its day of entry on."""
    age = np.tile(np.asarray(ages), replicates)
    n_repeat = histories_in(buys_by_the_model(len(age), int(age.max()), seed).run().log, age)[0]
    return {"counts": [frequencies(part).tolist() for part in np.split(n_repeat, replicates)]}


def _plan_cohort(ask: Ask) -> dict[str, Case]:
    ages = histories_of(orders_file(ask.file(FILE)), END)[2]
    return {"cohort": Case(1, {"ages": sorted(map(int, ages)), "replicates": REPLICATES})}


def _judge_cohort(ask: Ask, worlds: Worlds) -> Judgement:
    data = frequencies(histories_of(orders_file(ask.file(FILE)), END)[0])
    counts = worlds.of("cohort", "counts")[0]  # (replicates, 8)
    names = [*map(str, range(MOST)), f"{MOST}+"]
    findings = [
        equal(f"the file: customers with {name} repeats", published, float(n), why="as published")
        for name, published, n in zip(names, REPEATS, data, strict=True)
    ]
    shares = counts.mean(axis=0) / data.sum()
    apart = _total_variation(shares, data / data.sum())
    why = f"{REPLICATES} replicates pooled; the data are one draw"
    what = "total variation, market against data"
    findings.append(Finding(what, 0.0, apart, tolerance=TOTAL_VARIATION, basis=why, is_met=apart <= TOTAL_VARIATION))
    alone = np.array([_total_variation(row / data.sum(), data / data.sum()) for row in counts])
    low, high = (float(x) for x in np.quantile(alone, [0.025, 0.975]))
    median = float(np.median(alone))
    why = "no test: how far one replicate is off, in the median, and the middle 95 %"
    findings.append(Finding("the same of one replicate", 0.022, median, low, high, basis=why))
    error = np.sqrt(shares * (1 - shares) * (1 / counts.sum() + 1 / data.sum()))
    for name, ours, law, se in zip(names, shares, data / data.sum(), error, strict=True):
        why = f"4 standard errors of {data.sum():,} customers and of {int(counts.sum()):,}"
        findings.append(value_near(f"share with {name} repeats", float(law), float(ours), float(se), 0.0, why))
    lines = [
        Line("CDNOW", list(range(MOST + 1)), (data / data.sum()).tolist(), True),
        Line("market", list(range(MOST + 1)), shares.tolist()),
    ]
    return Judgement(findings, [Panel("", "repeat transactions (7: 7 and more)", "share of customers", lines, True)])


def _total_variation(p: Any, q: Any) -> float:
    return float(np.abs(p - q).sum() / 2)


T1 = Target("T1", "CDNOW, 39 weeks", "Fader, Hardie & Lee 2005", _plan_cohort, cohort, _judge_cohort, (FILE,))

# Parameters put in and found again (T2)

NAMES = ("r", "α, weeks", "a", "b")
PUBLISHED = (0.243, 4.414, 0.793, 2.426)
PUBLISHED_LIKELIHOOD = -9582.4


def refit(seed: int, n: int, days: int) -> Found:
    """BG/NBD fitted to the log of a market that buys by it: parameters, errors of their logarithms, likelihoods."""
    histories = histories_in(buys_by_the_model(n, days, seed).run().log, np.full(n, days))
    fitted = BgNbd().fit(*histories, at_least=100)
    return {
        "parameters": list(astuple(fitted)),
        "errors": np.sqrt(np.diag(covariance(fitted, histories))).tolist(),
        "bg_nbd": float(fitted.log_likelihood(*histories).sum()),
        "nbd": nbd_likelihood(histories),
    }


def _judge_refit(ask: Ask, worlds: Worlds) -> Judgement:
    found = worlds.found["market"][0]
    n = worlds.cases["market"].arguments["n"]
    findings = []
    for i, name in enumerate(NAMES):
        scale = PER_DAY if i == 1 else 1.0
        truth, ours, error = astuple(EXACT)[i] / scale, found["parameters"][i] / scale, found["errors"][i]
        why = f"4 standard errors of the fit to {n:,} customers of the market's log"
        findings.append(value_near(f"market: {name}", truth, ours, error * ours, 0.0, why))
    findings.append(_beats("market", found["bg_nbd"] - found["nbd"]))
    if ask.data is not None:
        histories = histories_of(orders_file(ask.file(FILE)), END)
        fitted = BgNbd().fit(*histories, at_least=100)
        for i, name in enumerate(NAMES):
            ours = astuple(fitted)[i] / (PER_DAY if i == 1 else 1.0)
            findings.append(equal(f"the file: {name}", PUBLISHED[i], ours, 5e-4, "digits published"))
        likelihood = float(fitted.log_likelihood(*histories).sum())
        in_weeks = likelihood + float(histories[0].sum()) * float(np.log(PER_DAY))
        findings.append(equal("the file: log-likelihood", PUBLISHED_LIKELIHOOD, in_weeks, 0.05, "digits published"))
        findings.append(_beats("the file", likelihood - nbd_likelihood(histories)))
    return Judgement(findings)


def _beats(whose: str, gain: float) -> Finding:
    why = "above 10: nobody leaves in NBD, which has two parameters less"
    return Finding(f"{whose}: log-likelihood over that of NBD", np.nan, gain, basis=why, is_met=gain > 10)


T2 = Target(
    "T2",
    "BG/NBD put in and found again",
    "Fader, Hardie & Lee 2005",
    lambda ask: {"market": Case(1, {"n": ask.pick(8_000, 30_000), "days": 273})},
    refit,
    _judge_refit,
)
