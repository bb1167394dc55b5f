"""Brand (品牌): goodwill, moves, and the campaigns that merchants run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.records.events.codes import How, Origin
from tests.oracle.luck import ALWAYS

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World


@dataclass
class Campaign:
    """What a merchant spends a day, on which move, and how it came by it."""

    move: int
    budget_fen: int = 0
    how: How = How.KEPT


class Brand:
    """Goodwill of each merchant, and who advertises how."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = s = world.settings.mechanics.brand
        self.policy = world.settings.policies.campaigning
        luck, merchants = world.luck, range(world.settings.merchants.n_merchants)
        self.in_reach = {c for c in world.consumers if luck.uniform("brand.reach", ALWAYS, c.row) < s.reach}
        self.follows = [m for m in merchants if luck.uniform("campaigning.follows", ALWAYS, m) < self.policy.reach]
        self.goodwill = dict.fromkeys(merchants, 0.0)
        self.campaigns: dict[int, Campaign] = {}
        self.n_moves = s.moves
        self.spent_on: dict[int, dict[int, int]] = {}  # by day: the moves of those who spent

    def adds(self, consumer: Consumer, merchant: int) -> float:
        """What goodwill adds to V."""
        is_felt = self.settings.enabled and consumer in self.in_reach
        return self.settings.goodwill_weight * self.goodwill[merchant] if is_felt else 0.0

    def open_day(self) -> None:
        """Goodwill decays; now and then merchants decide; they spend."""
        world, s = self.world, self.settings
        for merchant in self.goodwill:
            self.goodwill[merchant] *= math.exp(-s.decay)
        if not world.is_open(s) or not self.in_reach:
            return
        day = world.campaign_day - s.from_day
        for campaign in self.campaigns.values():
            campaign.how = How.KEPT
        if day == 0:
            self._begin()
        elif day % self.policy.every_days == 0:
            self._decide()
        if day % self.policy.every_days == 0:
            for merchant, campaign in self.campaigns.items():
                campaign.budget_fen = self._budget(merchant)
        self._spend()

    def _begin(self) -> None:
        luck, s = self.world.luck, self.settings
        for m in self.follows:
            is_alike = luck.uniform("brand.starts_alike", ALWAYS, m) < s.alike
            other = 1 + math.floor(luck.uniform("brand.move", ALWAYS, m) * (s.moves - 1))
            self.campaigns[m] = Campaign(0 if is_alike else other, how=How.STARTED)

    def _decide(self) -> None:
        """All by what was before anybody moved."""
        if self.policy.kind == "steady":
            return
        p, world = self.policy.imitating, self.world
        seen = self.spent_on.get(world.day - world.settings.platform.reaction_days, {})
        chosen: dict[int, tuple[int | None, How]] = {}
        for m, campaign in self.campaigns.items():
            others = [move for other, move in seen.items() if other != m]
            alike = others.count(campaign.move) / len(others) if others else 0.0
            if world.u("campaigning.invents", m) < p.invention and alike >= p.crowded_from:
                chosen[m] = None, How.INVENTED
            elif world.u("campaigning.imitates", m) < p.imitation:
                rivals = [other for other in self.goodwill if other != m]
                if not rivals:
                    continue
                rival = rivals[math.floor(world.u("campaigning.looks_at", m) * len(rivals))]
                if rival in seen and self._sold_each(rival) > self._sold_each(m):
                    chosen[m] = seen[rival], How.COPIED
        for m, (move, how) in sorted(chosen.items()):
            if move is None:
                move, self.n_moves = self.n_moves, self.n_moves + 1
                self._pay(m, self.settings.invention_fen)
            if move != self.campaigns[m].move:
                self.campaigns[m].move, self.campaigns[m].how = move, how

    def _sold_each(self, merchant: int) -> float:
        mine = [p for p in self.world.products if p.merchant == merchant]
        return sum(self.world.insight.units_sold(p) for p in mine) / len(mine)

    def _budget(self, merchant: int) -> int:
        world, s = self.world, self.world.settings.platform
        mine = [p for p in world.products if p.merchant == merchant]
        sales = sum(world.insight.units_sold(p) * p.list_fen for p in mine)
        days = min(max(world.day - s.reaction_days + 1, 1), s.sales_window_days)
        return round(self.policy.budget_share * sales / days)

    def _spend(self) -> None:
        s, world = self.settings, self.world
        spending = {m: c for m, c in self.campaigns.items() if c.budget_fen >= 1}
        self.spent_on[world.day] = {m: c.move for m, c in spending.items()}
        for m, campaign in spending.items():
            others = [c.move for other, c in spending.items() if other != m]
            alike = others.count(campaign.move) / len(others) if others else 0.0
            self._pay(m, campaign.budget_fen)
            strength = math.sqrt(campaign.budget_fen / (s.full_fen * len(self.in_reach)))
            self.goodwill[m] += (1 - math.exp(-s.decay)) * strength * math.exp(-s.clutter * alike)
        for m, campaign in self.campaigns.items():
            world.write(
                "campaigns",
                consumer=-1,
                merchant=m,
                move=campaign.move,
                how=campaign.how,
                spent_fen=campaign.budget_fen,
                goodwill_millionths=round(1_000_000 * self.goodwill[m]),
            )

    def _pay(self, merchant: int, fen: int) -> None:
        if fen == 0:
            return
        self.world.merchants[merchant].balance_fen -= fen
        self.world.checkout.suppliers_fen += fen
        self.world.write("costs", consumer=-1, origin=Origin.BRAND, merchant=merchant, product=-1, cost_fen=fen)
