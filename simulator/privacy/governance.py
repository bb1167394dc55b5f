"""Governance in the market: what holding personal data costs day by day, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.privacy.audits import Audits
from simulator.privacy.consent import Consent
from simulator.privacy.leaks import Leaks
from simulator.records.events.codes import Origin

if TYPE_CHECKING:
    from simulator.insight.profiles import ConsumerProfiles
    from simulator.market import Market

NONE = -1


class Governance:
    """Security, leaks and audits of a platform that collects personal data. The burn-in is without them.

    Args:
        consent: Who consents.
        profiles: What is known of whom.
        market: The market.
    """

    carried = ("audits",)

    def __init__(self, consent: Consent, profiles: ConsumerProfiles, market: Market) -> None:
        s = market.scenario.privacy
        self.market, self.consent, self.security = market, consent, s.security
        leaks = Leaks(s.leaks, s.security, consent, profiles, market) if s.leaks.hazard else None
        self.leaks = leaks
        self.audits = None if consent.is_asked else Audits(s.audits, market)

    def open_day(self) -> None:
        """In the morning: security is paid for, data may leak, there may be an audit, and consent is counted."""
        market = self.market
        if self.audits:
            self.audits.open_day()
        if market.day < market.scenario.burn_in_days:
            return
        is_member = market.columns["joined_day"] >= 0
        n_members = int(np.count_nonzero(is_member))
        campaign_day = market.day - market.scenario.burn_in_days
        market.checkout.bear(market.day, Origin.PRIVACY, self.security.cost_fen(n_members, campaign_day))
        if self.leaks:
            self.leaks.open_day()
        n_consenting = int(np.count_nonzero(is_member & market.columns["consents"]))
        market.log.append("consents", 1, day=market.day, consumer=NONE, n_members=n_members, n_consenting=n_consenting)
