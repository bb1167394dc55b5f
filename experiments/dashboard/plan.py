"""What a what-if asks: arms and settings, as a command line, as the YAML of an experiment, and checked."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from shlex import join
from typing import Any

from omegaconf import OmegaConf

from experiments.compare import Question, ask
from experiments.study.arms import Arm, compose_arm
from experiments.study.composing import compose_tree, groups, merged, nested
from simulator import Scenario, SettingsError
from simulator.settings import flat

NAME = "what_if"
BASELINE = "baseline"
MOST_PEOPLE = 100_000
MOST_CONSUMER_DAYS = 1_000_000_000
"""About ten minutes on two cores."""
_TOO_LARGE = "too large for the dashboard, use the command line; here at most"
_HYDRA = threading.Lock()
"""Hydra composes for one thread at a time."""


@dataclass(frozen=True)
class Plan:
    """A comparison that can be run here, or on the command line to the same numbers.

    Attributes:
        arms: Strategies to compare with the baseline, names of files in `configs/strategy`.
        settings: Values by dotted key, the same for all arms.
        seeds: Worlds.
    """

    arms: tuple[str, ...]
    settings: Mapping[str, Any]
    seeds: int

    @property
    def overrides(self) -> list[str]:
        """The arguments of `python -m experiments.compare`; settings at their default are left out."""
        changed = {key: value for key, value in self.settings.items() if value != _defaults()[key]}
        return [
            f"experiment.name={NAME}",
            f"experiment.arms=[{','.join((BASELINE, *self.arms))}]",
            f"seeds={self.seeds}",
            *(f"{key}={_typed(value)}" for key, value in changed.items()),
        ]

    @property
    def command(self) -> str:
        """The command line that repeats it, to be pasted into a shell."""
        return join(["python", "-m", "experiments.compare", *self.overrides])

    def as_yaml(self) -> str:
        """An experiment file for `configs/experiment/` that repeats it; how to is told at its top."""
        tree: dict[str, Any] = {}
        for key, value in self.settings.items():
            tree = merged(tree, nested(key, value))
        question = {"name": NAME, "question": "What if?", "baseline": BASELINE, "arms": [BASELINE, *self.arms]}
        body = OmegaConf.to_yaml(OmegaConf.create(tree | {"experiment": question}))
        return (
            "# @package _global_\n"
            f"# Made by the dashboard. Put this file into configs/experiment/ as {NAME}.yaml, then run\n"
            f"#   python -m experiments.compare experiment={NAME} seeds={self.seeds}\n"
            "# or, without the file,\n"
            f"#   {self.command}\n" + body
        )

    def check(self) -> Question:
        """The comparison, composed and checked as the command line does it.

        Raises:
            SettingsError: Naming what is wrong, and what is allowed; also if it would take too long or too much memory.
        """
        with _HYDRA:
            question = ask(self.overrides)
        for arm in question.arms[0]:
            if arm.scenario.consumers.n > MOST_PEOPLE:
                raise SettingsError(f"consumers.n={arm.scenario.consumers.n}: {_TOO_LARGE} {MOST_PEOPLE:,}")
        days = sum(arm.scenario.consumers.n * arm.scenario.days for arm in question.arms[0]) * self.seeds
        if days > MOST_CONSUMER_DAYS:
            product = f"people × days × strategies × seeds is {days:,}"
            raise SettingsError(f"seeds={self.seeds}: {product}; {_TOO_LARGE} {MOST_CONSUMER_DAYS:,}")
        return question


@cache
def strategies() -> tuple[str, ...]:
    """The strategies that can be compared with the baseline, those of the main job first, in its order.

    Those that are the same market as one before are left out.
    """
    first: dict[str, str] = {}
    for name in (BASELINE, *compose_tree("compare", [])["experiment"]["arms"], *groups()["strategy"]):
        first.setdefault(strategy(name, {}).scenario.hash, name)
    return tuple(name for name in first.values() if name != BASELINE)


def strategy(name: str, settings: Mapping[str, Any]) -> Arm:
    """A strategy laid over settings by dotted key.

    Raises:
        SettingsError: If a setting is wrong.
    """
    tree = Scenario().replace(**settings).model_dump(mode="json")
    with _HYDRA:
        return compose_arm(name, tree)


@cache
def settings_used(name: str, network: str) -> Collection[str]:
    """Dotted keys of the settings that a strategy uses in this kind of network."""
    return flat(strategy(name, {"social.kind": network}).scenario.active()).keys()


@cache
def _defaults() -> Mapping[str, Any]:
    return flat(Scenario().model_dump(mode="json"))


def _typed(value: Any) -> str:
    """A value as it is typed on the command line."""
    return str(value).lower() if isinstance(value, bool) else "null" if value is None else str(value)


def words_of(arms: Sequence[str]) -> dict[str, str]:
    """What each strategy does, in the words of its file."""
    return {name: strategy(name, {}).description for name in arms}
