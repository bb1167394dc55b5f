"""Spread by invitation in the limits in which it is an epidemic on a network (A4, A5, A12).

Everybody who buys refers once, every invitation is read, and who reads one buys. Then each friend is won with
probability T, the sociability, and adoption is bond percolation with transmissibility T from randomly placed seeds (the
few who have joined already), whose size follows from the degrees (Newman 2002). With v the chance that a friend at the
end of a link has adopted other than through that link, σ the share of seeds, p and q the laws of degrees and of the
other links of a friend:

    v = 1 − (1 − σ) Σ q_k (1 − T v)^k,    S = 1 − (1 − σ) Σ p_k (1 − T v)^k.

For Poisson degrees and few seeds this is S = 1 − e^(−R0 S) above the threshold R0 = T z = 1, and S/σ = 1/(1 − R0), the
referral multiplier with K = R0, below it. A finite world needs some seeds, so the law with them is what it must meet,
and the limit what that law must tend to as they become few.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

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
from simulator.records.cascades import cascade_sizes

CERTAIN: dict[str, Any] = {
    "days": 32,
    "waves_per_day": 24,
    "burn_in_days": 1,
    "post_days": 1,
    "consumers.sociability_concentration": 1e6,
    "joining.innovation": 0.0,
    "joining.imitation": 0.0,
    "needs.retry": 0.0,
    "invitations.read": 1.0,
    "attention.per_day": 1,  # or those invited by several would buy and refer again
    "choice.appeal": 20.0,
    "merchants.n_categories": 1,
    "merchants.cohorts": {"one": {"count": 1, "products_each": 1}},
    "mechanics.referral.enabled": True,
    "mechanics.referral.refer": 1.0,
    "mechanics.referral.invitations": 1000,
    "mechanics.referral.inviter_reward_fen": 0,
    "mechanics.referral.invitee_reward_fen": 0,
}
POISSON = {"social.kind": "random", "social.degree": 10.0}
UNEQUAL = {"social.kind": "power_law", "social.degree": 6.0, "social.exponent": 3.5}
FEW = 1e-6
"""A share of seeds that is nearly none."""
LIMITS = {1.5: 0.5828, 2.0: 0.7968, 3.0: 0.9405}
"""R0 → final size."""
MULTIPLIERS = (0.3, 0.6)
CROSSED = (0.6, 1.3)
"""R0 on both sides of the threshold."""


def spread(seed: int, n: int, seeds: float, t: float, network: dict[str, Any]) -> Found:
    """Let those who have joined buy on the first day of the campaign, and nobody need anything after it.

    Args:
        seed: The world.
        n: Consumers.
        seeds: Share of them who have joined.
        t: Chance that a friend is won.
        network: Settings of the network.

    Returns:
        size, seeds (shares of all who have bought in the end and who had joined), alone (share of seeds who brought
        nobody), degrees (how many have 0, 1, … friends).
    """
    settings = {"consumers.n": n, "consumers.prospect_fraction": 1.0 - seeds, "consumers.sociability": t, **network}
    market = Market(Scenario().replace(**CERTAIN, **settings), rng=seed)
    joined = market.columns["joined_day"] >= 0
    for rate in (0.0, 1.0):
        market.consumers.set("need_rate", rate)
        market.step()
    market.consumers.set("need_rate", 0.0)
    market.run()
    bought = np.unique(market.log.columns("orders")["consumer"])
    sizes = cascade_sizes(market.log)
    n_busy = sizes.loc[sizes["size"] > 1, "n_cascades"].sum()
    assert joined[bought].sum() == joined.sum()
    return {
        "size": len(bought) / n,
        "seeds": float(joined.mean()),
        "alone": float(1.0 - n_busy / joined.sum()),
        "degrees": np.bincount(market.network.degrees).tolist(),
    }


def expected_size(degrees: Sequence[int], seeds: float, t: float) -> float:
    """S from how many have 0, 1, … friends."""
    p = np.asarray(degrees, dtype=np.float64) / np.sum(degrees)
    k = np.arange(len(p))
    q = k * p / (k @ p)  # the link that one came by is not among the others: (1 − T v)^(k − 1)

    def misses(v: float, law: NDArray[np.float64], less: int) -> float:
        return float((1.0 - seeds) * law @ (1.0 - t * v) ** np.maximum(k - less, 0))

    v = float(brentq(lambda v: v - 1.0 + misses(v, q, 1), 1e-12, 1.0))
    return 1.0 - misses(v, p, 0)


def reproduction(degrees: Sequence[int], t: float) -> float:
    """R0 = T(⟨k²⟩ − ⟨k⟩)/⟨k⟩ (Newman 2002)."""
    p = np.asarray(degrees, dtype=np.float64) / np.sum(degrees)
    k = np.arange(len(p), dtype=np.float64)
    return float(t * (k**2 @ p - k @ p) / (k @ p))


def _laws(worlds: Worlds, case: str) -> Floats:
    """The size expected of each world, by its own degrees and seeds."""
    t = worlds.cases[case].arguments["t"]
    return np.array([expected_size(found["degrees"], found["seeds"], t) for found in worlds.found[case]])


def _few(worlds: Worlds, case: str) -> float:
    """Adopters per seed expected as seeds become few, mean over worlds."""
    t = worlds.cases[case].arguments["t"]
    return float(np.mean([expected_size(found["degrees"], FEW, t) / FEW for found in worlds.found[case]]))


def _gap(what: str, worlds: Worlds, case: str, unit: float | Floats = 1.0) -> Finding:
    """Whether worlds have the size that the law gives for each, on the scale of the size itself."""
    law = _laws(worlds, case) / unit
    found = worlds.of(case, "size") / unit
    gap = mean_near(what, 0.0, found - law, why=f"t over {len(law)} paired differences from the law")
    middle = float(law.mean())
    return Finding(
        what, middle, middle + gap.ours, middle + gap.low, middle + gap.high, gap.tolerance, gap.basis, gap.is_met
    )


# Above the threshold (A4)


def _plan_epidemic(ask: Ask) -> dict[str, Case]:
    n, worlds = ask.pick((4_000, 6), (30_000, 8))
    return {f"{r0}": Case(worlds, {"n": n, "seeds": 0.005, "t": r0 / 10.0, "network": POISSON}) for r0 in LIMITS}


def _judge_epidemic(ask: Ask, worlds: Worlds) -> Judgement:
    degrees = np.bincount(np.random.default_rng(0).poisson(10.0, 1_000_000)).tolist()
    findings = []
    for r0, limit in LIMITS.items():
        findings.append(_gap(f"R0 = {r0}: size, with .5 % seeds", worlds, f"{r0}"))
        law = expected_size(degrees, FEW, r0 / 10.0)
        findings.append(equal(f"R0 = {r0}: what the law tends to", limit, law, 0.002, "a million Poisson degrees"))
    r0s = np.linspace(1.02, 3.2, 60)
    sizes = [brentq(lambda s, r=r: s - 1 + np.exp(-r * s), 1e-9, 1.0) for r in r0s]
    ours = [float(worlds.of(f"{r0}", "size").mean()) for r0 in LIMITS]
    lines = [Line("S = 1 − exp(−R0·S)", r0s.tolist(), sizes, True), Line("market, .5 % seeds", list(LIMITS), ours)]
    return Judgement(findings, [Panel("", "R0", "final size, share of all", lines)])


A4 = Target("A4", "Epidemic on a Poisson network", "Newman 2002", _plan_epidemic, spread, _judge_epidemic)

# Below it (A4, A12)


def _plan_multiplier(ask: Ask) -> dict[str, Case]:
    n, worlds = ask.pick((2_000, 6), (30_000, 8))
    return {f"{k}": Case(worlds, {"n": n, "seeds": 0.04, "t": k / 10.0, "network": POISSON}) for k in MULTIPLIERS}


def _judge_multiplier(ask: Ask, worlds: Worlds) -> Judgement:
    """Four in a hundred are seeds, who take prospects from each other: the law with seeds tends to that without."""
    findings = []
    for k in MULTIPLIERS:
        case = f"{k}"
        seeds = worlds.of(case, "seeds")
        findings.append(_gap(f"K = {k}: total/seeds, with 4 % seeds", worlds, case, seeds))
        findings.append(
            equal(
                f"K = {k}: what the law tends to",
                1 / (1 - k),
                _few(worlds, case),
                0.03 / (1 - k),
                "degrees of a finite network: 3 %",
            )
        )
        findings.append(_alone(k, worlds))
    ks = np.linspace(0, 0.8, 60)
    ours = [float((worlds.of(f"{k}", "size") / worlds.of(f"{k}", "seeds")).mean()) for k in MULTIPLIERS]
    lines = [
        Line("1/(1 − K)", ks.tolist(), (1 / (1 - ks)).tolist(), True),
        Line("market, 4 % seeds", MULTIPLIERS, ours),
    ]
    return Judgement(findings, [Panel("", "K", "adopters per seed", lines)])


def _alone(k: float, worlds: Worlds) -> Finding:
    """P(a seed brings nobody) = e^(−K) where no prospect is won by others.

    A friend is a prospect won by nobody else at most with certainty, and at least if it is not in the final size.
    """
    sizes, alone = worlds.of(f"{k}", "size"), worlds.of(f"{k}", "alone")
    least, most = float(np.exp(-k)), float(np.mean(np.exp(-k * (1.0 - sizes))))
    n_seeds = float(worlds.of(f"{k}", "seeds").sum()) * worlds.cases[f"{k}"].arguments["n"]
    error, ours = float(np.sqrt(least * (1.0 - least) / n_seeds)), float(alone.mean())
    met = bool(least - 4 * error <= ours <= most + 4 * error)
    why = f"4 binomial standard errors of {n_seeds:,.0f} seeds, + {most - least:.2g} as prospects run out"
    return Finding(
        f"K = {k}: P(brings nobody)",
        least,
        ours,
        ours - 1.96 * error,
        ours + 1.96 * error,
        most - least + 4 * error,
        why,
        met,
    )


A12 = Target(
    "A12",
    "Referral multiplier, and cascades below the threshold (A4)",
    "branching process",
    _plan_multiplier,
    spread,
    _judge_multiplier,
)

# Unequal degrees (A5)


@cache
def _multiple(n: int) -> float:
    """R0 over T of the unequal network of world 0."""
    degrees = Market(Scenario().replace(**CERTAIN, **UNEQUAL, **{"consumers.n": n}), rng=0).network.degrees
    return reproduction(np.bincount(degrees).tolist(), 1.0)


def _plan_unequal(ask: Ask) -> dict[str, Case]:
    n, worlds = ask.pick((4_000, 5), (20_000, 16))
    return {
        f"{r0}": Case(worlds, {"n": n, "seeds": 0.06, "t": r0 / _multiple(n), "network": UNEQUAL}) for r0 in CROSSED
    }


def _judge_unequal(ask: Ask, worlds: Worlds) -> Judgement:
    findings = []
    for r0 in CROSSED:
        t = worlds.cases[f"{r0}"].arguments["t"]
        degrees = np.asarray(worlds.found[f"{r0}"][0]["degrees"])
        mean = float(t * (np.arange(len(degrees)) @ degrees) / degrees.sum())
        why = "below 1: were degrees equal, neither would spread"
        findings.append(Finding(f"R0 = {r0}: T·⟨k⟩", np.nan, mean, basis=why, is_met=mean < 1.0))
        findings.append(_gap(f"R0 = {r0}: size, with 6 % seeds", worlds, f"{r0}"))
    below, above = (_few(worlds, f"{r0}") for r0 in CROSSED)
    why = "a cascade is a few consumers below the threshold"
    findings.append(
        Finding("R0 = 0.6: adopters per seed as seeds become few", 2.5, below, basis=why, is_met=below < 5.0)
    )
    why = "a share of all above it, more than 5 %"
    findings.append(
        Finding("R0 = 1.3: size as seeds become few", np.nan, above * FEW, basis=why, is_met=above * FEW > 0.05)
    )
    lines = [
        Line("law", list(CROSSED), [float(_laws(worlds, f"{r0}").mean()) for r0 in CROSSED], True),
        Line("market, 6 % seeds", list(CROSSED), [float(worlds.of(f"{r0}", "size").mean()) for r0 in CROSSED]),
    ]
    return Judgement(
        findings, [Panel("power law of degrees, mean 6, exponent 3.5", "R0", "final size, share of all", lines)]
    )


A5 = Target("A5", "Threshold with unequal degrees", "Newman 2002", _plan_unequal, spread, _judge_unequal)
