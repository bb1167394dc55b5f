"""Stocking policies: what merchants order from their suppliers, and when. A new one is registered here."""

from __future__ import annotations

from typing import Literal

from simulator.policies.stocking.reorder import ReorderPoints, ReorderSettings
from simulator.policies.stocking.routine import Routine
from simulator.policies.stocking.stocking import ROUTINE, Stocking
from simulator.settings import Settings, quantity

__all__ = ["ROUTINE", "Stocking", "StockingSettings", "make_stocking"]


class StockingSettings(Settings):
    """How merchants fill their shelves, where stock is limited."""

    kind: Literal["routine", "reorder"] = quantity("routine", "stocking policy")
    reorder: ReorderSettings = ReorderSettings()


def make_stocking(settings: StockingSettings, waves_per_day: int) -> Stocking:
    """The policy that the settings name."""
    match settings.kind:
        case "routine":
            return Routine()
        case "reorder":
            return ReorderPoints(settings.reorder, waves_per_day)
