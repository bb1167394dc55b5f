"""What the oracle writes down, and the small objects that pass between its parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.records.events.codes import Kind, Reason, Way
from simulator.records.events.ids import record_ids
from simulator.records.events.tables import TABLES

if TYPE_CHECKING:
    from simulator.agents.merchants import Products
    from tests.oracle.consumer import Consumer
    from tests.oracle.groups import Group

Row = dict[str, Any]


def single(x: float) -> float:
    """A number as a single-precision column keeps it."""
    return float(np.float32(x))


class Records:
    """The event tables, as lists of rows."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {name: [] for name in TABLES}
        self.day = 0
        self.wave = 0
        self._used: dict[tuple[Kind, int], int] = {}

    def open_day(self, day: int) -> None:
        self.day, self.wave = day, 0
        self._used = {}

    def new_id(self, kind: Kind, consumer: int) -> int:
        """kind:5 | day:15 | consumer:28 | ordinal:15 bits."""
        ordinal = self._used.get((kind, consumer), 0)
        self._used[kind, consumer] = ordinal + 1
        return int(record_ids(kind, self.day, consumer, ordinal))

    def write(self, table: str, **fields: Any) -> None:
        row = dict.fromkeys(TABLES[table], 0) | {"day": self.day, "wave": self.wave} | fields
        assert row.keys() == TABLES[table].keys(), f"{table} has no field {row.keys() - TABLES[table].keys()}"
        self.tables[table].append(row)


@dataclass(eq=False)
class Product:
    """A product as it stands today; `offer_fen` is today's price, `offered_fen` yesterday's."""

    row: int
    merchant: int
    category: int
    attributes: list[float]
    quality: float
    list_fen: int
    cost_fen: int
    stock: int
    offer_fen: int = 0
    offered_fen: int = 0
    quality_shown: float = 0.0
    ratings: int = 0
    rating_sum_permille: int = 0
    n_reported: int = 0
    n_delivered: int = 0
    n_waves_in_stock: int = 0
    today: dict[str, int] = field(default_factory=dict)
    facts: list[dict[str, float]] = field(default_factory=list)

    @classmethod
    def of(cls, built: Products, row: int) -> Product:
        """A product of a market that has not started."""
        return cls(
            row,
            int(built.merchant[row]),
            int(built.category[row]),
            [float(x) for x in built.attributes[row]],
            float(built.quality[row]),
            int(built.list_fen[row]),
            int(built.cost_fen[row]),
            int(built.stock[row]),
        )

    def count(self, what: str, times: int = 1) -> None:
        self.today[what] = self.today.get(what, 0) + times


@dataclass
class Record:
    """What was recorded of somebody: whether utility was above that of buying nothing less a margin."""

    consumer: Consumer
    product: Product
    log_cut: float
    margin: float
    is_above: bool
    is_wish: bool
    p_flip: float = 0.0
    attributes: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """A look is learned from with the attributes that the product had that day."""
        self.attributes = self.product.attributes


@dataclass
class Coupon:
    """A coupon in a wallet; `is_locked` while the order that uses it is neither settled nor refunded."""

    id: int
    face_fen: int
    min_spend_fen: int
    percent: int
    expires_day: int
    is_locked: bool = False

    def takes_off(self, price_fen: int) -> int:
        """A percentage in whole fen, up to the face value, from the minimum spend on; a fen is left to pay."""
        return min(self.face_fen, price_fen * self.percent // 100, price_fen - 1) * (price_fen >= self.min_spend_fen)


@dataclass
class Invitation:
    """An invitation under way."""

    id: int
    cause: int
    inviter: Consumer
    invitee: Consumer
    origin: int
    product: Product
    target: int
    tone: int
    sent_tick: int


@dataclass
class Visit:
    """Why somebody looks, at what: called to a product, or browsing a category, or both; or in a merchant's store."""

    reason: Reason
    cause: int = 0
    category: int | None = None
    called_to: Product | None = None
    target: int = 0
    browsing: Visit | None = None
    store: int | None = None

    def behind(self, product: Product) -> Visit:
        """What explains an order of this product: being called counts for the product called to."""
        return self.browsing if self.browsing is not None and product is not self.called_to else self


@dataclass
class Offer:
    """A way of buying a product. `chance` is that of the purchase coming about."""

    way: Way
    price_fen: int
    takes_coupons: bool = True
    chance: float = 1.0
    hassle: float = 0.0
    group: Group | None = None
    lapse_cost: float = 0.0
    subsidy_fen: int = 0


@dataclass
class Order:
    """What a shopper wants and, once `id` is given, has paid for."""

    consumer: Consumer
    product: Product
    visit: Visit
    offer: Offer
    coupon: Coupon | None
    paid_fen: int
    surplus_fen: int
    expected: float
    id: int = 0
    is_needed: bool = False
    group: Group | None = None
    is_first: bool = False
    is_seen: bool = True

    @property
    def subsidy_fen(self) -> int:
        return self.offer.subsidy_fen + (self.coupon.takes_off(self.offer.price_fen) if self.coupon else 0)
