"""How alike merchants' campaigns are, and what it pays to run the commonest move or another one."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulator.records.events.codes import How, Origin
from simulator.records.reading import FEN_PER_YUAN, Flags, Ints, Reading, lost_fen, merchants_fen, ratio

NONE = -1


def sameness_measures(reading: Reading) -> dict[str, float]:
    """Of the days on which anybody advertises, and payoffs until the end of the run."""
    campaigns = reading.table("campaigns")
    how, origin, cost_fen = campaigns["how"], *reading.window("costs", "origin", "cost_fen")
    is_heard = campaigns["spent_fen"] > 0
    moves = _by_day(reading, campaigns["move"], is_heard)
    shares = [np.bincount(today) / len(today) for row in moves if len(today := row[row != NONE])]
    on_common, off_common = _payoffs(reading, _by_day(reading, campaigns["move"]))
    return {
        "advertising_cost": float(cost_fen[origin == Origin.BRAND].sum()) / FEN_PER_YUAN,
        "sameness": ratio(sum(float((share**2).sum()) for share in shares), len(shares)),
        "commonest_move_share": ratio(sum(float(share.max()) for share in shares), len(shares)),
        "moves_copied": int(np.count_nonzero(how == How.COPIED)),
        "moves_invented": int(np.count_nonzero(how == How.INVENTED)),
        "goodwill": ratio(campaigns["goodwill_millionths"][is_heard].sum(dtype=np.int64) / 1e6, is_heard.sum()),
        "payoff_on_commonest_move": on_common,
        "payoff_on_other_moves": off_common,
    }


def _by_day(reading: Reading, moves: NDArray[np.int32], rows: Flags | slice = slice(None)) -> NDArray[np.int32]:
    """The moves in these rows of the campaigns by day and merchant, -1 for none, shape (days, n_merchants)."""
    campaigns = reading.table("campaigns")
    by_day = np.full((reading.facts.days, reading.facts.n_merchants), NONE, dtype=np.int32)
    by_day[campaigns["day"][rows], campaigns["merchant"][rows]] = moves[rows]
    return by_day


def _payoffs(reading: Reading, moves: NDArray[np.int32]) -> tuple[float, float]:
    """Yuan a day beyond those in the burn-in of a merchant on the commonest move, and of one on another.

    Who has a campaign but spends nothing on it counts too: that is what a market without advertising compares with.
    After the campaign a merchant counts with its last move, since goodwill lasts. Of moves equally common that of the
    smallest number is the commonest. NaN where nobody has a campaign.
    """
    if (moves == NONE).all():
        return math.nan, math.nan
    first = reading.facts.burn_in_days
    fen = _contributions(reading)
    beyond = fen[first:] - fen[:first].mean(axis=0)
    last = moves[0].copy()
    total, n_days = np.zeros(2), np.zeros(2)
    for today, gain in zip(moves[first:], beyond, strict=True):
        last = np.where(today != NONE, today, last)
        is_in = last != NONE
        if is_in.any():
            is_common = last == np.bincount(last[is_in]).argmax()
            for group, rows in enumerate((is_common, is_in & ~is_common)):
                total[group] += gain[rows].sum() / FEN_PER_YUAN
                n_days[group] += np.count_nonzero(rows)
    return ratio(total[0], n_days[0]), ratio(total[1], n_days[1])


def _contributions(reading: Reading) -> Ints:
    """What each merchant has earned on each day of the run, fen, shape (days, n_merchants)."""
    sales, orders, costs = reading.all_sales, reading.table("orders"), reading.table("costs")
    fen = np.zeros((reading.facts.days, reading.facts.n_merchants), dtype=np.int64)
    sold = {name: values[sales.row] for name, values in orders.items()}
    np.add.at(fen, (sales.day, sold["merchant"]), merchants_fen(sold))
    borne = costs["merchant"] != NONE
    spent = (costs["fee_fen"] + costs["cost_fen"])[borne]
    np.subtract.at(fen, (costs["day"][borne], costs["merchant"][borne]), spent)
    back = reading.table("return_ends")
    np.add.at(fen, (back["day"], back["merchant"]), back["fee_fen"] - back["subsidy_fen"] - lost_fen(back))
    return fen
