"""What each consumer bought: the table that lets two paired runs be compared consumer by consumer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator.records.events.log import EventLog
from simulator.records.reading import Reading


def orders_of_consumers(log: EventLog) -> pd.DataFrame:
    """The sales of the window to each consumer: columns orders, discounted and adoption_day (int16).

    Row number = consumer; shape (n_consumers, 3). `discounted` counts the sales at which the consumer paid less than
    the list price, whatever the reason (a group, a coupon, a promotion) and whoever bore the cost. `adoption_day` is
    the day of a prospect's first sale ever, -1 if it does not lie in the window.

    Raises:
        ValueError: If the log does not keep all days.
    """
    reading = Reading(log)
    orders, sales, n = reading.table("orders"), reading.sales, reading.facts.n_consumers
    is_cheaper = orders["paid_fen"][sales.row] < orders["list_fen"][sales.row]
    columns = {"orders": sales.consumer, "discounted": sales.consumer[is_cheaper]}
    counts = {name: np.bincount(who, minlength=n).astype(np.int16) for name, who in columns.items()}
    adoption_day = np.full(n, -1, dtype=np.int16)
    adoption_day[reading.adopters.consumer] = reading.adopters.day
    return pd.DataFrame({**counts, "adoption_day": adoption_day})
