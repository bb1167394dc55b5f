"""Leaks: what merchants know of their customers gets out; those exposed trust less, buy less, and withdraw consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.choice.experience import TrustReason
from simulator.draws import Floats, decision
from simulator.privacy.consent import Consent
from simulator.privacy.security import DAYS_PER_YEAR, SecuritySettings
from simulator.records.events.codes import Kind, Origin
from simulator.records.events.ids import record_ids
from simulator.settings import Settings, quantity, share
from simulator.state.columns import Column

if TYPE_CHECKING:
    from simulator.insight.profiles import ConsumerProfiles
    from simulator.market import Market

OWNER = "privacy"
LEAKS = decision("privacy.leaks")
EXPOSES = decision("privacy.exposes")
WITHDRAWS = decision("privacy.withdraws")
MILLION = 10**6
NONE = -1

Rows = NDArray[np.intp]


class LeakSettings(Settings):
    """How often data leak, and what that does to those exposed. Who is more concerned about privacy reacts more."""

    hazard: float = quantity(
        0.1, "leaks a year of a merchant that knows all of all its customers, unsecured", unit="1/year", ge=0, le=1000
    )
    growth: float = quantity(1.22, "factor by which this grows in a year", source="leaks +22 % a year", gt=0, le=10)
    years: float = quantity(0.0, "years for which it has grown when the campaign begins", unit="year", ge=0, le=50)
    exposed: float = share(0.5, "share of the customers with a profile whom a leak exposes")
    trust: float = quantity(0.1, "trust lost by being exposed", unit="share", ge=0, le=1)
    wariness: float = quantity(
        0.86,
        "utility that buying must be worth more afterwards, to one of mean concern",
        source="set so that the exposed spend 32 % less at first: Janakiraman, Lim & Rishika 2018",
        ge=0,
        le=20,
    )
    half_life_days: float = quantity(90.0, "days in which this halves", unit="day", gt=0, le=3650)
    withdraw: float = share(0.3, "probability of withdrawing consent then, of one of mean concern")
    fine_fen: int = quantity(100, "fine per consumer exposed, paid by the platform", unit="fen", ge=0, le=10_000_000)


class Leaks:
    """Lets data leak.

    Args:
        settings: How often, and with which consequences.
        security: What takes a share of the hazard away.
        consent: Who consents.
        profiles: What is known of whom.
        market: The market.
    """

    def __init__(
        self,
        settings: LeakSettings,
        security: SecuritySettings,
        consent: Consent,
        profiles: ConsumerProfiles,
        market: Market,
    ) -> None:
        self.settings, self.security, self.market = settings, security, market
        self.consent, self.profiles = consent, profiles
        self.wariness = market.columns.add(
            Column("wariness", OWNER, np.float32, "utility that buying must be worth more, since data leaked")
        )

    def open_day(self) -> None:
        """Wariness fades; each merchant's data may leak."""
        self.wariness[:] = self.wariness.astype(np.float64) * 0.5 ** (1 / self.settings.half_life_days)
        for merchant in self._leaking():
            self._leak(merchant)

    def _leaking(self) -> list[int]:
        """The merchants whose data leak today: m with u < 1 - e^(-hazard · data held / 365)."""
        s, market = self.settings, self.market
        merchants = np.arange(market.scenario.merchants.n_merchants)
        campaign_day = market.day - market.scenario.burn_in_days
        years = s.years + campaign_day / DAYS_PER_YEAR
        a_day = s.hazard * s.growth**years * (1 - self.security.effectiveness(campaign_day)) / DAYS_PER_YEAR
        luck = market.draws.uniform(LEAKS, market.day, merchants)
        # Nobody holds more than everything: what they hold needs counting for the few who would leak even so.
        possible = np.flatnonzero(luck < -np.expm1(-a_day)).tolist()
        return [m for m in possible if luck[m] < -np.expm1(-a_day * self.data_held(m))]

    def customers(self, merchant: int) -> Rows:
        """Who has bought there and was not put off since: those with loyalty to it, in ascending order."""
        return np.flatnonzero(self.market.columns["loyalty"][:, merchant] > 0)

    def data_held(self, merchant: int) -> float:
        """What a merchant knows of its customers: mean of 0 for who has no profile, 1 for who holds no secret.

        What is known of one is the share of what was unknown at first that its profile has resolved: the fall of the
        variance of its weights, mean over these. Randomised reports resolve less than true ones. It is added up in
        millionths, so that the order of consumers does not matter.
        """
        who = self.customers(merchant)
        if len(who) == 0:
            return 0.0
        return int(np.rint(self._known(who) * MILLION).astype(np.int64).sum()) / MILLION / len(who)

    def _known(self, who: Rows) -> Floats:
        prior = self.profiles.prior_sd**2
        is_open = prior > 0
        resolved = 1 - self.profiles.variance[who][:, is_open] / prior[is_open]
        return np.asarray(resolved.sum(axis=1) / max(np.count_nonzero(is_open), 1))

    def _leak(self, merchant: int) -> None:
        """Expose some of those whom the merchant knows, and let them react."""
        s, market, day = self.settings, self.market, self.market.day
        who = self.customers(merchant)
        who = who[self.profiles.n_looks[who] > 0]
        who = who[market.draws.uniform(EXPOSES, day, who, merchant) < s.exposed]
        leak = record_ids(Kind.LEAK, day, [merchant], [0])
        market.log.append("leaks", 1, id=leak, day=day, consumer=NONE, merchant=merchant, n_exposed=len(who))
        market.log.append("exposed", len(who), cause=leak, day=day, consumer=who)
        market.experience.shift_trust(day, 0, who, -s.trust, TrustReason.LEAK, np.repeat(leak, len(who)))
        concern = 2 * self.consent.concern[who].astype(np.float64)  # its mean over all consumers is 1
        self.wariness[who] += s.wariness * concern
        if self.consent.is_asked:
            withdraws = market.draws.uniform(WITHDRAWS, day, who, merchant) < s.withdraw * concern
            self._withdraw(who[withdraws], leak)
        market.checkout.bear(day, Origin.PRIVACY, s.fine_fen * len(who), leak)

    def _withdraw(self, who: Rows, leak: NDArray[np.int64]) -> None:
        self.consent.withdraw(who)
        self.profiles.erase(who)
        self.market.log.append("withdrawals", len(who), cause=leak, day=self.market.day, consumer=who)
