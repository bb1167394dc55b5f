"""The NBD-Dirichlet of toothpaste: penetration, double jeopardy, duplication of purchase (T3).

Needs are NBD; everything that is needed is bought. Whom it is bought from follows a Dirichlet: with ln G of independent
G ~ Gamma(S · share) in the place of tastes, and a product for each, the logit chooses brand j with probability
G_j/ΣG, which is Dirichlet(S · share). Nothing else of the choice acts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammaincinv, gammaln
from scipy.stats import nbinom

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
    mean_near,
)
from simulator import Market, Scenario
from simulator.draws import ALWAYS, Draws, decision

M, K, S = 1.456, 0.78, 1.3
"""Purchases per consumer, shape of their distribution, and how much consumers differ in whom they buy from."""
SHARES = np.array([0.25, 0.19, 0.10, 0.10, 0.09, 0.08, 0.03, 0.02])
REST = 1 - SHARES.sum()
"""All other brands, as one."""
BRANDS = np.append(SHARES, REST)
N = len(BRANDS)
DAYS = 364
BODY, TAIL = decision("validation.dirichlet"), decision("validation.dirichlet_tail")

MARKET: dict[str, Any] = {
    "days": DAYS + 1,
    "burn_in_days": DAYS - 1,
    "post_days": 1,
    "waves_per_day": 1,
    "consumers.prospect_fraction": 0.0,
    "consumers.taste_dimensions": N,
    "consumers.price_sensitivity_sd": 0.0,
    "needs.rate": M / DAYS,
    "needs.rate_shape": K,
    "needs.retry": 0.0,
    "needs.home_stock": 0.0,
    "needs.has_attrition": False,
    "social.kind": "ring",
    "social.degree": 2,
    "merchants.n_categories": 1,
    "merchants.cohorts": {"brands": {"count": N, "products_each": 1}},
    "platform.slate_size": N,
    "platform.examination_decay": 0.0,
    "choice.appeal": 20.0,
    "choice.taste_weight": 1.0,
    "choice.quality_weight": 0.0,
    "choice.loyalty_weight": 0.0,
    "choice.friends_weight": 0.0,
    "choice.trust_weight": 0.0,
    "choice.gain_weight": 0.0,
}


def log_gammas(seed: int, n: int) -> Floats:
    """ln of Gamma(S · share) by consumer and brand, shape (n, N); G_a = G_(a+1) · U^(1/a), so that none underflows."""
    draws, who, what = Draws(seed), np.arange(n)[:, None], np.arange(N)[None, :]
    a = S * BRANDS
    body = np.log(gammaincinv(a + 1, draws.uniform(BODY, ALWAYS, who, what)))
    return np.asarray(body + np.log(draws.uniform(TAIL, ALWAYS, who, what)) / a)


def purchases(seed: int, n: int) -> Found:
    """Penetration of the category and of each brand, purchases per buyer of each, and duplication coefficient."""
    market = Market(Scenario().replace(**MARKET, **{"consumers.n": n}), rng=seed)
    g = log_gammas(seed, n)
    market.consumers.set("taste", g - g.max(axis=1, keepdims=True))
    market.products.attributes[:] = np.eye(N)
    while market.day < DAYS:
        market.step()
    orders = market.log.frame("orders")
    counts = np.zeros((n, N), dtype=np.int64)
    np.add.at(counts, (orders["consumer"].to_numpy(), orders["product"].to_numpy()), 1)
    buys = counts > 0
    both = (buys[:, :-1].T.astype(np.int64) @ buys[:, :-1].astype(np.int64)) / n
    return {
        "category": float(buys.any(axis=1).mean()),
        "penetration": buys.mean(axis=0).tolist(),
        "frequency": (counts.sum(axis=0) / buys.sum(axis=0)).tolist(),
        "duplication": duplication(both),
        "shares": (counts.sum(axis=0) / counts.sum()).tolist(),
    }


def duplication(both: Any) -> float:
    """D of b_jk = D · b_j · b_k over pairs of named brands; `both` has penetrations on its diagonal."""
    b = np.diag(both)
    pairs = ~np.eye(len(b), dtype=np.bool_)
    return float(both[pairs].sum() / np.outer(b, b)[pairs].sum())


def chance_of_none(share: float) -> float:
    """P(a consumer buys nothing of brands with this share), under NBD and beta-binomial choice."""
    n = np.arange(400)
    a, rest = S * share, S * (1 - share)
    none = np.exp(gammaln(rest + n) - gammaln(rest) + gammaln(a + rest) - gammaln(a + rest + n))
    return float(nbinom.pmf(n, K, K / (K + M)) @ none)


def theory() -> tuple[Floats, Floats, float]:
    """Penetrations and frequencies of the named brands, and D."""
    none = np.array([chance_of_none(share) for share in SHARES])
    b = 1 - none
    either = np.array([[chance_of_none(j + k) for k in SHARES] for j in SHARES])
    both = 1 - none[:, None] - none[None, :] + either
    np.fill_diagonal(both, b)
    return b, M * SHARES / b, duplication(both)


def _steps() -> float:
    """By how much daily steps lower penetration: at most one need a day, so that P(none) = E(1 − λ/T)^T."""
    rates = gammaincinv(K, (np.arange(20_000) + 0.5) / 20_000) * M / K
    return float(((1 - np.minimum(rates / DAYS, 1)) ** DAYS - np.exp(-rates)).mean())


def _judge(ask: Ask, worlds: Worlds) -> Judgement:
    b, w, d = theory()
    step = abs(_steps())
    penetration, frequency = worlds.of("market", "penetration"), worlds.of("market", "frequency")
    share = float(1 - (1 + M / K) ** -K)
    findings = [
        equal("theory: penetration of the category", 0.56, share, 5e-3, "digits published"),
        equal("theory: purchases per buyer, largest brand", 1.82, float(w[0]), 0.02, "digits published"),
        equal("theory: purchases per buyer, smallest brand", 1.61, float(w[-1]), 0.02, "digits published"),
        equal("theory: duplication coefficient", 1.19, d, 0.02, "digits published"),
        mean_near("penetration of the category", share, worlds.of("market", "category"), step),
    ]
    for j, own in enumerate(SHARES):
        name = f"brand {j + 1}, share {own:.2f}"
        findings.append(mean_near(f"{name}: penetration", float(b[j]), penetration[:, j], step))
        findings.append(
            mean_near(f"{name}: purchases per buyer", float(w[j]), frequency[:, j], step * float(w[j] / b[j]))
        )
    findings.append(mean_near("duplication coefficient", d, worlds.of("market", "duplication"), 2 * step))
    slope = np.array([np.corrcoef(b_[:-1], w_[:-1])[0, 1] for b_, w_ in zip(penetration, frequency, strict=True)])
    why = "above 0 in every world: small brands have fewer buyers, who also buy less"
    what = "double jeopardy: correlation of penetration and purchases per buyer"
    met = bool((slope > 0).all())
    findings.append(Finding(what, np.nan, float(slope.mean()), basis=why, is_met=met))
    lines = [
        Line("NBD-Dirichlet", b.tolist(), w.tolist(), True),
        Line("market", penetration[:, :-1].mean(axis=0).tolist(), frequency[:, :-1].mean(axis=0).tolist()),
    ]
    return Judgement(findings, [Panel("double jeopardy", "penetration", "purchases per buyer", lines)])


T3 = Target(
    "T3",
    "NBD-Dirichlet of toothpaste",
    "Goodhardt, Ehrenberg & Chatfield 1984",
    lambda ask: {"market": Case(ask.pick(4, 8), {"n": ask.pick(2_000, 20_000)})},
    purchases,
    _judge,
)
