"""What every recommendation policy is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Draws, Floats
from simulator.policies.policy import Observations


class Recommendation(ABC):
    """Scores candidates; the page shows the highest. `is_personal` says whether the shopper matters."""

    is_personal: bool
    carried: ClassVar[tuple[str, ...]] = ()
    """What it remembers from one day to the next; see `simulator.state.snapshot`."""

    def open_day(self, seen: Observations) -> None:  # noqa: B027 - most have nothing to do
        """In the morning of a campaign day: what is the same for all pages of the day."""

    @abstractmethod
    def decide(
        self, seen: Observations, consumers: NDArray[np.intp], products: NDArray[np.intp], draws: Draws
    ) -> Floats:
        """Scores, shape (n_shoppers, n_candidates), as `products`; for an impersonal policy the shopper is ignored."""
