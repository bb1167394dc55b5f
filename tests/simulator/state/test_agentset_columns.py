"""What an agent set over columns adds to Mesa's: whole columns at once, agents only when asked, clear refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulator.agents.views import Consumer
from simulator.state.agentset import ColumnAgentSet
from tests.simulator.state.town import TOWN, PlainTown, Town, indices, refused, taste


def test_whole_columns_are_read_without_making_an_agent() -> None:
    town = Town()
    made: list[int] = []

    class Counted(Consumer):
        def __init__(self, model: Town, index: int) -> None:
            made.append(index)
            super().__init__(model, index)

    consumers = ColumnAgentSet(town, town.columns, Counted)
    best = consumers.select(consumers.values("trust") >= 0.5).sort("trust").shuffle()
    best.set("trust", 1.0)
    best.groupby("n_orders").map("agg", "trust", np.mean)
    assert (len(best), best.agg("trust", [np.sum, len]), len(best.get("trust")), repr(best)[:4]) == (
        5,
        [5.0, 5],
        5,
        "<Col",
    )
    assert len(best.frame()) == 5
    assert len(consumers.select(at_most=3, agent_type=Consumer)) == 3
    assert made == []
    assert best[-1] in consumers
    assert made == [best.rows[-1]]


def test_values_are_read_only_and_in_the_order_of_the_set() -> None:
    town = Town()
    some = ColumnAgentSet(town, town.columns, Consumer, [4, 0, 3])
    for consumers in (town.consumers, some):
        for name in ("trust", "n_orders", "taste"):
            values = consumers.values(name)
            assert [np.ravel(value).tolist() for value in values] == [
                np.ravel(getattr(c, name)).tolist() for c in consumers
            ]
            with pytest.raises(ValueError, match="read-only"):
                values[0] = 1
        with pytest.raises(ValueError, match="read-only"):
            consumers.select(at_most=2).rows[0] = 1
    with pytest.raises(AttributeError, match="there is no column 'loyalty'; there are n_orders, taste, trust"):
        some.values("loyalty")


def test_frame_is_a_copy_indexed_by_row() -> None:
    town = Town()
    frame = ColumnAgentSet(town, town.columns, Consumer, [4, 2]).frame("taste", "n_orders")
    assert frame.to_dict("index") == {
        4: {"taste_0": 4, "taste_1": 2, "taste_2": -4, "n_orders": 2},
        2: {"taste_0": 2, "taste_1": 1, "taste_2": -2, "n_orders": 3},
    }
    assert frame.index.name == "consumer"
    everything = town.consumers.frame()
    assert list(everything) == ["trust", "n_orders", "taste_0", "taste_1", "taste_2"]
    everything.loc[:, "n_orders"] = 99
    assert town.consumers[4].n_orders == 2


def test_aggregates_neither_wrap_nor_lose_digits() -> None:
    town = Town([(0.1, 2**30)] * 1000)
    assert town.consumers.agg("n_orders", sum) == 1000 * 2**30
    assert town.consumers.agg("n_orders", lambda n: (n * 4).max()) == 2**32
    assert town.consumers.agg("trust", sum) == sum([float(np.float32(0.1))] * 1000)


def test_select_by_truth_values() -> None:
    consumers = Town().consumers.sort("trust")
    mask = consumers.values("n_orders") == 1
    assert indices(consumers.select(mask)) == indices(consumers.select(lambda c: c.n_orders == 1)) == [3, 0, 7, 5]
    assert indices(consumers.select(mask, at_most=2)) == [3, 0]
    assert consumers.select(mask, inplace=True) is consumers
    assert indices(consumers) == [3, 0, 7, 5]
    for wrong in (mask, np.array([0, 1, 1, 0])):
        with pytest.raises(ValueError, match="must hold 4 truth values"):
            consumers.select(wrong)


@pytest.mark.parametrize(
    ("at_most", "n"),
    [(0, 0), (1, 1), (1.0, 8), (0.5, 4), (0.3, 2), (2.5, 3), (-1, 0), (-0.5, 0), (9, 8), (math.inf, 8)],
)
def test_select_at_most(at_most: float, n: int) -> None:
    consumers = Town().consumers
    assert indices(consumers.select(at_most=at_most)) == list(range(n))
    assert indices(consumers.select(lambda c: True, at_most=at_most)) == list(range(n))
    assert indices(PlainTown(TOWN).people.select(at_most=at_most)) == list(range(n))


def test_set_writes_settable_columns_only() -> None:
    town = Town()
    doubtful = town.consumers.select(lambda c: c.trust < 0.5)
    assert doubtful.set("trust", 0.5) is doubtful
    assert town.consumers.get("trust") == [0.5, 0.5, 0.5, 1.0, 0.5, 0.5, 0.75, 0.5]
    doubtful.set("trust", [0.0, 0.25, 1.0])
    assert town.consumers.get("trust") == [0.5, 0.0, 0.5, 1.0, 0.25, 1.0, 0.75, 0.5]
    doubtful.set("taste", [1, 2, 3])
    assert [c.taste.tolist() for c in town.consumers[4:7]] == [[1, 2, 3], [1, 2, 3], taste(6)]
    with pytest.raises(AttributeError, match="'n_orders' is kept by the model and cannot be set"):
        doubtful.set("n_orders", 0)
    with pytest.raises(AttributeError, match="no property 'shoe_size'"):
        doubtful.set("shoe_size", 43)
    assert town.consumers.agg("n_orders", sum) == 9


def test_changing_a_set_in_place_leaves_the_towns_alone() -> None:
    town = Town()
    town.consumers.sort("trust", inplace=True)
    one = town.consumers.sort("index", ascending=True)
    other = one.copy()
    assert other[5] in one
    one.select(at_most=1, inplace=True)
    assert indices(town.consumers) == indices(other) == list(range(8))
    assert (other[5] in one, other[5] in other, other[0] in one) == (False, True, True)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([0, 8], "from 0 to 7"),
        ([-1], "from 0 to 7"),
        ([0.5], "whole numbers"),
        ([[0, 1]], "in a list"),
        ([True, False], "whole numbers"),
        ([3, 1, 3], "twice"),
    ],
)
def test_wrong_rows_are_refused(rows: list[Any], message: str) -> None:
    town = Town()
    with pytest.raises(ValueError, match=message):
        ColumnAgentSet(town, town.columns, Consumer, rows)


def test_wrong_questions_are_refused() -> None:
    consumers = Town().consumers
    for position in (8, -9):
        with pytest.raises(IndexError, match=f"no agent at position {position}; the set has 8"):
            consumers[position]
    with pytest.raises(TypeError):
        consumers["trust"]
    with pytest.raises(AttributeError, match="shoe_size"):
        consumers.get("shoe_size")
    with pytest.raises(ValueError, match="it must be 'error' or 'default'"):
        consumers.get("trust", handle_missing="ignore")
    with pytest.raises(ValueError, match="it must be 'agentset' or 'list'"):
        consumers.groupby("trust", result_type="dict")
    with pytest.raises(ValueError, match="'taste' is a vector"):
        consumers.sort("taste")
    for method in (consumers.add, consumers.discard, consumers.remove):
        assert refused(method, consumers[0])
    stranger = Town().consumers[0]
    assert stranger not in consumers
    with pytest.raises(TypeError, match=r"Consumer\(0, .* is not one of the agents"):
        consumers | [stranger]


def test_empty_set() -> None:
    nobody = Town().consumers.select(lambda c: False)
    assert (len(nobody), list(nobody), nobody[:], nobody.get("trust"), len(nobody.groupby("trust"))) == (
        0,
        [],
        [],
        [],
        0,
    )
    assert nobody.values("taste").shape == (0, 3)
    assert len(nobody.sort("trust").shuffle().select(at_most=0.5)) == 0
    with pytest.raises(ValueError, match="empty"):
        nobody.agg("trust", min)
    with pytest.raises(KeyError):
        nobody.pop()
