"""What runs out, what is kept on shelves, and what that costs."""

from __future__ import annotations

import numpy as np

from simulator.records.events.codes import Origin
from simulator.records.reading import FEN_PER_YUAN, Flags, Reading, ratio

COMES_BACK_DAYS = 7
"""Who was refused and buys within so many days has only waited."""


def supply_measures(reading: Reading) -> dict[str, float]:
    """Stock-outs and what they lose, stock and what it costs, capacity used."""
    (worth_fen,) = reading.window("stock_outs", "worth_fen")
    (orders,) = reading.window("orders", "id")
    product_days = reading.window("shelves", "n_delivered", "n_left", "is_perishable")
    n_delivered, n_left, is_perishable = (column.astype(np.int64) for column in product_days)
    perishes = is_perishable > 0
    origin, cost_fen = reading.window("costs", "origin", "cost_fen")
    (redesigned,) = reading.window("redesigns", "product")
    is_lost = _is_lost(reading)
    return {
        "stock_out_share": ratio(len(worth_fen), len(worth_fen) + len(orders)),
        "sales_lost": int(np.count_nonzero(is_lost)),
        "sales_lost_value": float(worth_fen[is_lost].sum()) / FEN_PER_YUAN,
        "shelves_empty_share": ratio(np.count_nonzero(n_left == 0), len(n_left)),
        "stock_held": ratio(n_left[~perishes].sum(), np.count_nonzero(~perishes)),
        "stock_cost": float(cost_fen[origin == Origin.STOCKING].sum()) / FEN_PER_YUAN,
        "redesigns": len(redesigned),
        "redesign_cost": float(cost_fen[origin == Origin.PRODUCT].sum()) / FEN_PER_YUAN,
        "capacity_used_share": ratio((n_delivered - n_left)[perishes].sum(), n_delivered[perishes].sum()),
    }


def _is_lost(reading: Reading) -> Flags:
    """After which of the window's refusals the shopper neither buys nor is refused again in time, shape (n,)."""
    who, day, wave = reading.window("stock_outs", "consumer", "day", "wave")
    buyer, paid_day, paid_wave = reading.window("orders", "consumer", "day", "wave")
    consumer = np.concatenate([who, buyer]).astype(np.int64)
    days = np.concatenate([day, paid_day]).astype(np.int64)
    order = np.lexsort((np.concatenate([wave, paid_wave]), days, consumer))
    consumer, days = consumer[order], days[order]
    comes_back = np.zeros(len(order), dtype=np.bool_)
    comes_back[order[:-1]] = (consumer[1:] == consumer[:-1]) & (days[1:] - days[:-1] <= COMES_BACK_DAYS)
    return ~comes_back[: len(who)] & (day + COMES_BACK_DAYS < reading.facts.days)
