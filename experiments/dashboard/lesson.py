"""What the classroom watches: two markets with the same luck, one with a strategy and one without, day by day."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.dashboard import layout
from simulator import Market, Scenario
from simulator.records.cascades import find_cascades
from simulator.records.events.codes import Kind, Outcome, Way
from simulator.records.events.ids import id_consumer, id_kind
from simulator.records.reading import FEN_PER_YUAN, Reading, positions, ratio

K_DAYS = 14
"""Follow-up of the K that is shown: short enough to be known while the class watches."""

TOWN: dict[str, Any] = {
    "days": 100,
    "burn_in_days": 5,
    "post_days": 15,
    "needs.rate": 0.1,
    "merchants.n_categories": 2,
    "merchants.cohorts": {"small": {"count": 3, "products_each": 2}, "large": {"count": 1, "products_each": 4}},
    "platform.slate_size": 5,
}
"""The market of the classroom: a small town with few products, so that friends want the same ones."""

Frame = dict[str, Any]


class Lesson:
    """Two markets with the same luck; every day that passes is told as plain lists, for the browser to draw.

    Args:
        scenarios: The market with the strategy, and the one without.
        seed: The luck of both.
    """

    def __init__(self, scenarios: tuple[Scenario, Scenario], seed: int) -> None:
        self.sides = [_Side(Market(scenario, rng=seed)) for scenario in scenarios]
        self._network_kind = scenarios[0].social.kind

    def world(self) -> dict[str, Any]:
        """What does not change: n, places (x, y in thousandths), links, who has joined, days and waves."""
        market = self.sides[0].market
        scenario, network = market.scenario, market.network
        places = np.round(1000.0 * layout.place(network, self._network_kind)).astype(int)
        return {
            "n": network.n,
            "places": places.ravel().tolist(),
            "links": layout.links(network, self._network_kind).ravel().tolist(),
            "joined": np.flatnonzero(market.columns["joined_day"] >= 0).tolist(),
            "days": scenario.days,
            "waves": scenario.waves_per_day,
            "campaign": [scenario.burn_in_days, scenario.campaign_end],
        }

    @property
    def day(self) -> int:
        """Days that have passed."""
        return self.sides[0].market.day

    def next_days(self, n: int) -> list[list[Frame]]:
        """As `next_day` for the next n days, or as many as are left."""
        left = self.sides[0].market.scenario.days - self.day
        return [self.next_day() for _ in range(min(n, left))]

    def next_day(self) -> list[Frame]:
        """Let a day pass in both markets, and tell it.

        Returns:
            A frame for each market: `day`; `joins` (person, wave, inviter or -1); `buys` (person, wave); `opens`
            (person, wave, group, size); `members` (person, wave, group); `ends` (group, wave, 1 filled or 0 lapsed);
            `flights` (inviter, invitee, wave, 1 read or 0 not), each list flat; `counters`, up to and with this day.

        Raises:
            RuntimeError: If the last day is over.
        """
        return [side.next_day() for side in self.sides]


class _Side:
    """One market, and what was counted in it so far."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._totals = dict.fromkeys(("orders", "groups_opened", "groups_filled", "groups_lapsed", "subsidy_yuan"), 0.0)
        self._groups = np.zeros(0, dtype=np.int64)

    def next_day(self) -> Frame:
        self.market.step()
        today = self.market.log.today
        joins, orders, opened, ended = (today(name) for name in ("joins", "orders", "groups", "group_ends"))
        self._groups = np.concatenate([self._groups, opened["id"]])
        joining = orders["way"] == Way.JOIN
        members, seats = orders["consumer"][joining], orders["target"][joining]
        sent = today("invitations")
        return {
            "day": self.market.day - 1,
            "joins": _flat(joins["consumer"], joins["wave"], _inviters(joins["cause"])),
            "buys": _flat(orders["consumer"], orders["wave"]),
            "opens": _flat(opened["consumer"], opened["wave"], self._number(opened["id"]), opened["size"]),
            "members": _flat(members, orders["wave"][joining], self._number(seats)),
            "ends": _flat(self._number(ended["cause"]), ended["wave"], ended["outcome"] == Outcome.FILLED),
            "flights": _flat(sent["consumer"], sent["invitee"], sent["wave"], sent["outcome"] == Outcome.READ),
            "counters": self._count(),
        }

    def _number(self, groups: NDArray[np.int64]) -> NDArray[np.intp]:
        """The groups' places in the order in which they were opened; short numbers for the browser."""
        return positions(self._groups, groups)

    def _count(self) -> dict[str, float | None]:
        for name in self._totals:
            self._totals[name] += self.market.today[name]
        reading = Reading(self.market.log)
        orders, sold = reading.table("orders"), reading.all_sales.row
        discounts = (orders["list_fen"] - orders["paid_fen"] - orders["subsidy_fen"])[sold]
        k = k_so_far(reading, self.market.day)
        return {
            "reach": self.market.today["adopters_cumulative_share"],
            "k": None if np.isnan(k) else k,
            "orders": self._totals["orders"],
            "opened": self._totals["groups_opened"],
            "filled": self._totals["groups_filled"],
            "lapsed": self._totals["groups_lapsed"],
            "subsidy": self._totals["subsidy_yuan"],
            "discounts": int(discounts.sum()) / FEN_PER_YUAN,
        }


def k_so_far(reading: Reading, day: int) -> float:
    """K with a follow-up of `K_DAYS`, as far as it is known.

    Args:
        reading: The events of the days before `day`.
        day: Days that have passed.

    Returns:
        Buyers brought within `K_DAYS` of their inviter's first purchase, per buyer whose first purchase is at least so
        long ago; NaN while there is none, and where nobody invites.
    """
    cascades = find_cascades(reading)
    if not len(cascades.day):
        return np.nan
    is_parent = cascades.is_adopter & (cascades.day + K_DAYS < day)
    is_child = (cascades.trees.depth > 0) & (cascades.wait <= K_DAYS) & is_parent[cascades.trees.parent]
    return ratio(np.count_nonzero(is_child), np.count_nonzero(reading.adopters.day + K_DAYS < day))


def _inviters(causes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Who sent the invitation that each cause names, -1 for other causes."""
    return np.where(id_kind(causes) == Kind.INVITATION, id_consumer(causes), -1)


def _flat(*columns: NDArray[Any]) -> list[int]:
    return [int(value) for row in zip(*columns, strict=True) for value in row]
