"""A market that can be put down and taken up again, or go on in several ways from one day."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from simulator.agents.views import ColumnModel
from simulator.mechanics import MECHANICS
from simulator.mechanics.mechanic import Mechanic
from simulator.scenario import Scenario
from simulator.state.past import is_branch
from simulator.state.snapshot import give, read, take, write

IN_CAMPAIGNS = ("attention", "invitations", "wallets", "capability", "_mechanics_by_name", "_policies")
"""Parts that have nothing to carry before the campaign begins."""


class Resumable(ColumnModel):
    """What of a market the coming days depend on, and how another one goes on from it."""

    carried = (
        *("day", "wave", "columns", "products", "needs", "log", "daybook", "today", "_daily_measures"),
        *("ledger", "budget", "quality_above_standard", "pipe", "governance", "shelves", "workshop", *IN_CAMPAIGNS),
    )
    _user_step: Callable[[], None]

    def fork(self, scenario: Scenario | None = None, **settings: Any) -> Self:
        """Another market with the same past, which goes on by itself; under other settings if any are given.

        Only what acts in campaigns may change, and only until the burn-in is over; then the fork equals a market built
        from those settings and run up to this day, bit for bit.

        Args:
            scenario: The settings to go on under; this market's if None.
            **settings: Changes to them by dotted key.

        Raises:
            SettingsError: If a setting is wrong, or the past would have been another one under it.
        """
        self.log.compact()
        kind: Any = type(self)
        other: Self = kind(scenario or self.scenario, rng=self.seed, keep_events=self.log.keeps, **settings)
        other._take_over(take(self), self.day, self.scenario.active())
        return other

    def save(self, path: str | Path) -> None:
        """Write what the coming days depend on to a file, between two days; `load` goes on from there, bit for bit.

        What a user has added to the model (agents, data collectors) is not in it.

        Raises:
            SnapshotError: If the file cannot be written; then nothing is there, or what was there before.
        """
        self.log.compact()
        header = {
            "day": self.day,
            "seed": self.seed,
            "keep_events": self.log.keeps,
            "scenario": self.scenario.model_dump(mode="json"),
            "active": self.scenario.active(),
        }
        write(path, header, take(self))

    @classmethod
    def load(cls, path: str | Path, scenario: Scenario | None = None, **settings: Any) -> Self:
        """The market in a file; it goes on as the saved one would have, or under other settings as in `fork`.

        Raises:
            SnapshotError: If the file is damaged, no saved market, or of another version.
            SettingsError: If a setting is wrong, or the past would have been another one under it.
        """
        header, state = read(path)
        scenario = scenario or Scenario.parse(header["scenario"])
        kind: Any = cls
        market: Self = kind(scenario, rng=header["seed"], keep_events=header["keep_events"], **settings)
        market._take_over(state, header["day"], header["active"])
        return market

    def _take_over(self, state: dict[str, Any], day: int, lived: dict[str, Any]) -> None:
        """Go on from the state of a market that has lived up to a day under these active settings."""
        if is_branch(day, lived, self.scenario.active()):
            columns = {owner: values for owner, values in state["columns"].items() if owner not in MECHANICS}
            state = {name: part for name, part in state.items() if name not in IN_CAMPAIGNS} | {"columns": columns}
        give(self, state)
        self.running = self.day < self.scenario.days
        # Mesa counts steps, and from 3.5 on keeps a calendar of them: let it pass the days without ours.
        step, self._user_step = self._user_step, lambda: None
        for _ in range(self.day):
            self.step()
        self._user_step = step

    @property
    def _mechanics_by_name(self) -> dict[str, Mechanic]:
        return {mechanic.name: mechanic for mechanic in self.mechanics}

    @property
    def _daily_measures(self) -> dict[str, list[float]]:
        """The daily measures collected so far."""
        return {name: values for name, values in self.datacollector.model_vars.items() if name in self.today}

    @property
    def _policies(self) -> dict[str, Any]:
        """Those that may remember something."""
        return {
            "pricing": self.pricing,
            "recommendation": self.slates.campaign_policy,
            "couponing": self.couponing,
            "stocking": self.stocking,
            "product": self.designing,
            "campaigning": self.campaigning,
        }
