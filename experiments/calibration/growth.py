"""Buyers and spending of Pinduoduo 2017 to 2019 (T5); 2020 and 2021 are held out.

A step of this market stands for `STEP` days; a product costs twice as much as by default, so that half the needs make
the same spending. Everybody can hear of the platform from everybody (a complete network), and nobody leaves it for
good. One person of the market stands for `people`/n of the real ones. Published figures are exact, the model is not:
simulated ones are off by a factor of 3 % (one standard deviation), which is assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration.problem import Data, Parameter, Problem
from experiments.study.trials import Found
from simulator import Market, Scenario
from simulator.draws import ALWAYS, Draws, decision

STEP = 7
"""Days per step."""
PER_YEAR = 365 / STEP
BEGAN = 2015 + 8 / 12
"""September 2015."""
YEARS = (2017, 2018, 2019, 2020, 2021)
BUYERS = (244.8, 418.5, 585.2, 788.4, 868.7)
"""Annual active buyers, million."""
SPENDING = (576.9, 1126.9, 1720.1, 2115.2, 2810.0)
"""Annual spending per active buyer, yuan."""
N_FITTED = 3
DISCREPANCY = 0.03
"""Standard deviation of the logarithm by which the model is off."""
NOISE = decision("calibration.discrepancy")
N = 1500
MARKET: dict[str, Any] = {
    "consumers.n": N,
    "consumers.prospect_fraction": 1.0,
    "days": round((YEARS[-1] + 1 - BEGAN) * PER_YEAR),
    "burn_in_days": 1,
    "post_days": 1,
    "waves_per_day": 1,
    "needs.has_attrition": False,
    "merchants.list_price_median_fen": 9000,
    "social.kind": "complete",
}
PARAMETERS = (
    Parameter("innovation p, 1/year", 0.003, 0.2, True),
    Parameter("imitation q, 1/year", 0.2, 4.0, True),
    Parameter("people who could join, million", 500.0, 1400.0, True),
    Parameter("needs of a member, 1/day", 0.01, 0.14, True),
)


def simulate(seed: int, values: Sequence[float]) -> Found:
    """Buyers and spending of each year, in logarithms where they are fitted."""
    p, q, people, needs = values
    changes = {
        "joining.innovation": p * STEP,
        "joining.imitation": q * STEP,
        "needs.rate": needs * STEP,
    }
    orders = Market(Scenario().replace(**{**MARKET, **changes}), rng=seed).run().log.columns("orders")
    year = np.floor(BEGAN + orders["day"] / PER_YEAR).astype(int)
    off = np.exp(DISCREPANCY * Draws(seed).normal(NOISE, ALWAYS, np.arange(2 * len(YEARS))))
    buyers, spending = [], []
    for at in YEARS:
        inside = year == at
        n = len(np.unique(orders["consumer"][inside]))
        buyers.append(max(n, 1) * people / N)
        spending.append(max(float(orders["paid_fen"][inside].sum()), 1.0) / 100 / max(n, 1))
    found = np.array([*buyers, *spending]) * off
    return _split(found)


def _split(found: Any) -> Found:
    n = len(YEARS)
    fitted = np.log([*found[:N_FITTED], *found[n : n + N_FITTED]])
    return {"fitted": fitted.tolist(), "held_out": [*map(float, found[N_FITTED:n]), *map(float, found[n + N_FITTED :])]}


def problem(folder: Path) -> Problem:
    """The calibration; its data are public figures, and need no folder."""
    found = _split(np.array([*BUYERS, *SPENDING]))
    return Problem(
        "pinduoduo",
        "Buyers and spending of Pinduoduo",
        "annual reports",
        PARAMETERS,
        [f"{what}, {year}, ln" for what in ("buyers", "spending") for year in YEARS[:N_FITTED]],
        [f"{what}, {year}" for what in ("buyers, million", "spending, yuan") for year in YEARS[N_FITTED:]],
        simulate,
        Data(found["fitted"], found["held_out"]),
        {},
        "A complete network, nobody leaves, a step stands for a week; the model is assumed to be off by 3 %. In the "
        "market spending per buyer rises only because those who joined late in a year have had little time in it: that "
        "people come to buy more, and dearer things, is not in the model.",
    )
