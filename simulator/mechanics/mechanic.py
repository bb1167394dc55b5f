"""What every mechanic is: settings, columns and live tables of its own, and hooks that the day calls in a fixed order.

Mechanics meet only in shared tables (invitations, orders, wallets), never in each other's code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from simulator.choice.visits import Looks, Visits
from simulator.draws import ALWAYS, Decision
from simulator.settings import Settings, quantity, share
from simulator.social.clusters import clusters
from simulator.trade.orders import Orders, Wants
from simulator.trade.quote import Offer

if TYPE_CHECKING:
    from simulator.market import Market


Shared = Literal["invitations", "wallets", "attention"]
"""What mechanics share, and may do without."""


class MechanicSettings(Settings):
    """What all mechanics can be told."""

    enabled: bool = quantity(False, "whether the platform runs it")
    from_day: int = quantity(0, "day of the campaign on which it starts", unit="day", ge=0)
    reach: float = share(1.0, "share of consumers it is open to; 0 equals its absence")
    reach_by: Literal["consumer", "cluster", "cell"] = quantity(
        "consumer", "what is in reach or not: each consumer, whole clusters of the network, or whole cells"
    )
    cluster_size: int = quantity(100, "most people in a cluster, where reach goes by them", unit="consumers", ge=2)

    @property
    def reach_idle(self) -> tuple[str, ...]:
        """The settings of the reach that have no effect with these others."""
        by = self.reach_by if 0.0 < self.reach < 1.0 else "consumer"
        return {"consumer": ("reach_by", "cluster_size"), "cluster": (), "cell": ("cluster_size",)}[by]

    @model_validator(mode="after")
    def _has_cells(self) -> Self:
        if self.reach_by == "cell" and not hasattr(self, "cell_size"):
            raise ValueError("reach_by=cell: this mechanic has no cells; allowed are consumer or cluster")
        return self

    @property
    def idle(self) -> tuple[str, ...]:
        """The settings that have no effect with these others."""
        return ()


def check_below_price(name: str, face_fen: int, min_spend_fen: int) -> None:
    """Refuse a coupon that is worth as much as what it is used on.

    Raises:
        ValueError: Naming the setting.
    """
    if face_fen >= min_spend_fen:
        raise ValueError(
            f"{name}={face_fen} must be below min_spend_fen={min_spend_fen}: "
            "a coupon may not be worth more than what it is used on"
        )


def _reach_unit(settings: MechanicSettings, market: Market) -> NDArray[np.intp]:
    """What each consumer's reach is drawn for: its row, its cluster or its cell; shape (n,)."""
    everybody = np.arange(market.columns.n)
    if settings.reach_by == "cluster":
        return clusters(market.network, settings.cluster_size, market.draws)
    if settings.reach_by == "cell":
        return np.asarray(everybody // dict(settings)["cell_size"])
    return everybody


class Mechanic:
    """Base of all mechanics; a subclass overrides the hooks it needs.

    Args:
        settings: Its own settings block.
        market: The market it runs in; everything it may use is there.
    """

    name: ClassVar[str]
    reached_by: ClassVar[Decision]
    carried: ClassVar[tuple[str, ...]] = ()
    """What it holds from one day to the next, columns aside; see `simulator.state.snapshot`."""
    uses: ClassVar[frozenset[Shared]] = frozenset(get_args(Shared))
    """What it may make use of; settings of what no mechanic that is on uses have no effect, and tell no runs apart."""

    def __init__(self, settings: MechanicSettings, market: Market) -> None:
        self.market = market
        self.from_day = settings.from_day
        self.reach_unit = _reach_unit(settings, market)
        self.in_reach: NDArray[np.bool_] = (
            market.draws.uniform(self.reached_by, ALWAYS, self.reach_unit) < settings.reach
        )

    @property
    def is_open(self) -> bool:
        """Whether new groups, coupons or rewards may start today."""
        return self.market.campaign_day >= self.from_day

    def open_day(self) -> None:
        """Before the first wave: issue, expire."""

    def open_wave(self, read: dict[str, NDArray[Any]]) -> None:
        """At the start of a wave: lapse, and take note of the invitations read in it."""

    def visits(self) -> list[Visits]:
        """Shoppers it brings in this wave."""
        return []

    def offers(self, visits: Visits, looks: Looks) -> list[Offer]:
        """Ways of buying it adds for a block of shoppers and the products they look at."""
        return []

    def bars(self, consumers: NDArray[np.intp]) -> NDArray[np.bool_] | None:
        """Which of these consumers may only buy alone, and without coupons, shape (n,); None for none of them."""
        return None

    def admit(self, wants: Wants, priority: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which wants it has room for, shape (n_wants,)."""
        return np.ones(len(wants), dtype=np.bool_)

    def bought(self, orders: Orders) -> None:
        """After payment."""

    def settled(self, orders: Orders) -> None:
        """After the orders of this wave that came about."""

    def lived(self, orders: Orders, surprise: NDArray[np.float64]) -> None:
        """In the evening, after today's settled orders were experienced.

        Args:
            orders: In order of settlement.
            surprise: Quality experienced less quality expected of each, shape (n_orders,).
        """
