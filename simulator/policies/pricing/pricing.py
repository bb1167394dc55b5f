"""What every pricing policy is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Draws, decision
from simulator.policies.following import FollowedSettings, follow
from simulator.policies.policy import Ints, Observations, Rows

FOLLOWS = decision("pricing.follows")

Asked = NDArray[Any]
"""Prices in fen, not yet whole."""


class Pricing(ABC):
    """Asks prices for many products at once."""

    carried: ClassVar[tuple[str, ...]] = ()
    """What it remembers from one day to the next; see `simulator.state.snapshot`."""

    @abstractmethod
    def decide(self, seen: Observations, products: Rows, draws: Draws) -> Ints:
        """Offer prices in fen of the given products for one who buys alone, at least 1, shape (n,)."""

    def personal(self, seen: Observations, consumers: Rows, products: Rows, draws: Draws) -> Ints | None:
        """Prices in fen for these consumers and products, shape (n,); None where everybody pays the offer price."""
        return None


class CampaignPrices(Pricing):
    """Prices of the merchants who follow a rule, during the campaign; all else is sold at list prices."""

    by_data: ClassVar[bool] = True
    """Whether the rule needs specialists; see `simulator.policies.following`."""

    def __init__(self, settings: FollowedSettings) -> None:
        self.reach = settings.reach

    def decide(self, seen: Observations, products: Rows, draws: Draws) -> Ints:
        list_fen = seen.list_fen[products]
        if seen.campaign_day < 0:
            return list_fen
        asked = whole_fen(self.ask(seen, products, draws))
        follows = follow(seen, seen.merchant[products], self.reach, draws, FOLLOWS, by_data=self.by_data)
        return np.where(follows, asked, list_fen)

    @abstractmethod
    def ask(self, seen: Observations, products: Rows, draws: Draws) -> Asked:
        """What the rule asks today for these products, shape (n,)."""


def whole_fen(price: Asked) -> Ints:
    """Prices in whole fen, half to even, at least 1."""
    return np.asarray(np.maximum(np.rint(price), 1), dtype=np.int64)
