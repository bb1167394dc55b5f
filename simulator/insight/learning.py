"""What a platform learns about one person from what that person looks at and clicks.

A product's utility to a consumer is believed to be its appeal to everybody plus x·w: w are the person's own weights
(appeal, taste, price sensitivity) and x = (1, the product's attributes, ln(list price / price paid)). A look shows
whether utility was above some level, with a logistic error. Weights are independent normal a priori and stay so by
assumption: each look moves means and variances by one step of the extended Kalman filter for a binary response (West,
Harrison & Migon 1985; in use as in Graepel et al. 2010).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import compiled
from simulator.draws import Floats


class Evidence(NamedTuple):
    """One row per look, arrays of shape (n,).

    Attributes:
        consumer, product: Who looked at what.
        is_above: Whether utility is reported to have been above -`margin`.
        margin: See above.
        log_cut: ln(list price / price asked).
        p_flip: Probability that the report says the opposite of the truth.
    """

    consumer: NDArray[np.int32]
    product: NDArray[np.int32]
    is_above: NDArray[np.bool_]
    margin: NDArray[np.float32]
    log_cut: NDArray[np.float32]
    p_flip: NDArray[np.float32]


@compiled
def learn(
    evidence: Evidence,
    attributes: Floats,
    appeal: Floats,
    mean: NDArray[np.float32],
    variance: NDArray[np.float32],
    n_looks: NDArray[np.int32],
) -> None:
    """Let weights take in evidence, row after row.

    Args:
        evidence: What was seen.
        attributes: Of each product, shape (n_products, n_attributes).
        appeal: Each product's utility to the average consumer, shape (n_products,).
        mean, variance: Of each consumer's weights, shape (n_consumers, n_attributes + 2).
        n_looks: Rows taken in for each consumer, shape (n_consumers,).
    """
    n_weights = mean.shape[1]
    x = np.ones(n_weights)
    for row in range(len(evidence.consumer)):
        who, item, p_flip = evidence.consumer[row], evidence.product[row], evidence.p_flip[row]
        for k in range(n_weights - 2):
            x[k + 1] = attributes[item, k]
        x[n_weights - 1] = evidence.log_cut[row]
        utility, spread = appeal[item] + evidence.margin[row], 0.0
        for k in range(n_weights):
            utility += mean[who, k] * x[k]
            spread += variance[who, k] * x[k] * x[k]
        p = 1 / (1 + np.exp(-utility))
        p_report = p_flip + (1 - 2 * p_flip) * p
        slope = (1 - 2 * p_flip) * p * (1 - p)
        scatter = max(p_report * (1 - p_report), 1e-12)
        information = slope * slope / scatter
        score = slope * (evidence.is_above[row] - p_report) / scatter
        weight = 1 / (1 + spread * information)
        for k in range(n_weights):
            gain = variance[who, k] * x[k] * weight
            mean[who, k] += gain * score
            variance[who, k] -= gain * variance[who, k] * x[k] * information
        n_looks[who] += 1


@compiled
def remember(
    consumers: NDArray[np.int32],
    products: NDArray[np.int32],
    basket: NDArray[np.int32],
    n_wanted: NDArray[np.int32],
) -> None:
    """Put what was wanted, in order of time, into the baskets, shape (n_consumers, memory); the oldest is forgotten."""
    for row, who in enumerate(consumers):
        basket[who, n_wanted[who] % basket.shape[1]] = products[row]
        n_wanted[who] += 1
