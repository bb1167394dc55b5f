"""Arms that give away as much as another one: the lever of each is moved until they do.

What an arm gives away is its mean over worlds of its own, `FIRST_SEED` and on, which no comparison uses: so the
levers are fixed before the comparison begins, and its seeds stay fresh. The search is Chandrupatla's (1997), between
the ends of each lever, for all arms in step. Nothing of it is stored but the runs: begun again it asks for the same
markets, finds them, and comes to where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import elementwise

from experiments.study.arms import Arm, Lever
from experiments.study.engines import Engine
from experiments.study.lab import RunsFailed
from experiments.study.store import RunStore
from experiments.study.study import Cell, Study
from simulator import Scenario, SettingsError
from simulator.settings import Settings, flat, quantity

FIRST_SEED = 2_000_000
"""The first seed of the worlds in which levers are sought; those of comparisons and searches are below."""
FIGURES = 4
"""Significant figures of a lever, so that it can be typed."""

Amounts = Callable[[Mapping[str, Scenario]], Mapping[str, float]]
"""What each of these markets gives away, by the arm's name."""


class MatchSettings(Settings):
    """Give every arm what one of them gives away, by moving its lever; without `to` arms are as they are."""

    to: str | None = quantity(None, "the arm that the others are matched to; null: none")
    measure: Literal["subsidy", "given_away"] = quantity(
        "subsidy", "what is matched: what the platform gives, or what platform and merchants give"
    )
    tolerance: float = quantity(0.02, "difference that counts as none", unit="share of it", gt=0, le=0.5)
    seeds: int = quantity(4, "worlds in which levers are sought, none of which is compared", ge=1, le=1_000)
    steps: int = quantity(12, "steps of the search after the two ends of a lever", ge=1, le=100)


@dataclass(frozen=True)
class Matched:
    """What became of one arm.

    Attributes:
        arm: Its name.
        keys: The settings of its lever.
        value: Where the lever stands; NaN if it was not moved.
        amount: What the arm gives away there, mean over the worlds of the search, in yuan; without a lever NaN.
        n_looks: Values of the lever that were tried.
        words: Why it takes no part in the comparison; empty if it does.
    """

    arm: str
    keys: tuple[str, ...] = ()
    value: float = float("nan")
    amount: float = float("nan")
    n_looks: int = 0
    words: str = ""


@dataclass(frozen=True)
class Matching:
    """How the arms of a comparison were made to give away the same.

    Attributes:
        settings: What was asked for.
        target: What the target arm gives away, in yuan.
        arms: The others, in order.
    """

    settings: MatchSettings
    target: float
    arms: list[Matched] = field(default_factory=list)

    @property
    def left_out(self) -> list[str]:
        """Why some arms take no part, a line each."""
        return [f"{matched.arm}: {matched.words}" for matched in self.arms if matched.words]

    def table(self) -> pd.DataFrame:
        """A row per arm, the target's first."""
        rows: list[dict[str, Any]] = [{"arm": self.settings.to, "lever": "", "amount": self.target, "target": 1.0}]
        for matched in self.arms:
            rows.append(
                {
                    "arm": matched.arm,
                    "lever": " ".join(matched.keys),
                    "value": matched.value,
                    "amount": matched.amount,
                    "target": matched.amount / self.target,
                    "n_looks": matched.n_looks,
                    "left_out": matched.words,
                }
            )
        columns = ["arm", "lever", "value", "amount", "target", "n_looks", "left_out"]
        return pd.DataFrame(rows, columns=columns).rename(columns={"target": "share_of_target"})


def amounts_in(settings: MatchSettings, store: RunStore, engine: Engine) -> Amounts:
    """What markets give away, computed in the worlds of the search where runs are not in the store.

    Raises:
        RunsFailed: When asked, if runs failed; the others are kept.
    """

    def look(scenarios: Mapping[str, Scenario]) -> Mapping[str, float]:
        cells = [Cell({"arm": f"{arm} (matching)"}, scenario) for arm, scenario in scenarios.items()]
        study = Study(cells, range(FIRST_SEED, FIRST_SEED + settings.seeds), store)
        store.open()
        if study.missing()[0] and (failed := study.compute(engine)):
            raise RunsFailed(failed)
        final = study.gather("final")
        own = final[final["measure"] == settings.measure]["value"].to_numpy(dtype=np.float64)
        return dict(zip(scenarios, own.reshape(len(cells), -1).mean(axis=1).tolist(), strict=True))

    return look


def match_arms(
    arms: Sequence[Arm], baseline: str, settings: MatchSettings, amounts: Amounts
) -> tuple[list[Arm], Matching]:
    """Move levers until the arms give away as much as the target.

    Args:
        arms: All arms of the comparison.
        baseline: The arm that is left as it is.
        settings: Whom to match, and how closely.
        amounts: What markets give away.

    Returns:
        The arms that take part, in order, with their levers where they were found, and what became of each.

    Raises:
        SettingsError: If the target gives away nothing, or a lever is wrong.
    """
    by_name = {arm.name: arm for arm in arms}
    assert settings.to is not None
    target = amounts({settings.to: by_name[settings.to].scenario})[settings.to]
    if not target > 0.0:
        raise SettingsError(
            f"match.to={settings.to}: it gives away nothing ({settings.measure} {target:g} yuan); name another arm"
            + (", or match.measure=given_away" if settings.measure == "subsidy" else "")
        )
    others = [arm for arm in arms if arm.name not in (baseline, settings.to)]
    with_lever = [arm for arm in others if arm.lever is not None]
    search = _Search(with_lever, target, settings, amounts)
    search.run()
    matching = Matching(settings, target, [search.found(arm) for arm in others])
    taking_part = {baseline: by_name[baseline], settings.to: by_name[settings.to]}
    for matched in matching.arms:
        if not matched.words:
            arm = by_name[matched.arm]
            scenario, where = moved(arm, matched.value)
            words = f"{arm.description} ({where})"
            taking_part[arm.name] = replace(arm, scenario=scenario, description=words)
    return [taking_part[arm.name] for arm in arms if arm.name in taking_part], matching


def moved(arm: Arm, value: float) -> tuple[Scenario, str]:
    """An arm with its lever at a value, and the settings that this changes, as they are typed.

    Raises:
        SettingsError: If the lever names a setting that does not exist or may not have the value.
    """
    values = dict.fromkeys(_lever(arm).settings, place(arm, value))
    where = ", ".join(f"{key}={number:g}" for key, number in values.items())
    try:
        return arm.scenario.replace(**values), where
    except SettingsError as error:
        raise SettingsError(f"{error} (lever of {arm.name})") from None


def place(arm: Arm, value: float) -> float:
    """Where a lever stands: a number with few figures, or a whole one if a setting of it is."""
    known = flat(arm.scenario.model_dump(mode="json"))
    is_whole = any(isinstance(known.get(key), int) for key in _lever(arm).settings)
    return round(value) if is_whole else float(f"{value:.{FIGURES}g}")


def check_levers(arms: Sequence[Arm]) -> None:
    """Raise a SettingsError if a lever names a setting that does not exist or may not stand at its ends."""
    for arm in arms:
        if arm.lever is not None:
            for end in (arm.lever.low, arm.lever.high):
                moved(arm, end)


class _Search:
    """The search for the levers of some arms at once."""

    def __init__(self, arms: Sequence[Arm], target: float, settings: MatchSettings, amounts: Amounts) -> None:
        self.arms, self.target, self.settings, self.amounts = arms, target, settings, amounts
        self.looks: dict[str, dict[float, float]] = {arm.name: {} for arm in arms}

    def run(self) -> None:
        """Look between the ends of all levers, in step."""
        if not self.arms:
            return
        levers = [_lever(arm) for arm in self.arms]
        ends = (np.array([lever.low for lever in levers]), np.array([lever.high for lever in levers]))
        elementwise.find_root(
            self._gap,
            ends,
            args=(np.arange(len(levers)),),
            tolerances={"fatol": self.settings.tolerance * self.target, "frtol": 0.0, "xatol": 0.0, "xrtol": 1e-4},
            maxiter=self.settings.steps,
        )

    def found(self, arm: Arm) -> Matched:
        """What became of an arm: of all looks the closest, if it is close enough."""
        if arm.lever is None:
            return Matched(arm.name, words="has no lever, so that it cannot give away more or less")
        looks = self.looks[arm.name]
        value = min(looks, key=lambda value: (abs(looks[value] - self.target), value))
        matched = Matched(arm.name, arm.lever.settings, value, looks[value], len(looks))
        if abs(looks[value] - self.target) <= self.settings.tolerance * self.target:
            return matched
        low, high = min(looks.values()), max(looks.values())
        return replace(
            matched,
            words=f"gives away {low:,.0f} to {high:,.0f} yuan with {' '.join(arm.lever.settings)} from "
            f"{arm.lever.low:g} to {arm.lever.high:g}, and so cannot be matched to {self.target:,.0f}"
            if not low <= self.target <= high
            else f"comes no closer than {looks[value]:,.0f} yuan to {self.target:,.0f} in {len(looks)} looks",
        )

    def _gap(self, values: NDArray[np.float64], /, *args: Any) -> NDArray[np.float64]:
        """What the arms of these numbers give away beyond the target with levers at these values, shape (n,) each."""
        (rows,) = args
        by_name = {self.arms[row].name: self.arms[row] for row in rows}
        wanted = {name: place(arm, value) for (name, arm), value in zip(by_name.items(), values, strict=True)}
        new = {name: value for name, value in wanted.items() if value not in self.looks[name]}
        found = self.amounts({name: moved(by_name[name], value)[0] for name, value in new.items()}) if new else {}
        for name, value in new.items():
            self.looks[name][value] = found[name]
        return np.array([self.looks[name][value] - self.target for name, value in wanted.items()])


def _lever(arm: Arm) -> Lever:
    assert arm.lever is not None
    return arm.lever
