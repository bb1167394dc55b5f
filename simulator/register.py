"""Mechanics from outside this package, under the same rules as its own."""

from __future__ import annotations

from pydantic.fields import FieldInfo

from simulator.mechanics import MECHANICS, MechanicsSettings
from simulator.mechanics.mechanic import Mechanic, MechanicSettings
from simulator.scenario import Scenario


def register_mechanic(kind: type[Mechanic], settings: type[MechanicSettings]) -> None:
    """Let markets run a mechanic of your own, after all others; `mechanics.<its name>.enabled` switches it on.

    Scenarios made from now on know its settings. Registering it again replaces it, so that a notebook's cell may run
    twice. Every process that is to run it must register it.

    Args:
        kind: The mechanic; its `name` becomes that of its settings block.
        settings: Its settings, which can all be left to their defaults.

    Raises:
        ValueError: If the name is that of another mechanic.
    """
    name = kind.name
    if name in MECHANICS and (MECHANICS[name].__module__, MECHANICS[name].__name__) != (kind.__module__, kind.__name__):
        raise ValueError(f"the mechanic '{name}' is there already; give yours another `name`")
    if not name.isidentifier():
        raise ValueError(f"'{name}' cannot be the name of a mechanic: only letters, digits and _")
    MECHANICS[name] = kind
    MechanicsSettings.__pydantic_fields__[name] = FieldInfo.from_annotated_attribute(settings, settings())
    MechanicsSettings.model_rebuild(force=True)
    setattr(MechanicsSettings, name, settings())  # what scenarios made before say of it: it is off
    Scenario.__pydantic_fields__["mechanics"].default = MechanicsSettings()
    Scenario.model_rebuild(force=True)
