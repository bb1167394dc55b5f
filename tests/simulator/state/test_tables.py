"""Live tables: rows that come and go, kept in the order of their arrival."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.state.tables import LiveTable, Pool

FIELDS = {"id": np.int64, "is_open": np.bool_, "prices": (np.float32, 2)}


def make_table(n: int = 0) -> LiveTable:
    table = LiveTable(FIELDS)
    ids = np.arange(n)
    table.append(n, id=ids, is_open=ids % 2 == 0, prices=np.stack([ids, ids + 0.5], axis=1))
    return table


def as_rows(table: LiveTable) -> list[tuple[Any, ...]]:
    return list(zip(table["id"].tolist(), table["is_open"].tolist(), table["prices"].tolist(), strict=True))


def test_new_table_is_empty() -> None:
    table = make_table()
    assert len(table) == 0
    assert table.fields == ("id", "is_open", "prices")
    assert [table[field].shape for field in table.fields] == [(0,), (0,), (0, 2)]
    assert [table[field].dtype for field in table.fields] == [np.int64, np.bool_, np.float32]


def test_values_broadcast_and_fields_left_out_are_zero() -> None:
    table = make_table()
    assert table.append(2, id=[5, 6], prices=[1, 2]) == slice(0, 2)
    assert table.append(1, id=7, is_open=True) == slice(2, 3)
    assert as_rows(table) == [(5, False, [1, 2]), (6, False, [1, 2]), (7, True, [0, 0])]


def test_values_are_writable_in_place() -> None:
    table = make_table(3)
    table["is_open"][table["id"] == 1] = True
    table["prices"][2, 1] = 9
    assert as_rows(table) == [(0, True, [0, 0.5]), (1, True, [1, 1.5]), (2, True, [2, 9])]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("append"), st.lists(st.integers(1, 99), max_size=40)),
            st.tuples(st.just("keep"), st.randoms(use_true_random=False)),
        ),
        max_size=12,
    )
)
def test_rows_come_and_go_as_in_a_list(steps: list[tuple[str, Any]]) -> None:
    table = make_table()
    rows: list[tuple[Any, ...]] = []
    for step, what in steps:
        if step == "append":
            new = table.append(len(what), id=what, prices=[[k, -k] for k in what] or 0)
            assert new == slice(len(rows), len(rows) + len(what))
            rows += [(k, False, [k, -k]) for k in what]
        else:
            mask = [what.random() < 0.5 for _ in rows]
            table.keep(np.array(mask, dtype=np.bool_))
            rows = [row for row, is_kept in zip(rows, mask, strict=True) if is_kept]
        assert len(table) == len(rows)
        assert as_rows(table) == rows


def test_rows_that_left_leave_nothing_behind() -> None:
    table = make_table(20)
    table.keep(np.zeros(20, dtype=np.bool_))
    table.append(20)
    assert as_rows(table) == [(0, False, [0, 0])] * 20


@pytest.mark.parametrize("rows", [np.array([2, 0]), np.array([True, False, True])])
def test_take_copies(rows: np.ndarray) -> None:
    table = make_table(3)
    taken = table.take(rows)
    assert taken.keys() == FIELDS.keys()
    assert taken["id"].tolist() == table["id"][rows].tolist()
    assert taken["prices"].tolist() == table["prices"][rows].tolist()
    taken["id"][:] = 99
    assert table["id"].tolist() == [0, 1, 2]


def test_wrong_values_leave_the_table_as_it_was() -> None:
    table = make_table(3)
    before = as_rows(table)
    with pytest.raises(KeyError, match="unknown fields \\['price'\\]; the table has \\['id', 'is_open', 'prices'\\]"):
        table.append(1, id=7, price=5)
    with pytest.raises(ValueError, match="broadcast"):
        table.append(3, id=[1, 2])
    with pytest.raises(KeyError):
        table["price"]
    with pytest.raises(IndexError):
        table.keep(np.array([True]))
    assert as_rows(table) == before


def test_rows_of_a_pool_keep_their_numbers_and_free_ones_serve_again() -> None:
    pool = Pool({"value": np.int64})
    kept = pool.add(40, value=np.arange(40))
    gone = pool.remove(kept[:30])
    assert gone["value"].tolist() == list(range(30))
    assert len(pool) == 10
    new = pool.add(100, value=7)
    assert not set(new) & set(kept[30:])
    assert len({*new, *kept[30:]}) == len(pool) == 110
    assert pool.remove(kept[30:])["value"].tolist() == list(range(30, 40))
    assert pool.remove(new)["value"].tolist() == [7] * 100
