"""What every product policy is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from simulator.draws import ALWAYS, Draws, decision
from simulator.policies.following import FollowedSettings, follow
from simulator.policies.policy import Flags, Numbers, Observations, Rows
from simulator.settings import quantity

FOLLOWS = decision("product.follows")
TURN = decision("product.turn")


class DesignSettings(FollowedSettings):
    """A policy that redesigns products."""

    review_days: int = quantity(30, "days between two looks at the products", unit="day", ge=1, le=365)
    step: float = quantity(
        0.5, "how far a redesign goes towards what is believed to sell best; 1: all the way", unit="share", gt=0, le=1
    )
    payback_days: int = quantity(
        90, "days of additional margin, as believed, that must pay for a redesign", unit="day", ge=0, le=3650
    )


class Designing(ABC):
    """Designs many products at once."""

    carried: ClassVar[tuple[str, ...]] = ()
    """What it remembers from one day to the next; see `simulator.state.snapshot`."""

    @abstractmethod
    def decide(self, seen: Observations, products: Rows, draws: Draws) -> Numbers:
        """Where the given products should stand in taste space, unit vectors of shape (n, n_attributes).

        A product that should stay what it is has the attributes that are seen.
        """


class Redesigns(Designing):
    """Redesigns, every `review_days` of the campaign, of merchants who follow, where they are believed to pay."""

    def __init__(self, settings: DesignSettings, cost_fen: int) -> None:
        self.design_settings, self.cost_fen = settings, cost_fen

    def decide(self, seen: Observations, products: Rows, draws: Draws) -> Numbers:
        s = self.design_settings
        if seen.campaign_day < 0:
            return seen.attributes[products]
        is_wanted = self._is_reviewed(seen, draws) & follow(seen, seen.merchant, s.reach, draws, FOLLOWS)
        designs, growth = self.propose(seen, is_wanted)
        n_days = max(seen.day - seen.reaction_days + 1, 1)  # on record
        margin_fen = np.maximum(seen.list_fen - seen.cost_fen, 0)
        gain_fen = growth * (seen.n_ordered / n_days) * margin_fen * s.payback_days
        is_wanted &= (gain_fen > 0) & (gain_fen >= self.cost_fen)
        return np.where(is_wanted[:, None], designs, seen.attributes)[products]

    def _is_reviewed(self, seen: Observations, draws: Draws) -> Flags:
        """Whose turn it is to be looked at, each merchant on its own days, shape (n_products,)."""
        n = self.design_settings.review_days
        offset = (draws.uniform(TURN, ALWAYS, seen.merchant) * n).astype(np.int64)
        return np.asarray((seen.campaign_day + offset) % n == 0)

    @abstractmethod
    def propose(self, seen: Observations, is_asked: Flags) -> tuple[Numbers, Numbers]:
        """What might be made of the products asked for, and by which share they would sell more.

        Args:
            seen: What is seen.
            is_asked: Which products, shape (n_products,).

        Returns:
            Unit vectors, shape (n_products, n_attributes), and shares, shape (n_products,); 0 where none is proposed.
        """


def moved(attributes: Numbers, towards: Numbers, step: float) -> Numbers:
    """Unit vectors on the way from one to another, the share `step` of it, to 6 decimals, shape (n, n_attributes).

    Who should go nowhere, a direction of zeros, or to the opposite side, stays.
    """
    aim = (1 - step) * attributes + step * towards
    length = np.sqrt(np.einsum("pd,pd->p", aim, aim))[:, None]
    goes: Flags = (length > 1e-9) & (towards != 0).any(axis=1)[:, None]
    return np.asarray(np.where(goes, np.round(aim / np.where(goes, length, 1.0), 6), attributes))
