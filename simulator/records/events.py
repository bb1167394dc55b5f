"""The event log: append-only tables of what happened. Metrics, reports and animations read it and nothing else.

Every row has a head: `id` (who it was, when, and which of that consumer's records of the day), `cause` (the id of the
event that led to it, 0 for none), `day`, `wave` and `consumer`. Money is integer fen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from simulator.compiled import compiled

Ids = NDArray[np.int64]


class Kind(IntEnum):
    """What an id identifies; the top five bits of every id."""

    ORDER = 1
    INVITATION = 2
    GROUP = 3
    COUPON = 4
    BARGAIN = 5
    CONTENT = 6
    CUT = 7
    LEAK = 8
    CASE = 9
    TREND = 10


class Way(IntEnum):
    """How a product is bought."""

    ALONE = 0
    OPEN = 1
    JOIN = 2
    BARGAIN = 3


class Reason(IntEnum):
    """Why a shopper came."""

    NEED = 0
    INVITATION = 1
    COUPON = 2
    LATECOMER = 3
    CONTENT = 5
    WORD_OF_MOUTH = 6
    ABUSE = 7
    SEEDING = 8
    TREND = 9


class Outcome(IntEnum):
    """How an order, a group, an invitation, a coupon or a membership ended."""

    SETTLED = 1
    REFUNDED = 2
    FILLED = 3
    LAPSED = 4
    READ = 5
    UNREAD = 6
    CROWDED_OUT = 7
    UNDER_WAY = 8
    REDEEMED = 9
    EXPIRED = 10
    DISPLACED = 11
    LEFT = 12
    WOKE = 13
    PASSED_ON = 14
    RESOLVED = 15
    UNRESOLVED = 16
    ABANDONED = 17


class Origin(IntEnum):
    """Which mechanic an invitation or a coupon belongs to."""

    NONE = 0
    GROUP_BUYING = 1
    REFERRAL = 2
    COUPONS = 3
    BARGAINING = 4
    CONTENT = 5
    SEEDING = 6
    WORD_OF_MOUTH = 7
    SHARED = 8
    ABUSE = 9
    PRIVACY = 10
    RETURNS = 11
    TALENT = 12
    TECHNOLOGY = 13
    STOCKING = 14
    PRODUCT = 15
    STORES = 16
    SERVICE = 17
    BRAND = 18


NO_MARKETING = (
    Origin.PRIVACY,
    Origin.TALENT,
    Origin.TECHNOLOGY,
    Origin.STOCKING,
    Origin.PRODUCT,
    Origin.STORES,
    Origin.SERVICE,
)
"""Whose costs are neither marketing nor a subsidy, whoever bears them."""


class Agent(IntEnum):
    """Who had the last word in a case of service: nobody, if its owner gave it up first."""

    NONE = 0
    AI = 1
    HUMAN = 2


class How(IntEnum):
    """How a merchant came by its move of the day: it runs it still, began with it, copied or invented it."""

    KEPT = 0
    STARTED = 1
    COPIED = 2
    INVENTED = 3


class Maker(IntEnum):
    """Who made a piece of content: a merchant by hand or with AI, or a buyer."""

    HAND = 0
    AI = 1
    BUYER = 2


HEAD = {"cause": np.int64, "day": np.int16, "wave": np.int8, "consumer": np.int32}
IDENTIFIED = {"id": np.int64, **HEAD}

TABLES: dict[str, dict[str, Any]] = {
    # An order is paid here (a bargain's only when it settles); it counts as a sale when a settlement says SETTLED.
    "orders": {
        **IDENTIFIED,
        "product": np.int32,
        "merchant": np.int16,
        "way": np.int8,
        "target": np.int64,
        "coupon": np.int64,
        "reason": np.int8,
        "is_needed": np.bool_,
        "list_fen": np.int64,
        "paid_fen": np.int64,
        "subsidy_fen": np.int64,
        "fee_fen": np.int64,
        "cost_fen": np.int64,
        "surplus_fen": np.int64,
    },
    # cause = the order. `is_first`: the consumer's first settled order ever.
    "settlements": {**HEAD, "outcome": np.int8, "refund_fen": np.int64, "is_first": np.bool_},
    # cause = the order or coupon that made the inviter invite; consumer = the inviter. Recorded when its fate is known
    # (read or not); the day of sending is in the id. `tone`: what word of mouth says of the product, 1 good, -1 bad.
    "invitations": {
        **IDENTIFIED,
        "invitee": np.int32,
        "origin": np.int8,
        "product": np.int32,
        "target": np.int64,
        "tone": np.int8,
        "outcome": np.int8,
    },
    # cause = the opener's order; consumer = the opener.
    "groups": {
        **IDENTIFIED,
        "product": np.int32,
        "size": np.int16,
        "price_fen": np.int64,
        "deadline_tick": np.int32,
    },
    # cause = the group.
    "group_ends": {**HEAD, "outcome": np.int8, "n_members": np.int16},
    # cause = the opener's order; consumer = the opener.
    "bargains": {
        **IDENTIFIED,
        "product": np.int32,
        "price_fen": np.int64,
        "floor_fen": np.int64,
        "deadline_tick": np.int32,
    },
    # cause = the invitation; consumer = the helper, a prospect who joins by it if `is_new`. What is left after the cut:
    # `displayed_fen` as the opener sees it, `true_fen` as it is.
    "cuts": {
        **IDENTIFIED,
        "bargain": np.int64,
        "displayed_fen": np.int64,
        "true_fen": np.int64,
        "is_new": np.bool_,
    },
    # cause = the bargain; SETTLED or LAPSED, and what was left.
    "bargain_ends": {
        **HEAD,
        "outcome": np.int8,
        "n_helpers": np.int16,
        "displayed_fen": np.int64,
        "true_fen": np.int64,
    },
    # cause = the invitation or order behind it, 0 for a campaign. `is_noticed` false: it never reached the wallet. It
    # takes off `percent` of the price (100 for a fixed amount), at most `face_fen`. One of origin SHARED is not new:
    # its inviter passed it on, and has it no longer.
    "coupons": {
        **IDENTIFIED,
        "origin": np.int8,
        "face_fen": np.int64,
        "min_spend_fen": np.int64,
        "percent": np.int8,
        "expires_day": np.int16,
        "is_noticed": np.bool_,
    },
    # cause = the coupon; `order` = the order that redeemed it, 0 otherwise.
    "coupon_ends": {**HEAD, "outcome": np.int8, "order": np.int64},
    # A piece of content; consumer = the buyer who posted it, -1 where `merchant` made it. In the id of a merchant's
    # piece the merchant's number stands in the place of the consumer's.
    "contents": {
        **IDENTIFIED,
        "maker": np.int8,
        "merchant": np.int16,
        "product": np.int32,
        "theme": np.int16,
        "quality_permille": np.int16,
    },
    # Counted per (wave, piece): who saw it, came to its product, passed it on. cause = the piece; consumer is -1.
    "views": {**HEAD, "n_seen": np.int32, "n_came": np.int32, "n_shared": np.int32},
    # What marketing costs apart from sales: `fee_fen` goes to the consumer, `cost_fen` to suppliers; `merchant` pays,
    # -1 the platform. cause = the piece of content; consumer = the seed, -1 for none. Those in
    # NO_MARKETING are none: PRIVACY is security, or a fine (cause = the leak, 0 after an audit); TALENT wages and
    # courses; TECHNOLOGY what deciding by data costs otherwise; STOCKING an order from suppliers, or (product -1) a
    # night of keeping goods; PRODUCT a redesign; STORES rent.
    "costs": {
        **HEAD,
        "origin": np.int8,
        "merchant": np.int16,
        "product": np.int32,
        "fee_fen": np.int64,
        "cost_fen": np.int64,
    },
    # A sale refused since the product had run out; cause and consumer are those of the order that it would have been.
    "stock_outs": {**HEAD, "product": np.int32, "merchant": np.int16, "worth_fen": np.int64},
    # The shelf of a product that can run out, in the evening; consumer is -1. `n_delivered` came in today; what
    # `n_left` counts is lost over night if `is_perishable`.
    "shelves": {
        **HEAD,
        "product": np.int32,
        "n_delivered": np.int32,
        "n_left": np.int32,
        "is_perishable": np.bool_,
    },
    # A redesign is ordered; consumer is -1. `likeness_permille`: the cosine of new and old attributes.
    "redesigns": {
        **HEAD,
        "product": np.int32,
        "merchant": np.int16,
        "ready_day": np.int16,
        "likeness_permille": np.int16,
    },
    # A trend begins, in a category; consumer is -1, and 0 in the id.
    "trends": {**IDENTIFIED, "category": np.int16},
    # Who buys to resell, recorded when it begins. Nobody in the market reads it.
    "abusers": {**HEAD},
    # A need met second-hand; cause = the order that was resold; consumer = who needed it.
    "resales": {**HEAD},
    # The platform looks at an account for what it has counted of it, and bars it unless it is cleared.
    "reviews": {**HEAD, "n_counted": np.int32, "is_barred": np.bool_},
    # What a merchant knows gets out; consumer is -1. In the id the merchant's number stands in the consumer's place.
    "leaks": {**IDENTIFIED, "merchant": np.int16, "n_exposed": np.int32},
    # cause = the leak.
    "exposed": {**HEAD},
    # Consent is withdrawn; cause = the leak that exposed the consumer.
    "withdrawals": {**HEAD},
    # A shopper is in a merchant's store; `order` = what was bought there, 0 for nothing.
    "store_visits": {**HEAD, "merchant": np.int16, "region": np.int16, "category": np.int16, "order": np.int64},
    # A buyer asks to send an order back (cause = the order); the goods are back, and the money, on `due_day`.
    "returns": {**HEAD, "due_day": np.int16},
    # The goods are back; cause = the order. The merchant refunds `refund_fen` to the consumer and `subsidy_fen` to the
    # platform, which gives it back `fee_fen`; it recovers `salvage_fen` of the cost and pays for `shipping_fen`.
    "return_ends": {
        **HEAD,
        "merchant": np.int16,
        "product": np.int32,
        "refund_fen": np.int64,
        "subsidy_fen": np.int64,
        "fee_fen": np.int64,
        "salvage_fen": np.int64,
        "shipping_fen": np.int64,
        "is_restocked": np.bool_,
    },
    # A buyer complains; cause = the order.
    "cases": {**IDENTIFIED, "merchant": np.int16, "product": np.int32, "is_defect": np.bool_},
    # cause = the case; RESOLVED, UNRESOLVED or ABANDONED, and who had the last word.
    "case_ends": {**HEAD, "outcome": np.int8, "agent": np.int8},
    # The campaign of each merchant that has one, on a day, even if it spends nothing; consumer is -1. `move`: its
    # style, a number.
    "campaigns": {
        **HEAD,
        "merchant": np.int16,
        "move": np.int32,
        "how": np.int8,
        "spent_fen": np.int64,
        "goodwill_millionths": np.int32,
    },
    # The state looks at how the platform collects data; consumer is -1.
    "audits": {**HEAD, "fine_fen": np.int64},
    # Counted in the morning of each day from the campaign on, where personal data are collected; consumer is -1.
    "consents": {**HEAD, "n_members": np.int32, "n_consenting": np.int32},
    # Who works on data for an employer after the changes of a morning of the campaign: `merchant`, -1 the platform.
    # `n_quit`, `n_trained` and `n_hired` are those changes. consumer is -1.
    "staff": {
        **HEAD,
        "merchant": np.int16,
        "n_posts": np.int16,
        "n_filled": np.int16,
        "n_in_training": np.int16,
        "n_quit": np.int16,
        "n_trained": np.int16,
        "n_hired": np.int16,
        "is_able": np.bool_,
    },
    # A prospect becomes a member; cause = the invitation accepted, 0 when it joined by itself.
    "joins": {**HEAD},
    # A member falls dormant (LEFT) or a purchase wakes it (WOKE).
    "departures": {**HEAD, "outcome": np.int8},
    # cause = the order.
    "ratings": {**HEAD, "product": np.int32, "rating_permille": np.int16},
    # cause = the order or the bargain; `reason` indexes simulator.choice.experience.TrustReason.
    "trust_shifts": {**HEAD, "reason": np.int8, "amount_millionths": np.int32},
    # cause = the invitation that was bad word of mouth; `reason` indexes simulator.choice.experience.LoyaltyReason.
    "loyalty_shifts": {**HEAD, "merchant": np.int16, "reason": np.int8, "amount_millionths": np.int32},
    # How right the profiles were at the end of a day; consumer is -1. See simulator.insight.quality.
    "insights": {
        **HEAD,
        "n_known": np.int32,
        "looks": np.float64,
        "taste_correlation": np.float64,
        "taste_coverage": np.float64,
        "price_correlation": np.float64,
        "alive_auc": np.float64,
    },
    # Counted per (day, product); consumer is -1.
    "exposures": {
        **HEAD,
        "product": np.int32,
        "n_shown": np.int32,
        "n_examined": np.int32,
        "n_clicked": np.int32,
        "n_carted": np.int32,
        "n_ordered": np.int32,
    },
}

MAX_DAYS = 2**15 - 1
MAX_CONSUMERS = 2**28


@dataclass(frozen=True)
class Facts:
    """What a reader of the log must know of the world that wrote it.

    The campaign covers days `burn_in_days` ≤ day < `campaign_end`; the post-window runs from there to `days`. The
    catalogue says how many products each merchant sells.
    """

    seed: int
    n_consumers: int
    n_prospects: int
    n_merchants: int
    n_products: int
    days: int
    burn_in_days: int
    campaign_end: int
    catalogue: tuple[int, ...]


def record_ids(kind: Kind, day: int, consumers: ArrayLike, ordinals: ArrayLike) -> Ids:
    """Ids from their parts: kind:5 | day:15 | consumer:28 | ordinal:15 bits."""
    head = (int(kind) << 58) | (day << 43)
    return head | (np.asarray(consumers, dtype=np.int64) << 15) | np.asarray(ordinals, dtype=np.int64)


def id_kind(ids: ArrayLike) -> NDArray[np.int64]:
    """The kinds of ids; 0 for the id 0 ("none")."""
    return np.asarray(ids, dtype=np.int64) >> 58


def id_day(ids: ArrayLike) -> NDArray[np.int64]:
    """The days on which the records were made."""
    return (np.asarray(ids, dtype=np.int64) >> 43) & MAX_DAYS


def id_consumer(ids: ArrayLike) -> NDArray[np.int64]:
    """The consumers the records belong to."""
    return (np.asarray(ids, dtype=np.int64) >> 15) & (MAX_CONSUMERS - 1)


class EventLog:
    """The events of one run, appended in blocks.

    Args:
        facts: What a reader must know of the world.
        keep: Keep all days (the default). When false only the current day is held, which is enough for daily tables
            and saves memory in very large runs.
    """

    carried = ("_blocks", "_today")

    def __init__(self, facts: Facts, *, keep: bool = True) -> None:
        self.facts = facts
        self.keeps = keep
        self._blocks: dict[str, list[dict[str, NDArray[Any]]]] = {name: [] for name in TABLES}
        self._today: dict[str, int] = dict.fromkeys(TABLES, 0)
        self._ordinals: dict[Kind, tuple[NDArray[np.int16], list[NDArray[Any]]]] = {}

    def new_ids(self, kind: Kind, day: int, consumers: NDArray[Any]) -> Ids:
        """New ids for records of these consumers (repeats allowed), counted on among each one's records of the day."""
        if kind not in self._ordinals:
            self._ordinals[kind] = (np.zeros(self.facts.n_consumers, dtype=np.int16), [])
        used, touched = self._ordinals[kind]
        touched.append(consumers)
        return record_ids(kind, day, consumers, _count_on(used, consumers))

    def append(self, table: str, n: int, **fields: ArrayLike) -> None:
        """Append `n` rows; scalars broadcast, fields left out are zero.

        Raises:
            KeyError: If a field is unknown to the table.
        """
        if n == 0:
            return
        schema = TABLES[table]
        unknown = fields.keys() - schema.keys()
        if unknown:
            raise KeyError(f"table '{table}' has no fields {sorted(unknown)}; it has {sorted(schema)}")
        block = {}
        for name, dtype in schema.items():
            column = np.empty(n, dtype=dtype)
            column[:] = fields.get(name, 0)
            block[name] = column
        self._blocks[table].append(block)

    def open_day(self) -> None:
        """Start a day: today's blocks are those appended from now on; ids count from zero again."""
        for used, touched in self._ordinals.values():
            for consumers in touched:
                used[consumers] = 0
            touched.clear()
        for name, blocks in self._blocks.items():
            if not self.keeps:
                blocks.clear()
            self._today[name] = len(blocks)

    def compact(self) -> None:
        """Join the blocks of each table to one of the earlier days and one of today."""
        for name, blocks in self._blocks.items():
            n_earlier = self._today[name]
            parts = [part for part in (blocks[:n_earlier], blocks[n_earlier:]) if part]
            blocks[:] = [_join(TABLES[name], part) for part in parts]
            self._today[name] = min(n_earlier, 1)

    def today(self, table: str) -> dict[str, NDArray[Any]]:
        """Today's rows of a table, by field."""
        return _join(TABLES[table], self._blocks[table][self._today[table] :])

    def columns(self, table: str) -> dict[str, NDArray[Any]]:
        """All kept rows of a table, by field."""
        return _join(TABLES[table], self._blocks[table])

    def frame(self, table: str) -> pd.DataFrame:
        """All kept rows of a table as a data frame, in order of occurrence."""
        return pd.DataFrame(self.columns(table))

    def arrow(self, table: str) -> pa.Table:
        """All kept rows of a table as an Arrow table."""
        return pa.table(self.columns(table))


@compiled
def _count_on(used: NDArray[np.int16], consumers: NDArray[Any]) -> NDArray[np.int64]:
    """How many records of each consumer there are before this one, shape (n,); `used` counts on."""
    ordinals = np.empty(len(consumers), np.int64)
    for record, consumer in enumerate(consumers):
        ordinals[record] = used[consumer]
        used[consumer] += 1
    return ordinals


def count_within(values: NDArray[Any]) -> NDArray[np.int64]:
    """For each element, how many equal elements stand before it (0 for the first), shape (n,)."""
    n = len(values)
    counts = np.zeros(n, dtype=np.int64)
    if n < 2:
        return counts
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    is_start = np.ones(n, dtype=np.bool_)
    is_start[1:] = ordered[1:] != ordered[:-1]
    position = np.arange(n)
    start = np.maximum.accumulate(np.where(is_start, position, 0))
    counts[order] = position - start
    return counts


def _join(schema: dict[str, Any], blocks: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    if not blocks:
        return {name: np.zeros(0, dtype=dtype) for name, dtype in schema.items()}
    if len(blocks) == 1:
        return blocks[0]
    return {name: np.concatenate([b[name] for b in blocks]) for name in schema}
