"""One consumer as an agent: a view of its row that reads, writes, compares and describes itself."""

from __future__ import annotations

import mesa
import numpy as np
import pytest

from simulator.agents.views import Consumer
from tests.simulator.state.town import Town, indices


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
    assert repr(consumer) == "Consumer(1, n_orders=0, trust=0.25, …)"
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
