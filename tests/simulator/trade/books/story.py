"""A finished market from its event log alone, told once more in the simplest way."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator import Market
from simulator.records.events.codes import Outcome
from simulator.records.events.ids import id_consumer


class Story:
    """The tables of a finished market, with times in ticks (waves since the start) and orders with their ends."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.s = market.scenario
        self.orders = self.timed("orders")
        self.ends = self.timed("settlements")
        assert self.ends["cause"].is_unique, "an order is settled or refunded at most once"
        assert set(self.ends["cause"]) <= set(self.orders["id"])
        end = self.ends.set_index("cause")[["outcome", "tick", "day", "refund_fen", "is_first"]].add_prefix("end_")
        self.orders = self.orders.join(end, on="id")
        self.orders["end_outcome"] = self.orders["end_outcome"].fillna(0).astype(int)
        self.is_settled = self.orders["end_outcome"] == Outcome.SETTLED
        self.is_refunded = self.orders["end_outcome"] == Outcome.REFUNDED
        self.groups = self.timed("groups")
        self.group_ends = self.timed("group_ends")
        self.coupons = self.timed("coupons")
        self.coupon_ends = self.timed("coupon_ends")
        self.invitations = self.timed("invitations")
        self.joins = self.timed("joins")

    def timed(self, table: str) -> pd.DataFrame:
        frame = self.market.log.frame(table)
        frame["tick"] = frame["day"].astype(int) * self.s.waves_per_day + frame["wave"]
        assert frame["tick"].is_monotonic_increasing, f"{table} is in order of occurrence"
        if "id" in frame:
            assert frame["id"].is_unique
            assert np.array_equal(id_consumer(frame["id"].to_numpy()), frame["consumer"])
        return frame
