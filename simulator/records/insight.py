"""How right the platform's beliefs about people are: at the end of a run, and as data grows."""

from __future__ import annotations

import pandas as pd

from simulator.records.events.log import EventLog
from simulator.records.events.tables import TABLES
from simulator.records.reading import Reading, ratio

QUALITY = ("taste_correlation", "taste_coverage", "price_correlation", "alive_auc")


def insight_measures(reading: Reading) -> dict[str, float]:
    """The last evaluation of the run; NaN where nothing was collected."""
    table = reading.table("insights")
    if len(table["day"]) == 0:
        return dict.fromkeys(("known_share", *(f"insight_{name}" for name in QUALITY)), float("nan"))
    known = ratio(table["n_known"][-1], reading.facts.n_consumers)
    return {"known_share": known, **{f"insight_{name}": float(table[name][-1]) for name in QUALITY}}


def insight_quality(log: EventLog) -> pd.DataFrame:
    """The evaluations of a run, one row per evaluated day: day, n_known, looks, and the qualities."""
    names = [name for name in TABLES["insights"] if name not in ("cause", "wave", "consumer")]
    return log.frame("insights")[names]
