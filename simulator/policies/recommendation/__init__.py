"""Recommendation policies: which products of a category a shopper is shown. A new one is registered here."""

from __future__ import annotations

from typing import Literal

from simulator.policies.recommendation.collaborative import CollaborativePage
from simulator.policies.recommendation.fallback import FallbackSettings
from simulator.policies.recommendation.hybrid import HybridPage, HybridSettings
from simulator.policies.recommendation.oracle import OraclePage, Truth
from simulator.policies.recommendation.personalised import PersonalisedPage
from simulator.policies.recommendation.popular import PopularPage
from simulator.policies.recommendation.random import RandomPage
from simulator.policies.recommendation.recommendation import Recommendation
from simulator.policies.recommendation.similarity import SimilaritySettings
from simulator.settings import Settings, quantity

__all__ = ["RandomPage", "Recommendation", "RecommendationSettings", "Truth", "make_recommendation"]


class RecommendationSettings(Settings):
    """Which page the platform shows."""

    kind: Literal["random", "popular", "personalised", "collaborative", "hybrid", "oracle"] = quantity(
        "random", "recommendation policy"
    )
    personalised: FallbackSettings = FallbackSettings()
    collaborative: SimilaritySettings = SimilaritySettings()
    hybrid: HybridSettings = HybridSettings()


def make_recommendation(settings: RecommendationSettings, truth: Truth) -> Recommendation:
    """The policy that the settings name."""
    match settings.kind:
        case "random":
            return RandomPage()
        case "popular":
            return PopularPage()
        case "personalised":
            return PersonalisedPage(settings.personalised)
        case "collaborative":
            return CollaborativePage(settings.collaborative)
        case "hybrid":
            return HybridPage(settings.hybrid)
        case "oracle":
            return OraclePage(truth)
