"""One replicate: a market run with one seed, and what it leaves. This is what workers execute."""

from __future__ import annotations

import time

import pandas as pd
import pyarrow as pa

from experiments.study.cohort import consumers_table
from experiments.study.store import EVENTS, pack
from simulator import Market, Scenario, final_measures
from simulator.files import model_version
from simulator.records.cascades import cascade_sizes, generations, largest_cascades
from simulator.records.daily import daily_measures
from simulator.records.events.tables import TABLES
from simulator.records.insight import insight_quality
from simulator.records.metrics import retention

FRAMES = ("final", "daily", "retention", "cascades", "generations", "forests", "insights")
"""What every run leaves: the final measures, and tidy tables by day, age, cascade size, and so on."""
CONSUMERS = "consumers"
"""One more table that every run leaves, of one row per consumer: for pairs of runs, and too large to be gathered."""


def replicate(scenario: Scenario, seed: int, keep_events: bool, model: str) -> bytes:
    """Run one market.

    Args:
        scenario: Its settings.
        seed: The world.
        keep_events: Whether the event tables are wanted too.
        model: The model's version where the study was started.

    Returns:
        The file to be kept; see `experiments.study.store`.

    Raises:
        RuntimeError: If the model here is another version.
    """
    if model != model_version():
        raise RuntimeError(
            f"this worker has version {model_version()} of the model, the study {model}; install the same on both"
        )
    started = time.perf_counter()
    market = Market(scenario, rng=seed).run()
    log = market.log
    frames = {
        "final": pd.DataFrame(list(final_measures(log).items()), columns=["measure", "value"]),
        "daily": daily_measures(log),
        "retention": retention(log),
        "cascades": cascade_sizes(log),
        "generations": generations(log),
        "forests": largest_cascades(log),
        "insights": insight_quality(log),
        CONSUMERS: consumers_table(market),
    }
    tables = {name: pa.Table.from_pandas(frame, preserve_index=False) for name, frame in frames.items()}
    if keep_events:
        tables |= {EVENTS + table: log.arrow(table) for table in TABLES}
    record = {
        "settings": scenario.active(),
        "hash": scenario.hash,
        "seed": seed,
        "model": model,
        "seconds": round(time.perf_counter() - started, 3),
    }
    return pack(record, tables)
