"""What Mesa sees of the consumers: a view of one row of the columns, and a model whose agents they are."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, NoReturn

import mesa
import numpy as np
from mesa.agent import AgentSet

from simulator.state.agentset import ColumnAgentSet
from simulator.state.columns import Columns

if TYPE_CHECKING:
    from simulator.market import Market

SHOWN = ("joined_day", "n_orders", "trust", "satisfaction", "price_sensitivity")
"""Columns that tell most about a consumer; those that a model has are shown."""


class Consumer(mesa.Agent):
    """One consumer: reads and writes go to the columns. Views of one consumer are equal, whoever made them.

    A column reads as a Python number, a vector column as a read-only array, shape (width,). Settable columns can be
    set; accounts (orders, money, dates) belong to the model.

    Args:
        model: The market.
        index: The consumer's row: its identity and the `consumer` of the event tables. It is the `unique_id` as well,
            so ids start at 0; the ids of merchants and platform go on where the consumers' end.

    Raises:
        IndexError: If there is no such consumer.
    """

    model: Market
    index: int
    pos = None

    def __init__(self, model: Market, index: int) -> None:
        # Mesa's own initialiser would register the view, and Mesa 3.3's would keep the model alive for ever.
        if not 0 <= index < model.columns.n:
            raise IndexError(f"there is no consumer {index}; they run from 0 to {model.columns.n - 1}")
        self.__dict__.update(model=model, index=int(index))

    @property
    def unique_id(self) -> int:
        """The consumer's row."""
        return self.index

    @property
    def friends(self) -> list[Consumer]:
        """The consumers this one is linked to."""
        return [type(self)(self.model, row) for row in self.model.network.friends_of(self.index)]

    def __getattr__(self, name: str) -> Any:
        columns = self.model.columns
        if name not in columns:
            raise AttributeError(f"consumers have no property '{name}'", name=name, obj=self)
        value = columns[name][self.index]
        return value if isinstance(value, np.ndarray) else value.item()

    def __setattr__(self, name: str, value: Any) -> None:
        columns = self.model.columns
        if name not in columns:
            names = sorted(column.name for column in columns)
            nearest = "".join(f"; did you mean '{near}'?" for near in difflib.get_close_matches(name, names, n=1))
            raise AttributeError(f"consumers have no column '{name}' to set{nearest}; they have {', '.join(names)}")
        columns.set_from_outside(name, self.index, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(column.name for column in self.model.columns)})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Consumer) and other.model is self.model and other.index == self.index

    def __hash__(self) -> int:
        return hash((self.model, self.index))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.model, self.index)

    def __repr__(self) -> str:
        values = {name: getattr(self, name) for name in SHOWN if name in self.model.columns}
        shown = [f"{k}={value:.3g}" if isinstance(value, float) else f"{k}={value}" for k, value in values.items()]
        rest = ["…"] if len(self.model.columns) > len(shown) else []
        return f"Consumer({', '.join([str(self.index), *shown, *rest])})"

    def step(self) -> NoReturn:
        """Refused, like `advance`: behaviour works on whole columns.

        Raises:
            TypeError: Always.
        """
        raise TypeError("a consumer has no step of its own: all act together, in market.step()")

    advance = step

    def remove(self) -> NoReturn:
        """Refused: all consumers exist from the start and stay; the row is the identity.

        Raises:
            TypeError: Always.
        """
        raise TypeError("a consumer cannot be removed: all exist from the start, and the row is the identity")

    @classmethod
    def create_agents(cls, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused, like Mesa 3.5's `from_dataframe`: all consumers exist from the start.

        Raises:
            TypeError: Always.
        """
        raise TypeError("consumers cannot be created: all exist from the start; set their number in the scenario")

    from_dataframe = create_agents


class ColumnModel(mesa.Model):
    """A Mesa model whose consumers live in columns, beside ordinary Mesa agents.

    Args:
        columns: The consumers' columns; more may be added later.
        **mesa_arguments: As for `mesa.Model`.
    """

    def __init__(self, columns: Columns, **mesa_arguments: Any) -> None:
        super().__init__(**mesa_arguments)
        self.columns = columns
        self._next_unique_id = columns.n

    @property
    def consumers(self) -> ColumnAgentSet:
        """All consumers by row; a new set each time, so that changing one in place harms nobody."""
        return ColumnAgentSet(self, self.columns, Consumer)

    @property
    def agents(self) -> ColumnAgentSet:
        """All agents: the consumers, then the ordinary ones in order of registration."""
        return ColumnAgentSet(self, self.columns, Consumer, others=super().agents)

    @property
    def agents_by_type(self) -> dict[type[Any], AgentSet]:
        """The set of agents of each class."""
        return {Consumer: self.consumers, **super().agents_by_type}

    @property
    def agent_types(self) -> list[type[Any]]:
        """The classes of agents."""
        return list(self.agents_by_type)

    def register_agent(self, agent: mesa.Agent) -> None:
        """Register an ordinary agent, as its initialiser does; its id follows those of the consumers."""
        super().register_agent(agent)
        agent.unique_id = self._next_unique_id
        self._next_unique_id += 1
        # Mesa 3.3 counts ids in a dictionary on the class that would keep every model alive.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    def remove_all_agents(self) -> NoReturn:
        """Refused: consumers cannot be removed.

        Raises:
            TypeError: Always.
        """
        raise TypeError("consumers exist from the start and cannot be removed; build another model")
