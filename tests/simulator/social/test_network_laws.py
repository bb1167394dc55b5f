"""Rings, small worlds, scale-free, power-law and random networks obey the laws proved or published for them."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from scipy import stats

from tests.simulator.social.networks import links_of, network


@pytest.mark.parametrize(("n", "degree"), [(30, 2), (31, 6), (12, 10)])
def test_ring_neighbours_are_exactly_the_nearest(n: int, degree: int):
    graph = network(n, kind="ring", degree=degree)
    near = [step for step in range(-degree // 2, degree // 2 + 1) if step]
    for i in range(n):
        assert set(graph.friends_of(i).tolist()) == {(i + step) % n for step in near}


def test_a_small_world_that_rewires_nothing_is_the_ring():
    assert links_of(network(300, rewire_fraction=0.0)) == links_of(network(300, kind="ring"))


@pytest.mark.parametrize("fraction", [0.03, 0.1, 0.5])
def test_small_world_has_the_clustering_and_degrees_of_watts_and_strogatz(fraction: float):
    n, degree = 10_000, 10
    ours = network(n, rewire_fraction=fraction)
    theirs = nx.watts_strogatz_graph(n, degree, fraction, seed=1)

    # Barrat & Weigt 2000: C(p) = C(0) (1-p)^3 up to terms of order 1/n. Bound: five standard errors of a mean of
    # local coefficients, whose spread is below .15.
    clustering = ours.describe()["clustering"]
    assert clustering == pytest.approx(2 / 3 * (1 - fraction) ** 3, abs=5 * 0.15 / np.sqrt(n) + 2 * degree / n)
    assert clustering == pytest.approx(nx.average_clustering(theirs), abs=2 * 5 * 0.15 / np.sqrt(n))
    # A degree is half kept links and ends of others' links: Binomial(k/2, 1-p) + Poisson(kp/2), plus k/2.
    variance = degree / 2 * fraction * (1 - fraction) + degree / 2 * fraction
    assert ours.degrees.var() == pytest.approx(variance, rel=0.1)
    assert np.var([d for _, d in theirs.degree()]) == pytest.approx(ours.degrees.var(), rel=0.1)
    # Rewired links that repeat another are dropped: about fraction * degree² / 2, whatever n.
    assert n * degree / 2 - ours.n_links <= stats.poisson.ppf(0.9999, fraction * degree**2 / 2)


def test_rewiring_more_moves_more_links_and_leaves_the_moved_ones_where_they_went():
    ring, some, more = (links_of(network(2_000, rewire_fraction=p)) for p in (0.0, 0.1, 0.3))
    assert len(some - ring) == pytest.approx(0.1 * len(ring), rel=0.15)
    assert some - ring <= more - ring


def test_scale_free_degrees_follow_the_exact_law_of_preferential_attachment():
    n, half = 100_000, 5
    degrees = network(n, kind="scale_free").degrees
    # P(degree ≥ k) = m(m+1) / (k(k+1)) (Dorogovtsev, Mendes & Samukhin 2000), for large n.
    for k in (6, 10, 20, 50, 100):
        expected = n * half * (half + 1) / (k * (k + 1))
        assert (degrees >= k).sum() == pytest.approx(expected, abs=5 * np.sqrt(expected) + 0.01 * expected)
    tail = degrees[degrees >= 30]
    exponent = 1 + len(tail) / np.log(tail / 29.5).sum()  # Clauset, Shalizi & Newman 2009, eq. 3.7
    assert exponent == pytest.approx(3, abs=5 * 2 / np.sqrt(len(tail)) + 0.05)
    assert degrees[:100].mean() > 20 * degrees.mean()  # the first are the hubs


def test_scale_free_has_the_degrees_of_networkx():
    ours = np.concatenate([network(5_000, seed, kind="scale_free", degree=6).degrees for seed in range(4)])
    theirs = [d for seed in range(4) for _, d in nx.barabasi_albert_graph(5_000, 3, seed=seed).degree()]
    assert np.percentile(ours, [10, 50, 90, 99]) == pytest.approx(np.percentile(theirs, [10, 50, 90, 99]), rel=0.1)


def test_later_people_do_not_change_who_knew_whom_before():
    before = links_of(network(1_000, kind="scale_free"))
    after = links_of(network(1_500, kind="scale_free"))
    assert before == {(i, j) for i, j in after if j < 1_000}


@pytest.mark.parametrize("exponent", [2.2, 2.5, 3.5])
def test_power_law_degrees_have_the_exponent_and_the_cut_off(exponent: float):
    n, degree = 100_000, 10.0
    degrees = network(n, kind="power_law", degree=degree, exponent=exponent).degrees
    highest = np.sqrt(degree * n)
    assert degrees.max() <= highest + 1
    # Maximum likelihood of a power law between 20 and a fifth of the cut-off, by the ratio of two tail counts.
    low, middle, high = 20.0, 60.0, highest / 5
    n_low, n_high = ((degrees >= low) & (degrees < middle)).sum(), ((degrees >= middle) & (degrees < high)).sum()
    a = 1 - exponent
    expected = (middle**a - high**a) / (low**a - high**a)
    share, n_tail = n_high / (n_low + n_high), n_low + n_high
    assert share == pytest.approx(expected, abs=5 * np.sqrt(expected * (1 - expected) / n_tail) + 0.05 * expected)


def test_random_degrees_are_poisson():
    n, degree = 50_000, 4.0
    degrees = network(n, kind="random", degree=degree).degrees
    assert degrees.mean() == pytest.approx(degree, abs=5 * np.sqrt(2 * degree / n))
    assert degrees.var() == pytest.approx(degree, abs=5 * np.sqrt((degree + 2 * degree**2) / n))
    observed = np.bincount(np.minimum(degrees, 12), minlength=13)
    expected = n * np.append(stats.poisson.pmf(np.arange(12), degree), stats.poisson.sf(11, degree))
    assert stats.chisquare(observed, expected).pvalue > 1e-4


def test_random_networks_link_every_pair_equally_often_even_when_dense():
    n, degree, n_seeds = 5, 3.0, 2_000
    counts: dict[tuple[int, int], int] = {}
    for seed in range(n_seeds):
        for pair in links_of(network(n, seed, kind="random", degree=degree)):
            counts[pair] = counts.get(pair, 0) + 1
    p = degree / (n - 1)
    assert len(counts) == n * (n - 1) // 2
    for count in counts.values():
        assert count / n_seeds == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / n_seeds))


@pytest.mark.parametrize("degree", [0.5, 2.0])
def test_a_random_network_below_mean_degree_one_falls_to_pieces(degree: float):
    largest = network(20_000, kind="random", degree=degree).describe()["largest_component"]
    assert largest is not None
    assert (largest > 10_000) == (degree > 1)  # Erdős & Rényi 1960: a giant component appears at 1
