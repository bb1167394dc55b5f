"""Campaigning policies: what merchants spend on advertising, and which move they run. A new one is registered here."""

from __future__ import annotations

from typing import Literal

from simulator.policies.campaigning.campaigning import Campaigning
from simulator.policies.campaigning.imitating import ImitatingCampaigns, ImitatingSettings
from simulator.policies.campaigning.steady import SteadyCampaigns
from simulator.policies.following import FollowedSettings
from simulator.settings import quantity, share

__all__ = ["Campaigning", "CampaigningSettings", "make_campaigning"]


class CampaigningSettings(FollowedSettings):
    """How merchants advertise; acts with mechanics.brand only."""

    kind: Literal["steady", "imitating"] = quantity("steady", "campaigning policy")
    every_days: int = quantity(14, "days between two decisions on budget and move", unit="day", ge=1, le=365)
    budget_share: float = share(0.05, "what a merchant spends on advertising, as a share of its recent sales")
    imitating: ImitatingSettings = ImitatingSettings()


def make_campaigning(settings: CampaigningSettings, window_days: int) -> Campaigning:
    """The policy that the settings name.

    Args:
        settings: Which one.
        window_days: Days of sales that observations count.
    """
    common = (settings.reach, settings.budget_share, window_days)
    match settings.kind:
        case "steady":
            return SteadyCampaigns(*common)
        case "imitating":
            return ImitatingCampaigns(*common, settings.imitating)
