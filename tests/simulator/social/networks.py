"""Networks by their settings, and their links as pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Draws
from simulator.social.graph import Graph, Network
from simulator.social.networks import SocialSettings, build


def network(n: int, seed: int = 1, taste: NDArray[np.float64] | None = None, **settings: Any) -> Graph:
    if settings.get("kind") == "communities" and taste is None:
        taste = np.random.default_rng(seed).normal(size=(n, 3))
    graph = build(SocialSettings(**settings), n, Draws(seed), taste)
    assert isinstance(graph, Graph)
    return graph


def links_of(graph: Network) -> set[tuple[int, int]]:
    a, b = graph.ties(np.arange(graph.n))
    return {(int(i), int(j)) for i, j in zip(a, b, strict=True) if i < j}
