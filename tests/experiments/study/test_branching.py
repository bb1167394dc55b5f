"""K as reckoned from settings: exact where every factor is certain, and no larger than friends allow."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.study.branching import k_of_group_buying
from simulator import Scenario

BASE = Scenario().replace(**{"mechanics.group_buying.enabled": True})


def k(**changes: object) -> float:
    return k_of_group_buying(BASE.replace(**changes))


def test_where_everybody_asks_all_friends_and_all_accept_k_is_the_prospects_among_them() -> None:
    certain = {
        "social.degree": 6,
        "consumers.sociability": 0.999,
        "consumers.sociability_concentration": 1000.0,
        "invitations.read": 1.0,
        "mechanics.group_buying.size": 100,
        "mechanics.group_buying.invitations": 6,
        "mechanics.group_buying.friend_bonus": 10.0,
        "choice.appeal": 20.0,
        "needs.rate": 1.0,
    }
    assert k(**certain) == pytest.approx(0.4 * 5, rel=0.01)


def test_without_readers_or_prospects_there_is_no_k() -> None:
    assert k(**{"invitations.read": 0.0}) == 0.0
    assert k(**{"consumers.prospect_fraction": 0.0}) == 0.0


def test_only_orders_in_open_groups_invite() -> None:
    """In groups of two a joiner fills the group; without later needs only the adopter's own order counts."""
    rare = {"needs.rate": 1e-9}
    assert k(**rare, **{"mechanics.group_buying.size": 2}) == pytest.approx(0.0, abs=1e-6)
    assert k(**rare, **{"mechanics.group_buying.size": 3}) > 0.01


@settings(max_examples=15)
@given(st.integers(2, 8), st.floats(0.05, 0.4), st.integers(2, 20))
def test_more_discount_more_readers_more_k_and_never_more_than_friends(size: int, discount: float, pairs: int) -> None:
    degree = 2 * pairs
    here = {"mechanics.group_buying.size": size, "mechanics.group_buying.discount": discount, "social.degree": degree}
    found = k(**here)
    assert 0.0 <= found <= 0.4 * (degree - 1)
    assert found < k(**here | {"mechanics.group_buying.discount": discount + 0.05})
    assert found > k(**here, **{"invitations.read": 0.3})
