"""Consent: how many give it, who they are, and that it can be taken back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import SettingsError
from tests.simulator.saving.markets import run_to

BROWSING = {"privacy.collection": "browsing"}
MANY = 20_000
KINDS = {"opt_in": 0.48, "opt_out": 0.96, "unasked": 1.0}


def consents(new_market: Any, **changes: Any) -> Any:
    return new_market({**BROWSING, "consumers.n": MANY, **changes}).columns["consents"]


@pytest.mark.parametrize(("kind", "share"), KINDS.items())
def test_the_share_that_consents_is_the_published_one(new_market: Any, kind: str, share: float) -> None:
    given = consents(new_market, **{"privacy.consent.kind": kind})
    assert given.mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / MANY))


def test_who_agrees_when_asked_to_would_not_object_either(new_market: Any) -> None:
    opt_in, opt_out, unasked = (consents(new_market, **{"privacy.consent.kind": kind}) for kind in KINDS)
    assert (opt_out >= opt_in).all()
    assert unasked.all()
    more = consents(new_market, **{"privacy.consent.kind": "opt_in", "privacy.consent.opt_in": 0.6})
    assert (more >= opt_in).all()


def test_those_who_consent_are_the_less_concerned(new_market: Any) -> None:
    market = new_market({**BROWSING, "privacy.consent.kind": "opt_in"})
    concern, given = market.columns["privacy_concern"], market.columns["consents"]
    assert concern[given].max() < concern[~given].min()


def test_who_has_not_joined_has_not_consented(new_market: Any) -> None:
    market = new_market({**BROWSING, "privacy.consent.kind": "unasked"})
    everybody = np.arange(300)
    assert np.array_equal(market.consent.given(everybody), market.columns["joined_day"] >= 0)


def test_who_withdraws_is_forgotten_and_stays_so(new_market: Any) -> None:
    market = run_to(new_market({**BROWSING, "platform.reaction_days": 3}), 12)
    known = np.flatnonzero(market.columns["insight_looks"] > 5)[:20]
    assert len(known) == 20
    market.consent.withdraw(known)
    market.pipe.profiles.erase(known)
    other = new_market(BROWSING)
    market.run()
    for column in (c for c in market.columns if c.owner == "insight"):
        assert np.array_equal(market.columns[column.name][known], other.columns[column.name][known]), column.name


def test_settings_of_ways_to_ask_that_were_not_chosen_do_not_count(tiny_scenario: Any) -> None:
    base = tiny_scenario.replace(**BROWSING)
    assert base.replace(**{"privacy.consent.opt_in": 0.2}).hash == base.hash
    assert base.replace(**{"privacy.consent.opt_out": 0.2}).hash != base.hash
    with pytest.raises(SettingsError, match=r"privacy\.consent\.kind='ask': no such choice"):
        base.replace(**{"privacy.consent.kind": "ask"})
    with pytest.raises(SettingsError, match=r"privacy\.consent\.opt_in=1\.5: out of range \(allowed: 0"):
        base.replace(**{"privacy.consent.opt_in": 1.5})
