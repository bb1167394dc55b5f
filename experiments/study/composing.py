"""Settings composed by Hydra from `configs/` and a command line; a mistake is told in one line before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import cache, lru_cache
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
    parsed = [parse_override(text) for text in overrides]
    for override in parsed:
        if override.is_sweep_override():
            raise SettingsError(f"{text_of(override)}: one value per setting here; many take experiments.sweep")
    choices = [o for o in parsed if o.key_or_group in groups()]
    for choice in choices:
        _check_choice(choice)
    try:
        return deepcopy(_compose(configs_folder(), config, tuple(overrides)))
    except SettingsError:  # said better where it is a key that does not exist
        known = _compose(configs_folder(), config, tuple(text_of(o) for o in choices))
        for override in parsed:
            if override not in choices and not override.is_add():
                check_key(override, known)
        raise


def scenario_part(tree: Tree) -> Tree:
    """The part of a composed tree that is the market's."""
    return {key: value for key, value in tree.items() if key in Scenario.model_fields}


def merged(base: Tree, over: Mapping[str, Any]) -> Tree:
    """A tree with the values of another one laid over it; neither is changed."""
    result = dict(base)
    for key, value in over.items():
        inner = result.get(key)
        if isinstance(inner, dict) and isinstance(value, Mapping):
            result[key] = merged(inner, value)
        else:
            result[key] = value
    return result


def nested(key: str, value: Any) -> Tree:
    """A tree with one value at a dotted key."""
    for part in reversed(key.split(".")):
        value = {part: value}
    return dict(value)


def changes(tree: Mapping[str, Any], base: Mapping[str, Any]) -> Tree:
    """The values of a nested tree that are not the same in another one, nested."""
    different: Tree = {}
    for key, value in tree.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            inner = changes(value, base[key])
            different |= {key: inner} if inner else {}
        elif key not in base or base[key] != value:
            different[key] = value
    return different


@contextmanager
def hydra_on(folder: Path) -> Iterator[None]:
    """Hydra, looking at a folder of configs and at the market's settings."""
    GlobalHydra.instance().clear()
    _store_scenario()
    with initialize_config_dir(str(folder), version_base="1.3"):
        yield


@cache
def _store_scenario() -> None:
    """Tell Hydra the market's settings, which takes it a tenth of a second."""
    ConfigStore.instance().store(name="scenario", node=Scenario().model_dump(mode="json"))


@lru_cache(maxsize=64)
def _compose(folder: Path, config: str, overrides: tuple[str, ...]) -> Tree:
    """A tree that is shared: a command asks for the same one several times, and Hydra takes a third of a second."""
    try:
        with hydra_on(folder):
            tree = OmegaConf.to_container(compose(config, list(overrides)), resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        raise SettingsError(f"{' '.join(overrides)}: {reason}") from None
    assert isinstance(tree, dict)
    return {str(key): value for key, value in tree.items()}


def parse_override(text: str) -> Override:
    """One argument of the command line.

    Raises:
        SettingsError: If it is not of the form key=value.
    """
    try:
        return OverridesParser.create().parse_override(text)
    except HydraException as error:
        raise SettingsError(f"'{text}' is not of the form key=value: {str(error).splitlines()[0]}") from None


def text_of(override: Override) -> str:
    """An override as it was given."""
    return str(override.input_line)


def _check_choice(override: Override) -> None:
    options = groups()[override.key_or_group]
    value = override.value()
    for choice in value if isinstance(value, list) else [value]:
        if choice is not None and choice not in options:
            raise SettingsError(
                f"{text_of(override)}: there is no such {override.key_or_group}; known are {', '.join(options)}"
            )


def check_key(override: Override, known: Tree) -> None:
    """Raise a SettingsError if a tree has nothing at the override's key."""
    block: Any = known
    for depth, part in enumerate(path := override.key_or_group.split(".")):
        if not isinstance(block, dict) or part not in block:
            inside = ".".join(path[:depth])
            is_block = isinstance(block, dict)
            hint = nearest(part, map(str, block), inside) if is_block else f"'{inside}' has no parts"
            raise SettingsError(f"{text_of(override)}: there is no setting '{override.key_or_group}'; {hint}")
        block = block[part]
