"""A search as a table in the terminal and as figures: what was tried, what was best, and what luck had added."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from rich import box
from rich.console import Console
from rich.table import Table

from experiments.study.grid import as_settings
from experiments.study.optimum import Optimum
from experiments.study.store import write_whole
from experiments.study.wording import shown as number
from experiments.views.cells import MINUS, amount, difference
from experiments.views.drawing import new_figure
from experiments.views.figures import png
from experiments.views.results import arm_label
from experiments.views.sweep import short_names
from experiments.views.theme import INK, QUIET, style_of, themed
from simulator.records.measures import Measure

MOST_PANELS = 6
"""Settings over which the trials are drawn."""
_ALLOWED, _BEST = style_of(0), style_of(1)


def print_optimum(optimum: Optimum, console: Console) -> None:
    """Print the best trials, in the search and on fresh seeds, and what is recommended."""
    names = short_names(optimum.keys)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="")
    for name in ("trial", *names.values()):
        table.add_column(name, justify="right", overflow="fold")
    for measure in optimum.goal.measures:
        table.add_column(f"{measure.label}\nin the search", justify="right")
        table.add_column("on fresh seeds", justify="right", no_wrap=True)
    for place, trial in enumerate(optimum.best):
        cells = [str(trial.number), *(_plain(trial.point[key]) for key in optimum.keys)]
        for measure in optimum.goal.measures:
            row = optimum.rows(measure).iloc[place]
            cells += [_value(optimum, measure, row["search"]), _cell(optimum, measure, row)]
        table.add_row(*cells)
    console.print(table)
    for line in (_meaning(optimum), *_answer(optimum)):
        console.print(line, highlight=False)


def save_figures(optimum: Optimum, folder: Path) -> list[Path]:
    """Draw the search and the best trials; the files."""
    last = draw_curse if len(optimum.goal.objectives) == 1 else draw_front
    paths = {folder / "search.png": draw_search, folder / f"{last.__name__.removeprefix('draw_')}.png": last}
    for path, draw in paths.items():
        write_whole(path, draw(optimum))
    return list(paths)


@themed
def draw_search(optimum: Optimum) -> bytes:
    """Every trial: over the course of the search, and over every setting that varied; a row per objective."""
    keys = optimum.keys[:MOST_PANELS]
    objectives = optimum.goal.objectives
    figure = new_figure(1.0 + 2.2 * len(objectives), f"{len(optimum.trials)} trials, {optimum.n_seeds} seeds each")
    panels = figure.subplots(len(objectives), 1 + len(keys), squeeze=False, sharey="row")
    best = {trial.number for trial in optimum.best}
    kinds = {
        "over the budget": [t for t in optimum.trials if not t.seen.note and not t.seen.is_candidate],
        "within it" if optimum.goal.at_most is not None else "trials": [
            t for t in optimum.trials if t.seen.is_candidate
        ],
        "measured anew": [t for t in optimum.trials if t.number in best],
    }
    looks: list[dict[str, Any]] = [
        {"markerfacecolor": "none", "color": QUIET},
        {"color": _ALLOWED.color, "alpha": 0.6},
        {"markerfacecolor": "none", "color": _BEST.color, "markersize": 8},
    ]
    for i, (row, measure) in enumerate(zip(panels, objectives, strict=True)):
        for axes, key in zip(row, [None, *keys], strict=True):
            places = (
                {str(v): x for x, v in enumerate(dict.fromkeys(str(t.point[key]) for t in optimum.trials))}
                if (key is not None and not _is_numeric(optimum, key))
                else None
            )
            for (name, trials), look in zip(kinds.items(), looks, strict=True):
                values = [trial.point[key] if key else trial.number for trial in trials]
                x = values if places is None else [places[str(value)] for value in values]
                if trials:
                    axes.plot(x, [t.seen.values[i] for t in trials], "o", **{"markersize": 4.5, **look}, label=name)
            _dress(axes, places)
        row[0].set_ylabel(_axis(optimum, measure))
    for axes, name in zip(panels[-1], ["trial", *short_names(keys).values()], strict=True):
        axes.set_xlabel(name)
    panels[0, -1].legend(fontsize="small", frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return png(figure)


@themed
def draw_curse(optimum: Optimum) -> bytes:
    """The best trials: their value in the search, and on fresh seeds with its interval."""
    (measure,) = optimum.goal.objectives
    rows = optimum.rows(measure)
    figure = new_figure(1.6 + 0.35 * len(rows), "The best trials: what the search said, and what fresh seeds say")
    axes = figure.subplots()
    y = np.arange(len(rows))[::-1]
    axes.hlines(y, rows["low"], rows["high"], color=_ALLOWED.color, linewidth=2.0)
    axes.plot(rows["fresh"], y, "s", color=_ALLOWED.color, label=f"{optimum.n_fresh} fresh seeds, with 95 % interval")
    axes.plot(
        rows["search"],
        y,
        "D",
        color=_BEST.color,
        markerfacecolor="white",
        label=f"{optimum.n_seeds} seeds of the search",
    )
    if optimum.baseline is not None:
        axes.axvline(0.0, color=INK, linewidth=1.0, zorder=0.5)
    names = short_names(optimum.keys)
    labels = [", ".join(f"{names[k]} {_plain(trial.point[k])}" for k in optimum.keys) for trial in optimum.best]
    axes.set_yticks(y, [f"{label}  (trial {t.number})" for label, t in zip(labels, optimum.best, strict=True)])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel(_axis(optimum, measure))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.legend(fontsize="small", frameon=False, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
    return png(figure)


@themed
def draw_front(optimum: Optimum) -> bytes:
    """Each pair of objectives: all trials, and the front on fresh seeds with its intervals."""
    pairs = list(combinations(range(len(optimum.goal.objectives)), 2))
    n_columns = min(3, len(pairs))
    n_rows = -(-len(pairs) // n_columns)
    figure = new_figure(0.9 + 3.0 * n_rows, "The front: each pair of objectives")
    panels = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
    known = np.array([trial.seen.values for trial in optimum.trials if trial.seen.is_candidate])
    for axes, (i, j) in zip(panels, pairs, strict=False):
        across, up = (optimum.goal.objectives[k] for k in (i, j))
        x, y = optimum.rows(across), optimum.rows(up)
        axes.plot(known[:, i], known[:, j], "o", color=QUIET, markersize=3.5, alpha=0.6, label="trials, in the search")
        axes.hlines(y["fresh"], x["low"], x["high"], color=_ALLOWED.color, linewidth=1.0, alpha=0.6)
        axes.vlines(x["fresh"], y["low"], y["high"], color=_ALLOWED.color, linewidth=1.0, alpha=0.6)
        axes.plot(x["fresh"], y["fresh"], "s", color=_ALLOWED.color, markersize=5, label="front, on fresh seeds")
        axes.plot(
            x["search"],
            y["search"],
            "D",
            color=_BEST.color,
            markerfacecolor="none",
            markersize=5,
            label="front, in the search",
        )
        for a, b, trial in zip(x["fresh"], y["fresh"], optimum.best, strict=True):
            axes.annotate(str(trial.number), (a, b), xytext=(4, 4), textcoords="offset points", fontsize="small")
        axes.set_xlabel(_axis(optimum, across))
        axes.set_ylabel(_axis(optimum, up))
        axes.xaxis.set_major_locator(MaxNLocator(4))
    for axes in panels[len(pairs) :]:
        axes.set_visible(False)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=3, frameon=False, fontsize="small")
    return png(figure)


def _dress(axes: Axes, places: dict[str, int] | None) -> None:
    if places is not None:
        axes.set_xticks(list(places.values()), list(places), rotation=25, ha="right")
        axes.margins(x=0.2)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(3))


def _is_numeric(optimum: Optimum, key: str) -> bool:
    values = pd.Series([trial.point[key] for trial in optimum.trials])
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _axis(optimum: Optimum, measure: Measure) -> str:
    what = measure.label if optimum.baseline is None else f"{measure.label},\nfrom {arm_label(optimum.baseline)}"
    return f"{what} ({measure.unit})" if measure.unit not in ("share",) else what


def _is_level(optimum: Optimum, measure: Measure) -> bool:
    return optimum.baseline is None or measure not in optimum.goal.objectives


def _value(optimum: Optimum, measure: Measure, value: float) -> str:
    if _is_level(optimum, measure):
        return amount(value, measure.unit)
    return difference(_as_row(value), measure).value


def _cell(optimum: Optimum, measure: Measure, row: pd.Series) -> str:
    if _is_level(optimum, measure):
        low, high = (amount(row[end], measure.unit) for end in ("low", "high"))
        return f"{amount(row['fresh'], measure.unit)}\n[{low}, {high}]"
    return difference(_as_row(row["fresh"], row["low"], row["high"]), measure).on_two_lines()


def _as_row(value: float, low: float = np.nan, high: float = np.nan) -> dict[str, Any]:
    return {"verdict": "", "difference": value, "low": low, "high": high}


def _meaning(optimum: Optimum) -> str:
    what = (
        "Values" if optimum.baseline is None else f"Differences from {arm_label(optimum.baseline)} in the same worlds"
    )
    limit = optimum.goal.at_most
    text = (
        f"{what}, mean over {optimum.n_seeds} seeds in the search and {optimum.n_fresh} fresh ones, 95 % intervals (t)."
    )
    return text if limit is None else f"{text} {optimum.goal.limited.label.capitalize()} is the point's own."


def _answer(optimum: Optimum) -> list[str]:
    if len(optimum.goal.objectives) > 1:
        n_front = len(optimum.best)
        return [f"{n_front} points of the front, measured anew. No point betters another in everything in the search."]
    (measure,) = optimum.goal.objectives
    rows, winner = optimum.rows(measure), optimum.best[0]
    first = rows.iloc[0]
    lines = [f"Best: {as_settings({k: winner.point[k] for k in optimum.keys})} (trial {winner.number})."]
    if optimum.baseline is not None and not np.isnan(first["lift"]):
        lift, low, high = (_percent(first[name]) for name in ("lift", "lift_low", "lift_high"))
        lines.append(
            f"It lifts {measure.label} by {lift} [{low}, {high}] over {arm_label(optimum.baseline)}, on fresh seeds."
        )
    gained = np.where(measure.higher_is_better, 1.0, -1.0) * (rows["search"] - rows["fresh"])
    lines.append(
        f"Winner's curse: the search had overstated it by {_value(optimum, measure, float(gained.iloc[0]))}, "
        f"and the best {len(rows)} by {_value(optimum, measure, float(gained.mean()))} on average."
    )
    return lines + _within(optimum)


def _within(optimum: Optimum) -> list[str]:
    """Whether the winner keeps the budget on fresh seeds as well."""
    limit, limited = optimum.goal.at_most, optimum.goal.limited
    if limit is None:
        return []
    spent = optimum.rows(limited)["fresh"]
    if spent.iloc[0] <= limit:
        return [
            f"It keeps the budget on fresh seeds: {amount(spent.iloc[0], limited.unit)} of {amount(limit, limited.unit)}."
        ]
    kept = [trial.number for trial, own in zip(optimum.best, spent, strict=True) if own <= limit]
    other = f"the best that keeps it is trial {kept[0]}" if kept else "so do all others; lower the limit of the search"
    return [
        f"On fresh seeds it exceeds the budget of {amount(limit, limited.unit)}: {amount(spent.iloc[0], limited.unit)}; {other}."
    ]


def _percent(share: float) -> str:
    return number(100 * share, "+.3g").replace("-", MINUS) + " %"


def _plain(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
