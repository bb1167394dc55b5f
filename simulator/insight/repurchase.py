"""BG/NBD: how often somebody will buy again, and whether they still come (Fader, Hardie & Lee 2005)."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln, hyp2f1
from threadpoolctl import threadpool_limits

from simulator.draws import Floats

Counts = NDArray[np.int64]

LOWEST, HIGHEST = (1e-3, 0.1, 1e-3, 1e-3), (100.0, 1e5, 100.0, 100.0)
"""Bounds of r, alpha, a, b in a fit: almost all differ, or nobody does; beyond them nothing changes but overflow."""
MOST_STEPS = 100
"""Cohorts take about 20; a handful of odd customers, whose likelihood has no maximum inside, as many as allowed."""


@dataclass
class BgNbd:
    """Purchases are Poisson with rates Gamma(r, alpha); after each one a customer leaves with a chance Beta(a, b).

    Histories are arrays of shape (n,): repeat purchases, day of the last purchase, and days observed, both since the
    first purchase. Somebody without a repeat purchase has had no occasion to leave.

    Attributes:
        r, alpha: Of the rates, alpha in days.
        a, b: Of the chances.
    """

    carried: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")

    r: float = 0.5
    alpha: float = 20.0
    a: float = 0.8
    b: float = 6.0

    def p_alive(self, n_repeat: Counts, recency: Counts, age: Counts) -> Floats:
        """P(alive | history), shape (n,)."""
        r, alpha, a, b = astuple(self)
        silence = np.log((alpha + age) / (alpha + recency))
        log_odds_of_leaving = np.log(a / (b + np.maximum(n_repeat, 1) - 1)) + (r + n_repeat) * silence
        return np.asarray(np.where(n_repeat > 0, expit(-log_odds_of_leaving), 1.0))

    def expected(self, n_repeat: Counts, recency: Counts, age: Counts, days: float) -> Floats:
        """Purchases expected in the next days, given the history; shape (n,).

        Equation 10 of the paper. Its hypergeometric function is taken after Euler's transformation, which does not
        overflow for somebody who has bought hundreds of times.
        """
        r, alpha, a, b = astuple(self)
        shrink = (alpha + age) / (alpha + age + days)
        gauss = hyp2f1(a + b - 1 - r, a - 1, a + b + n_repeat - 1, 1 - shrink)
        per_customer = (a + b + n_repeat - 1) / (a - 1) * (1 - shrink ** (a - 1) * gauss)
        return np.asarray(per_customer * self.p_alive(n_repeat, recency, age))

    def log_likelihood(self, n_repeat: Counts, recency: Counts, age: Counts) -> Floats:
        """Log-likelihood of each history, shape (n,). Equation 6 of the paper."""
        r, alpha, a, b = astuple(self)
        n = np.arange(n_repeat.max(initial=0) + 1)
        buys = (gammaln(r + n) - gammaln(r) + r * np.log(alpha) + betaln(a, b + n) - betaln(a, b))[n_repeat]
        with np.errstate(divide="ignore"):  # without a repeat purchase: ln 0
            odds = np.log(np.where(n > 0, a / (b + np.maximum(n, 1) - 1), 0.0))[n_repeat]
        stays = -(r + n_repeat) * np.log(alpha + age)
        leaves = odds - (r + n_repeat) * np.log(alpha + recency)
        return np.asarray(buys + np.logaddexp(stays, leaves))

    def fit(self, n_repeat: Counts, recency: Counts, age: Counts, at_least: int) -> BgNbd:
        """The model under which these histories are most likely; this one if fewer than `at_least` have bought again.

        The same for the same histories in any order, whatever this model's parameters are.
        """
        if np.count_nonzero(n_repeat) < at_least:
            return self
        size = int(age.max()) + 1
        history, count = np.unique((n_repeat * size + recency) * size + age, return_counts=True)
        bought, seen = np.divmod(history, size)
        distinct = (*np.divmod(bought, size), seen)
        share = count / len(n_repeat)

        def unlikely(log_parameters: Floats) -> float:
            return -float(np.sum(share * BgNbd(*np.exp(log_parameters)).log_likelihood(*distinct)))

        with threadpool_limits(limits=1):  # with four parameters threads only wait for each other
            best = minimize(
                unlikely,
                np.log(astuple(BgNbd())),
                method="L-BFGS-B",
                jac="3-point",
                bounds=list(zip(np.log(LOWEST), np.log(HIGHEST), strict=True)),
                options={"ftol": 1e-13, "gtol": 1e-7, "maxiter": MOST_STEPS},
            )
        return BgNbd(*map(float, np.exp(best.x)))
