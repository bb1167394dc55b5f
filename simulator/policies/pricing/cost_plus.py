"""Cost-plus prices: what a unit costs, and a fixed markup on it."""

from __future__ import annotations

from typing import ClassVar

from simulator.draws import Draws
from simulator.policies.following import FollowedSettings
from simulator.policies.policy import Observations, Rows
from simulator.policies.pricing.pricing import Asked, CampaignPrices
from simulator.settings import quantity


class CostPlusSettings(FollowedSettings):
    """One markup for all products, whatever people would pay for them."""

    markup: float = quantity(0.5, "markup on unit and fulfilment cost", unit="share", ge=0, le=20)


class CostPlusPrices(CampaignPrices):
    """Cost times 1 + markup."""

    by_data: ClassVar[bool] = False

    def __init__(self, settings: CostPlusSettings) -> None:
        super().__init__(settings)
        self.markup = settings.markup

    def ask(self, seen: Observations, products: Rows, draws: Draws) -> Asked:
        return seen.cost_fen[products] * (1 + self.markup)
