"""With every mechanic and every learned policy on, money neither appears nor vanishes, and measures agree with it."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator import final_measures
from tests.simulator.saving.markets import MarketMaker

LEARNED: dict[str, Any] = {
    "policies.pricing.kind": "stock_driven",
    "policies.recommendation.kind": "hybrid",
    "policies.couponing.kind": "uplift",
    "policies.couponing.uplift.events": 2,
    "policies.stocking.kind": "reorder",
    "policies.product.kind": "customised",
    "privacy.security.kind": "encryption",
    "privacy.security.growth": 3.0,
    "capability.enabled": True,
    "merchants.stock_units": 12,
}
"""Every policy that learns, and what it costs to be able to."""


def test_the_ledger_is_exact_with_everything_on(new_market: MarketMaker, all_on: dict[str, Any]) -> None:
    market = new_market({**all_on, **LEARNED})
    ledger, burn_in = market.ledger, market.scenario.burn_in_days
    while market.running:
        if market.day == burn_in:
            before = ledger.platform, ledger.merchants.copy()
        market.step()
        assert ledger.total == 0
        assert ledger.escrow >= 0
    found = final_measures(market.log)
    assert ledger.platform - before[0] == round(100 * found["contribution_platform"])
    assert np.sum(ledger.merchants - before[1]) == round(100 * found["contribution_merchants"])
    happened = ("orders", "groups_opened", "bargains_done_share", "coupons_issued", "contents_made", "leaks")
    assert all(found[name] > 0 for name in happened), "everything is on"
