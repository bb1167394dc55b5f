"""What the market must reproduce: limits and tables that others established, one short file per family."""

from __future__ import annotations

from experiments.validation.adoption import A1, A2, A3
from experiments.validation.bargains import A9
from experiments.validation.choice import A10
from experiments.validation.groups import A7, A8
from experiments.validation.noise import A11
from experiments.validation.spread import A4, A5, A12
from experiments.validation.target import Target
from experiments.validation.thresholds import A6

TARGETS: tuple[Target, ...] = (A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12)
"""In the order in which they are told."""
