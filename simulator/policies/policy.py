"""What every policy is: a decision for many at once, from observations only.

Observations are frozen and read-only. They hold public facts, what merchants know of themselves, and the platform's
profiles of consenting consumers; the newest record in them is `platform.reaction_days` old, in profiles possibly older.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Beliefs:
    """What the platform believes of some consumers; of somebody it knows nothing about, what it believes of anybody.

    Attributes:
        is_known: Whether there is a profile at all, shape (n,).
        appeal: Utility of buying anything, beyond that of the average consumer, shape (n,).
        taste: Utility per unit of each product attribute, shape (n, n_attributes).
        price_sensitivity: Utility per log price, shape (n,).
        appeal_sd, taste_sd, price_sensitivity_sd: How uncertain these are; shapes as above.
    """

    is_known: Flags
    appeal: Numbers
    taste: Numbers
    price_sensitivity: Numbers
    appeal_sd: Numbers
    taste_sd: Numbers
    price_sensitivity_sd: Numbers


@dataclass(frozen=True)
class Purchases:
    """The recorded purchases of some consumers, arrays of shape (n,).

    Attributes:
        n_orders: How many; 0 for somebody without a profile.
        recency_days: Days since the last one; -1 for none.
        age_days: Days since the first one; -1 for none.
        spend_fen: What they paid in all.
        p_alive: Probability that they still come (BG/NBD); NaN without a purchase.
        orders_per_month: Orders expected in the next 30 days (BG/NBD); NaN without a purchase.
    """

    n_orders: Ints
    recency_days: Ints
    age_days: Ints
    spend_fen: Ints
    p_alive: Numbers
    orders_per_month: Numbers


class Profiles(Protocol):
    """The platform's profiles of consumers, by row; see `simulator.insight`."""

    def beliefs(self, consumers: Rows) -> Beliefs:
        """What is believed of these consumers."""

    def purchases(self, consumers: Rows) -> Purchases:
        """What these consumers have bought."""

    def baskets(self, consumers: Rows) -> NDArray[np.int32]:
        """The last products each wanted to buy, shape (n, memory), in no order, -1 where there are no more."""


@dataclass(frozen=True)
class Observations:
    """What policies may see on a day. Arrays are read-only, of shape (n_products,) unless said otherwise.

    Attributes:
        day: The day of the decision.
        is_burn_in: Whether the campaign has not begun.
        campaign_day: Days since the campaign began; -1 outside the campaign.
        reaction_days: Age of the newest record below.
        profiles_days: Age of the newest record in profiles: more where security delays personal records.
        merchant: Who sells each product.
        category: Its category.
        attributes: Where it stands in taste space, shape (n_products, n_attributes).
        list_fen: List price.
        offer_fen: What was asked yesterday of one who buys alone, for all to see.
        cost_fen: Unit and fulfilment cost, each merchant's own knowledge.
        stock: Units left this morning, each merchant's own knowledge; very many where stock is unlimited.
        on_order: Units ordered from suppliers that have not come by this morning, each merchant's own knowledge.
        units_sold: Units ordered within the sales window.
        n_examined: How often it was looked at so far.
        n_clicked: How often it was clicked so far, as reported; an estimate where reports are randomised.
        n_ordered: How often it was ordered so far.
        n_waves_in_stock: At the start of how many waves so far it was there to be bought.
        appeal: Utility of the product to the average consumer at its list price, estimated from its clicks.
        mean_rating: Mean rating, NaN where there is none.
        is_able: Whether each merchant has what deciding by data takes, shape (n_merchants,).
        moves: The style of campaign that each merchant ran, -1 for none, shape (n_merchants,).
        joined_day: When each consumer joined, shape (n_consumers,), -1 for who has no account. A platform knows its
            accounts at any moment: this one changes as people join during the day.
        has_ordered: Whether each account has a settled order, shape (n_consumers,).
        profiles: What is known of consumers who consent.
    """

    day: int
    is_burn_in: bool
    campaign_day: int
    reaction_days: int
    profiles_days: int
    merchant: Rows
    category: Rows
    attributes: Numbers
    list_fen: Ints
    offer_fen: Ints
    cost_fen: Ints
    stock: Ints
    on_order: Ints
    units_sold: Ints
    n_examined: Ints
    n_clicked: Numbers
    n_ordered: Ints
    n_waves_in_stock: Ints
    appeal: Numbers
    mean_rating: Numbers
    is_able: Flags
    moves: Ints
    joined_day: NDArray[np.int16]
    has_ordered: Flags
    profiles: Profiles
