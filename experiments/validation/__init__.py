"""What the market must reproduce: limits and tables that others established, one short file per family."""

from __future__ import annotations

from experiments.validation.adoption import A1, A2, A3
from experiments.validation.bargains import A9
from experiments.validation.cdnow import T1, T2
from experiments.validation.choice import A10
from experiments.validation.facts import S1, S2, S3, S4, S5
from experiments.validation.facts_of_data import S6, S7, S8, S9, S10
from experiments.validation.facts_of_merchants import S11, S12, S13
from experiments.validation.fitted import T4, T5
from experiments.validation.groups import A7, A8
from experiments.validation.noise import A11
from experiments.validation.recommendations import T6
from experiments.validation.spread import A4, A5, A12
from experiments.validation.target import Target
from experiments.validation.thresholds import A6
from experiments.validation.toothpaste import T3

TARGETS: tuple[Target, ...] = (
    *(A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12),
    *(T1, T2, T3, T4, T5, T6),
    *(S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13),
)
"""In the order in which they are told: limits of theory, published tables, stylised facts."""
