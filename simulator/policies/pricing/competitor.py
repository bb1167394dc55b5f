"""Competitor prices: what rivals asked yesterday, a little less, but not below a floor over cost."""

from __future__ import annotations

import numpy as np

from simulator.draws import Draws
from simulator.policies.following import FollowedSettings
from simulator.policies.policy import Numbers, Observations, Rows
from simulator.policies.pricing.pricing import Asked, CampaignPrices
from simulator.settings import quantity


class CompetitorSettings(FollowedSettings):
    """Following rivals, who are the other merchants of a category."""

    undercut: float = quantity(0.01, "how far below rivals' mean price, relative to list", unit="share", ge=0, lt=1)
    floor_markup: float = quantity(
        0.1, "markup on cost below which nobody follows, unless the list price is lower", unit="share", ge=0, le=20
    )


class CompetitorPrices(CampaignPrices):
    """List price times rivals' level of yesterday, less the undercut; without rivals the list price."""

    def __init__(self, settings: CompetitorSettings) -> None:
        super().__init__(settings)
        self.settings = settings

    def ask(self, seen: Observations, products: Rows, draws: Draws) -> Asked:
        s, list_fen = self.settings, seen.list_fen[products]
        level = rivals_level(seen)[products] * (1 - s.undercut)
        followed = list_fen * np.where(np.isnan(level), 1.0, level)
        floor = np.minimum(seen.cost_fen[products] * (1 + s.floor_markup), list_fen)
        return np.asarray(np.maximum(followed, floor))


def rivals_level(seen: Observations) -> Numbers:
    """Mean of offer price over list price among the other merchants' products of the category, shape (n_products,).

    NaN where there are none.
    """
    level = seen.offer_fen / seen.list_fen
    of_merchant = seen.category * (seen.merchant.max() + 1) + seen.merchant
    n_all, n_own = (np.bincount(group)[group] for group in (seen.category, of_merchant))
    sum_all, sum_own = (np.bincount(group, level)[group] for group in (seen.category, of_merchant))
    with np.errstate(invalid="ignore"):  # the two sums of somebody alone are the same sum: 0/0
        return np.asarray((sum_all - sum_own) / (n_all - n_own))
