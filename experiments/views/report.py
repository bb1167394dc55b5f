"""The comparison as one HTML file for a reader who does not write Python; it opens offline and prints."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from experiments.study import wording
from experiments.study.store import write_whole
from experiments.views import answer, answer_zh, grid_figures, vocabulary
from experiments.views.cells import amount, baseline_mean, comparison, contrasted, difference, p_value, percent
from experiments.views.figures import PLOTS
from experiments.views.results import Results, arm_label
from experiments.views.theme import styles
from experiments.views.vocabulary import FAMILIES, arm_name, arm_words, measure_definition, measure_name, written
from simulator.records.measures import Measure
from simulator.settings import flat

_TEMPLATE = "report.html.j2"
_CAPTIONS = grid_figures.CAPTIONS | {plot.name: plot.caption for plot in PLOTS}
_NETWORK_WORDS = {
    "n": ("people", "人数"),
    "n_links": ("links between friends", "朋友关系"),
    "degree_mean": ("friends per person, mean", "人均朋友数"),
    "degree_median": ("friends per person, median", "朋友数中位数"),
    "degree_max": ("friends of the best connected person", "朋友最多者的朋友数"),
    "isolated_fraction": ("share of people without friends", "没有朋友者的占比"),
    "clustering": ("clustering: share of one's pairs of friends who are friends", "聚集系数：两个朋友也互为朋友的占比"),
    "degree_assortativity": (
        "assortativity: correlation of the numbers of friends of two friends",
        "同配性：两个朋友各自朋友数的相关",
    ),
    "largest_component": ("people in the largest connected part", "最大连通部分的人数"),
}
_TYPED = {"True": "true", "False": "false", "None": "null"}


def write_report(results: Results, figures: Sequence[Path], path: Path) -> None:
    """Write the report; the same results and figures give the same bytes.

    Args:
        results: What it reports.
        figures: PNG files as made by `figures.save_all`; they are embedded, in this order.
        path: The HTML file to write.

    Raises:
        OSError: If a figure cannot be read or the file not be written.
    """
    html = (
        new_environment()
        .get_template(_TEMPLATE)
        .render(
            results=results,
            answers={"en": _answer(results, answer), "zh": _answer(results, answer_zh)},
            confidence=percent(results.confidence),
            primaries=[_primary(results, measure.name) for measure in results.primaries],
            contrasts=list(_contrasts(results)),
            figures=[embedded(path, _CAPTIONS) for path in figures],
            families=list(_families(results)),
            n_tests=len(results.primaries) * len(results.others),
            correlations=_correlations(results, "to"),
            correlations_zh=_correlations(results, "至"),
            **names(results.question, results.arms, results.measures),
            colors={arm: style.color for arm, style in styles(results).items()},
            changes={arm: as_typed(tree) for arm, tree in results.changes.items()},
            settings=as_typed(results.settings),
            network={_NETWORK_WORDS.get(name, (name, name)): _number(value) for name, value in results.network.items()},
            took=duration(results.elapsed_seconds),
        )
    )
    write_whole(path, html.encode())


def new_environment() -> Environment:
    """What templates are read and filled with; values are escaped, and unknown ones refused."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["label"] = arm_label
    environment.filters["chinese"] = partial(written, language="zh")
    return environment


def as_typed(tree: Mapping[str, Any]) -> dict[str, str]:
    """The settings of a nested tree, as one would type them: consumers.n → "5000"."""
    return {key: _TYPED.get(repr(value), str(value)) for key, value in flat(tree).items()}


def names(question: str, arms: Mapping[str, str], measures: Sequence[Measure]) -> dict[str, Any]:
    """What a template calls the question, arms (name → words) and measures, in both languages."""
    return {
        "question_zh": vocabulary.question_words(question, "zh"),
        "arms": {
            arm: {"en": arm_name(arm, "en"), "zh": arm_name(arm, "zh"), "words": arm_words(arm, words, "zh")}
            for arm, words in arms.items()
        },
        "measures_zh": {m.name: (measure_name(m, "zh"), measure_definition(m, "zh")) for m in measures},
    }


def _answer(results: Results, told: ModuleType) -> dict[str, Any]:
    """The answer in the language of `answer` or `answer_zh`."""
    return {
        "headline": told.headline(results),
        "largest": told.largest(results),
        "sentences": told.sentences(results),
        "basis": told.basis(results),
    }


def _primary(results: Results, name: str) -> dict[str, Any]:
    """A primary measure and its rows, one per arm other than the baseline."""
    measure = next(measure for measure in results.primaries if measure.name == name)
    rows = []
    for arm in results.others:
        row = results.row(arm, measure)
        rows.append(
            {
                "arm": arm,
                "mean": amount(row["mean"], measure.unit),
                "lift": comparison(results, arm, measure),
                "difference": difference(row, measure),
                "p": p_value(row["p_holm"]),
                "correlation": wording.shown(row["correlation"], ".2f"),
                "verdict": row["verdict"],
            }
        )
    return {"measure": measure, "baseline": baseline_mean(results, measure), "rows": rows}


def _contrasts(results: Results) -> Iterator[dict[str, Any]]:
    """The contrasts of the experiment's design, each with a cell per primary measure."""
    if results.contrasts.empty:
        return
    for name, rows in results.contrasts.groupby("contrast", sort=False):
        by_measure = {row["measure"]: row for row in rows.to_dict("records")}
        yield {"name": name, "cells": [contrasted(by_measure[m.name], m) for m in results.primaries]}


def _families(results: Results) -> Iterator[dict[str, Any]]:
    """The measures by family, each with the baseline's mean and one comparison per other arm."""
    for family, measures in results.families.items():
        rows = [
            {
                "measure": measure,
                "baseline": baseline_mean(results, measure),
                "cells": [comparison(results, arm, measure) for arm in results.others],
            }
            for measure in measures
        ]
        yield {"name": family.value, "name_zh": FAMILIES.get(family, family.value), "rows": rows}


def embedded(path: Path, captions: Mapping[str, str]) -> dict[str, str]:
    """A figure as a template shows it: its name, caption and bytes."""
    return {
        "name": path.stem.replace("_", " "),
        "caption": captions.get(path.stem, ""),
        "caption_zh": vocabulary.CAPTIONS.get(path.stem, captions.get(path.stem, "")),
        "data": base64.b64encode(path.read_bytes()).decode("ascii"),
    }


def _correlations(results: Results, to: str) -> str:
    """The range of the pairing correlations of the primary measures."""
    found = np.array([results.row(arm, m)["correlation"] for arm in results.others for m in results.primaries])
    found = found[~np.isnan(found)]
    return f"{found.min():.2f} {to} {found.max():.2f}" if found.size else wording.UNDEFINED


def _number(value: float | None) -> str:
    return wording.UNDEFINED if value is None else f"{value:,.6g}" if value == int(value) else f"{value:,.3g}"


def duration(seconds: float) -> str:
    """A time in words."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
