"""A calibration as tables in the terminal, three figures, and one HTML file."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from experiments.calibration.calibrating import LEVEL, Calibrated
from experiments.study.store import write_whole
from experiments.views.drawing import new_figure
from experiments.views.figures import png
from experiments.views.report import embedded, new_environment
from experiments.views.theme import INK, QUIET, SHADE, style_of, themed
from experiments.views.validation import number

_CAPTIONS = {
    "posterior": "What the data tell of each setting, and of each pair: simulations kept and moved. Axes show the "
    "whole range that was thought possible. Dashed: what others found by another method.",
    "recovery": "Data sets made with known settings (across) and what was found (up), with 90 % intervals; those of "
    "the other colour miss the truth. A cloud without slope: data of this size do not tell the setting.",
    "predictions": "Data less what the fitted market shows, in units of the half width of its 90 % interval. What was "
    "held out took no part in the fit.",
}


def print_calibration(result: Calibrated, console: Console) -> None:
    """Print the settings found, how surely, and what they predict."""
    console.print(f"[bold]{escape(result.problem.title)}[/] [dim]{escape(result.problem.source)}[/]", highlight=False)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    for name in ("setting", "found [90 %]", "known", "range", "left", "coverage [95 %]"):
        table.add_column(name, justify="left" if name == "setting" else "right")
    for row in settings_rows(result):
        table.add_row(*map(escape, row))
    console.print(table, highlight=False)
    console.print(
        "[dim]left: share of the prior's variance that the data leave; coverage of nominal 90 % intervals.[/]"
    )
    console.print(weakest(result), "", highlight=False)
    if result.predictions.empty:
        return
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    for name in ("held out", "data", "market [90 %]", "inside"):
        table.add_column(name, justify="right" if name in ("data", "market [90 %]") else "left")
    for row in prediction_rows(result):
        table.add_row(*map(escape, row))
    console.print(table, highlight=False)


def settings_rows(result: Calibrated) -> list[list[str]]:
    """The settings as they are shown."""
    return [
        [
            row["setting"],
            f"{number(row['median'])} [{number(row['low'])}, {number(row['high'])}]",
            number(row["known"]),
            f"{number(row['prior_low'])} to {number(row['prior_high'])}",
            f"{100 * row['variance_left']:.0f} %",
            f"{row['coverage']:.2f} [{row['coverage_low']:.2f}, {row['coverage_high']:.2f}]",
        ]
        for _, row in result.settings.iterrows()
    ]


def prediction_rows(result: Calibrated) -> list[list[str]]:
    """What was predicted, as it is shown."""
    return [
        [
            row["what"],
            number(row["data"]),
            f"{number(row['median'])} [{number(row['low'])}, {number(row['high'])}]",
            "yes" if row["is_inside"] else "no",
        ]
        for _, row in result.predictions.iterrows()
    ]


def weakest(result: Calibrated) -> str:
    """What the data cannot tell apart, in a sentence."""
    table = result.correlations
    names = table["setting"].tolist()
    r = table[names].to_numpy(dtype=np.float64).copy()
    np.fill_diagonal(r, 0.0)
    left = float(table["variance_left"].iloc[0])
    direction = ", ".join(
        f"{weight:+.2f} {name}".replace("-", "−")
        for name, weight in zip(names, table["least_known"], strict=True)
        if abs(weight) > 0.3
    )
    words = f"Least known is the direction ({direction}): {100 * min(left, 1.0):.0f} % of the prior's variance is left"
    if len(names) > 1:
        i, j = np.unravel_index(np.abs(r).argmax(), r.shape)
        words += f"; the strongest correlation is that of {names[i]} and {names[j]}, {r[i, j]:+.2f}".replace("-", "−")
    return words + "."


def write_calibration(folder: Path, result: Calibrated) -> list[Path]:
    """Write the tables, the figures and report.html; the files."""
    (folder / "figures").mkdir(exist_ok=True)
    tables = {"settings": result.settings, "predictions": result.predictions, "correlations": result.correlations}
    outputs = []
    for name, table in tables.items():
        outputs.append(folder / f"{name}.csv")
        write_whole(outputs[-1], table.to_csv(index=False, float_format="%.10g"))
    figures = {"posterior": _draw_posterior, "recovery": _draw_recovery}
    if not result.predictions.empty:
        figures["predictions"] = _draw_predictions
    drawn = []
    for name, draw in figures.items():
        drawn.append(folder / "figures" / f"{name}.png")
        write_whole(drawn[-1], draw(result))
    html = (
        new_environment()
        .get_template("calibration.html.j2")
        .render(
            problem=result.problem,
            settings=settings_rows(result),
            predictions=prediction_rows(result),
            weakest=weakest(result),
            n_tests=len(result.recovery.truth),
            figures=[embedded(path, _CAPTIONS) for path in drawn],
        )
    )
    write_whole(folder / "report.html", html.encode())
    return [*outputs, *drawn, folder / "report.html"]


@themed
def _draw_posterior(result: Calibrated) -> bytes:
    """A panel per setting on the diagonal, per pair below it."""
    parameters, unit = result.problem.parameters, result.posterior.unit
    n = len(parameters)
    figure = new_figure(1.2 + 1.9 * n, f"{result.problem.title}: what the data tell")
    panels = figure.subplots(n, n, squeeze=False)
    look = style_of(0)
    for i, row in enumerate(panels):
        for j, axes in enumerate(row):
            axes.set_visible(j <= i)
            if i == j:
                bins = parameters[i].at(np.linspace(0.0, 1.0, 21))
                axes.hist(parameters[i].at(unit[:, i]), bins, weights=result.posterior.weights, color=look.color)
                axes.set_yticks([])
            elif j < i:
                sizes = 400 * result.posterior.weights
                x, y = parameters[j].at(unit[:, j]), parameters[i].at(unit[:, i])
                axes.scatter(x, y, s=sizes, color=look.color, alpha=0.6, linewidths=0)
                _span(axes, i, result, is_x=False, is_told=j == 0)
            _span(axes, j, result, is_x=True, is_told=i == n - 1)
            if i == n - 1:
                axes.set_xlabel(fill(parameters[j].name, 18))
            if j == 0:
                axes.set_ylabel("" if i == 0 else fill(parameters[i].name, 18))
    return png(figure)


def _span(axes: Axes, i: int, result: Calibrated, *, is_x: bool, is_told: bool) -> None:
    """The range of a setting along an axis, its ends and middle told or not, and what is known of it."""
    parameter, axis = result.problem.parameters[i], axes.xaxis if is_x else axes.yaxis
    if parameter.is_log:
        (axes.set_xscale if is_x else axes.set_yscale)("log")
    (axes.set_xlim if is_x else axes.set_ylim)(parameter.low, parameter.high)
    axis.set_major_locator(FixedLocator(parameter.at([0.0, 0.5, 1.0])))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{float(f'{value:.3g}'):,g}" if is_told else ""))
    if np.isfinite(parameter.known):
        (axes.axvline if is_x else axes.axhline)(parameter.known, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))


@themed
def _draw_recovery(result: Calibrated) -> bytes:
    """A panel per setting: truth across, what was found up."""
    parameters, recovery = result.problem.parameters, result.recovery
    n = len(parameters)
    n_columns = min(n, 4)
    n_rows = -(-n // n_columns)
    figure = new_figure(0.9 + 2.6 * n_rows, f"{result.problem.title}: known settings found again")
    for i, axes in enumerate(figure.subplots(n_rows, n_columns, squeeze=False).ravel()):
        axes.set_visible(i < n)
        if i >= n:
            continue
        truth = recovery.truth[:, i]
        low, median, high = recovery.intervals[:, :, i]
        is_covered = (low <= truth) & (truth <= high)
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8)
        axes.vlines(truth, low, high, color=np.where(is_covered, style_of(0).color, style_of(1).color), linewidth=0.9)
        axes.plot(truth, median, linestyle="", marker="o", markersize=2.5, color=INK)
        axes.set_title(f"{parameters[i].name}\ncoverage {is_covered.mean():.2f}")
        axes.set_xlabel("truth, place in its range")
    return png(figure)


@themed
def _draw_predictions(result: Calibrated) -> bytes:
    """How far the data are from what the fitted market shows, in half widths of its interval."""
    table: pd.DataFrame = result.predictions.iloc[::-1]
    half = ((table["high"] - table["low"]) / 2).to_numpy()
    half = np.where(half > 0, half, np.nan)
    place = (table["data"] - table["median"]).to_numpy() / half
    figure = new_figure(1.2 + 0.28 * len(table), f"{result.problem.title}: what was held out")
    axes = figure.subplots()
    axes.axvspan(-1, 1, color=SHADE, zorder=0)
    axes.axvline(0, color=QUIET, linewidth=0.9)
    for y, x in enumerate(np.clip(place, -4, 4)):
        axes.plot(x, y, marker="o" if abs(x) < 4 else "d", color=style_of(0).color, markersize=6)
    axes.set_yticks(range(len(table)), table["what"])
    axes.set_xlim(-4.2, 4.2)
    axes.set_xlabel(f"data less market, in half widths of its {100 * LEVEL:.0f} % interval (the band)")
    return png(figure)
