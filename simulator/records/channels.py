"""Which channel each sale came through, and what that goes with."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from simulator.records.events.codes import Origin, Reason
from simulator.records.reading import FEN_PER_YUAN, Reading, ratio


class Channel(IntEnum):
    """How a shopper comes to an order."""

    APP = 0
    SOCIAL = 1
    CONTENT = 2
    STORE = 3


BROUGHT_BY = {
    Reason.INVITATION: Channel.SOCIAL,
    Reason.WORD_OF_MOUTH: Channel.SOCIAL,
    Reason.SEEDING: Channel.SOCIAL,
    Reason.CONTENT: Channel.CONTENT,
}
"""The channel of orders placed in the app, by the reason to come; all others came by themselves."""


def channels(reading: Reading) -> NDArray[np.int8]:
    """The `Channel` of each order of the run, shape (n_orders,)."""
    orders = reading.table("orders")
    channel = np.full(len(orders["id"]), Channel.APP, dtype=np.int8)
    for reason, brought in BROUGHT_BY.items():
        channel[orders["reason"] == reason] = brought
    channel[np.isin(orders["id"], reading.table("store_visits")["order"])] = Channel.STORE
    return channel


def channel_measures(reading: Reading) -> dict[str, float]:
    """The measures of channels."""
    sales, facts = reading.sales, reading.facts
    channel, who = channels(reading)[sales.row], sales.consumer
    n_sales = np.bincount(channel, minlength=len(Channel))
    (order,) = reading.window("store_visits", "order")
    origin, cost = reading.window("costs", "origin", "cost_fen")
    is_early = sales.day < (facts.burn_in_days + facts.days) // 2
    n_early, n_late = (np.bincount(who[part], minlength=facts.n_consumers) for part in (is_early, ~is_early))
    is_mixed = _is_mixed(who, channel, facts.n_consumers)
    was_mixed = _is_mixed(who[is_early], channel[is_early], facts.n_consumers)
    again = {
        name: ratio(np.count_nonzero(of & (n_late > 0)), np.count_nonzero(of))
        for name, of in (("one", ~was_mixed & (n_early >= 2)), ("several", was_mixed))
    }
    return {
        **{f"sales_{c.name.lower()}_share": ratio(n_sales[c], len(channel)) for c in Channel},
        "store_conversion": ratio(np.count_nonzero(order), len(order)),
        "store_rent": float(cost[origin == Origin.STORES].sum()) / FEN_PER_YUAN,
        "multi_channel_share": ratio(np.count_nonzero(is_mixed), np.count_nonzero(n_early + n_late)),
        "repurchase_one_channel": again["one"],
        "repurchase_multi_channel": again["several"],
    }


def _is_mixed(consumers: NDArray[np.int32], channel: NDArray[np.int8], n: int) -> NDArray[np.bool_]:
    """Who bought through several channels, shape (n,)."""
    used = np.zeros((n, len(Channel)), dtype=np.bool_)
    used[consumers, channel] = True
    return np.asarray(used.sum(axis=1) >= 2)
