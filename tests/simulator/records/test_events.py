from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.records.events.codes import Kind
from simulator.records.events.ids import MAX_CONSUMERS, MAX_DAYS, count_within, id_consumer, id_day, id_kind, record_ids
from simulator.records.events.log import EventLog, Facts
from simulator.records.events.tables import TABLES

FACTS = Facts(
    1, n_consumers=8, n_prospects=3, n_merchants=1, n_products=2, days=9, burn_in_days=0, campaign_end=9, catalogue=(2,)
)


@given(
    kind=st.sampled_from(Kind),
    day=st.integers(0, MAX_DAYS),
    records=st.lists(st.tuples(st.integers(0, MAX_CONSUMERS - 1), st.integers(0, 2**15 - 1)), min_size=1, max_size=5),
)
def test_an_id_gives_its_parts_back(kind: Kind, day: int, records: list[tuple[int, int]]) -> None:
    consumers, ordinals = np.array(records).T
    ids = record_ids(kind, day, consumers, ordinals)
    assert (ids > 0).all()
    assert (id_kind(ids) == kind).all()
    assert (id_day(ids) == day).all()
    np.testing.assert_array_equal(id_consumer(ids), consumers)
    assert len(np.unique(ids)) == len(set(records))


def test_no_id_is_of_no_kind() -> None:
    assert id_kind(0) == 0


@given(st.lists(st.integers(-3, 3)))
def test_count_within_counts_equal_elements_before(values: list[int]) -> None:
    expected = [values[:k].count(value) for k, value in enumerate(values)]
    assert count_within(np.array(values, dtype=np.int64)).tolist() == expected


@given(st.lists(st.tuples(st.sampled_from(Kind), st.lists(st.integers(0, 7), max_size=6)), max_size=8))
def test_new_ids_count_a_consumers_records_of_the_day(calls: list[tuple[Kind, list[int]]]) -> None:
    log = EventLog(FACTS)
    for day in (0, 1):  # the second day starts from zero again
        log.open_day()
        used: dict[tuple[Kind, int], int] = {}
        for kind, consumers in calls:
            ids = log.new_ids(kind, day, np.array(consumers, dtype=np.int32))
            for record, consumer in zip(ids, consumers, strict=True):
                ordinal = used.get((kind, consumer), 0)
                assert record == record_ids(kind, day, consumer, ordinal)
                used[kind, consumer] = ordinal + 1


def test_scalars_broadcast_and_missing_fields_are_zero() -> None:
    log = EventLog(FACTS)
    log.append("joins", 2, day=3, consumer=[5, 6])
    rows = log.columns("joins")
    assert {name: values.tolist() for name, values in rows.items()} == {
        "cause": [0, 0],
        "day": [3, 3],
        "wave": [0, 0],
        "consumer": [5, 6],
    }


def test_an_unknown_field_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="'joins' has no fields \\['colour'\\]"):
        EventLog(FACTS).append("joins", 1, colour=3)


@pytest.mark.parametrize("table", TABLES)
def test_tables_keep_their_types_empty_and_filled(table: str) -> None:
    log = EventLog(FACTS)
    for n_rows in (0, 1, 2):
        assert {name: values.dtype for name, values in log.columns(table).items()} == TABLES[table]
        assert log.frame(table).shape == (n_rows, len(TABLES[table]))
        assert log.frame(table).dtypes.to_dict() == TABLES[table]
        assert log.arrow(table).column_names == list(TABLES[table])
        assert log.arrow(table).num_rows == n_rows
        log.append(table, 1, day=n_rows)


def _days(rows: dict[str, Any]) -> list[int]:
    return list(rows["day"])


@pytest.mark.parametrize("keep", [True, False])
def test_today_holds_what_was_appended_since_the_day_was_opened(keep: bool) -> None:
    log = EventLog(FACTS, keep=keep)
    for day in range(3):
        log.open_day()
        assert _days(log.today("joins")) == []
        log.append("joins", 1, day=day)
        log.append("joins", 2, day=day)
        assert _days(log.today("joins")) == [day] * 3
    log.open_day()
    assert _days(log.today("joins")) == []
    assert _days(log.columns("joins")) == ([0, 0, 0, 1, 1, 1, 2, 2, 2] if keep else [])
