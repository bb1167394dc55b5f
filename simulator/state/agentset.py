"""The column-backed agent set: a Mesa `AgentSet` that holds row numbers and makes its agents when asked for them.

Row numbers below `columns.n` are consumers, read through views that are made when asked for and never stored. Row
numbers from there on are the model's ordinary Mesa agents, which only `model.agents` holds.

One class serves Mesa 3.3 and 3.5. It lacks `_agents`, Mesa's weak dictionary, which would drop views nobody holds: each
method of Mesa's that touches it is replaced here, and one that were not would fail at once instead of finding nobody.
"""

from __future__ import annotations

import copy
import itertools
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Any, NoReturn

import mesa
import numpy as np
import pandas as pd
from mesa.agent import AgentSet
from numpy.typing import ArrayLike, NDArray

from simulator.state.columns import Columns

try:
    from mesa.agentset import GroupBy  # Mesa 3.5
except ImportError:
    from mesa.agent import GroupBy  # Mesa 3.3

RowNumbers = NDArray[np.intp]
OfAgent = Callable[..., Any]
WIDE = {"f": np.float64, "i": np.int64, "u": np.int64}


class ColumnAgentSet(AgentSet):
    """An ordered set of a model's agents; behaves as Mesa's, but never gains or loses members one by one.

    `select`, `shuffle`, `sort`, `groupby` and the set operators give sets of the same kind.

    Args:
        model: The model the agents belong to.
        columns: The consumers' columns.
        view_class: The consumers' class: made as `view_class(model, row)`, with `model` and `index`, compared by these.
        rows: The members' row numbers, in order, shape (n_members,); None for all.
        others: The ordinary Mesa agents that the rows from `columns.n` on stand for.

    Raises:
        ValueError: If the row numbers are not distinct whole numbers of existing rows.
    """

    def __init__(
        self,
        model: mesa.Model,
        columns: Columns,
        view_class: type[Any],
        rows: ArrayLike | None = None,
        others: Iterable[mesa.Agent] = (),
    ) -> None:
        # Mesa's own initialiser is left out: it would make `_agents`.
        self.model = model
        self._columns = columns
        self._view_class = view_class
        self._others = tuple(others)
        n = columns.n + len(self._others)
        self._rows: range | RowNumbers = range(n) if rows is None else _checked(np.asarray(rows), n)
        self._is_member: NDArray[np.bool_] | None = None

    @property
    def random(self) -> Random:
        """The model's generator; it orders shuffles."""
        return self.model.random  # type: ignore[no-any-return]

    @property
    def rows(self) -> RowNumbers:
        """The members' row numbers in order, shape (n_members,)."""
        return np.arange(len(self)) if isinstance(self._rows, range) else self._rows

    # Whole columns

    def values(self, name: str) -> NDArray[Any]:
        """A column's values for the members, read-only, shape (n_members,) or (n_members, width).

        Raises:
            AttributeError: If there is no such column, or some members have no columns.
        """
        columns = self._columns
        if self._is_mixed:
            raise AttributeError(f"'{name}': only consumers have columns; take model.consumers")
        if name not in columns:
            raise AttributeError(f"there is no column '{name}'; there are {', '.join(sorted(c.name for c in columns))}")
        if isinstance(self._rows, range):
            return columns[name]
        values: NDArray[Any] = columns[name][self._rows]
        values.flags.writeable = False
        return values

    def frame(self, *names: str) -> pd.DataFrame:
        """A copy of the named columns (of all if none is named), one line per member, indexed by row number.

        A vector column becomes one column per element: `taste_0`, `taste_1`, ...
        """
        data: dict[str, NDArray[Any]] = {}
        for name in names or [column.name for column in self._columns]:
            values = self.values(name)
            data |= {name: values} if values.ndim == 1 else {f"{name}_{k}": part for k, part in enumerate(values.T)}
        return pd.DataFrame(data, index=pd.Index(self.rows, name="consumer"))

    def get(self, attr_names: str | list[str], handle_missing: str = "error", default_value: Any = None) -> list[Any]:
        """The members' values of one attribute, or lists of their values of several."""
        if handle_missing not in ("error", "default"):
            raise ValueError(f"handle_missing is '{handle_missing}'; it must be 'error' or 'default'")
        default = (default_value,) if handle_missing == "default" else ()
        if isinstance(attr_names, str):
            return self._read(attr_names, *default)
        columns = [self._read(name, *default) for name in attr_names]
        return [[column[i] for column in columns] for i in range(len(self))]

    def agg(self, attribute: str, func: OfAgent | Iterable[OfAgent]) -> Any:
        """What a function, or each of several, makes of the members' values: of one array where it is a column.

        Numbers come as float64 or int64, so that sums over narrow columns neither wrap nor lose digits.
        """
        values: Any
        if self._is_column(attribute):
            column = self.values(attribute)
            values = column.astype(WIDE.get(column.dtype.kind, column.dtype))
        else:
            values = self.get(attribute)
        return func(values) if callable(func) else [each(values) for each in func]

    def set(self, attr_name: str, value: Any) -> ColumnAgentSet:
        """Set an attribute of all members: one value for all, or an array with one for each of a set of consumers.

        Raises:
            AttributeError: If there is no such column, or it is an account that only the model may keep.
        """
        if self._is_mixed:
            for agent in self:
                setattr(agent, attr_name, value)
        else:
            self._columns.set_from_outside(attr_name, self.rows, value)
        return self

    # Subsets and orders

    def select(
        self,
        filter_func: OfAgent | NDArray[np.bool_] | None = None,
        at_most: float = math.inf,
        inplace: bool = False,
        agent_type: type | None = None,
    ) -> ColumnAgentSet:
        """The members that pass, in order.

        Args:
            filter_func: A function of one agent; or, far quicker, a truth value for each member, shape (n_members,), as
                in `consumers.select(consumers.values("trust") > 0.5)`.
            at_most: The number to stop at; a float up to 1.0 is a share of this set, rounded down.
            inplace: Whether to change this set instead of making a new one.
            agent_type: The class to pass; looked at before the filter.
        """
        if isinstance(at_most, float) and at_most <= 1.0:
            at_most = int(at_most * len(self))
        limit = max(math.ceil(min(at_most, len(self))), 0)
        rows = self.rows
        if isinstance(filter_func, np.ndarray):
            if filter_func.dtype != np.bool_ or filter_func.shape != rows.shape:
                raise ValueError(f"an array that selects must hold {len(self)} truth values, one for each member")
            rows, filter_func = rows[filter_func], None
        if agent_type is not None:
            is_view = issubclass(self._view_class, agent_type)
            fits = np.array([is_view, *(isinstance(agent, agent_type) for agent in self._others)])
            rows = rows[fits[np.maximum(rows - self._columns.n + 1, 0)]]
        if filter_func is not None:
            passing = (row for row in rows.tolist() if filter_func(self._agent(row)))
            rows = np.fromiter(itertools.islice(passing, limit), dtype=np.intp)
        return self._with_rows(rows[:limit], inplace)

    def shuffle(self, inplace: bool = False) -> ColumnAgentSet:
        """The members in random order: the order in which Mesa's shuffle would put them."""
        rows = self.rows.tolist()
        self.random.shuffle(rows)
        return self._with_rows(np.array(rows, dtype=np.intp), inplace)

    def sort(self, key: OfAgent | str, ascending: bool = False, inplace: bool = False) -> ColumnAgentSet:
        """The members by an attribute or a function of one agent, largest first unless `ascending`; stable.

        Raises:
            ValueError: If the attribute is a vector.
        """
        if isinstance(key, str) and self._is_column(key):
            values = self.values(key)
            if values.ndim > 1:
                raise ValueError(f"'{key}' is a vector; sort by a function of it, such as lambda c: c.{key}[0]")
            if ascending:
                order = np.argsort(values, kind="stable")
            else:  # Sorting back to front, then turning round, leaves equals in their order.
                order = len(self) - 1 - np.argsort(values[::-1], kind="stable")[::-1]
        else:
            keys = self.map(operator.attrgetter(key) if isinstance(key, str) else key)
            order = np.array(sorted(range(len(keys)), key=keys.__getitem__, reverse=not ascending), dtype=np.intp)
        return self._with_rows(self.rows[order], inplace)

    def groupby(self, by: OfAgent | str, result_type: str = "agentset") -> GroupBy:
        """The members grouped by an attribute or a function of one agent.

        On the result, `map("agg", "trust", np.mean)` works on columns; Mesa's `agg("trust", np.mean)` makes all views.
        """
        if result_type not in ("agentset", "list"):
            raise ValueError(f"result_type is '{result_type}'; it must be 'agentset' or 'list'")
        keys = self._read(by) if isinstance(by, str) else self.map(by)
        groups: dict[Any, list[int]] = {}
        for row, key in zip(self._numbers(), keys, strict=True):
            groups.setdefault(key, []).append(row)
        if result_type == "list":
            return GroupBy({key: list(map(self._agent, rows)) for key, rows in groups.items()})
        return GroupBy({key: self._with_rows(np.array(rows)) for key, rows in groups.items()})

    def copy(self) -> ColumnAgentSet:
        """Another set of the same members."""
        return copy.copy(self)

    # One agent after the other

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return map(self._agent, self._numbers())

    def __contains__(self, agent: object) -> bool:
        row = self._row_of(agent)
        if row is None or isinstance(self._rows, range):
            return row is not None
        if self._is_member is None:
            self._is_member = np.zeros(self._columns.n + len(self._others), dtype=np.bool_)
            self._is_member[self._rows] = True
        return bool(self._is_member[row])

    def __getitem__(self, item: int | slice) -> Any:
        """The agent at a position (negative counts from the end), or the list of agents of a slice."""
        if isinstance(item, slice):
            return [self._agent(int(row)) for row in self._rows[item]]
        position = operator.index(item)
        if not -len(self) <= position < len(self):
            raise IndexError(f"there is no agent at position {position}; the set has {len(self)}")
        return self._agent(int(self._rows[position]))

    def to_list(self) -> list[Any]:
        """All members: makes every view."""
        return list(self)

    def do(self, method: str | OfAgent, *args: Any, **kwargs: Any) -> ColumnAgentSet:
        """Call a method, or a function of one agent, for each member."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: str | OfAgent, *args: Any, **kwargs: Any) -> ColumnAgentSet:
        """Call a method, or a function of one agent, for each member in random order; the set keeps its own order."""
        self.shuffle().map(method, *args, **kwargs)
        return self

    def map(self, method: str | OfAgent, *args: Any, **kwargs: Any) -> list[Any]:
        """What a method, or a function of one agent, returns for each member."""
        if isinstance(method, str):
            return [getattr(agent, method)(*args, **kwargs) for agent in self]
        return [method(agent, *args, **kwargs) for agent in self]

    # Membership

    def add(self, agent: Any) -> NoReturn:
        """Refused, like `discard` and `remove`: consumers exist from the start and stay.

        Raises:
            TypeError: Always.
        """
        raise TypeError(
            "consumers exist from the start and stay, since the row is the identity: a set of them neither gains nor "
            "loses members one by one; make another with select() or the operators & | - ^"
        )

    discard = remove = add

    # An ordinary set on the left would make an ordinary set of fresh views, which Mesa would drop at once.

    def __rand__(self, other: Any) -> ColumnAgentSet:
        return self & other  # type: ignore[no-any-return]

    def __ror__(self, other: Any) -> ColumnAgentSet:
        return self | other  # type: ignore[no-any-return]

    def __rxor__(self, other: Any) -> ColumnAgentSet:
        return self ^ other  # type: ignore[no-any-return]

    def _from_iterable(self, agents: Iterable[Any]) -> ColumnAgentSet:
        """What the set operators make their results with."""
        rows = {agent: self._row_of(agent) for agent in agents}
        strangers = [agent for agent, row in rows.items() if row is None]
        if strangers:
            raise TypeError(f"{strangers[0]!r} is not one of the agents this set is taken from")
        return self._with_rows(np.array(list(rows.values()), dtype=np.intp))

    def _update(self, agents: Iterable[Any]) -> ColumnAgentSet:
        return self._with_rows(self._from_iterable(agents).rows, inplace=True)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__.copy()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __repr__(self) -> str:
        columns, kind = self._columns, self._view_class.__name__
        n_views = int(np.count_nonzero(self.rows < columns.n))
        others = f", {len(self) - n_views} other agents" if self._others else ""
        return f"<ColumnAgentSet: {n_views} of {columns.n} {kind} views with {len(columns)} columns{others}>"

    # Rows and agents

    def _numbers(self) -> Sequence[int]:
        return self._rows if isinstance(self._rows, range) else self._rows.tolist()

    def _agent(self, row: int) -> Any:
        n = self._columns.n
        return self._view_class(self.model, row) if row < n else self._others[row - n]

    def _row_of(self, agent: object) -> int | None:
        """The agent's row number; None for a stranger."""
        if isinstance(agent, self._view_class):
            return int(agent.index) if agent.model is self.model else None
        return self._columns.n + self._others.index(agent) if agent in self._others else None

    def _with_rows(self, rows: RowNumbers, inplace: bool = False) -> ColumnAgentSet:
        chosen = self if inplace else copy.copy(self)
        rows.flags.writeable = False
        chosen._rows, chosen._is_member = rows, None
        return chosen

    @property
    def _is_mixed(self) -> bool:
        return bool(self._others) and int(self.rows.max(initial=-1)) >= self._columns.n

    def _is_column(self, name: str) -> bool:
        return name in self._columns and not self._is_mixed

    def _read(self, name: str, *default: Any) -> list[Any]:
        """The attribute of each member, the same as reading it on each."""
        if not self._is_column(name):
            return [getattr(agent, name, *default) for agent in self]
        values = self.values(name)
        return values.tolist() if values.ndim == 1 else list(values)


def _checked(rows: NDArray[Any], n: int) -> RowNumbers:
    """A read-only copy of the row numbers, if each exists and comes once."""
    is_whole = rows.ndim == 1 and (rows.size == 0 or rows.dtype.kind in "iu")
    if not is_whole or (rows.size and not 0 <= rows.min() <= rows.max() < n):
        raise ValueError(f"rows must be whole numbers from 0 to {n - 1} in a list, got {rows!r}")
    checked = rows.astype(np.intp)
    if np.count_nonzero(np.bincount(checked, minlength=n)) != len(checked):
        raise ValueError("rows name an agent twice; in a set each comes once")
    checked.flags.writeable = False
    return checked
