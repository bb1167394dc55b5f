"""A calibration: which settings are fitted, to what, and what is held out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.study.trials import Found

Floats = NDArray[np.float64]


class Parameter(NamedTuple):
    """A setting to be fitted, uniform in a range, or log-uniform.

    Attributes:
        name: How it is called.
        low, high: The range.
        is_log: Whether its logarithm is uniform.
        known: What others found, by another method; NaN if nobody has.
    """

    name: str
    low: float
    high: float
    is_log: bool = False
    known: float = float("nan")

    def at(self, unit: Any) -> Any:
        """The value at a place in (0, 1)."""
        if self.is_log:
            return self.low * (self.high / self.low) ** np.asarray(unit)
        return self.low + (self.high - self.low) * np.asarray(unit)


class Data(NamedTuple):
    """What is observed: fitted, and held out."""

    fitted: Sequence[float]
    held_out: Sequence[float]


@dataclass(frozen=True)
class Problem:
    """A calibration.

    Attributes:
        name: As in the config.
        title: What it is.
        source: Whose data.
        parameters: What is fitted.
        fitted: Names of what it is fitted to.
        held_out: Names of what is predicted.
        simulate: `simulate(seed, values, **arguments)` gives plain lists `fitted` and `held_out`.
        arguments: Of `simulate`, plain values.
        data: What was observed.
        notes: What a reader must know.
    """

    name: str
    title: str
    source: str
    parameters: Sequence[Parameter]
    fitted: Sequence[str]
    held_out: Sequence[str]
    simulate: Callable[..., Found]
    data: Data
    arguments: Mapping[str, Any] = field(default_factory=dict)
    notes: str = ""

    def values(self, unit: Floats) -> list[float]:
        """The settings at a place in the box, shape (n_parameters,)."""
        return [float(parameter.at(u)) for parameter, u in zip(self.parameters, unit, strict=True)]


Maker = Callable[[Path], Problem]
"""Makes a problem from the folder of its data."""
