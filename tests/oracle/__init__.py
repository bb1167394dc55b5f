"""The oracle: the market's rules once more, one plain Python object per consumer, for comparison with the engine."""

from tests.oracle.world import World, run

__all__ = ["World", "run"]
