"""Capability: deciding by data takes specialists and technology. Who has too few of them decides as without data."""

from __future__ import annotations

from typing import Any

from simulator.capability.talent import TalentSettings
from simulator.capability.technology import TechnologySettings
from simulator.capability.training import TrainingSettings
from simulator.settings import Settings, quantity, share


class CapabilitySettings(Settings):
    """What deciding by data takes. Off, everybody is able to, at no cost.

    Sums of money are per 1,000 consumers, so that what capability costs of what is sold does not depend on how many
    consumers stand for the market.
    """

    enabled: bool = quantity(False, "whether deciding by data takes specialists and technology")
    products_per_post: int = quantity(
        5, "products of a merchant that one specialist can care for; posts are rounded up", unit="products", ge=1
    )
    able_from: float = share(0.5, "share of its posts, and at least one, that must be filled for a merchant to be able")
    platform_posts: int = quantity(
        0,
        "specialists that the platform itself takes for pages and coupons by data; 0: it is able without",
        unit="posts",
        ge=0,
        le=1000,
    )
    talent: TalentSettings = TalentSettings()
    training: TrainingSettings = TrainingSettings()
    technology: TechnologySettings = TechnologySettings()

    def active(self) -> dict[str, Any]:
        """The settings that have an effect."""
        tree = self.model_dump(mode="json")
        if self.training.reach == 0:
            tree["training"] = {"reach": 0.0}
        return tree
