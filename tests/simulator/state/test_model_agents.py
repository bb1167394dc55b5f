"""A model of consumers in columns and ordinary agents: its agents, its end, copies, Mesa's collectors and batches."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import pytest
from mesa.agent import AgentSet
from mesa.batchrunner import batch_run

from simulator.agents.views import Consumer
from tests.simulator.state.town import TOWN, Shop, Town, TownScenario, indices


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
