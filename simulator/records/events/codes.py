"""What the numbers in the event tables stand for: kinds of records, reasons, outcomes, and who is behind them."""

from __future__ import annotations

from enum import IntEnum


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
