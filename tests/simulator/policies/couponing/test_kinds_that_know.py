"""What all couponing policies that score by profiles have in common: who is not known, and when nobody is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.bitwise import whole
from simulator.draws import Draws
from simulator.policies.couponing import NEVER, CouponingSettings, make_couponing
from tests.simulator.policies.couponing.people import people, seen_of

KNOWING = ("win_back", "rfm", "price_sensitivity", "uplift")
SHARE = {"policies.couponing.share": 0.4}
COUPONS = {"mechanics.coupons.enabled": True, "mechanics.coupons.every_days": 3, **SHARE}

of_each = pytest.mark.parametrize("kind", KNOWING)


@of_each
def test_without_data_it_is_blanket_by_lot_under_the_same_share(finished: Any, kind: str) -> None:
    assert whole(finished({**COUPONS, "policies.couponing.kind": kind})) == whole(finished(COUPONS))


@of_each
def test_who_is_not_known_gets_none_as_soon_as_somebody_is(kind: str) -> None:
    n = 300
    is_known = np.arange(n) % 3 > 0
    orders = np.where(is_known, 1 + np.arange(n) % 4, 0)
    known = people(
        n,
        is_known=is_known,
        n_orders=orders,
        recency_days=np.where(is_known, 50, -1),
        age_days=np.where(is_known, 60, -1),
        spend_fen=1000 * orders,
        p_alive=np.where(is_known, 0.5, np.nan),
        orders_per_month=np.where(is_known, 0.5, np.nan),
    )
    score = make_couponing(CouponingSettings(kind=kind)).decide(seen_of(known), np.arange(n), Draws(1))
    assert (score[~is_known] == NEVER).all()
    assert (score[is_known] > NEVER).any()


@of_each
def test_in_the_market_coupons_go_to_consenting_members_alone(finished: Any, kind: str) -> None:
    consent = {"privacy.collection": "browsing", "privacy.consent.kind": "opt_in"}
    market = finished(
        {**COUPONS, **consent, "policies.couponing.kind": kind, "policies.couponing.win_back.silent_days": 3}
    )
    coupons = market.log.frame("coupons")
    assert len(coupons)
    assert market.columns["consents"][coupons["consumer"]].all()
