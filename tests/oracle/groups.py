"""Group buying (拼团): open, join, fill, lapse, and the published chance that a group fills."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.records.events.codes import Kind, Origin, Outcome, Reason, Way
from tests.oracle.luck import ALWAYS
from tests.oracle.records import Offer, Order, Product, Visit, single

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World

SHOWN = 2


@dataclass
class Group:
    """A group that is open. `states`: (missing, waves left) when each wave of its life began."""

    id: int
    opener: Consumer
    product: Product
    size: int
    price_fen: int
    opened_tick: int
    deadline_tick: int
    orders: list[Order] = field(default_factory=list)
    states: list[tuple[int, int]] = field(default_factory=list)

    @property
    def members(self) -> list[Consumer]:
        return [order.consumer for order in self.orders]

    @property
    def missing(self) -> int:
        return self.size - len(self.orders)


class Groups:
    """All groups."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = world.settings.mechanics.group_buying
        s, luck = self.settings, world.luck
        self.life = s.deadline_days * world.settings.waves_per_day
        self.in_reach = {c for c in world.consumers if luck.uniform("group_buying.reach", ALWAYS, c.row) < s.reach}
        self.open_hassle, self.join_hassle = (
            {
                c: single(cost + s.cost_sd * luck.normal("group_buying.hassle", ALWAYS, c.row, k))
                for c in world.consumers
            }
            for k, cost in enumerate((s.open_cost, s.join_cost))
        )
        self.open: dict[int, Group] = {}
        self.on_show: dict[tuple[int, int], list[Group]] = {}
        self.lost_seats: list[Order] = []
        self.published: dict[tuple[int, int], float] = {}
        self.ended: dict[int, list[tuple[Group, bool]]] = {}

    def open_day(self) -> None:
        """Publish the chances, from groups that ended in the last days."""
        filled: dict[tuple[int, int], int] = {}
        seen: dict[tuple[int, int], int] = {}
        for age in range(1, self.settings.tipping_days + 1):
            for group, is_filled in self.ended.get(self.world.day - age, ()):
                for state in group.states:
                    seen[state] = seen.get(state, 0) + 1
                    filled[state] = filled.get(state, 0) + is_filled
        prior = self.settings.prior_groups
        self.published = {
            state: (filled[state] + prior * self.settings.prior_filled) / (seen[state] + prior) for state in seen
        }

    def chance(self, missing: int, waves_left: int) -> float:
        """The published chance that a group fills."""
        return 1.0 if missing == 0 else self.published.get((missing, waves_left), self.settings.prior_filled)

    def open_wave(self) -> None:
        """Lapse what is over; note the state of the others and which are on show."""
        self._lapse([group for group in self.open.values() if group.deadline_tick <= self.world.tick])
        self.on_show = {}
        for group in sorted(self.open.values(), key=lambda g: (g.missing, g.opened_tick, g.id)):
            if group.opened_tick < self.world.tick:
                group.states.append((group.missing, group.deadline_tick - self.world.tick))
            shown = self.on_show.setdefault((group.product.row, self._cell(group.opener)), [])
            if len(shown) < SHOWN:
                shown.append(group)

    def _cell(self, consumer: Consumer) -> int:
        return consumer.row // self.settings.cell_size

    def offers(self, shopper: Consumer, visit: Visit, product: Product) -> list[Offer]:
        """Open a group, or join one, at the group price."""
        if shopper not in self.in_reach:
            return []
        offers, stacks = [], self.world.settings.platform.coupons_stack_on_groups
        if self.world.is_open(self.settings):
            chance = self.chance(self.settings.size - 1, self.life)
            price, hassle = self._group_price(product), self.open_hassle[shopper]
            offers.append(Offer(Way.OPEN, price, stacks, chance, hassle, lapse_cost=self.settings.lapse_cost))
        group = self._group_to_join(shopper, visit, product)
        if group is not None:
            chance = self.chance(group.missing - 1, group.deadline_tick - self.world.tick)
            hassle = self.join_hassle[shopper]
            if visit.reason is Reason.INVITATION and group.id == visit.target:
                hassle -= self.settings.friend_bonus
            offers.append(Offer(Way.JOIN, group.price_fen, stacks, chance, hassle, group, self.settings.lapse_cost))
        return offers

    def _group_price(self, product: Product) -> int:
        return max(round(product.offer_fen * (1 - self.settings.discount)), 1)

    def _group_to_join(self, shopper: Consumer, visit: Visit, product: Product) -> Group | None:
        if product is visit.called_to and visit.target in self.open:
            group = self.open[visit.target]
            if shopper not in group.members:
                return group
        for group in self.on_show.get((product.row, self._cell(shopper)), ()):
            if shopper not in group.members:
                return group
        return None

    def within_seats(self, orders: list[Order]) -> list[Order]:
        """Orders that find a seat, of those given by priority; who finds none comes back in the next wave."""
        admitted, claims = [], dict.fromkeys(self.open, 0)
        self.lost_seats = []
        for order in orders:
            group = order.offer.group
            if group is not None:
                claims[group.id] += 1
                if claims[group.id] > group.missing:
                    self.lost_seats.append(order)
                    continue
            admitted.append(order)
        return admitted

    def seat(self, order: Order) -> None:
        """A paid order opens its group or takes its seat."""
        group = order.offer.group or self._open_group(order)
        group.orders.append(order)
        order.group = group

    def _open_group(self, order: Order) -> Group:
        world, opener = self.world, order.consumer
        group = Group(
            world.records.new_id(Kind.GROUP, opener.row),
            opener,
            order.product,
            self.settings.size,
            order.offer.price_fen,
            world.tick,
            world.tick + self.life,
            states=[(self.settings.size - 1, self.life)],
        )
        self.open[group.id] = group
        world.write(
            "groups",
            id=group.id,
            cause=order.id,
            consumer=opener.row,
            product=group.product.row,
            size=group.size,
            price_fen=group.price_fen,
            deadline_tick=group.deadline_tick,
        )
        return group

    def bought(self, orders: list[Order]) -> None:
        """Fill what is full; new members of the others invite."""
        full = [group for group in self.open.values() if group.missing == 0]
        for order in self._end(full, Outcome.FILLED):
            self.world.checkout.settle(order)
        for order in orders:
            if order.group is not None and order.group.id in self.open:
                self.world.invitations.send(
                    order.consumer,
                    lambda friend: friend in self.in_reach,
                    "group_buying.invites",
                    self.settings.invitations,
                    Origin.GROUP_BUYING,
                    order.id,
                    order.product,
                    order.group.id,
                )

    def _lapse(self, groups: list[Group]) -> None:
        lapses: dict[Consumer, int] = {}
        for order in self._end(groups, Outcome.LAPSED):
            self.world.checkout.refund(order)
            lapses[order.consumer] = lapses.get(order.consumer, 0) + 1
        for member, n in lapses.items():
            member.satisfaction = single(member.satisfaction - self.settings.lapse_satisfaction * n)

    def _end(self, groups: list[Group], outcome: Outcome) -> list[Order]:
        """Close the groups; returns their orders, each consumer's in the order in which they were paid."""
        for group in groups:
            del self.open[group.id]
            self.ended.setdefault(self.world.day, []).append((group, outcome is Outcome.FILLED))
            self.world.write(
                "group_ends", cause=group.id, consumer=group.opener.row, outcome=outcome, n_members=len(group.orders)
            )
        return sorted((order for group in groups for order in group.orders), key=lambda order: order.id)
