"""Columns: one owner each, read-only to all others, settable from outside only where they say so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.state.columns import Column, Columns

TRUST = Column("trust", "traits", np.float32, "trust in the platform", unit="share", initial=0.5, is_settable=True)
ORDERS = Column("n_orders", "trade", np.int32, "orders so far")
TASTE = Column("taste", "traits", np.float64, "taste", width=3, is_settable=True)


def make_columns(n: int = 4) -> Columns:
    columns = Columns(n)
    for column in (TRUST, ORDERS, TASTE):
        columns.add(column)
    return columns


def test_columns_start_as_declared() -> None:
    columns = make_columns()
    assert columns["trust"].tolist() == [0.5] * 4
    assert columns["n_orders"].tolist() == [0] * 4
    assert columns["taste"].tolist() == [[0, 0, 0]] * 4
    assert [columns[c.name].dtype for c in columns] == [np.float32, np.int32, np.float64]


def test_a_vector_of_one_is_still_a_vector() -> None:
    columns = Columns(4)
    columns.add(Column("loyalty", "experience", np.float32, "loyalty to each merchant", width=1))
    assert columns["loyalty"].shape == (4, 1)


def test_columns_describe_themselves() -> None:
    columns = make_columns()
    assert list(columns) == [TRUST, ORDERS, TASTE]
    assert len(columns) == 3
    assert ("trust" in columns, "turst" in columns) == (True, False)


def test_given_values_are_stored_in_the_declared_type() -> None:
    columns = Columns(3)
    columns.add(ORDERS, np.array([3, 1, 2], dtype=np.int64))
    columns.add(TASTE, np.arange(9.0).reshape(3, 3).T)
    assert (columns["n_orders"].dtype, columns["n_orders"].tolist()) == (np.int32, [3, 1, 2])
    assert columns["taste"].tolist() == [[0, 3, 6], [1, 4, 7], [2, 5, 8]]


def test_the_owner_sees_and_makes_changes_in_place() -> None:
    columns = Columns(3)
    kept = columns.add(ORDERS)
    read = columns["n_orders"]
    kept[1] = 7
    columns.writable("n_orders", "trade")[2] = 9
    assert read.tolist() == columns["n_orders"].tolist() == [0, 7, 9]


@pytest.mark.parametrize("name", ["trust", "n_orders", "taste"])
def test_everybody_else_only_reads(name: str) -> None:
    columns = make_columns()
    with pytest.raises(ValueError, match="read-only"):
        columns[name][0] = 1
    with pytest.raises(PermissionError, match=f"'{name}' is owned by '(traits|trade)'; 'coupons' may only read it"):
        columns.writable(name, "coupons")


def test_a_name_has_one_owner() -> None:
    columns = make_columns()
    with pytest.raises(ValueError, match="'trust' is already owned by 'traits'"):
        columns.add(Column("trust", "experience", np.float32, "another trust"))


@pytest.mark.parametrize(
    ("column", "shape"),
    [(TRUST, (3,)), (TRUST, (4, 1)), (TASTE, (4,)), (TASTE, (4, 2)), (TASTE, (3, 4))],
)
def test_values_of_another_shape_are_refused(column: Column, shape: tuple[int, ...]) -> None:
    columns = Columns(4)
    with pytest.raises(ValueError, match=f"column '{column.name}' needs shape"):
        columns.add(column, np.zeros(shape))
    assert column.name not in columns


@given(st.sets(st.integers(0, 9)), st.floats(0, 1, width=32))
def test_setting_from_outside_changes_the_named_rows_only(rows: set[int], value: float) -> None:
    columns = make_columns(10)
    columns.set_from_outside("trust", np.array(sorted(rows), dtype=np.intp), value)
    columns.set_from_outside("taste", np.array(sorted(rows), dtype=np.intp), [1, 2, value])
    assert columns["trust"].tolist() == [value if row in rows else 0.5 for row in range(10)]
    assert columns["taste"].tolist() == [[1, 2, value] if row in rows else [0, 0, 0] for row in range(10)]


def test_setting_one_row_from_outside() -> None:
    columns = make_columns()
    columns.set_from_outside("taste", 2, [1, 2, 3])
    columns.set_from_outside("trust", 2, 0.25)
    assert columns["taste"].tolist() == [[0, 0, 0], [0, 0, 0], [1, 2, 3], [0, 0, 0]]
    assert columns["trust"].tolist() == [0.5, 0.5, 0.25, 0.5]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("n_orders", 5, "'n_orders' is kept by the model and cannot be set; these can: taste, trust"),
        ("turst", 0.5, "no property 'turst'; did you mean 'trust'"),
    ],
)
def test_accounts_and_unknown_names_cannot_be_set_from_outside(name: str, value: Any, message: str) -> None:
    columns = make_columns()
    with pytest.raises(AttributeError, match=message):
        columns.set_from_outside(name, 0, value)
    assert columns["n_orders"].tolist() == [0] * 4
