"""What service does: complaints, how they end, how long they wait, and what they cost."""

from __future__ import annotations

import numpy as np

from simulator.records.events.codes import Origin, Outcome
from simulator.records.events.ids import id_day
from simulator.records.reading import FEN_PER_YUAN, Reading, ratio


def service_measures(reading: Reading) -> dict[str, float]:
    """Cases of the window and their ends."""
    (case,) = reading.window("cases", "id")
    ended, day, outcome = reading.window("case_ends", "cause", "day", "outcome")
    origin, cost_fen = reading.window("costs", "origin", "cost_fen")
    cost = float(cost_fen[origin == Origin.SERVICE].sum()) / FEN_PER_YUAN
    n_ended = len(ended)
    return {
        "complaints": len(case),
        "complaints_share": ratio(len(case), len(reading.sales.row)),
        "cases_resolved_share": ratio(np.count_nonzero(outcome == Outcome.RESOLVED), n_ended),
        "cases_abandoned_share": ratio(np.count_nonzero(outcome == Outcome.ABANDONED), n_ended),
        "case_days": ratio((day - id_day(ended)).sum(), n_ended),
        "service_cost": cost,
        "cost_per_case": ratio(cost, n_ended),
    }
