"""The tables of results in the READMEs, written from the reference results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pandas as pd

from experiments.marked import Parts
from experiments.reference import REFERENCE, ROOT
from experiments.study import wording
from experiments.views.cells import amount, compared
from experiments.views.vocabulary import Language, arm_name, measure_name, written
from simulator.records.measures import MEASURES, Measure

PAGES: dict[Path, Language] = {ROOT / "README.md": "en", ROOT / "README.zh-CN.md": "zh"}
STUDIES = ("strategies", "facebook")
_ARM = {"en": "arm", "zh": "策略"}
_UNCLEAR = (wording.OVER_ZERO, wording.OVER_ZERO_AFTER_HOLM)


def parts(language: Language) -> Parts:
    """A table for each study, in the page's language."""
    return {study: partial(_table, study, language) for study in STUDIES}


def _table(study: str, language: Language) -> Iterator[str]:
    """A row per arm, in the order in which the study names them; a column per primary measure."""
    folder = REFERENCE / study
    rows = pd.read_csv(folder / "summary.csv").set_index(["arm", "measure"])
    arms = [cell["arm"] for cell in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["cells"]]
    measures = [measure for measure in MEASURES if measure.is_primary]
    yield "| " + " | ".join([_ARM[language], *(measure_name(measure, language) for measure in measures)]) + " |"
    yield "|---" * (1 + len(measures)) + "|"
    for arm in arms:
        cells = [_cell(rows.loc[(arm, measure.name)], measure, language) for measure in measures]
        yield "| " + " | ".join([arm_name(arm, language), *cells]) + " |"


def _cell(row: pd.Series, measure: Measure, language: Language) -> str:
    """The baseline's mean, or an arm's lift with its interval; in words where it is not distinguishable from zero."""
    if row["verdict"] == wording.BASELINE:
        return written(amount(float(row["mean"]), measure.unit), language)
    verdict = str(row["verdict"])
    words = f" ({written(verdict, language)})" if verdict in _UNCLEAR else ""
    found = {str(key): value for key, value in row.items()}
    return written(compared(found, measure).on_one_line(), language) + words
