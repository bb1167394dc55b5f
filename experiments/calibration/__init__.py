"""Settings fitted to data: one short file per worked case."""

from __future__ import annotations

from functools import partial

from experiments.calibration import cdnow, coupons, growth
from experiments.calibration.problem import Maker
from experiments.validation.cdnow import FILE

CASES: dict[str, tuple[Maker, tuple[str, ...]]] = {
    "cdnow": (cdnow.problem, (FILE,)),
    "complete_journey": (coupons.problem, (coupons.FOLDER,)),
    "complete_journey_with_attrition": (partial(coupons.problem, has_attrition=True), (coupons.FOLDER,)),
    "pinduoduo": (growth.problem, ()),
}
"""Worked cases: what makes them, and the files of the data folder that they need."""
