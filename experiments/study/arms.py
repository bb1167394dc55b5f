"""Arms: the strategies a study compares, checked before anything runs.

Arm = defaults ← experiment and command line ← `configs/strategy/<arm>.yaml`. An arm `a+b` is strategy b laid over a.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from experiments.study.composing import (
    Tree,
    compose_tree,
    groups,
    merged,
    parse_override,
    scenario_part,
    text_of,
)
from experiments.study.grid import Point, as_settings
from simulator import Scenario, SettingsError
from simulator.settings import Settings, flat, nearest, parse_settings, quantity

PLUS = "+"
"""Between the names of strategies that are laid over each other."""


class Lever(Settings):
    """The settings by which a strategy gives away more or less, all of them set to one number."""

    settings: tuple[str, ...] = quantity((), "dotted keys of the market's settings")
    low: float = quantity(0.0, "one end")
    high: float = quantity(1.0, "the other end")


@dataclass(frozen=True)
class Arm:
    """One strategy of a study, or several laid over each other.

    Attributes:
        name: Of its files, joined by `PLUS`.
        description: What it does.
        scenario: The market.
        lever: How it may give away more or less; None where nobody says.
    """

    name: str
    description: str
    scenario: Scenario
    lever: Lever | None = None


def compose_arms(names: Sequence[str], base: Tree, overrides: Sequence[str]) -> list[Arm]:
    """The arms of a study, in order, checked against each other.

    Args:
        names: The arms, files of `configs/strategy`.
        base: The scenario part of the composed tree.
        overrides: The command line, to find settings that no arm uses.

    Raises:
        SettingsError: If an arm is unknown or wrong, two arms are equal, or no arm uses a setting that was given.
    """
    return compose_arms_at([({}, base)], names, overrides)[0]


def compose_arms_at(
    points: Sequence[tuple[Point, Tree]], names: Sequence[str], overrides: Sequence[str]
) -> list[list[Arm]]:
    """The arms of a study at every point of a grid, checked against each other.

    Args:
        points: What varies, and the scenario part of the tree composed there.
        names: The arms, files of `configs/strategy`.
        overrides: The command line and the axes of the grid, to find settings that no arm uses at any point.

    Raises:
        SettingsError: If an arm is unknown or wrong at some point, two arms are equal at all of them, or no arm uses a
            setting that was given.
    """
    found = []
    for point, base in points:
        try:
            found.append([compose_arm(name, base) for name in names])
        except SettingsError as error:
            raise SettingsError(f"{error} (at {as_settings(point)})" if point else str(error)) from None
    _refuse_equal(found)
    refuse_unused([arm.scenario for arms in found for arm in arms], overrides)
    return found


def refuse_unused(scenarios: Sequence[Scenario], overrides: Sequence[str]) -> None:
    """Raise a SettingsError if one of the overrides changes a setting that none of the scenarios uses."""
    used = {key for scenario in scenarios for key in flat(scenario.active())}
    every = flat(scenarios[0].model_dump(mode="json"))
    for override in map(parse_override, overrides):
        key = override.key_or_group
        if key in every and key not in used:
            raise SettingsError(f"{text_of(override)} has no effect: {_remedy(key, used)}")


def _remedy(key: str, used: Collection[str]) -> str:
    """What to do about a setting that nothing uses."""
    block, *rest = key.split(".")
    if block == "mechanics" and f"mechanics.{rest[0]}.enabled" not in used:
        return f"no arm here switches mechanics.{rest[0]} on"
    return "the network file decides the population" if key == "consumers.n" else "no arm here uses it; leave it out"


def compose_arm(name: str, base: Tree) -> Arm:
    """A strategy, or several in order, laid over the scenario part of a composed tree.

    The lever of several is that of the last one that has any.

    Raises:
        SettingsError: If there is no such strategy, or the scenario is wrong.
    """
    strategies = {part: _strategy(part) for part in name.split(PLUS)}
    levers = [parse_settings(Lever, tree["lever"]) for tree in strategies.values() if "lever" in tree]
    try:
        tree = base
        for strategy in strategies.values():
            tree = merged(tree, scenario_part(strategy))
        scenario = Scenario.parse(tree).on_network()
    except SettingsError as error:
        raise SettingsError(f"{error} (arm {name})") from None
    described = "; ".join(str(tree.get("description", part)) for part, tree in strategies.items())
    return Arm(name, described, scenario, levers[-1] if levers else None)


@cache
def _strategy(name: str) -> Tree:
    known = groups()["strategy"]
    if name not in known:
        raise SettingsError(f"there is no strategy '{name}'; {nearest(name, known)}")
    return compose_tree(f"strategy/{name}", [])


def _refuse_equal(points: Sequence[Sequence[Arm]]) -> None:
    """Raise a SettingsError if two arms are the same market at every point."""
    seen: dict[tuple[str, ...], str] = {}
    for arms in zip(*points, strict=True):
        arm = arms[0]
        twin = seen.setdefault(tuple(a.scenario.hash for a in arms), arm.name)
        if twin != arm.name:
            raise SettingsError(f"arms '{twin}' and '{arm.name}' are the same market; leave one out or set them apart")
