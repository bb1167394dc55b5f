"""Markets on the same network share it; whatever would make it another one makes it another one."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from simulator import Market

SMALL = {"consumers.n": 200}
FEW = {"social.n_communities": 4}


def friends(market: Market) -> np.ndarray:
    return market.network.ties(np.arange(market.columns.n))[1]


@pytest.mark.parametrize("kind", ["small_world", "communities", "complete", "power_law"])
def test_arms_of_one_world_share_their_network(kind: str) -> None:
    world = {**SMALL, "social.kind": kind, **(FEW if kind == "communities" else {})}
    one = Market(rng=3, **world)
    other = Market(rng=3, **world, **{"mechanics.group_buying.enabled": True})
    assert one.network is other.network


@pytest.mark.parametrize(
    ("seed", "changes"),
    [(4, {}), (3, {"social.degree": 6}), (3, {"consumers.n": 220}), (3, {"social.kind": "ring"})],
)
def test_another_world_has_another_network(seed: int, changes: dict[str, object]) -> None:
    one = Market(rng=3, **SMALL)
    other = Market(rng=seed, **{**SMALL, **changes})
    assert one.network is not other.network
    assert not np.array_equal(friends(one), friends(other))
    again = Market(rng=3, **SMALL)
    assert np.array_equal(friends(one), friends(again))


def test_communities_follow_the_tastes() -> None:
    kind = {"social.kind": "communities", **SMALL, **FEW}
    one = Market(rng=3, **kind, **{"consumers.taste_dimensions": 2})
    other = Market(rng=3, **kind, **{"consumers.taste_dimensions": 3})
    assert one.network is not other.network


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    links = tmp_path / "links.txt"
    links.write_text("0 1\n1 2\n2 3\n")
    file = {"social.kind": "edge_list", "social.path": str(links)}
    before = Market(rng=1, **file)
    assert Market(rng=1, **file).network is before.network
    links.write_text("0 1\n1 2\n2 3\n3 4\n")
    os.utime(links, ns=(1, 1))
    assert Market(rng=1, **file).columns.n == 5
    links.write_text("0 1\n")
    assert Market(rng=1, **file).columns.n == 2
