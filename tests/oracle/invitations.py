"""Invitations: sent to friends, the strongest tie first; noticed or not; read one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.records.events.codes import Kind, Origin, Outcome
from tests.oracle.records import Invitation, Product

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World


class Invitations:
    """Invitations under way."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.under_way: list[Invitation] = []

    def send(
        self,
        inviter: Consumer,
        may_be_asked: Callable[[Consumer], bool],
        decision: str,
        at_most: int,
        origin: Origin,
        cause: int,
        product: Product,
        target: int,
        will: float = 1.0,
        tone: int = 0,
    ) -> None:
        """Go down the list of friends; who is asked notices it or not."""
        n_sent = 0
        for friend in inviter.friends:
            if n_sent == at_most:
                break
            if not may_be_asked(friend):
                continue
            if self.world.u(decision, inviter.row, friend.row) >= inviter.sociability * will:
                continue
            n_sent += 1
            number = self.world.records.new_id(Kind.INVITATION, inviter.row)
            invitation = Invitation(number, cause, inviter, friend, origin, product, target, tone, self.world.tick)
            if self.world.u("invitation.read", friend.row, inviter.row) < self.world.settings.invitations.read:
                self.under_way.append(invitation)
            else:
                self._record(invitation, Outcome.UNREAD)

    def deliver(self) -> dict[Consumer, Invitation]:
        """What is due: each invitee reads one, or ignores all when there is no attention left."""
        due: dict[Consumer, list[Invitation]] = {}
        for invitation in self.under_way:
            if invitation.sent_tick < self.world.tick:
                due.setdefault(invitation.invitee, []).append(invitation)
        self.under_way = [i for i in self.under_way if i.sent_tick == self.world.tick]
        read: dict[Consumer, Invitation] = {}
        for invitee, invitations in due.items():
            if invitee.attention_used >= self.world.settings.attention.per_day:
                for invitation in invitations:
                    self._record(invitation, Outcome.CROWDED_OUT)
                continue
            first = min(invitations, key=self._order)
            if invitee.takes_in(first.id):
                read[invitee] = first
                self._record(first, Outcome.READ)
            else:
                self._record(first, Outcome.UNREAD)
            self.under_way += [i for i in invitations if i is not first]
        return read

    def _order(self, invitation: Invitation) -> tuple[float, int]:
        return self.world.u("invitation.order", invitation.invitee.row, invitation.inviter.row), invitation.id

    def close_run(self) -> None:
        for invitation in self.under_way:
            self._record(invitation, Outcome.UNDER_WAY)

    def _record(self, invitation: Invitation, outcome: Outcome) -> None:
        self.world.write(
            "invitations",
            id=invitation.id,
            cause=invitation.cause,
            consumer=invitation.inviter.row,
            invitee=invitation.invitee.row,
            origin=invitation.origin,
            product=invitation.product.row,
            target=invitation.target,
            tone=invitation.tone,
            outcome=outcome,
        )
