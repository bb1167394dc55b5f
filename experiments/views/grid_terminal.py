"""A comparison over a grid as text: the lifts of the primary measures, point by point."""

from __future__ import annotations

from itertools import product

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from experiments.study.wording import HIGHER, LOWER
from experiments.views import grid_answer
from experiments.views.cells import compared, percent
from experiments.views.grid_results import GridResults
from experiments.views.results import arm_label
from experiments.views.sweep import short_names

MOST_ROWS = 60
_STYLES = {HIGHER: "green", LOWER: "red"}


def print_grid(results: GridResults, console: Console) -> None:
    """Print the lift of every primary measure at every point.

    Args:
        results: What to print.
        console: Where to; its width decides whether an interval stands beside its value or under it.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="")
    has_arms = len(results.others) > 1
    for name in (*short_names(list(results.axes)).values(), *["arm"] * has_arms):
        table.add_column(name, overflow="fold")
    for measure in results.primaries:
        table.add_column(measure.label, justify="right", no_wrap=True)
    rows = list(product(results.points, results.others))
    for point, arm in rows[:MOST_ROWS]:
        cells = []
        for measure in results.primaries:
            row = results.row(point, arm, measure)
            shown = compared(row, measure)
            text = shown.on_one_line() if console.width >= 120 else shown.on_two_lines()
            cells.append(Text(text, style=_STYLES.get(row["verdict"], "dim")))
        table.add_row(*map(str, point), *[arm_label(arm)] * has_arms, *cells)
    n = len(results.points)
    console.print(Text(f"{results.name}: {results.question}", style="bold"))
    console.print(f"{n} points × {len(results.arms)} arms × {len(results.seeds)} seeds\n", style="dim")
    console.print(table)
    for sentence in grid_answer.sentences(results):
        console.print(sentence, style="bold", highlight=False)
    more = f" {len(rows) - MOST_ROWS} more rows are in summary.csv." if len(rows) > MOST_ROWS else ""
    console.print(
        f"Lift against {arm_label(results.baseline)} at the same point, with its {percent(results.confidence)} "
        f"interval over {len(results.seeds)} paired seeds. Coloured: different from zero after Holm over points × arms "
        f"× primaries; dim: not, or not materially.{more}",
        style="dim",
        highlight=False,
    )
