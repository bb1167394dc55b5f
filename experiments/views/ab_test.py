"""A/B tests against the truth: a table in the terminal, a figure, and a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from rich import box
from rich.console import Console
from rich.table import Table

from experiments.study.interference import OUTCOMES
from experiments.study.manifest import versions
from experiments.study.store import write_whole
from experiments.study.study import Cell
from experiments.study.wording import MINUS, shown
from experiments.views.drawing import new_figure, percent_ticks
from experiments.views.figures import png
from experiments.views.report import as_typed, embedded, new_environment
from experiments.views.sweep import short_names
from experiments.views.theme import INK, QUIET, style_of, themed

HEADINGS = (
    *("truth", "estimate", "bias", "bias, % of truth", "covered (nominal 95 %)"),
    *("seen", "half width", "shortfall of treated", "spillover on others", "ties to treated"),
)
CAPTIONS = {
    "ab_test": "Left: what the test says (markers: mean over worlds and its 95 % interval) and the true total effect "
    "(grey). Right: share of worlds in which the test's own 95 % interval covers the truth, with its exact interval."
}


@dataclass(frozen=True)
class Report:
    """What a report is about.

    Attributes:
        mechanic: What is tested.
        share: Treated share.
        keys: What varies.
        summary: As from `interference.summarise`.
        n_seeds: Worlds.
        cell: The first market, for its settings.
        command: What made it.
    """

    mechanic: str
    share: float
    keys: list[str]
    summary: pd.DataFrame
    n_seeds: int
    cell: Cell
    command: str


def rows(summary: pd.DataFrame, keys: Sequence[str]) -> Iterator[list[str]]:
    """Each test in words: what varies, design, outcome, and the cells of `HEADINGS`."""
    for row in summary.to_dict("records"):
        yield [
            *(str(row[key]) for key in keys),
            str(row["design"]),
            OUTCOMES[str(row["outcome"])],
            _with_bounds(row, "truth"),
            _with_bounds(row, "estimate"),
            _with_bounds(row, "bias"),
            _in_percent(row, "bias_share", "+.0f"),
            _in_percent(row, "coverage", ".0f"),
            _number(100 * row["seen"], ".0f") + " %",
            _number(row["half_width"], ".3f"),
            _with_bounds(row, "shortfall"),
            _with_bounds(row, "spillover"),
            _number(100 * row["to_treated"], ".0f") + " %",
        ]


def headings(keys: Sequence[str]) -> list[str]:
    """The columns of `rows`."""
    names = short_names(list(keys))
    return [*(names[key] for key in keys), "design", "outcome", *HEADINGS]


def print_tests(summary: pd.DataFrame, keys: Sequence[str], console: Console) -> None:
    """Print every test: what it said, what is true, bias and coverage."""
    names = short_names(list(keys))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="", padding=(0, 1, 0, 0))
    for heading in (*(names[key] for key in keys), "design"):
        table.add_column(heading, no_wrap=True)
    for heading in ("truth", "estimate", "bias, %", "covered, %"):
        table.add_column(heading, justify="right", no_wrap=True)
    for outcome, part in summary.groupby("outcome", sort=False):
        table.add_row(str(outcome).replace("_", " "), style="bold")
        for row in part.to_dict("records"):
            table.add_row(
                *(str(row[key]) for key in keys),
                str(row["design"]),
                _number(row["truth"], ".3f"),
                _number(row["estimate"], ".3f"),
                _in_percent(row, "bias_share", "+.0f"),
                _in_percent(row, "coverage", ".0f"),
            )
    console.print(table)
    console.print(
        f"{int(summary['n'].max())} worlds; brackets: 95 % over worlds. bias: of the truth, where that is surely above "
        "zero; covered: worlds whose interval holds the truth.",
        style="dim",
    )


def save_figure(summary: pd.DataFrame, keys: Sequence[str], mechanic: str, folder: Path) -> list[Path]:
    """Draw estimates beside the truth, and coverage, by design and degree of sharing; returns the file."""
    path = folder / "ab_test.png"
    write_whole(path, _draw(summary, keys, mechanic))
    return [path]


@themed
def _draw(summary: pd.DataFrame, keys: Sequence[str], mechanic: str) -> bytes:
    names = list(summary["outcome"].unique())
    figure = new_figure(1.2 + 2.5 * len(names), f"A/B tests of {mechanic.replace('_', ' ')} against the truth")
    panels = figure.subplots(len(names), 2, squeeze=False, width_ratios=[3, 2])
    for outcome, (effect, covered) in zip(names, panels, strict=True):
        part = summary[summary["outcome"] == outcome]
        _effects(effect, part, keys)
        _coverage(covered, part, keys)
        effect.set_title(OUTCOMES[outcome])
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=4, frameon=False)
    return png(figure)


def _effects(axes: Axes, part: pd.DataFrame, keys: Sequence[str]) -> None:
    designs, places = list(part["design"].unique()), _places(part, keys)
    truth = part[part["design"] == designs[0]]
    x = np.arange(len(places))
    axes.axhline(0.0, color=QUIET, linewidth=0.8)
    axes.hlines(truth["truth"], x - 0.4, x + 0.4, color=QUIET, linewidth=5.0, label="true total effect")
    for i, design in enumerate(designs):
        own = part[part["design"] == design]
        shift = x + 0.22 * (i - (len(designs) - 1) / 2)
        error = np.abs(np.array([own["estimate"] - own["estimate_low"], own["estimate_high"] - own["estimate"]]))
        look = style_of(i).points | {"linestyle": ""}
        axes.errorbar(shift, own["estimate"], np.nan_to_num(error), capsize=2.5, label=f"by {design}", **look)
    _label(axes, places, keys)
    axes.set_ylabel("effect of the mechanic")


def _coverage(axes: Axes, part: pd.DataFrame, keys: Sequence[str]) -> None:
    designs, places = list(part["design"].unique()), _places(part, keys)
    x = np.arange(len(places))
    axes.axhline(0.95, color=INK, linewidth=0.9, linestyle=(0, (2, 2)))
    for i, design in enumerate(designs):
        own = part[part["design"] == design]
        shift = x + 0.22 * (i - (len(designs) - 1) / 2)
        error = np.array([own["coverage"] - own["coverage_low"], own["coverage_high"] - own["coverage"]])
        look = style_of(i).points | {"linestyle": ""}
        axes.errorbar(shift, own["coverage"], np.nan_to_num(error), capsize=2.5, **look)
    axes.set_ylim(-0.03, 1.03)
    axes.yaxis.set_major_formatter(percent_ticks("%"))
    axes.set_ylabel("worlds covered")
    _label(axes, places, keys)


def _places(part: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    points = part[list(keys)].drop_duplicates() if keys else pd.DataFrame([{}])
    return ["\n".join(map(str, point)) for point in points.itertuples(index=False)]


def _label(axes: Axes, places: Sequence[str], keys: Sequence[str]) -> None:
    names = short_names(list(keys))
    axes.set_xticks(np.arange(len(places)), places)
    axes.set_xlim(-0.6, len(places) - 0.4)
    axes.set_xlabel(", ".join(names[key] for key in keys))


def write_report(report: Report, figures: Sequence[Path], path: Path) -> None:
    """Write the report as one HTML file; the same content gives the same bytes."""
    html = (
        new_environment()
        .get_template("ab_test.html.j2")
        .render(
            report=report,
            sentences=list(sentences(report.summary, report.keys)),
            headings=headings(report.keys),
            rows=list(rows(report.summary, report.keys)),
            n_heads=len(report.keys) + 2,
            figures=[embedded(figure, CAPTIONS) for figure in figures],
            settings=as_typed(report.cell.scenario.active()),
            versions=versions(),
        )
    )
    write_whole(path, html.encode())


def sentences(summary: pd.DataFrame, keys: Sequence[str]) -> Iterator[str]:
    """What the designs are worth for the first outcome, one sentence each."""
    part = summary[summary["outcome"] == summary["outcome"].iloc[0]]
    for design, own in part.groupby("design", sort=False):
        low, high = own["bias_share"].min(), own["bias_share"].max()
        bias = "not defined" if np.isnan(low) else f"{_signed(low)} to {_signed(high)} of the truth"
        covered = own["coverage"]
        yield (
            f"Randomised by {design}: bias {bias}; the 95 % interval covers the truth in {covered.min():.0%} to "
            f"{covered.max():.0%} of worlds."
        )


def _signed(share: float) -> str:
    return f"{100 * share:+.0f} %".replace("-", MINUS)


def _number(value: float, spec: str) -> str:
    return shown(value, spec).replace("-", MINUS)


def _with_bounds(row: dict[Any, Any], name: str) -> str:
    low, value, high = (_number(row[f"{name}{end}"], ".3f") for end in ("_low", "", "_high"))
    return f"{value} [{low}, {high}]"


def _in_percent(row: dict[Any, Any], name: str, spec: str) -> str:
    low, value, high = (_number(100 * row[f"{name}{end}"], spec) for end in ("_low", "", "_high"))
    return f"{value} [{low}, {high}]"
