"""Word of mouth (口碑): pleasantly or badly surprised buyers tell their friends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.choice.experience import LoyaltyReason
from simulator.records.events.codes import Origin
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Invitation, Order, single

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World


class Talk:
    """What buyers say, and what it does to those who hear bad things."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = world.settings.mechanics.word_of_mouth
        self.in_reach = {
            c for c in world.consumers if world.luck.uniform("word_of_mouth.reach", ALWAYS, c.row) < self.settings.reach
        }

    def evening(self, lived: list[tuple[Order, float]]) -> None:
        """Buyers talk about orders they have lived through, given with the surprise of each; about one order a day."""
        if not self.world.is_open(self.settings):
            return
        have_talked: set[Consumer] = set()
        for order, surprise in lived:
            if order.consumer not in have_talked and self._talks(order, surprise):
                have_talked.add(order.consumer)
                self.world.invitations.send(
                    order.consumer,
                    lambda friend: friend in self.in_reach,
                    "word_of_mouth.tells",
                    self.settings.friends_told,
                    Origin.WORD_OF_MOUTH,
                    order.id,
                    order.product,
                    0,
                    tone=1 if surprise >= self.settings.satisfied_from else -1,
                )

    def _talks(self, order: Order, surprise: float) -> bool:
        s = self.settings
        if surprise >= s.satisfied_from:
            chance = s.good_talk
        elif surprise <= -s.disappointed_from:
            chance = s.bad_talk
        else:
            return False
        talker = order.consumer
        return talker in self.in_reach and self.world.u("word_of_mouth.talks", talker.row, order.product.row) < chance

    def hear(self, read: dict[Consumer, Invitation]) -> None:
        """Bad things said about a product are held against its merchant."""
        for listener, invitation in read.items():
            if invitation.tone >= 0:
                continue
            merchant = invitation.product.merchant
            left = max(listener.loyalty[merchant] - self.settings.loyalty_lost, -1.0)
            millionths = round((left - listener.loyalty[merchant]) * 1_000_000)
            listener.loyalty[merchant] = single(left)
            self.world.write(
                "loyalty_shifts",
                cause=invitation.id,
                consumer=listener.row,
                merchant=merchant,
                reason=LoyaltyReason.WORD_OF_MOUTH,
                amount_millionths=millionths,
            )
