"""The registry of final measures: one number per run each, with its unit and its denominator.

Unless a definition says otherwise, a measure covers the window `burn_in_days` ≤ day < `days` (campaign and
post-window), sales are settled orders by the day of settlement, and a ratio with nothing below the line is NaN ("—").
"""

from __future__ import annotations

from simulator.records.measures.capability import CAPABILITY
from simulator.records.measures.channels import CHANNELS
from simulator.records.measures.exposure import EXPOSURE
from simulator.records.measures.health import HEALTH
from simulator.records.measures.insight import INSIGHT
from simulator.records.measures.measure import Family, Measure
from simulator.records.measures.mechanics import MECHANICS
from simulator.records.measures.money import MONEY
from simulator.records.measures.privacy import PRIVACY
from simulator.records.measures.repurchase import REPURCHASE
from simulator.records.measures.returns import RETURNS
from simulator.records.measures.sameness import SAMENESS
from simulator.records.measures.service import SERVICE
from simulator.records.measures.spread import INVITING, SPREAD
from simulator.records.measures.supply import SUPPLY

__all__ = ["INVITING", "MEASURES", "PRIMARIES", "Family", "Measure"]

MEASURES: tuple[Measure, ...] = (
    *REPURCHASE,
    *SPREAD,
    *MONEY,
    *RETURNS,
    *MECHANICS,
    *CHANNELS,
    *EXPOSURE,
    *INSIGHT,
    *HEALTH,
    *PRIVACY,
    *CAPABILITY,
    *SUPPLY,
    *SERVICE,
    *SAMENESS,
)

PRIMARIES: tuple[str, ...] = tuple(m.name for m in MEASURES if m.is_primary)
"""The names of the primary measures, in registry order."""
