"""What abuse costs, who pays, and whom the detector hits. Only here is it known who abuses."""

from __future__ import annotations

import numpy as np

from simulator.records.events.codes import Reason
from simulator.records.reading import FEN_PER_YUAN, Reading, ratio


def abuse_measures(reading: Reading) -> dict[str, float]:
    """What purchases for resale take from whom, whom they displace, and who is barred, rightly or not."""
    n = reading.facts.n_consumers
    is_abuser = np.zeros(n, dtype=np.bool_)
    is_abuser[reading.table("abusers")["consumer"]] = True
    n_abusers = np.count_nonzero(is_abuser)
    orders = reading.table("orders")
    row = reading.sales.row
    is_resold = orders["reason"][row] == Reason.ABUSE
    list_fen, paid_fen, subsidy_fen = (orders[name][row] for name in ("list_fen", "paid_fen", "subsidy_fen"))
    from_platform = float(subsidy_fen[is_resold].sum())
    from_merchants = float((list_fen - paid_fen - subsidy_fen)[is_resold].sum())
    reviewed, is_barred = reading.window("reviews", "consumer", "is_barred")
    barred = np.unique(reviewed[is_barred])
    n_caught, n_bars = np.count_nonzero(is_abuser[barred]), np.count_nonzero(is_barred)
    adopters = reading.adopters.consumer
    (served,) = reading.window("resales", "consumer")
    return {
        "resold_share": ratio(np.count_nonzero(is_resold), len(row)),
        "abuse_from_platform": from_platform / FEN_PER_YUAN,
        "abuse_from_merchants": from_merchants / FEN_PER_YUAN,
        "abuse_subsidy_share": ratio(from_platform, subsidy_fen.sum()),
        "needs_met_second_hand": len(served),
        "fake_adopters_share": ratio(np.count_nonzero(is_abuser[adopters]), len(adopters)),
        "honest_orders": ratio(np.count_nonzero(~is_abuser[reading.sales.consumer]), n - n_abusers),
        "accounts_reviewed": len(reviewed),
        "abusers_barred_share": ratio(n_caught, n_abusers),
        "honest_barred_share": ratio(len(barred) - n_caught, n - n_abusers),
        "false_alarms_share": ratio(np.count_nonzero(~is_abuser[reviewed[is_barred]]), n_bars),
    }
