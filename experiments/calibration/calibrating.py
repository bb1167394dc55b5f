"""From a problem to its trials, and from what they found to tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import qmc

from experiments.calibration.problem import Problem
from experiments.study.abc import Learner, Posterior, Recovery, recover, share_interval
from experiments.study.trials import Found, Trial

Floats = NDArray[np.float64]
LEVEL = 0.9
"""Of posterior intervals and predictions."""


class Design(NamedTuple):
    """Where a problem is simulated: to learn from, and as data sets with known settings.

    Attributes:
        unit: Places in the box, those to learn from first; shape (n_simulations + n_tests, n_parameters).
        n_simulations: How many to learn from.
    """

    unit: Floats
    n_simulations: int

    @property
    def tests(self) -> Floats:
        return self.unit[self.n_simulations :]

    @property
    def simulations(self) -> Floats:
        return self.unit[: self.n_simulations]


def design(problem: Problem, n_simulations: int, n_tests: int) -> Design:
    """Places spread over the box to learn from (Sobol' points, scrambled), and at random in it to test."""
    n = len(problem.parameters)
    spread = qmc.Sobol(n, rng=np.random.default_rng(0)).random_base2(int(np.ceil(np.log2(n_simulations))))
    tests = np.random.default_rng(1).random((n_tests, n))
    unit = np.vstack([spread[:n_simulations], tests])
    return Design(np.clip(unit, 1e-6, 1 - 1e-6), n_simulations)


def trials(problem: Problem, places: Design) -> list[Trial]:
    """A world for each place, each with luck of its own."""
    return [
        Trial(f"{problem.name} {i}", problem.simulate, {"values": problem.values(unit), **problem.arguments}, i)
        for i, unit in enumerate(places.unit)
    ]


class Calibrated(NamedTuple):
    """What comes of a calibration.

    Attributes:
        problem: What was fitted.
        posterior: Of the data.
        recovery: Of data sets made with known settings.
        settings: A row per setting: interval, what the data tell, coverage.
        predictions: A row per number held out.
        correlations: Between settings in the posterior, and the direction of which the data tell least.
    """

    problem: Problem
    posterior: Posterior
    recovery: Recovery
    settings: pd.DataFrame
    predictions: pd.DataFrame
    correlations: pd.DataFrame


def calibrate(problem: Problem, places: Design, found: Sequence[Found], keep: int) -> Calibrated:
    """Learn, test what was learned on data sets with known settings, and turn to the data.

    Args:
        problem: What is fitted.
        places: Where it was simulated.
        found: What each trial found, in the order of places.
        keep: How many simulations a posterior rests on.
    """
    fitted, held_out = (np.array([f[key] for f in found], dtype=np.float64) for key in ("fitted", "held_out"))
    fitted, held_out = np.nan_to_num(fitted), np.nan_to_num(held_out.reshape(len(found), -1))
    n = places.n_simulations
    learner = Learner(places.simulations, fitted[:n], held_out[:n], keep)
    recovery = recover(learner, places.tests, fitted[n:], LEVEL)
    posterior = learner.posterior(np.asarray(problem.data.fitted, dtype=np.float64))
    return Calibrated(
        problem,
        posterior,
        recovery,
        _settings(problem, posterior, recovery),
        _predictions(problem, posterior),
        _correlations(problem, posterior),
    )


def _settings(problem: Problem, posterior: Posterior, recovery: Recovery) -> pd.DataFrame:
    """Value, interval, share of the prior's variance that is left, and how the recovery went, by setting."""
    low, median, high = posterior.interval(LEVEL)
    n_tests = len(recovery.truth)
    rows = []
    for i, parameter in enumerate(problem.parameters):
        covered = int(recovery.covered[i])
        cover_low, cover_high = share_interval(covered, n_tests)
        rows.append(
            {
                "setting": parameter.name,
                "prior_low": parameter.low,
                "prior_high": parameter.high,
                "median": float(parameter.at(median[i])),
                "low": float(parameter.at(low[i])),
                "high": float(parameter.at(high[i])),
                "known": parameter.known,
                "variance_left": min(float(posterior.covariance[i, i]), 1.0),
                "recovered": float(recovery.gained[i]),
                "n_tests": n_tests,
                "coverage": covered / n_tests,
                "coverage_low": cover_low,
                "coverage_high": cover_high,
            }
        )
    return pd.DataFrame(rows)


def _predictions(problem: Problem, posterior: Posterior) -> pd.DataFrame:
    """What the fitted market shows of what was held out, beside the data."""
    low, median, high = posterior.prediction(LEVEL)
    table = pd.DataFrame({"what": list(problem.held_out), "data": list(problem.data.held_out)}).assign(
        median=median, low=low, high=high
    )
    return table.assign(is_inside=(table["low"] <= table["data"]) & (table["data"] <= table["high"]))


def _correlations(problem: Problem, posterior: Posterior) -> pd.DataFrame:
    """Correlations of the settings (logits) in the posterior, and the direction of which the data tell least.

    Returns:
        A row per setting: a column per setting, and `least_known`, its weight in that direction; `variance_left`, of
        that direction, in every row.
    """
    covariance = posterior.covariance
    sd = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance)
    names = [parameter.name for parameter in problem.parameters]
    table = pd.DataFrame(covariance / np.outer(sd, sd), columns=names)
    table.insert(0, "setting", names)
    weakest = vectors[:, -1] * np.sign(vectors[np.abs(vectors[:, -1]).argmax(), -1])
    return table.assign(least_known=weakest, variance_left=float(values[-1]))
