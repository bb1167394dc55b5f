"""Word of mouth (口碑): buyers who were pleasantly or badly surprised tell their friends, unasked and unpaid.

Surprise is quality experienced less quality expected (Oliver 1980). Who is satisfied or disappointed enough may talk,
the disappointed somewhat more often (Anderson 1998: an asymmetric U, its asymmetry smaller than commonly believed).
Good word of mouth makes a friend look at the product; it may bring prospects in, whom nobody rewards for coming. Bad
word of mouth brings nobody, and lowers the friend's loyalty to the merchant. What friends do next is ordinary choice.

Talk goes through the sender of invitations and asks for the same attention. People talk with or without marketing, but
as a mechanic word of mouth starts with the campaign, so that arms with and without it have the same past.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.choice.experience import LoyaltyReason
from simulator.draws import decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings
from simulator.records.events.codes import Origin
from simulator.settings import quantity, share
from simulator.trade.orders import Orders

if TYPE_CHECKING:
    from simulator.market import Market

TALKS = decision("word_of_mouth.talks")
TELLS = decision("word_of_mouth.tells")


class WordOfMouthSettings(MechanicSettings):
    """Word of mouth (口碑)."""

    satisfied_from: float = quantity(
        0.1, "quality above the expected from which a buyer is satisfied", unit="points (0–1)", ge=0, le=1
    )
    disappointed_from: float = quantity(
        0.1, "quality below the expected from which a buyer is disappointed", unit="points (0–1)", ge=0, le=1
    )
    good_talk: float = share(0.2, "probability that a satisfied buyer talks about an order")
    bad_talk: float = share(
        0.25,
        "probability that a disappointed buyer talks about an order",
        source="assumed; above good_talk: Anderson 1998",
    )
    friends_told: int = quantity(5, "friends a buyer who talks tells at most", unit="consumers", ge=0, le=1000)
    loyalty_lost: float = quantity(
        0.2, "fall of loyalty to the merchant by one bad word of mouth heard", unit="share", ge=0, le=2
    )


class WordOfMouth(Mechanic):
    """Lets buyers talk in the evening, and friends who hear bad things turn away."""

    name = "word_of_mouth"
    reached_by = decision("word_of_mouth.reach")
    uses = frozenset({"invitations", "attention"})

    def __init__(self, settings: WordOfMouthSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings

    def lived(self, orders: Orders, surprise: NDArray[np.float64]) -> None:
        """The satisfied and the disappointed talk, each about one order a day."""
        if not self.is_open:
            return
        market, s = self.market, self.settings
        is_good, is_bad = surprise >= s.satisfied_from, surprise <= -s.disappointed_from
        p_talk = np.where(is_good, s.good_talk, np.where(is_bad, s.bad_talk, 0.0))
        talks = market.draws.uniform(TALKS, market.day, orders.consumer, orders.product) < p_talk
        rows = np.flatnonzero(talks & self.in_reach[orders.consumer])
        who, first = np.unique(orders.consumer[rows], return_index=True)
        row = rows[first]
        market.invitations.send(
            TELLS,
            Origin.WORD_OF_MOUTH,
            market.day,
            market.wave,
            market.tick,
            inviters=who,
            p_invite=market.columns["sociability"][who].astype(np.float64),
            at_most=s.friends_told,
            causes=orders.id[row],
            products=orders.product[row],
            targets=np.zeros(len(who), dtype=np.int64),
            may_receive=lambda friends: self.in_reach[friends],
            tones=np.where(is_good[row], 1, -1).astype(np.int8),
        )

    def open_wave(self, read: dict[str, NDArray[Any]]) -> None:
        """Those who hear bad things about a product think less of its merchant."""
        bad = np.flatnonzero(read["tone"] < 0)
        self.market.experience.shift_loyalty(
            self.market.day,
            self.market.wave,
            read["invitee"][bad].astype(np.intp),
            self.market.products.merchant[read["product"][bad]],
            -self.settings.loyalty_lost,
            LoyaltyReason.WORD_OF_MOUTH,
            read["id"][bad],
        )
