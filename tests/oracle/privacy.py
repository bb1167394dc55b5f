"""What collecting costs: security, leaks and what they do to the exposed, audits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.choice.experience import TrustReason
from simulator.records.events.codes import Kind, Origin
from tests.oracle.records import single

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World

YEAR = 365


class Privacy:
    """Acts each morning from the campaign on, where personal data are collected."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = s = world.settings.privacy
        self.security = getattr(s.security, s.security.kind, None)

    @property
    def delay_days(self) -> int:
        """By which personal records come out later."""
        return int(getattr(self.security, "delay_days", 0))

    def open_day(self) -> None:
        world, s = self.world, self.settings
        if s.collection == "none" or world.day < world.settings.burn_in_days:
            return
        self._audit()
        members = [c for c in world.consumers if c.is_member]
        if self.security:
            self._pay(0, round(len(members) * self.security.spend_fen / YEAR))
        for c in world.consumers:
            c.wariness = single(c.wariness * 0.5 ** (1 / s.leaks.half_life_days))
        hazards = [self._hazard(m) for m in range(len(world.merchants))]
        for merchant, hazard in enumerate(hazards):
            if world.u("privacy.leaks", merchant) < -math.expm1(-hazard / YEAR):
                self._leak(merchant)
        n_consenting = sum(c.consents for c in members)
        world.write("consents", consumer=-1, n_members=len(members), n_consenting=n_consenting)

    def _audit(self) -> None:
        """Somebody looks for data collected unasked."""
        world, s = self.world, self.settings.audits
        if self.settings.consent.kind != "unasked" or world.u("privacy.audits", 0) >= -math.expm1(-s.per_year / YEAR):
            return
        days = range(world.day - s.turnover_days, world.day)
        fine = round(s.fine_share * max(sum(world.checkout.gmv_by_day.get(day, 0) for day in days), 0))
        world.write("audits", consumer=-1, fine_fen=fine)
        self._pay(0, fine)

    def _hazard(self, merchant: int) -> float:
        """Leaks a year."""
        s, world = self.settings.leaks, self.world
        customers = [c for c in world.consumers if c.loyalty[merchant] > 0]
        held = sum(self._known(c) for c in customers) / len(customers) if customers else 0.0
        years = s.years + (world.day - world.settings.burn_in_days) / YEAR
        safe = self.security.spend_fen / (self.security.spend_fen + self.security.half_fen) if self.security else 0.0
        return float(s.hazard * s.growth**years * (1 - safe) * held)

    @staticmethod
    def _known(c: Consumer) -> float:
        """How much less uncertain the platform is of somebody than of anybody."""
        pairs = zip(c.profile.variances, c.profile.prior_variances, strict=True)
        shares = [1 - v / prior for v, prior in pairs if prior > 0]
        return round(1e6 * sum(shares) / len(shares)) / 1e6 if shares else 0.0

    def _leak(self, merchant: int) -> None:
        """What a merchant knows of its customers gets out."""
        world, s = self.world, self.settings.leaks
        number = world.records.new_id(Kind.LEAK, merchant)
        exposed = [
            c
            for c in world.consumers
            if c.loyalty[merchant] > 0
            and c.profile.n_records > 0
            and world.u("privacy.exposes", c.row, merchant) < s.exposed
        ]
        world.write("leaks", id=number, consumer=-1, merchant=merchant, n_exposed=len(exposed))
        for c in exposed:
            world.write("exposed", cause=number, consumer=c.row)
            c.lose_trust(number, s.trust, TrustReason.LEAK)
            c.wariness = single(c.wariness + s.wariness * 2 * c.concern)
            is_asked = self.settings.consent.kind != "unasked"
            if is_asked and world.u("privacy.withdraws", c.row, merchant) < s.withdraw * 2 * c.concern:
                c.consents = False
                world.insight.forget(c)
                world.write("withdrawals", cause=number, consumer=c.row)
        self._pay(number, s.fine_fen * len(exposed))

    def _pay(self, cause: int, fen: int) -> None:
        """From the platform, to suppliers."""
        if fen > 0:
            self.world.checkout.platform_fen -= fen
            self.world.checkout.suppliers_fen += fen
            self.world.write(
                "costs", cause=cause, consumer=-1, origin=Origin.PRIVACY, merchant=-1, product=-1, cost_fen=fen
            )
