"""Values that settings are drawn from."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

ints, some = st.integers, st.sampled_from


def reals(low: float, high: float) -> st.SearchStrategy[float]:
    """Real numbers, their ends likely, the tiniest left out: they have squares of 0."""
    inside = st.floats(low, high).map(lambda x: round(x, 9))
    return st.one_of(some([low, high]), inside, inside)


SHARE = reals(0.0, 1.0)
OFTEN = reals(0.5, 1.0)
Settings = dict[str, st.SearchStrategy[Any]]
