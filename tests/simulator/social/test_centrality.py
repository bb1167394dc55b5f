"""Betweenness and local bridges, against networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from simulator.draws import Draws
from simulator.social.centrality import betweenness, local_bridges
from simulator.social.graph import CompleteGraph, Graph
from simulator.social.networks import SocialSettings, build

DRAWS = Draws(1)


def graph_of(links: nx.Graph) -> Graph:
    ends = np.array(links.edges, dtype=np.int32).reshape(-1, 2)
    return Graph.from_links(len(links), ends[:, 0], ends[:, 1], np.ones(len(ends)))


@settings(max_examples=30)
@given(n=st.integers(2, 40), p=st.floats(0.0, 0.6), seed=st.integers(0, 1000))
def test_they_are_networkx_s(n: int, p: float, seed: int) -> None:
    links = nx.gnp_random_graph(n, p, seed=seed)
    between = nx.betweenness_centrality(links, normalized=False)
    found = betweenness(graph_of(links), DRAWS, n_pivots=n, horizon=n)
    assert found / 2 == pytest.approx([between[i] for i in range(n)])  # networkx counts a path once for both ends
    bridges = np.zeros(n, dtype=int)
    for a, b, *_ in nx.local_bridges(links, with_span=False):
        bridges[a] += 1
        bridges[b] += 1
    assert local_bridges(graph_of(links)).tolist() == bridges.tolist()


def test_paths_end_at_the_horizon() -> None:
    """On a ring each lies between the two ends of paths of 2 links once, of 3 links twice, in both directions."""
    ring = graph_of(nx.cycle_graph(30))
    assert betweenness(ring, DRAWS, horizon=2) == pytest.approx(2.0)
    assert betweenness(ring, DRAWS, horizon=3) == pytest.approx(2.0 + 4.0)


def test_few_pivots_find_who_lies_between() -> None:
    network = build(SocialSettings(kind="scale_free", degree=4), 3_000, DRAWS)
    exact = betweenness(network, DRAWS, n_pivots=3_000)
    near = betweenness(network, DRAWS)
    assert spearmanr(exact, near).statistic > 0.8
    assert np.isin(np.argsort(near)[-60:], np.argsort(exact)[-30:]).sum() >= 20


def test_far_links_of_a_small_world_are_bridges() -> None:
    assert local_bridges(build(SocialSettings(kind="ring", degree=10), 500, DRAWS)).max() == 0
    rewired = local_bridges(build(SocialSettings(kind="small_world", degree=10), 5_000, DRAWS))
    assert rewired.mean() == pytest.approx(1.0, abs=0.3)  # a tenth of ten links


def test_nobody_stands_out_where_everybody_knows_everybody() -> None:
    everybody = CompleteGraph(10, DRAWS)
    assert not betweenness(everybody, DRAWS).any()
    assert not local_bridges(everybody).any()
