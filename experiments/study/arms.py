"""Arms: the scenarios a study compares, composed by Hydra and checked before anything runs.

Arm = defaults ← experiment and command line ← `configs/strategy/<arm>.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from simulator import Scenario, SettingsError
from simulator.settings import nearest

Tree = dict[str, Any]


@dataclass(frozen=True)
class Arm:
    """One strategy of a study."""

    name: str
    description: str
    scenario: Scenario


def configs_folder() -> Path:
    """Where the configs are: beside the packages in a checkout, inside this package when installed."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "configs"
    return installed if installed.is_dir() else package.parent / "configs"


def groups() -> dict[str, list[str]]:
    """The config groups and their options, such as social → small_world, scale_free, ..."""
    folders = sorted(p for p in configs_folder().iterdir() if p.is_dir())
    return {folder.name: sorted(p.stem for p in folder.glob("*.yaml")) for folder in folders}


def compose_tree(config: str, overrides: Sequence[str]) -> Tree:
    """Compose a primary config with a command line, as a tree of plain values.

    Raises:
        SettingsError: If an override is malformed, or names a key or an option that does not exist.
    """
    parsed = [_parse(text) for text in overrides]
    choices = [o for o in parsed if o.key_or_group in groups()]
    for choice in choices:
        _check_choice(choice)
    known = _compose(config, [_text(o) for o in choices])
    for override in parsed:
        if override not in choices and not override.is_add():
            _check_key(override, known)
    return _compose(config, list(overrides))


def compose_arms(names: Sequence[str], base: Tree, overrides: Sequence[str]) -> list[Arm]:
    """The arms of a study, in order, checked against each other.

    Args:
        names: The arms, files of `configs/strategy`.
        base: The scenario part of the composed tree.
        overrides: The command line, to find settings that no arm uses.

    Raises:
        SettingsError: If an arm is unknown or wrong, two arms are equal, or no arm uses a setting that was given.
    """
    arms = [_compose_arm(name, base) for name in names]
    _refuse_equal(arms)
    refuse_unused([arm.scenario for arm in arms], overrides)
    return arms


def refuse_unused(scenarios: Sequence[Scenario], overrides: Sequence[str]) -> None:
    """Raise a SettingsError if one of the overrides changes a setting that none of the scenarios uses."""
    used = {key for scenario in scenarios for key in leaves(scenario.active())}
    every = set(leaves(scenarios[0].model_dump(mode="json")))
    for override in map(_parse, overrides):
        key = override.key_or_group
        if key in every and key not in used:
            raise SettingsError(f"{_text(override)} has no effect: {_remedy(key)}")


def _remedy(key: str) -> str:
    """What to do about a setting that nothing uses."""
    block, *rest = key.split(".")
    if block == "mechanics":
        return f"no arm here switches mechanics.{rest[0]} on"
    return "the network file decides the population" if key == "consumers.n" else "no arm here uses it; leave it out"


def leaves(tree: Tree, prefix: str = "") -> Iterator[str]:
    """The dotted keys of all values of a tree."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def _compose_arm(name: str, base: Tree) -> Arm:
    known = groups()["strategy"]
    if name not in known:
        raise SettingsError(f"experiment.arms: there is no strategy '{name}'; {nearest(name, known)}")
    strategy = _compose(f"strategy/{name}", [])
    description = strategy.pop("description", name)
    tree = OmegaConf.to_container(OmegaConf.merge(base, strategy))
    assert isinstance(tree, dict)
    try:
        return Arm(name, str(description), Scenario.parse({str(k): v for k, v in tree.items()}).on_network())
    except SettingsError as error:
        raise SettingsError(f"{error} (arm {name})") from None


def _refuse_equal(arms: Sequence[Arm]) -> None:
    seen: dict[str, str] = {}
    for arm in arms:
        twin = seen.setdefault(arm.scenario.hash, arm.name)
        if twin != arm.name:
            raise SettingsError(f"arms '{twin}' and '{arm.name}' are the same market; leave one out or set them apart")


def _compose(config: str, overrides: Sequence[str]) -> Tree:
    GlobalHydra.instance().clear()
    ConfigStore.instance().store(name="scenario", node=Scenario().model_dump(mode="json"))
    try:
        with initialize_config_dir(str(configs_folder()), version_base="1.3"):
            tree = OmegaConf.to_container(compose(config, list(overrides)), resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        raise SettingsError(f"{' '.join(overrides)}: {reason}") from None
    assert isinstance(tree, dict)
    return {str(key): value for key, value in tree.items()}


def _parse(text: str) -> Override:
    try:
        override = OverridesParser.create().parse_override(text)
    except HydraException as error:
        raise SettingsError(f"'{text}' is not of the form key=value: {str(error).splitlines()[0]}") from None
    if override.is_sweep_override():
        raise SettingsError(f"{text}: one value per setting, please")
    return override


def _text(override: Override) -> str:
    return str(override.input_line)


def _check_choice(override: Override) -> None:
    options = groups()[override.key_or_group]
    value = override.value()
    for choice in value if isinstance(value, list) else [value]:
        if choice is not None and choice not in options:
            raise SettingsError(
                f"{_text(override)}: there is no such {override.key_or_group}; known are {', '.join(options)}"
            )


def _check_key(override: Override, known: Tree) -> None:
    block: Any = known
    for depth, part in enumerate(path := override.key_or_group.split(".")):
        if not isinstance(block, dict) or part not in block:
            inside = ".".join(path[:depth])
            hint = nearest(part, map(str, block)) if isinstance(block, dict) else f"'{inside}' has no parts"
            raise SettingsError(f"{_text(override)}: there is no setting '{override.key_or_group}'; {hint}")
        block = block[part]
