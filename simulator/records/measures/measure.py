"""What a measure is: one number per run, with its unit and its denominator."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """What a measure is about."""

    REPURCHASE = "repurchase"
    SPREAD = "spread"
    MONEY = "money"
    MECHANICS = "mechanics"
    EXPOSURE = "exposure"
    INSIGHT = "insight"
    SUPPLY = "supply"
    HEALTH = "health"
    CAPABILITY = "capability"
    INCREMENTAL = "against the baseline"


@dataclass(frozen=True)
class Measure:
    """One number per run.

    Attributes:
        name: Its key in `final_measures`.
        label: Its name in tables and figures.
        family: What it is about.
        unit: The unit of the number.
        definition: One line, with the denominator.
        higher_is_better: None where neither direction is good as such.
        is_primary: Whether it was named beforehand as a result; the others are exploratory.
        is_heavy_tailed: Whether a mean over seeds is unreliable (use the median or a bootstrap).
    """

    name: str
    label: str
    family: Family
    unit: str
    definition: str
    higher_is_better: bool | None = None
    is_primary: bool = False
    is_heavy_tailed: bool = False
