"""The validation as a table in the terminal, a figure per target, and one HTML file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.ticker import MaxNLocator
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from experiments.study.store import write_whole
from experiments.study.wording import MINUS, UNDEFINED
from experiments.validation.target import Ask, Panel
from experiments.views.drawing import new_figure
from experiments.views.figures import png
from experiments.views.report import embedded, new_environment
from experiments.views.theme import INK, QUIET, SHADE, style_of, themed

WORDS = {"met": "met", "missed": "MISSED", "known": "not met, known", "told": "no verdict"}
_COLORS = {"met": "#009E73", "missed": "#D55E00", "known": "#E69F00", "told": QUIET}
_SHORT = {"met": "met", "missed": "MISSED", "known": "known", "told": "—"}
_LABEL_WIDTH = 46
"""Characters of a finding's name on a line of a figure."""
_STYLES = {"met": "green", "missed": "bold red", "known": "yellow", "told": "dim"}


def print_validation(table: pd.DataFrame, left_out: Mapping[str, str], console: Console) -> None:
    """Print all findings, those missed for a known reason with it, and what was left out."""
    for _, rows in table.groupby("target", sort=False):
        first = rows.iloc[0]
        title = f"[bold]{first['target']} {escape(first['title'])}[/] [dim]{escape(first['source'])}[/]"
        printed = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim", expand=True)
        printed.add_column("", ratio=1, overflow="fold")
        for name, width in (("published", 9), ("ours [95 %]", 23), ("allowed", 9), ("", 6)):
            printed.add_column(name, justify="right" if name else "left", width=width)
        for _, row in rows.iterrows():
            verdict = f"[{_STYLES[row['verdict']]}]{_SHORT[row['verdict']]}[/]"
            printed.add_row(escape(row["what"]), *_numbers(row), verdict)
        console.print(title, printed, "", sep="\n", highlight=False)
    for _, row in table[table["verdict"] == "known"].iterrows():
        console.print(f"[yellow]{row['target']} {escape(row['what'])}[/]: {escape(row['reason'])}", highlight=False)
    for name, why in left_out.items():
        console.print(f"[yellow]{name} was left out[/]: it {why}", highlight=False)
    console.print(tally(table), highlight=False)


def tally(table: pd.DataFrame) -> str:
    """How many findings there are of each verdict."""
    counts = table["verdict"].value_counts()
    parts = [f"{counts[verdict]} {words}" for verdict, words in WORDS.items() if verdict in counts]
    n = table["target"].nunique()
    return f"{n} target{'s' * (n != 1)}, {len(table)} finding{'s' * (len(table) != 1)}: {', '.join(parts)}."


def write_validation(
    folder: Path, ask: Ask, table: pd.DataFrame, panels: Mapping[str, Sequence[Panel]], left_out: Mapping[str, str]
) -> list[Path]:
    """Write summary.csv, a figure per target and report.html; the files."""
    (folder / "figures").mkdir(exist_ok=True)
    write_whole(folder / "summary.csv", table.to_csv(index=False, float_format="%.10g"))
    figures = {}
    for name, rows in table.groupby("target", sort=False):
        figures[str(name)] = folder / "figures" / f"{name}.png"
        write_whole(figures[str(name)], _draw(rows, panels.get(str(name), ())))
    html = (
        new_environment()
        .get_template("validation.html.j2")
        .render(
            tally=tally(table),
            size=ask.size,
            targets=[_target(rows, figures[str(name)]) for name, rows in table.groupby("target", sort=False)],
            known=[row.to_dict() for _, row in table[table["verdict"] == "known"].iterrows()],
            missed=[row.to_dict() for _, row in table[table["verdict"] == "missed"].iterrows()],
            left_out=left_out,
            words=WORDS,
        )
    )
    write_whole(folder / "report.html", html.encode())
    return [folder / "summary.csv", *figures.values(), folder / "report.html"]


def _target(rows: pd.DataFrame, figure: Path) -> dict[str, object]:
    """A target as the report shows it."""
    first = rows.iloc[0]
    cells = [
        {"what": row["what"], "numbers": _numbers(row), "basis": row["basis"], "verdict": row["verdict"]}
        for _, row in rows.iterrows()
    ]
    head = {name: first[name] for name in ("target", "title", "source")}
    return {**head, "rows": cells, "figure": embedded(figure, {})}


def _numbers(row: pd.Series) -> list[str]:
    """Published value, ours with its interval, and how far it may be off."""
    ours, allowed = number(row["ours"]), number(row["tolerance"])
    if row["high"] > row["low"]:
        ours += f" [{number(row['low'])}, {number(row['high'])}]"
    if allowed not in (UNDEFINED, "0"):
        allowed = f"± {allowed}"
    return [number(row["published"]), ours, allowed]


def number(x: float) -> str:
    """A number of any size in few characters."""
    if not np.isfinite(x):
        return UNDEFINED
    text = f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.3g}" if abs(x) >= 0.001 or x == 0 else f"{x:.2g}"
    return text.replace("-", MINUS)


@themed
def _draw(rows: pd.DataFrame, panels: Sequence[Panel]) -> bytes:
    """The panels of a target; how far each finding is from what was published; those beside which nothing was."""
    is_judged = np.isfinite(rows["published"]) & np.isfinite(rows["tolerance"]) & (rows["tolerance"] > 0)
    judged, alone = rows[is_judged], rows[~np.isfinite(rows["published"]) & np.isfinite(rows["ours"])]
    if not panels and judged.empty and alone.empty:
        alone = rows
    parts: list[tuple[float, Callable[[SubFigure], None]]] = []  # height, and what is drawn
    if panels:
        parts.append((3.3 * -(-len(panels) // 2), partial(_draw_panels, panels=panels)))
    if len(judged):
        height = 0.9 + 0.28 * sum(label.count("\n") + 1 for label in _labels(judged))
        parts.append((height, partial(_draw_distances, rows=judged)))
    if len(alone):
        parts.append((0.4 + 0.75 * len(alone), partial(_draw_alone, rows=alone)))
    heights = [height for height, _ in parts]
    figure = new_figure(0.5 + sum(heights), f"{rows.iloc[0]['target']}: {rows.iloc[0]['title']}")
    for (_, draw), part in zip(
        parts, figure.subfigures(len(parts), 1, squeeze=False, height_ratios=heights)[:, 0], strict=True
    ):
        draw(part)
    return png(figure)


def _labels(rows: pd.DataFrame) -> list[str]:
    return [fill(what, _LABEL_WIDTH) for what in rows["what"]]


def _draw_panels(part: SubFigure, panels: Sequence[Panel]) -> None:
    axes = part.subplots(-(-len(panels) // 2), min(len(panels), 2), squeeze=False).ravel()
    for place, panel in zip(axes, panels, strict=False):
        _draw_panel(place, panel)
    for place in axes[len(panels) :]:
        place.set_visible(False)


def _draw_panel(axes: Axes, panel: Panel) -> None:
    """Theory as lines, what the market gives as points."""
    n_ours, theories = 0, list(dict.fromkeys(line.label for line in panel.lines if line.is_theory))
    told = set()
    for line in panel.lines:
        if line.is_theory:
            color = (INK, QUIET)[theories.index(line.label) % 2]
            axes.plot(line.x, line.y, color=color, linewidth=1.4, label=None if line.label in told else line.label)
            told.add(line.label)
            continue
        look = style_of(n_ours)
        n_ours += 1
        axes.plot(line.x, line.y, linestyle="", marker=look.marker, color=look.color, markersize=5.5, label=line.label)
        if len(line.low):
            axes.vlines(line.x, line.low, line.high, color=look.color, linewidth=1.2)
    axes.set_title(panel.title)
    axes.set_xlabel(panel.xlabel)
    axes.set_ylabel(panel.ylabel)
    if panel.is_log:
        axes.set_yscale("log")
    axes.legend(frameon=False, fontsize="small")


def _draw_distances(part: SubFigure, rows: pd.DataFrame) -> None:
    """How far each finding is from what was published, in units of what is allowed; the band is what is allowed."""
    axes = part.subplots()
    at = np.arange(len(rows))[::-1]
    place = (rows[["ours", "low", "high"]].to_numpy() - rows[["published"]].to_numpy()) / rows[["tolerance"]].to_numpy()
    axes.axvspan(-1, 1, color=SHADE, zorder=0)
    axes.axvline(0, color=QUIET, linewidth=0.9)
    for y, (ours, low, high), verdict in zip(at, np.clip(place, -2.5, 2.5), rows["verdict"], strict=True):
        axes.hlines(y, low, high, color=_COLORS[verdict], linewidth=1.4)
        axes.plot(ours, y, marker="o" if abs(ours) < 2.5 else "d", color=_COLORS[verdict], markersize=5.5)
    axes.set_yticks(at, _labels(rows))
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlim(-2.6, 2.6)
    axes.set_xlabel("ours less published, in units of what is allowed (the band)")
    axes.tick_params(axis="y", length=0)


def _draw_alone(part: SubFigure, rows: pd.DataFrame) -> None:
    """Findings beside which no number was published, each on a scale of its own that holds zero."""
    panels = part.subplots(len(rows), 1, squeeze=False)[:, 0]
    for axes, label, (_, row) in zip(panels, _labels(rows), rows.iterrows(), strict=True):
        ends = [x for x in (0.0, row["ours"], row["low"], row["high"]) if np.isfinite(x)]
        margin = 0.1 * (max(ends) - min(ends) or 1.0)
        axes.axvline(0, color=QUIET, linewidth=0.9)
        axes.hlines(0, row["low"], row["high"], color=_COLORS[row["verdict"]], linewidth=1.4)
        axes.plot(row["ours"], 0, "o", color=_COLORS[row["verdict"]], markersize=5.5)
        axes.set_yticks([0], [label])
        axes.set_xlim(min(ends) - margin, max(ends) + margin)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.tick_params(axis="y", length=0)
    panels[-1].set_xlabel("ours; no number was published" if rows["published"].isna().all() else "ours")
