"""The network: ties both ways and strongest first, the complete network, and its description."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulator.draws import Draws
from simulator.social.graph import CompleteGraph, Graph, Network

Link = tuple[int, int, float]
Case = tuple[int, list[Link]]


@st.composite
def links(draw: st.DrawFn) -> Case:
    n = draw(st.integers(1, 12))
    person = st.integers(0, n - 1)
    strength = st.sampled_from([0.0, 0.5, 1.0, 2.0])  # few values, so that equal strengths occur
    return n, draw(st.lists(st.tuples(person, person, strength), max_size=40))


def ends(given: list[Link]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.array([a for a, _, _ in given], dtype=np.int64), np.array([b for _, b, _ in given], dtype=np.int64)


def graph_of(n: int, given: list[Link]) -> Graph:
    return Graph.from_links(n, *ends(given), [strength for _, _, strength in given])


def lists(network: Network) -> list[list[int]]:
    return [network.friends_of(i).tolist() for i in range(network.n)]


@given(links())
def test_friends_are_the_linked_people_strongest_first_then_by_number(case: Case):
    n, given_links = case
    strongest: dict[tuple[int, int], float] = {}
    for a, b, strength in given_links:
        if a != b:
            for pair in ((a, b), (b, a)):
                strongest[pair] = max(strength, strongest.get(pair, 0.0))
    expected = [sorted((b for a, b in strongest if a == i), key=lambda b: (-strongest[i, b], b)) for i in range(n)]

    graph = graph_of(n, given_links)

    assert lists(graph) == expected
    assert graph.degrees.tolist() == [len(friends) for friends in expected]
    assert graph.n_links == len(strongest) // 2


@given(links(), st.randoms())
def test_order_and_direction_of_the_links_do_not_matter(case: Case, shuffle):
    n, given_links = case
    turned = [(b, a, strength) for a, b, strength in given_links]
    shuffle.shuffle(turned)
    assert lists(graph_of(n, turned)) == lists(graph_of(n, given_links))


@given(links())
def test_a_strength_function_sees_each_pair_once_and_orders_as_its_values_do(case: Case):
    n, given_links = case
    a, b = ends(given_links)
    seen: list[tuple[int, int]] = []

    def strength(low, high):
        seen.extend(zip(low.tolist(), high.tolist(), strict=True))
        return (low * 7 + high * 3) % 5.0

    graph = Graph.from_links(n, a, b, strength)

    assert seen == sorted({(min(a, b), max(a, b)) for a, b, _ in given_links if a != b})
    assert lists(graph) == lists(graph_of(n, [(x, y, (x * 7 + y * 3) % 5.0) for x, y in seen]))


@given(links(), st.lists(st.integers(0, 10**6), max_size=8), st.none() | st.integers(0, 4))
def test_ties_flatten_the_friends_of_the_rows(case: Case, picks: list[int], at_most: int | None):
    n, given_links = case
    rows = np.array([pick % n for pick in picks], dtype=np.int64)
    for network in (graph_of(n, given_links), CompleteGraph(n, Draws(1))):
        owners, friends = network.ties(rows, at_most)
        expected = [(k, f) for k, row in enumerate(rows) for f in network.friends_of(row)[:at_most].tolist()]
        assert list(zip(owners.tolist(), friends.tolist(), strict=True)) == expected


@given(links(), st.lists(st.integers(0, 10**6), max_size=8), st.sampled_from([np.int16, np.int32, np.int64]))
def test_add_to_friends_counts_one_for_every_tie(case: Case, picks: list[int], dtype: type):
    n, given_links = case
    rows = np.array([pick % n for pick in picks], dtype=np.int64)
    for network in (graph_of(n, given_links), CompleteGraph(n, Draws(1))):
        counter = np.full(n, 3, dtype=dtype)
        network.add_to_friends(rows, counter)
        assert counter.tolist() == (3 + np.bincount(network.ties(rows)[1], minlength=n)).tolist()


@pytest.mark.parametrize("n", [1, 2, 3, 7, 12, 30, 97])
def test_in_the_complete_network_everybody_meets_each_other_once(n: int):
    network = CompleteGraph(n, Draws(5))
    for i, friends in enumerate(lists(network)):
        assert sorted(friends) == [j for j in range(n) if j != i]
    assert network.degrees.tolist() == [n - 1] * n
    assert network.n_links == n * (n - 1) // 2


def test_the_complete_network_spreads_strong_ties_evenly_and_by_seed():
    n, rows = 1_000_000, np.arange(100_000)
    network = CompleteGraph(n, Draws(1))
    owners, friends = network.ties(rows, at_most=6)

    assert len(friends) == 600_000
    assert (friends != rows[owners]).all()
    in_tenths = np.bincount(friends // (n // 10), minlength=10)
    assert np.abs(in_tenths - 60_000).max() < 5 * np.sqrt(60_000)
    assert np.array_equal(CompleteGraph(n, Draws(1)).ties(rows, at_most=6)[1], friends)
    assert (CompleteGraph(n, Draws(2)).ties(rows, at_most=6)[1] != friends).mean() > 0.99
    # A person's ties do not depend on who else is asked.
    assert np.array_equal(network.ties(rows[77:78], at_most=6)[1], friends[77 * 6 : 78 * 6])


def test_describe_equals_networkx():
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 290, 1500), rng.integers(0, 290, 1500) ** 2 // 290
    graph = Graph.from_links(300, a, b, np.ones(1500))
    reference = nx.Graph((i, j) for i in range(300) for j in graph.friends_of(i).tolist())
    reference.add_nodes_from(range(300))

    seen = graph.describe()

    degrees = [d for _, d in reference.degree()]
    assert seen["n"] == 300
    assert seen["n_links"] == reference.number_of_edges()
    assert seen["degree_mean"] == pytest.approx(np.mean(degrees))
    assert seen["degree_median"] == np.median(degrees)
    assert seen["degree_max"] == max(degrees)
    assert seen["isolated_fraction"] == pytest.approx(np.mean(np.array(degrees) == 0))
    assert seen["isolated_fraction"] > 0
    assert seen["clustering"] == pytest.approx(nx.average_clustering(reference))
    assert seen["degree_assortativity"] == pytest.approx(nx.degree_assortativity_coefficient(reference))
    assert seen["largest_component"] == max(map(len, nx.connected_components(reference)))


def test_describe_of_parts_regular_and_empty_networks():
    pairs = graph_of(5, [(0, 1, 1.0), (2, 3, 1.0)]).describe()
    assert (pairs["largest_component"], pairs["isolated_fraction"], pairs["clustering"]) == (2, 0.2, 0.0)
    empty = graph_of(4, []).describe()
    assert (empty["n_links"], empty["largest_component"], empty["degree_assortativity"]) == (0, 1, None)
    triangle = graph_of(3, [(0, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0)]).describe()
    assert triangle == CompleteGraph(3, Draws(1)).describe()


def test_clustering_of_a_large_network_is_sampled_and_repeatable():
    n = 200_000  # triangles in a row, joined by nothing: half the people are in one, the others alone
    first = np.arange(0, n // 2 - 2, 3)
    a, b = np.concatenate([first, first, first + 1]), np.concatenate([first + 1, first + 2, first + 2])
    graph = Graph.from_links(n, a, b, np.ones(len(a)))
    clustering = graph.describe()["clustering"]
    assert clustering is not None
    assert abs(clustering - 0.5) < 5 * 0.5 / np.sqrt(10_000)
    assert clustering == graph.describe()["clustering"]


def test_networks_are_read_only():
    graph = Graph.from_links(3, np.array([0]), np.array([1]), [1.0], communities=np.array([0, 0, 1], dtype=np.int16))
    assert graph.communities is not None
    for array in (graph.friends, graph.starts, graph.degrees, graph.communities, CompleteGraph(3, Draws(1)).degrees):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize(
    ("a", "b", "strength", "message"),
    [
        ([0, 1], [1], [1.0, 1.0], "two ends each, got 2 and 1"),
        ([0], [3], [1.0], "people from 0 to 2, got 3 to 3"),
        ([0, -1], [1, 2], [1.0, 1.0], "people from 0 to 2, got -1 to 0"),
        ([0], [1], [1.0, 2.0], r"1 links need as many strengths, got shape \(2,\)"),
        ([0, 0], [1, 2], [1.0, np.nan], "strength of link 1 is not a number"),
    ],
)
def test_bad_links_are_refused(a: list[int], b: list[int], strength: list[float], message: str):
    with pytest.raises(ValueError, match=message):
        Graph.from_links(3, np.array(a), np.array(b), strength)
