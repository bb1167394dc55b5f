"""The column-backed agent set behaves as Mesa's agent set of ordinary agents."""

from __future__ import annotations

import copy
import math
import operator
from collections.abc import Callable
from typing import Any, Generic

import mesa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesa.agent import AgentSet

from simulator.agents.views import Consumer
from simulator.state.agentset import ColumnAgentSet
from tests.simulator.state.town import People, PlainTown, Shop, Town, indices, refused

people_of_towns = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.integers(0, 3)), min_size=1, max_size=12
)
keys = st.sampled_from(["trust", "n_orders", "index", lambda a: -a.trust, lambda a: (a.n_orders, a.trust)])
limits = st.one_of(st.just(math.inf), st.integers(-1, 14), st.floats(0, 1), st.sampled_from([2.5, 1.0, 0.0]))
filters = st.one_of(
    st.none(), st.builds(lambda least: lambda a: a.trust >= least, st.sampled_from([0.25, 0.5, 0.75, 2.0]))
)
classes = st.sampled_from([None, mesa.Agent, (mesa.Agent, int), Shop])
operations = st.one_of(
    st.builds(lambda f, n, t, i: lambda s: s.select(f, n, i, t), filters, limits, classes, st.booleans()),
    st.builds(lambda key, up, i: lambda s: s.sort(key, up, i), keys, st.booleans(), st.booleans()),
    st.builds(lambda i: lambda s: s.shuffle(i), st.booleans()),
    st.builds(lambda: copy.copy),
)


@given(people_of_towns, st.lists(operations, max_size=5), st.slices(12), keys)
def test_any_chain_of_operations_gives_what_mesa_gives(
    people: People, chained: list[Callable[[Any], Any]], part: slice, key: Any
) -> None:
    town, plain_town = Town(people), PlainTown(people)
    town.random.seed(5)
    plain_town.random.seed(5)
    ours, plain = town.consumers, plain_town.people
    for operation in chained:
        changed, plain_changed = operation(ours), operation(plain)
        assert isinstance(changed, ColumnAgentSet)
        assert (changed is ours) == (plain_changed is plain)
        assert indices(ours) == indices(plain)
        ours, plain = changed, plain_changed
        assert indices(ours) == indices(plain)
    members = list(plain)
    assert len(ours) == len(members)
    assert bool(ours) == bool(members)
    assert indices(ours[part]) == indices(members[part])
    assert [ours[k].index for k in range(-len(members), len(members))] == indices(members + members)
    assert [c in ours for c in town.consumers] == [p in plain for p in plain_town.people]
    assert ours.to_list() == list(ours)
    assert ours.get("trust") == plain.get("trust")
    assert ours.get(["n_orders", "index"]) == plain.get(["n_orders", "index"])
    assert ours.get([]) == plain.get([])
    assert [list(values) for values in ours.get("taste")] == plain.get("taste")
    assert ours.get(["trust", "shoe_size"], "default", 42) == plain.get(["trust", "shoe_size"], "default", 42)
    assert ours.agg("n_orders", [sum, len]) == plain.agg("n_orders", [sum, len])
    assert ours.agg("trust", sum) == plain.agg("trust", sum)
    assert ours.agg("index", sum) == plain.agg("index", sum)
    assert ours.map(lambda a, by: a.trust * by, by=2) == plain.map(lambda a, by: a.trust * by, by=2)
    groups, plain_groups = ours.groupby(key), plain.groupby(key)
    assert [(k, indices(group)) for k, group in groups] == [(k, indices(group)) for k, group in plain_groups]
    assert groups.agg("trust", sum) == plain_groups.agg("trust", sum) == groups.map("agg", "trust", sum)
    lists, plain_lists = ours.groupby(key, "list"), plain.groupby(key, "list")
    assert [(k, indices(group)) for k, group in lists] == [(k, indices(group)) for k, group in plain_lists]
    assert all(isinstance(group, list) for _, group in lists)
    said: list[int] = []
    plain_said: list[int] = []
    assert ours.do(lambda a, to: to.append(a.index), said) is ours
    plain.do(lambda a, to: to.append(a.index), plain_said)
    assert ours.shuffle_do(lambda a, to: to.append(a.index), to=said) is ours
    plain.shuffle_do(lambda a, to: to.append(a.index), to=plain_said)
    assert said == plain_said
    assert indices(ours) == indices(plain)


@pytest.mark.filterwarnings("ignore:No Agents specified")  # Mesa's, on empty sets
@given(people_of_towns, st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)), st.booleans())
def test_set_operators_give_what_sets_of_rows_give(people: People, left: set[int], right: set[int], held: bool) -> None:
    town = Town(people)
    left, right = ({row for row in rows if row < len(people)} for rows in (left, right))
    a: Any = ColumnAgentSet(town, town.columns, Consumer, sorted(left))
    b: Any = ColumnAgentSet(town, town.columns, Consumer, sorted(right))
    views = list(b)
    if held:  # An ordinary Mesa set, of views that somebody holds.
        b = AgentSet(views, town.random)
    for operator_of_sets in (operator.and_, operator.or_, operator.sub, operator.xor):
        assert set(indices(operator_of_sets(a, b))) == operator_of_sets(left, right)
        assert set(indices(operator_of_sets(b, a))) == operator_of_sets(right, left)
    assert len(a | b) == len(left | right)
    assert (a == b, a <= b, a < b, a >= b, a > b) == (
        left == right, left <= right, left < right, left >= right, left > right
    )  # fmt: skip
    assert a.isdisjoint(b) == left.isdisjoint(right)


INHERITED: dict[str, Callable[[ColumnAgentSet], Any]] = {
    "__and__": lambda s: indices(s & [s[1], s[2]]) == [1, 2],
    "__or__": lambda s: len(s | [s[1]]) == 8,
    "__sub__": lambda s: indices(s - [s[0]]) == [1, 2, 3, 4, 5, 6, 7],
    "__xor__": lambda s: indices(s ^ s[2:]) == [0, 1],
    "__rsub__": lambda s: indices(s[:3] - s.select(at_most=2)) == [2],
    "__eq__": lambda s: s == s.shuffle(),
    "__le__": lambda s: s.select(at_most=2) <= s,
    "__lt__": lambda s: s.select(at_most=2) < s,
    "__ge__": lambda s: s >= s.select(at_most=2),
    "__gt__": lambda s: s > s.select(at_most=2),
    "__hash__": lambda s: type(s).__hash__ is None,
    "_hash": lambda s: s._hash() == s.shuffle()._hash(),
    "__reversed__": lambda s: indices(reversed(s)) == [7, 6, 5, 4, 3, 2, 1, 0],
    "count": lambda s: s.count(s[3]) == 1,
    "index": lambda s: s.index(s[3]) == 3,
    "isdisjoint": lambda s: s.select(at_most=2).isdisjoint(s[2:]),
    "clear": lambda s: refused(s.clear),
    "pop": lambda s: refused(s.pop),
    "__iand__": lambda s: refused(operator.iand, s, s[:2]),
    "__ior__": lambda s: refused(operator.ior, s, s[:2]),
    "__isub__": lambda s: refused(operator.isub, s, s[:2]),
    "__ixor__": lambda s: refused(operator.ixor, s, s[:2]),
}


def test_each_method_of_mesas_set_is_replaced_or_shown_to_work() -> None:
    of_python = {"__class_getitem__", "__init_subclass__", "__subclasshook__"}
    bases = [base for base in AgentSet.__mro__ if base not in (object, Generic)]
    methods = {name for base in bases for name in vars(base) if callable(getattr(AgentSet, name)) or name == "__hash__"}
    assert methods - vars(ColumnAgentSet).keys() - of_python == INHERITED.keys()


@pytest.mark.parametrize("name", INHERITED)
def test_inherited_method(name: str) -> None:
    consumers = Town().consumers
    assert name not in vars(ColumnAgentSet)
    assert INHERITED[name](consumers)
    assert indices(consumers) == list(range(8))
