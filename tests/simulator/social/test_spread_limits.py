"""Spread by invitation in the limits in which it is an epidemic on a network, by the ordinary engine.

Everybody who buys refers once, every invitation is read, and who reads one buys. Then each friend is won with
probability T, the sociability, and adoption is bond percolation with transmissibility T from randomly placed seeds (the
few who have joined already), whose size follows from the degrees (Newman 2002). With v the chance that a friend at the
end of a link has adopted other than through that link, σ the share of seeds, p and q the laws of degrees and of the
other links of a friend:

    v = 1 − (1 − σ) Σ q_k (1 − T v)^k,    S = 1 − (1 − σ) Σ p_k (1 − T v)^k.

For Poisson degrees and few seeds this is S = 1 − e^(−R0 S) above the threshold R0 = T z = 1, and S/σ = 1/(1 − R0), the
referral multiplier with K = R0, below it. Bounds are t intervals over worlds at 99.9 %.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import t as student_t

from simulator import Market, Scenario
from simulator.records.cascades import cascade_sizes

WORLDS = range(8)
CERTAIN: dict[str, Any] = {
    "days": 32,
    "waves_per_day": 24,
    "burn_in_days": 1,
    "post_days": 1,
    "consumers.n": 10_000,
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


class Spread(NamedTuple):
    """One world.

    Attributes:
        size: Share of consumers who have bought in the end, seeds included.
        seeds: Share of seeds.
        alone: Share of seeds who brought nobody.
        degrees: Friends of each consumer.
    """

    size: float
    seeds: float
    alone: float
    degrees: NDArray[np.int32]


def spread(seeds: float, t: float, seed: int, **changes: Any) -> Spread:
    """Let those who have joined buy on the first day of the campaign, and nobody need anything after it."""
    settings = {"consumers.prospect_fraction": 1.0 - seeds, "consumers.sociability": t, **changes}
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
    return Spread(len(bought) / len(joined), joined.mean(), 1.0 - n_busy / joined.sum(), market.network.degrees)


def expected_size(world: Spread, t: float) -> float:
    """S from the degrees of a world's network."""
    p = np.bincount(world.degrees) / len(world.degrees)
    k = np.arange(len(p))
    q = k * p / (k @ p)  # the link that one came by is not among the others: (1 − T v)^(k − 1)

    def misses(v: float, law: NDArray[np.float64], less: int) -> float:
        return float((1.0 - world.seeds) * law @ (1.0 - t * v) ** np.maximum(k - less, 0))

    v = float(brentq(lambda v: v - 1.0 + misses(v, q, 1), 1e-12, 1.0))
    return 1.0 - misses(v, p, 0)


def reproduction(degrees: NDArray[np.int32], t: float) -> float:
    """R0 = T(⟨k²⟩ − ⟨k⟩)/⟨k⟩ (Newman 2002)."""
    k = degrees.astype(np.float64)
    return float(t * ((k**2).mean() - k.mean()) / k.mean())


def assert_agree(found: list[float], wanted: list[float]) -> None:
    """The mean difference over worlds is not distinguishable from zero at 99.9 %, and the bound is no wide one."""
    gaps = np.array(found) - np.array(wanted)
    bound = student_t.ppf(0.9995, len(gaps) - 1) * gaps.std(ddof=1) / np.sqrt(len(gaps))
    assert abs(gaps.mean()) < bound
    assert bound < 0.1 * np.mean(wanted)


@pytest.mark.parametrize(("r0", "limit"), [(1.5, 0.5828), (2.0, 0.7968), (3.0, 0.9405)])
def test_the_final_size_on_a_poisson_network_is_that_of_an_epidemic(r0: float, limit: float) -> None:
    """TARGETS A4, with a share of seeds of .5 %: the law with seeds, which tends to the limit without."""
    t = r0 / 10.0
    worlds = [spread(0.005, t, seed, **{"social.kind": "random", "social.degree": 10.0}) for seed in WORLDS]
    assert_agree([world.size for world in worlds], [expected_size(world, t) for world in worlds])
    poisson = np.random.default_rng(0).poisson(10.0, 1_000_000)
    assert expected_size(Spread(0.0, 1e-9, 0.0, poisson.astype(np.int32)), t) == pytest.approx(limit, abs=0.002)


@pytest.mark.parametrize("k", [0.3, 0.6])
def test_below_the_threshold_the_total_is_the_seeds_over_one_minus_k(k: float) -> None:
    """TARGETS A12 and A4: total/seeds = 1/(1 − K) and P(a seed brings nobody) = e^(−K), as seeds become few.

    Four in a hundred are seeds, who take prospects from each other: the law with seeds is met, and it tends to that.
    """
    t = k / 10.0
    worlds = [spread(0.04, t, seed, **{"social.kind": "random", "social.degree": 10.0}) for seed in WORLDS]
    ratios = [world.size / world.seeds for world in worlds]
    assert_agree(ratios, [expected_size(world, t) / world.seeds for world in worlds])
    few = [expected_size(world._replace(seeds=1e-6), t) / 1e-6 for world in worlds]
    assert np.mean(few) == pytest.approx(1.0 / (1.0 - k), rel=0.03)
    # A friend is a prospect won by nobody else at most with certainty, and at least if it is not in the final size.
    least, most = (np.mean([np.exp(-k * (1.0 - x)) for x in sizes]) for sizes in ([0.0], [w.size for w in worlds]))
    n_seeds = sum(world.seeds * CERTAIN["consumers.n"] for world in worlds)
    error = 3.3 * np.sqrt(least * (1.0 - least) / n_seeds)
    assert least - error < np.mean([world.alone for world in worlds]) < most + error


def test_with_unequal_degrees_the_threshold_lies_at_r0_of_one() -> None:
    """TARGETS A5: R0 counts ⟨k²⟩, and so does the size of the spread on both sides of the threshold."""
    kind = {"social.kind": "power_law", "social.degree": 6.0, "social.exponent": 3.5}
    degrees = spread(0.06, 0.01, 0, **kind).degrees
    multiples = {}
    for r0 in (0.6, 1.3):
        t = r0 / reproduction(degrees, 1.0)
        assert t * degrees.mean() < 1.0  # with equal degrees neither would spread
        worlds = [spread(0.06, t, seed, **kind) for seed in range(16)]
        assert_agree([world.size for world in worlds], [expected_size(world, t) for world in worlds])
        few = [expected_size(world._replace(seeds=1e-6), t) for world in worlds]
        multiples[r0] = np.mean(few) / 1e-6
    assert multiples[0.6] < 5.0  # a cascade is a few consumers below the threshold ...
    assert multiples[1.3] * 1e-6 > 0.05  # ... and a share of all above it
