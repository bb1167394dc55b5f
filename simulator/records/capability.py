"""Who is able to decide by data, what that costs, and what small and large merchants earn."""

from __future__ import annotations

import numpy as np

from simulator.records.events.codes import Origin
from simulator.records.reading import FEN_PER_YUAN, Flags, Ints, Reading, lost_fen, merchants_fen, ratio


def capability_measures(reading: Reading, contribution: float) -> dict[str, float]:
    """Posts, able merchants, what they cost and what they bring.

    Args:
        reading: The log.
        contribution: Of platform and merchants, yuan.
    """
    merchant, n_posts, n_filled, is_able, n_trained = reading.window(
        "staff", "merchant", "n_posts", "n_filled", "is_able", "n_trained"
    )
    is_large = large_merchants(reading)
    is_merchant = merchant >= 0
    is_of_large = is_merchant & np.append(is_large, False)[merchant]  # -1, the platform, is the last
    is_of_small = is_merchant & ~is_of_large
    origin, fee_fen, cost_fen = reading.window("costs", "origin", "fee_fen", "cost_fen")
    spent_fen = fee_fen + cost_fen
    talent, technology = (
        float(spent_fen[origin == of].sum()) / FEN_PER_YUAN for of in (Origin.TALENT, Origin.TECHNOLOGY)
    )
    earned_fen = earnings_fen(reading)
    return {
        "posts_filled_share": ratio(n_filled.sum(dtype=np.int64), n_posts.sum(dtype=np.int64)),
        "able_share_small": ratio(np.count_nonzero(is_able & is_of_small), np.count_nonzero(is_of_small)),
        "able_share_large": ratio(np.count_nonzero(is_able & is_of_large), np.count_nonzero(is_of_large)),
        "specialists_trained": int(n_trained.sum(dtype=np.int64)),
        "talent_cost": talent,
        "technology_cost": technology,
        "capability_cost": talent + technology,
        "contribution_per_capability": ratio(contribution, talent + technology),
        "contribution_small": ratio(earned_fen[~is_large].sum() / FEN_PER_YUAN, np.count_nonzero(~is_large)),
        "contribution_large": ratio(earned_fen[is_large].sum() / FEN_PER_YUAN, np.count_nonzero(is_large)),
    }


def large_merchants(reading: Reading) -> Flags:
    """Who has more products than the mean merchant, shape (n_merchants,)."""
    n_products = np.array(reading.facts.catalogue, dtype=np.int64)
    return np.asarray(n_products * len(n_products) > n_products.sum())


def earnings_fen(reading: Reading) -> Ints:
    """What each merchant earned in the window, less what it spent apart from sales, shape (n_merchants,)."""
    earned = np.zeros(len(reading.facts.catalogue), dtype=np.int64)
    orders, sold = reading.table("orders"), reading.sales.row
    fen = {name: orders[name][sold] for name in ("paid_fen", "subsidy_fen", "fee_fen", "cost_fen")}
    np.add.at(earned, orders["merchant"][sold], merchants_fen(fen))
    payer, fee_fen, cost_fen = reading.window("costs", "merchant", "fee_fen", "cost_fen")
    is_merchant = payer >= 0
    np.subtract.at(earned, payer[is_merchant], (fee_fen + cost_fen)[is_merchant])
    back = reading.table("return_ends")
    np.add.at(earned, back["merchant"], back["fee_fen"] - back["subsidy_fen"] - lost_fen(back))
    return earned
