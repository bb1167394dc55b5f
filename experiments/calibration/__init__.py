"""Settings fitted to data: one short file per worked case, and per kind of table of one's own."""

from __future__ import annotations

from functools import partial

from experiments.calibration import adoption, cdnow, coupons, growth, moments, transactions
from experiments.calibration.own import Kind
from experiments.calibration.problem import Maker
from experiments.validation.cdnow import FILE

CASES: dict[str, tuple[Maker, tuple[str, ...]]] = {
    "cdnow": (cdnow.problem, (FILE,)),
    "complete_journey": (coupons.problem, (coupons.FOLDER,)),
    "complete_journey_with_attrition": (partial(coupons.problem, has_attrition=True), (coupons.FOLDER,)),
    "pinduoduo": (growth.problem, ()),
}
"""Worked cases: what makes them, and the files of the data folder that they need."""

OWN: dict[str, Kind] = {"moments": moments.KIND, "adoption": adoption.KIND, "transactions": transactions.KIND}
"""Kinds of tables of one's own."""
