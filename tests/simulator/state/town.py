"""A small market of column-backed consumers, and the same people as ordinary Mesa agents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mesa
import numpy as np
import pytest
from mesa.agent import AgentSet

from simulator.agents.views import ColumnModel, Consumer
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


def refused(method: Callable[..., Any], *args: Any) -> bool:
    with pytest.raises(TypeError, match="neither gains nor loses members"):
        method(*args)
    return True
