"""Experience: what a delivered order does to its buyer, and what the buyer tells others.

Satisfaction, loyalty, trust and the reference price move here and nowhere else; other parts of the model that have a
reason to move them call the verbs below.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from simulator.agents.merchants import Products
from simulator.compiled import compiled
from simulator.draws import Draws, decision
from simulator.records.events.log import EventLog
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
    NEAR_MISS = 2
    BARRED = 3
    LEAK = 4
    UNFAIR_PRICE = 5
    RESOLVED = 6
    LET_DOWN = 7


class LoyaltyReason(IntEnum):
    """Why loyalty moved, other than by purchases."""

    WORD_OF_MOUTH = 1
    RETURN = 2


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
            Column(
                "loyalty",
                OWNER,
                f4,
                "share of past purchases per merchant, recent ones more; less by bad word of mouth, down to -1",
                width=n_merchants,
            )
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
        return _count(consumers, self.n_orders)

    def are_defects(self, day: int, consumers: NDArray[np.intp], products: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which of the orders lived through on a day arrived defective, shape (n_orders,)."""
        return np.asarray(self.draws.uniform(DEFECT, day, consumers, products) < self.settings.defect)

    def satisfaction_moved(self, surprise: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
        """By how much orders have moved satisfaction beyond what one just as usual would have, shape (n_orders,).

        Args:
            surprise: Quality experienced less quality expected.
            expected: Quality expected, less the standard.
        """
        return np.asarray((1 - self.settings.satisfaction_carry) * (surprise + 0.5 * expected))

    def shift_satisfaction(self, consumers: NDArray[np.intp], amount: float | NDArray[np.float64]) -> None:
        """Move satisfaction at once, outside the smoothing: by one amount, or one for each, added up in order."""
        who, place, times = np.unique(consumers, return_inverse=True, return_counts=True)
        moved = np.bincount(place, amount, len(who)) if isinstance(amount, np.ndarray) else amount * times
        self.satisfaction[who] = self.satisfaction[who].astype(np.float64) + moved

    def shift_trust(
        self,
        day: int,
        wave: int,
        consumers: NDArray[np.intp],
        amount: float,
        reason: TrustReason,
        causes: NDArray[np.int64],
    ) -> None:
        """Move trust, kept between 0 and 1."""
        moved = _shift(consumers, amount, 0.0, self.trust)
        self.log.append(
            "trust_shifts",
            len(consumers),
            cause=causes,
            day=day,
            wave=wave,
            consumer=consumers,
            reason=reason,
            amount_millionths=np.rint(moved * 1e6),
        )

    def shift_loyalty(
        self,
        day: int,
        wave: int,
        consumers: NDArray[np.intp],
        merchants: NDArray[np.intp],
        amount: float,
        reason: LoyaltyReason,
        causes: NDArray[np.int64],
    ) -> None:
        """Move loyalty to one merchant each, kept between -1 and 1; later purchases smooth it away."""
        places = consumers * self.loyalty.shape[1] + merchants
        moved = _shift(places, amount, -1.0, self.loyalty.reshape(-1))
        self.log.append(
            "loyalty_shifts",
            len(consumers),
            cause=causes,
            day=day,
            wave=wave,
            consumer=consumers,
            merchant=merchants,
            reason=reason,
            amount_millionths=np.rint(moved * 1e6),
        )

    def live(self, day: int, wave: int, orders: Orders) -> NDArray[np.float64]:
        """Let today's settled orders be experienced, each consumer's one after the other.

        Returns:
            Surprise: quality experienced less quality expected, shape (n_orders,).
        """
        s, who, product = self.settings, orders.consumer, orders.product
        quality = self.products.quality[product] + s.quality_noise * self.draws.normal(NOISE, day, who, product)
        is_defect = self.are_defects(day, who, product)
        quality = np.where(is_defect, 0.0, np.clip(quality, 0.0, 1.0))
        _live(
            who,
            product,
            quality - s.standard,
            orders.expected,
            orders.paid_fen / self.products.list_fen[product],
            self.products.merchant,
            self.products.category,
            (s.satisfaction_carry, s.loyalty_carry, s.reference_carry),
            self.satisfaction,
            self.loyalty,
            self.reference,
            self.last_product,
        )
        self.shift_trust(day, wave, who[is_defect], -s.defect_trust, TrustReason.DEFECT, orders.id[is_defect])
        self._rate(day, wave, orders, quality)
        return np.asarray(quality - s.standard - orders.expected)

    def _rate(self, day: int, wave: int, orders: Orders, quality: NDArray[np.float64]) -> None:
        rates = self.draws.uniform(RATES, day, orders.consumer, orders.product) < self.settings.rating
        rates &= orders.is_seen
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


# Arithmetic below is in double precision; columns keep single.


@compiled
def _live(
    consumers: NDArray[np.intp],
    products: NDArray[np.intp],
    above_standard: NDArray[np.float64],
    expected_above: NDArray[np.float64],
    paid_ratio: NDArray[np.float64],
    merchant: NDArray[np.intp],
    category: NDArray[np.intp],
    carries: tuple[float, float, float],
    satisfaction: NDArray[np.float32],
    loyalty: NDArray[np.float32],
    reference: NDArray[np.float32],
    last_product: NDArray[np.int32],
) -> None:
    """Let orders, shape (n_orders,), move their buyers' columns, one order after the other.

    Args:
        consumers, products: Who bought what.
        above_standard: Quality experienced, less the standard.
        expected_above: Quality expected, less the standard.
        paid_ratio: Price paid over list price.
        merchant, category: Of each product, shape (n_products,).
        carries: Weights of the past in satisfaction, loyalty and the reference price.
        satisfaction, loyalty, reference, last_product: The columns.
    """
    satisfaction_carry, loyalty_carry, reference_carry = carries
    for order in range(len(consumers)):
        who, item = consumers[order], products[order]
        x = 0.5 * above_standard[order] + 0.5 * (above_standard[order] - expected_above[order])
        satisfaction[who] = satisfaction_carry * satisfaction[who] + (1 - satisfaction_carry) * x
        for seller in range(loyalty.shape[1]):
            is_bought_from = seller == merchant[item]
            loyalty[who, seller] = loyalty_carry * loyalty[who, seller] + (1 - loyalty_carry) * is_bought_from
        usual = reference[who, category[item]]
        reference[who, category[item]] = reference_carry * usual + (1 - reference_carry) * paid_ratio[order]
        last_product[who] = item


@compiled
def _count(consumers: NDArray[np.intp], n_orders: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Count orders; which are their consumer's first, shape (n,)."""
    is_first = np.empty(len(consumers), np.bool_)
    for order, who in enumerate(consumers):
        is_first[order] = n_orders[who] == 0
        n_orders[who] += 1
    return is_first


@compiled
def _shift(places: NDArray[np.intp], amount: float, low: float, values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Move the values at some places, but not out of `low` to 1; by how much each has moved, shape (n,)."""
    moved = np.empty(len(places))
    for row, place in enumerate(places):
        before = float(values[place])
        after = min(max(before + amount, low), 1.0)
        values[place] = after
        moved[row] = after - before
    return moved
