"""Experience: what a delivered order does to its buyer, and what the buyer tells others.

Satisfaction, loyalty, trust and the reference price move here and nowhere else; other parts of the model that have a
reason to move them call the verbs below.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.agents.merchants import Products
from simulator.draws import Draws, decision
from simulator.records.events import EventLog, count_within
from simulator.settings import Settings, quantity, share
from simulator.state.columns import Column, Columns
from simulator.trade.orders import Orders

OWNER = "experience"
NOISE = decision("experience.quality")
DEFECT = decision("experience.defect")
RATES = decision("experience.rates")
NONE = -1


class ExperienceSettings(Settings):
    """How delivered orders change their buyers."""

    quality_noise: float = quantity(0.1, "standard deviation of experienced around true quality", ge=0, le=1)
    defect: float = share(0.04, "share of orders that arrive defective (experienced quality 0)")
    standard: float = share(0.8, "quality that neither pleases nor disappoints")
    satisfaction_carry: float = share(0.8, "weight of the past in satisfaction")
    loyalty_carry: float = share(0.875, "weight of the past in loyalty", source="Guadagni & Little 1983")
    reference_carry: float = share(0.75, "weight of the past in the reference price")
    rating: float = share(0.3, "probability of rating an order")
    prior_ratings: float = quantity(5.0, "pseudo-ratings at `standard` in the rating shown", unit="ratings", gt=0)
    defect_trust: float = quantity(0.02, "trust lost through a defect", unit="share", ge=0, le=1)


class TrustReason(IntEnum):
    """Why trust moved."""

    DEFECT = 1


class Experience:
    """What consumers have lived through: satisfaction, trust, loyalty, reference prices, orders so far."""

    def __init__(
        self,
        settings: ExperienceSettings,
        columns: Columns,
        trust: NDArray[np.float64],
        products: Products,
        n_merchants: int,
        n_categories: int,
        draws: Draws,
        log: EventLog,
    ) -> None:
        self.settings = settings
        self.products = products
        self.draws = draws
        self.log = log
        f4 = np.float32
        add = columns.add
        self.trust = add(Column("trust", OWNER, f4, "trust in the platform", "share", is_settable=True), trust)
        self.satisfaction = add(
            Column("satisfaction", OWNER, f4, "smoothed experience, 0 as expected", is_settable=True)
        )
        self.loyalty = add(
            Column("loyalty", OWNER, f4, "share of past purchases per merchant, recent ones more", width=n_merchants)
        )
        self.reference = add(
            Column("reference", OWNER, f4, "reference price over list price, per category", "ratio", 1, n_categories)
        )
        self.n_orders = add(Column("n_orders", OWNER, np.int32, "settled orders", "orders"))
        self.last_product = add(Column("last_product", OWNER, np.int32, "last product bought", initial=NONE))

    def quality_shown(self) -> NDArray[np.float64]:
        """The quality consumers expect of each product from its ratings, shape (n_products,)."""
        return self.products.quality_shown(self.settings.standard, self.settings.prior_ratings)

    def count(self, consumers: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Count settled orders; which of them are their consumer's first ever, shape (n_orders,)."""
        is_first: NDArray[np.bool_] = (self.n_orders[consumers] == 0) & (count_within(consumers) == 0)
        np.add.at(self.n_orders, consumers, 1)
        return is_first

    def shift_satisfaction(self, consumers: NDArray[np.intp], amount: float) -> None:
        """Move satisfaction at once, outside the smoothing."""
        who, times = np.unique(consumers, return_counts=True)
        self.satisfaction[who] = self.satisfaction[who].astype(np.float64) + amount * times

    def shift_trust(
        self,
        day: int,
        wave: int,
        consumers: NDArray[np.intp],
        amount: float,
        reason: TrustReason,
        causes: NDArray[np.int64],
    ) -> None:
        """Move trust, kept between 0 and 1; each consumer at most once per call."""
        before = self.trust[consumers].astype(np.float64)
        after = np.clip(before + amount, 0.0, 1.0)
        self.trust[consumers] = after
        self.log.append(
            "trust_shifts",
            len(consumers),
            cause=causes,
            day=day,
            wave=wave,
            consumer=consumers,
            reason=reason,
            amount_millionths=np.rint((after - before) * 1e6),
        )

    def live(self, day: int, wave: int, orders: Orders) -> None:
        """Let today's settled orders be experienced, each consumer's one after the other."""
        turn = count_within(orders.consumer)
        for n_before in range(int(turn.max(initial=-1)) + 1):
            self._live_once(day, wave, orders.take(turn == n_before))

    def _live_once(self, day: int, wave: int, orders: Orders) -> None:
        s, who, product = self.settings, orders.consumer, orders.product
        quality = self.products.quality[product] + s.quality_noise * self.draws.normal(NOISE, day, who, product)
        is_defect = self.draws.uniform(DEFECT, day, who, product) < s.defect
        quality = np.where(is_defect, 0.0, np.clip(quality, 0.0, 1.0))
        above = quality - s.standard
        x = 0.5 * above + 0.5 * (above - orders.expected)
        merchant, category = self.products.merchant[product], self.products.category[product]
        self.satisfaction[who] = _blend(self.satisfaction[who], s.satisfaction_carry, x)
        self.shift_trust(day, wave, who[is_defect], -s.defect_trust, TrustReason.DEFECT, orders.id[is_defect])
        bought_from = np.arange(self.loyalty.shape[1]) == merchant[:, None]
        self.loyalty[who] = _blend(self.loyalty[who], s.loyalty_carry, bought_from)
        paid_ratio = orders.paid_fen / self.products.list_fen[product]
        self.reference[who, category] = _blend(self.reference[who, category], s.reference_carry, paid_ratio)
        self.last_product[who] = product
        self._rate(day, wave, orders, quality)

    def _rate(self, day: int, wave: int, orders: Orders, quality: NDArray[np.float64]) -> None:
        rates = self.draws.uniform(RATES, day, orders.consumer, orders.product) < self.settings.rating
        product, permille = orders.product[rates], np.rint(1000 * quality[rates]).astype(np.int64)
        np.add.at(self.products.ratings, product, 1)
        np.add.at(self.products.rating_sum_permille, product, permille)
        self.log.append(
            "ratings",
            len(product),
            cause=orders.id[rates],
            day=day,
            wave=wave,
            consumer=orders.consumer[rates],
            product=product,
            rating_permille=permille,
        )


def _blend(old: NDArray[np.float32], carry: float, new: NDArray[Any]) -> NDArray[np.float64]:
    """Exponential smoothing, in double precision; columns keep single."""
    return carry * old.astype(np.float64) + (1 - carry) * new
