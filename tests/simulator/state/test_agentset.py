"""The column-backed agent set behaves as Mesa's agent set of ordinary agents, and makes an agent only when asked."""

from __future__ import annotations

import copy
import gc
import math
import operator
import pickle
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic

import mesa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesa.agent import AgentSet
from mesa.batchrunner import batch_run

from simulator.agents.views import ColumnModel, Consumer
from simulator.state.agentset import ColumnAgentSet
from simulator.state.columns import Column, Columns

People = list[tuple[float, int]]
TOWN: People = [(0.5, 1), (0.25, 0), (0.5, 3), (1.0, 1), (0.0, 2), (0.25, 1), (0.75, 0), (0.5, 1)]


def taste(index: int) -> list[float]:
    return [index, index / 2, -index]


@dataclass(frozen=True)
class TownScenario:
    n_shops: int = 2


class Ring:
    def __init__(self, n: int) -> None:
        self.n = n

    def friends_of(self, index: int) -> np.ndarray:
        return np.array([(index - 1) % self.n, (index + 1) % self.n])


class Shop(mesa.Agent):
    def __init__(self, model: mesa.Model, price: int) -> None:
        super().__init__(model)
        self.price = price


class Town(ColumnModel):
    """A small market: `trust` can be set, `n_orders` is an account, `taste` is a vector."""

    def __init__(self, people: People = TOWN, scenario: TownScenario | None = None, seed: int | None = 1) -> None:
        columns = Columns(len(people))
        super().__init__(columns, rng=seed)
        self.scenario = scenario or TownScenario()
        self.network = Ring(len(people))
        trust = np.array([trust for trust, _ in people])
        n_orders = np.array([n for _, n in people])
        columns.add(Column("trust", "traits", np.float32, "trust", is_settable=True), trust)
        self.n_orders = columns.add(Column("n_orders", "trade", np.int32, "orders so far"), n_orders)
        tastes = np.array([taste(index) for index in range(len(people))]).reshape(-1, 3)
        columns.add(Column("taste", "traits", np.float32, "taste", width=3, is_settable=True), tastes)
        for k in range(self.scenario.n_shops):
            Shop(self, price=10 * k)
        self.datacollector = mesa.DataCollector(
            model_reporters={"orders": lambda m: int(m.consumers.agg("n_orders", sum)), "agents": "n_agents"},
            agent_reporters={name: lambda a, name=name: getattr(a, name, None) for name in ("trust", "price")},
            agenttype_reporters={Consumer: {"orders": "n_orders"}, Shop: {"price": "price"}},
        )

    @property
    def scenario(self) -> TownScenario:
        return self._town_scenario

    @scenario.setter
    def scenario(self, scenario: Any) -> None:
        # Mesa 3.5 offers a scenario of its own while its Model initialises, when ours is not there yet.
        if isinstance(scenario, TownScenario):
            self._town_scenario = scenario
        elif hasattr(self, "_town_scenario"):
            raise TypeError(f"a town's scenario is a TownScenario, not {scenario!r}")

    @property
    def n_agents(self) -> int:
        return len(self.agents)

    def step(self) -> None:
        self.n_orders += 1
        self.datacollector.collect(self)
        self.running = self.steps < 3


class Person(mesa.Agent):
    """The same as an ordinary Mesa agent."""

    def __init__(self, model: mesa.Model, index: int, trust: float, n_orders: int) -> None:
        super().__init__(model)
        self.index, self.trust, self.n_orders, self.taste = index, trust, n_orders, taste(index)


class PlainTown(mesa.Model):
    def __init__(self, people: People) -> None:
        super().__init__(rng=1)
        for index, (trust, n_orders) in enumerate(people):
            Person(self, index, trust, n_orders)

    @property
    def people(self) -> AgentSet:
        return AgentSet(self.agents_by_type[Person], self.random)


def indices(agents: Any) -> list[int]:
    return [agent.index for agent in agents]


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


# As Mesa


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


def refused(method: Callable[..., Any], *args: Any) -> bool:
    with pytest.raises(TypeError, match="neither gains nor loses members"):
        method(*args)
    return True


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


# Its own


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


# The view


def test_view_reads_columns_as_they_are_now() -> None:
    town = Town()
    consumer = town.consumers[2]
    assert (consumer.trust, consumer.n_orders) == (0.5, 3)
    assert (type(consumer.trust), type(consumer.n_orders), type(consumer.index)) == (float, int, int)
    assert consumer.taste.tolist() == [2, 1, -2]
    assert town.consumers.get("taste")[2].tolist() == [2, 1, -2]
    with pytest.raises(ValueError, match="read-only"):
        consumer.taste[0] = 5
    town.n_orders[2] = 7
    assert consumer.n_orders == 7
    assert consumer.pos is None
    assert consumer.random is town.random
    assert isinstance(consumer, mesa.Agent)


def test_view_writes_settable_columns_only() -> None:
    consumer = Town().consumers[2]
    consumer.trust = 0.25
    consumer.taste = [1, 2, 3]
    assert (consumer.model.consumers[2].trust, consumer.taste.tolist()) == (0.25, [1, 2, 3])
    with pytest.raises(AttributeError, match="'n_orders' is kept by the model"):
        consumer.n_orders = 5
    with pytest.raises(AttributeError, match=r"'turst'.*did you mean 'trust'.*n_orders, taste, trust"):
        consumer.turst = 0.5
    with pytest.raises(AttributeError, match=r"'zzz' to set; they have"):
        consumer.zzz = 1
    for fixed in ("index", "unique_id", "model", "pos"):
        with pytest.raises(AttributeError, match=f"'{fixed}'"):
            setattr(consumer, fixed, 1)
    with pytest.raises(AttributeError, match="no property 'shoe_size'"):
        _ = consumer.shoe_size
    assert not hasattr(consumer, "_anything")


def test_views_of_one_consumer_are_equal() -> None:
    town, twin = Town(), Town()
    assert town.consumers[2] == Consumer(town, 2) == town.agents[2]
    assert len({town.consumers[2], Consumer(town, np.int64(2)), town.consumers[3], twin.consumers[2]}) == 3
    assert town.consumers[2] != twin.consumers[2]
    assert town.consumers[2] != 2
    for wrong in (-1, 8):
        with pytest.raises(IndexError, match=f"no consumer {wrong}; they run from 0 to 7"):
            Consumer(town, wrong)


def test_view_describes_itself() -> None:
    consumer = Town().consumers[1]
    assert repr(consumer) == "Consumer(1, trust=0.25, n_orders=0, …)"
    assert {"trust", "n_orders", "taste", "friends", "index", "unique_id"} <= set(dir(consumer))
    assert indices(consumer.friends) == [0, 2]
    assert type(consumer.friends[0].index) is int
    assert consumer.friends[1].friends == [consumer, consumer.model.consumers[3]]


def test_view_refuses_what_only_ordinary_agents_can() -> None:
    town = Town()
    for act in ("step", "advance"):
        with pytest.raises(TypeError, match=r"no step of its own.*market\.step\(\)"):
            town.consumers.do(act)
    with pytest.raises(TypeError, match="cannot be removed"):
        town.consumers[0].remove()
    with pytest.raises(TypeError, match="cannot be removed"):
        town.remove_all_agents()
    for create in (Consumer.create_agents, Consumer.from_dataframe):
        with pytest.raises(TypeError, match="cannot be created"):
            create(town, 3, [0, 1, 2])
    assert len(town.agents) == 10


# The model


def test_models_agents_are_consumers_and_ordinary_agents() -> None:
    town = Town()
    shops = list(town.agents_by_type[Shop])
    assert town.agent_types == list(town.agents_by_type) == [Consumer, Shop]
    assert town.agents_by_type[Consumer] == town.consumers
    assert list(town.agents) == [*town.consumers, *shops]
    assert town.agents.get("unique_id") == list(range(10))
    assert shops[1] in town.agents
    assert shops[1] not in town.consumers
    assert list(town.agents.select(agent_type=Shop)) == shops
    assert town.agents.select(agent_type=Consumer).agg("n_orders", sum) == 9
    assert indices(town.agents.select(lambda c: c.trust > 0.5, agent_type=Consumer)) == [3, 6]
    assert list(town.agents.sort("unique_id"))[:2] == [shops[1], shops[0]]
    assert set(town.agents.shuffle()) == set(town.agents)
    assert town.agents.get("price", "default", 0) == [0] * 8 + [0, 10]
    assert town.agents.groupby(type).count() == {Consumer: 8, Shop: 2}
    assert town.agents - town.consumers == set(shops)
    with pytest.raises(AttributeError, match="only consumers have columns"):
        town.agents.values("trust")
    with pytest.raises(AttributeError, match="trust"):
        town.agents.get("trust")
    with pytest.raises(AttributeError):
        town.agents = []
    with pytest.raises(TypeError, match=r"Shop.* is not one of the agents"):
        AgentSet(shops) | town.consumers


def test_set_over_all_agents_goes_to_each() -> None:
    town = Town()
    with pytest.raises(AttributeError, match="'price'"):
        town.agents.set("price", 5)
    assert town.agents_by_type[Shop].get("price") == [0, 10]
    town.agents.select(agent_type=Shop).set("price", 5)
    assert town.agents_by_type[Shop].get("price") == [5, 5]


def test_ordinary_agents_come_and_go() -> None:
    town = Town()
    late = Shop(town, price=99)
    assert late.unique_id == 10
    assert list(town.agents)[-1] is late
    late.remove()
    assert (len(town.agents), late in town.agents, town.agents_by_type[Shop].get("unique_id")) == (10, False, [8, 9])
    assert Shop(town, price=1).unique_id == 11


def test_own_scenario_stands_against_mesas() -> None:
    scenario = TownScenario(n_shops=3)
    town = Town(scenario=scenario)
    assert town.scenario is scenario
    assert len(town.agents_by_type[Shop]) == 3
    with pytest.raises(TypeError, match="is a TownScenario"):
        town.scenario = 5


def test_models_are_not_kept_alive() -> None:
    town = Town()
    held = [town.consumers[0].trust, len(town.agents)]
    town.step()
    gone = weakref.ref(town)
    del town
    gc.collect()
    assert held == [0.5, 10]
    assert gone() is None


def test_sets_and_views_can_be_pickled_and_copied() -> None:
    town = Town()
    town.datacollector = None  # its lambdas cannot
    some = town.consumers.sort("trust").select(at_most=3)
    loaded = pickle.loads(pickle.dumps(some))
    assert (indices(loaded), loaded.get("trust")) == (indices(some), some.get("trust"))
    assert loaded.model is not town
    assert len(pickle.loads(pickle.dumps(town)).agents) == 10
    assert copy.copy(some[0]) == some[0]
    assert copy.deepcopy(some[0]).trust == some[0].trust


def test_data_collector_reports_on_views() -> None:
    town = Town(seed=3)
    town.step()
    town.consumers[2].trust = 0.0
    town.step()
    collected = town.datacollector
    assert collected.get_model_vars_dataframe().to_dict("list") == {"orders": [17, 25], "agents": [10, 10]}
    agents = collected.get_agent_vars_dataframe()
    assert agents.index.is_unique
    assert agents["trust"].xs(2, level="AgentID").tolist() == [0.5, 0.0]
    assert agents["price"].xs(9, level="AgentID").tolist() == [10, 10]
    orders = collected.get_agenttype_vars_dataframe(Consumer)["orders"]
    assert orders.xs(2, level="Step").tolist() == [n + 2 for _, n in TOWN]


def test_batch_run_drives_the_model() -> None:
    rows = batch_run(
        Town,
        {"scenario": [TownScenario(0), TownScenario(2)]},
        number_processes=1,
        max_steps=10,
        data_collection_period=-1,
        display_progress=False,
    )
    last = [row for row in rows if row["AgentID"] == 2 and "trust" in row]
    assert [(row["orders"], row["agents"], row["trust"]) for row in last] == [(9 + 3 * 8, 8, 0.5), (9 + 3 * 8, 10, 0.5)]
