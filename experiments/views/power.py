"""Seeds needed, as a table in the terminal, and as power curves."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from experiments.study.power import Spread, paired_power, unpaired_power
from experiments.study.store import write_whole
from experiments.study.wording import UNDEFINED, shown
from experiments.views.drawing import new_figure, percent_ticks
from experiments.views.figures import png
from experiments.views.results import arm_label
from experiments.views.theme import INK, style_of, themed
from simulator.records.measures import MEASURES

MOST_DRAWN = 10_000
"""Seeds up to which power is drawn."""
_LABELS = {measure.name: measure.label for measure in MEASURES}


def print_power(table: pd.DataFrame, power: float, alpha: float, console: Console) -> None:
    """Print the seeds that each lift needs, paired and unpaired.

    Args:
        table: As `study.power.power_table` gives it.
        power: That was asked for.
        alpha: Of the test.
        console: Where to.
    """
    printed = Table(box=box.SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False, header_style="")
    printed.add_column("seeds needed", width=23, overflow="fold")
    for title in ("sd", "r", "lift", "paired", "open", "unpaired", "times"):
        printed.add_column(title, justify="right", no_wrap=True)
    for measure, part in table.groupby("measure", sort=False):
        printed.add_section()
        printed.add_row(f"[bold]{_LABELS[str(measure)]}[/]")
        for arm, rows in part.groupby("arm", sort=False):
            first = rows.iloc[0]
            mark = "" if first["scale"] == "log-ratio" else "*"
            label = Padding(arm_label(str(arm)), (0, 0, 0, 2))
            head: list[Padding | str] = [
                label,
                shown(first["sd_paired"], ".4f") + mark,
                shown(first["correlation"], ".2f"),
            ]
            if rows["seeds_paired"].isna().all():
                printed.add_row(*head, "", UNDEFINED)
                continue
            for _, row in rows.iterrows():
                printed.add_row(*head, *_cells(row))
                head = ["", "", ""]
    console.print(printed)
    for line in _notes(table, power, alpha):
        console.print(line, highlight=False)


def save_figure(table: pd.DataFrame, power: float, alpha: float, folder: Path) -> list[Path]:
    """Draw power over seeds; the file."""
    path = folder / "power.png"
    write_whole(path, _draw(table, power, alpha))
    return [path]


@themed
def _draw(table: pd.DataFrame, power: float, alpha: float) -> bytes:
    """A row per lift, a panel per measure, a colour per arm; paired in full lines, unpaired in dotted ones."""
    measures, lifts, arms = (list(table[column].unique()) for column in ("measure", "lift", "arm"))
    figure = new_figure(1.0 + 2.1 * len(lifts), "Probability to see a lift, by seeds per arm")
    panels = figure.subplots(len(lifts), len(measures), squeeze=False, sharex=True, sharey=True)
    needed = table[["seeds_paired", "seeds_unpaired"]].to_numpy(dtype=np.float64)
    most = np.max(needed[np.isfinite(needed)], initial=8.0)
    seeds = np.unique(np.geomspace(2, min(max(2 * most, 16.0), MOST_DRAWN), 120).round()).astype(np.intp)
    for row, lift in zip(panels, lifts, strict=True):
        for axes, measure in zip(row, measures, strict=True):
            axes.axhline(power, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
            for i, arm in enumerate(arms):
                at = (table["measure"] == measure) & (table["arm"] == arm) & (table["lift"] == lift)
                spread, look = _spread(table[at].iloc[0]), style_of(i)
                if not spread.paired > 0.0:
                    continue
                effect = spread.effect(lift)
                paired = paired_power(effect, spread.paired, seeds, alpha)
                axes.plot(seeds, paired, color=look.color, linewidth=1.8, label=arm_label(arm))
                unpaired = unpaired_power(effect, spread.arm, spread.base, seeds, alpha)
                axes.plot(seeds, unpaired, color=look.color, linewidth=1.2, linestyle=(0, (1, 1.5)))
        row[0].set_ylabel(f"lift {_percent(lift)}")
    for axes, measure in zip(panels[0], measures, strict=True):
        axes.set_title(_LABELS[measure])
    for axes in panels[-1]:
        axes.set_xlabel("seeds per arm")
    panels[0, 0].set_xscale("log")
    panels[0, 0].set_ylim(0.0, 1.02)
    ticks = [tick for tick in (2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000) if tick <= seeds[-1]]
    panels[0, 0].xaxis.set_major_locator(FixedLocator(ticks if len(ticks) < 7 else ticks[::2]))
    panels[0, 0].xaxis.set_minor_locator(NullLocator())
    panels[0, 0].xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    panels[0, 0].yaxis.set_major_formatter(percent_ticks("%"))
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        title="full: paired by seed; dotted: other seeds in each arm",
        loc="outside lower left",
        ncols=3,
        frameon=False,
        fontsize="small",
        title_fontsize="small",
        alignment="left",
    )
    return png(figure)


def _spread(row: pd.Series) -> Spread:
    facts = (row["sd_paired"], row["sd_arm"], row["sd_base"], row["correlation"], row["n_pilot"])
    return Spread(*facts, is_log=row["scale"] == "log-ratio")


def _cells(row: pd.Series) -> list[str]:
    """A lift, and the seeds that it needs."""
    low, high, paired, unpaired = (
        _count(row[name]) for name in ("seeds_paired_low", "seeds_paired_high", "seeds_paired", "seeds_unpaired")
    )
    times = row["times_fewer"]
    more = f"{times:.2g} ×" if times < 10 else f"{times:,.0f} ×"
    return [_percent(row["lift"]), paired, f"({low} to {high})", unpaired, more]


def _count(n: float) -> str:
    """A number of seeds in few characters."""
    if math.isinf(n):
        return "∞"
    return f"{n:.0f}" if n < 1_000 else f"{n / 1e3:.3g}k" if n < 1e6 else f"{n / 1e6:.3g}M"


def _percent(lift: float) -> str:
    return f"{100 * lift:+g} %".replace("-", "−")


def _notes(table: pd.DataFrame, power: float, alpha: float) -> list[str]:
    n_tests = len(table[["measure", "arm"]].drop_duplicates())
    n_pilot = int(table["n_pilot"].max())
    notes = [
        f"[dim]Seeds per arm for power {power:g} at level {alpha:g} (two-sided t tests). Open: what the pilot of "
        f"{n_pilot} seeds leaves open (95 %). sd: of the paired log-ratio; r: correlation with the baseline. Unpaired: "
        "other seeds in each arm, and how many times more runs that is. —: equal in every pair, or not defined. "
        f"Holm's strictest step asks for level {alpha / n_tests:.2g} ({n_tests} tests).[/]"
    ]
    if (table["scale"] != "log-ratio").any():
        notes.append("[dim]* not all values are positive: from differences, not log-ratios.[/]")
    for lift in table["lift"].unique():
        rows = table[table["lift"] == lift]
        worst = rows["seeds_paired"].max()
        unpaired = rows["seeds_unpaired"].max()
        notes.append(
            f"To see {_percent(lift)} in every arm and measure: {_count(worst)} seeds paired, "
            f"{_count(unpaired)} unpaired."
        )
    return notes
