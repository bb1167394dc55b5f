"""Markets in which much is bargained for, and the bargains and cuts in them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from experiments.validation.bargains import BARGAIN
from simulator import Market

BUSY: dict[str, Any] = {
    BARGAIN + "enabled": True,
    BARGAIN + "open_cost": -3.0,
    BARGAIN + "lapse_cost": 0.0,
    "consumers.sociability": 0.9,
}


def bargains_of(market: Market) -> pd.DataFrame:
    """The bargains that have ended: how they began and how they ended."""
    ends = market.log.frame("bargain_ends").drop(columns="consumer")
    return market.log.frame("bargains").merge(ends, left_on="id", right_on="cause", suffixes=("", "_end"))


def cuts_of(market: Market) -> pd.DataFrame:
    """All cuts in order, with the remainder before each and the whole cut of their bargain."""
    whole = market.log.frame("bargains").set_index("id").eval("price_fen - floor_fen")
    cuts = market.log.frame("cuts")
    cuts["to_cut"] = whole.loc[cuts["bargain"]].to_numpy()
    cuts["before"] = cuts.groupby("bargain")["true_fen"].shift().fillna(cuts["to_cut"]).astype(int)
    return cuts
