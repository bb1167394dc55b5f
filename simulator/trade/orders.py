"""What shoppers want to buy, and what they have ordered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.state.rows import Rows

Ints = NDArray[np.intp]
Fen = NDArray[np.int64]
Ids = NDArray[np.int64]


@dataclass
class Wants(Rows):
    """Purchases that shoppers have decided on, before admission; arrays of shape (n,), one row per shopper.

    Attributes:
        consumer, product: Who wants what.
        way: A `Way`.
        target: The group to join; 0 for none.
        slot: The wallet slot of the coupon to use; -1 for none.
        paid_fen: Price to pay, after the coupon.
        subsidy_fen: What the platform adds.
        surplus_fen: What the purchase is worth to the shopper beyond its price.
        cause: The invitation or coupon that called; 0 for none.
        reason: A `Reason`.
        expected: Quality expected when choosing, less the standard: as shown, or in a store as it is.
        store: The merchant in whose store it is bought; -1 in the app.
        is_seen: Whether the platform sees the purchase.
    """

    consumer: Ints
    product: Ints
    way: NDArray[np.int8]
    target: Ids
    slot: NDArray[np.int8]
    paid_fen: Fen
    subsidy_fen: Fen
    surplus_fen: Fen
    cause: Ids
    reason: NDArray[np.int8]
    expected: NDArray[np.float64]
    store: Ints
    is_seen: NDArray[np.bool_]


@dataclass
class Orders(Wants):
    """Paid orders.

    Attributes:
        id: The order's record id.
        coupon: Id of the coupon used; 0 for none.
        fee_fen: Platform fee, due at settlement.
        cost_fen: The merchant's cost, due at settlement.
        is_needed: Whether the purchase met an open need.
    """

    id: Ids
    coupon: Ids
    fee_fen: Fen
    cost_fen: Fen
    is_needed: NDArray[np.bool_]


@dataclass
class Returned(Rows):
    """Settled orders whose goods have come back; arrays of shape (n,).

    Attributes:
        id, consumer, product: The order, who sends it back, and what.
        receipts_fen: What the merchant sold it for, paid plus subsidy, as far as the platform has seen it.
        refund_fen: What the merchant refunds to the consumer.
        subsidy_fen: What it gives back to the platform.
        fee_fen: What the platform gives back to it.
        salvage_fen: What it recovers of its cost.
        shipping_fen: What it pays for sending the goods back.
        is_restocked: Whether the unit is on the shelf again.
        is_needed: Whether the purchase had met a need, which opens again.
        is_at_home: Whether it had gone to home stock, which it leaves.
    """

    id: Ids
    consumer: Ints
    product: Ints
    receipts_fen: Fen
    refund_fen: Fen
    subsidy_fen: Fen
    fee_fen: Fen
    salvage_fen: Fen
    shipping_fen: Fen
    is_restocked: NDArray[np.bool_]
    is_needed: NDArray[np.bool_]
    is_at_home: NDArray[np.bool_]


def nothing() -> Orders:
    """No orders."""
    return Orders(
        consumer=np.zeros(0, dtype=np.intp),
        product=np.zeros(0, dtype=np.intp),
        way=np.zeros(0, dtype=np.int8),
        target=np.zeros(0, dtype=np.int64),
        slot=np.zeros(0, dtype=np.int8),
        paid_fen=np.zeros(0, dtype=np.int64),
        subsidy_fen=np.zeros(0, dtype=np.int64),
        surplus_fen=np.zeros(0, dtype=np.int64),
        cause=np.zeros(0, dtype=np.int64),
        reason=np.zeros(0, dtype=np.int8),
        expected=np.zeros(0, dtype=np.float64),
        store=np.zeros(0, dtype=np.intp),
        is_seen=np.zeros(0, dtype=np.bool_),
        id=np.zeros(0, dtype=np.int64),
        coupon=np.zeros(0, dtype=np.int64),
        fee_fen=np.zeros(0, dtype=np.int64),
        cost_fen=np.zeros(0, dtype=np.int64),
        is_needed=np.zeros(0, dtype=np.bool_),
    )
