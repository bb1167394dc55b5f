"""How right the platform's beliefs are, against a truth that only reports may see."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from simulator.draws import Floats
from simulator.insight.profiles import ConsumerProfiles
from simulator.state.columns import Columns

EVERY_DAYS = 10
Z90 = 1.6448536269514722
"""Half of a normal 90 % interval, in standard deviations."""


def quality(profiles: ConsumerProfiles, columns: Columns, taste_weight: float) -> dict[str, float]:
    """How profiles compare with the truth, over those who have one; NaN where it is not defined.

    Returns:
        n_known: Consumers with a profile.
        looks: Pieces of evidence in it, mean.
        taste_correlation: Of believed and true taste weights, over consumers and attributes.
        taste_coverage: Share of true taste weights inside the believed 90 % interval.
        price_correlation: Of believed and true price sensitivity.
        alive_auc: Probability that of one who still comes and one who does not, both with a recorded purchase, the
            first has the higher believed P(alive).
    """
    known = np.flatnonzero(profiles.n_looks > 0)
    beliefs = profiles.beliefs(known)
    taste = taste_weight * columns["taste"][known].astype(np.float64)
    buyers = known[profiles.n_orders[known] > 0]
    return {
        "n_known": len(known),
        "looks": _mean(profiles.n_looks[known].astype(np.float64)),
        "taste_correlation": _correlation(beliefs.taste.ravel(), taste.ravel()),
        "taste_coverage": _mean((np.abs(beliefs.taste - taste) <= Z90 * beliefs.taste_sd).astype(np.float64).ravel()),
        "price_correlation": _correlation(
            beliefs.price_sensitivity, columns["price_sensitivity"][known].astype(np.float64)
        ),
        "alive_auc": _auc(profiles.p_alive(buyers), ~columns["is_dormant"][buyers]),
    }


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _correlation(a: Floats, b: Floats) -> float:
    """Pearson's r; NaN where one of the two does not vary."""
    if len(a) == 0:
        return float("nan")
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a * a).mean()) * np.sqrt((b * b).mean())
    return float((a * b).mean() / scale) if scale > 1e-150 else float("nan")


def _auc(score: Floats, is_positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve (Mann & Whitney 1947); NaN if one of the two kinds is missing."""
    n_positive = int(np.count_nonzero(is_positive))
    n_negative = len(score) - n_positive
    if n_positive == 0 or n_negative == 0:
        return float("nan")
    ranks = rankdata(score)[is_positive].sum()
    return float((ranks - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))
