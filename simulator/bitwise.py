"""What of a market is compared when two must be the same, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simulator.market import Market
from simulator.mechanics import MECHANICS
from simulator.records.events.tables import TABLES


def events(market: Market) -> dict[str, pa.Table]:
    """All event tables; real numbers as their bits, since NaN does not equal itself."""
    return {name: pa.table({f: _bits(v) for f, v in market.log.columns(name).items()}) for name in TABLES}


def _bits(values: NDArray[Any]) -> NDArray[Any]:
    return values.view(np.int64) if values.dtype == np.float64 else values


def without(tables: dict[str, pa.Table], consumer: int) -> dict[str, pa.Table]:
    """Event tables less what one consumer did."""
    return {name: table.filter(pc.not_equal(table["consumer"], consumer)) for name, table in tables.items()}


def accounts(market: Market) -> list[Any]:
    """Money and goods of all but the consumers."""
    ledger, budget = market.ledger, market.budget
    money = [ledger.merchants.tolist(), ledger.platform, ledger.escrow, ledger.suppliers]
    return [*money, budget.gmv_fen, budget.committed_fen, market.products.stock.tolist()]


def columns(market: Market, n: int | None = None) -> dict[str, bytes]:
    """The columns of the first n consumers (default: all) but for those that a mechanic owns."""
    mine = [column for column in market.columns if column.owner not in MECHANICS]
    return {column.name: market.columns[column.name][:n].tobytes() for column in mine}


def whole(market: Market) -> tuple[Any, ...]:
    """Everything above, to be compared at once."""
    return events(market), accounts(market), columns(market)
