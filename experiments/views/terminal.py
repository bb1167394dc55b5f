"""The comparison as text: readable at 80 columns or more, with colour or without."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from experiments.study import wording
from experiments.views.cells import Shown, amount, baseline_mean, comparison, p_value, percent
from experiments.views.results import Results, arm_label
from simulator.records.measures import Measure

WIDE = 100
"""From so many columns on, an interval of a primary measure stands beside its value; below, under it."""
MOST_EXPLORED = 4
"""Arms whose exploratory measures are printed; those of more would scroll by unread."""

_GAP = 2
_LABEL_WIDTH = 24
_BASELINE_WIDTH = 11  # "1.23 M yuan"
_CELL_WIDTH = 19  # "+15.3% [14.6, 16.0]", so that three fit into 100 columns; what is longer takes two lines
_NARROW_CELL_WIDTH = 16
_STYLES = {wording.HIGHER: "green", wording.LOWER: "red"}


def print_results(results: Results, console: Console) -> None:
    """Print the primary measures arm by arm, then, if the arms are few, all other measures by family.

    Args:
        results: What to print.
        console: Where to; its width decides how many arms stand side by side. From 80 columns on no number is cut.
    """
    has_room = len(results.others) <= MOST_EXPLORED
    families = _families(results, console.width) if has_room else [_elsewhere(results)]
    for part in (_heading(results), _primaries(results, console.width), *_matching(results), *families):
        console.print(part)
        console.print()
    console.print(_legend(results))


def _heading(results: Results) -> Text:
    time = results.timeline
    facts = (
        f"{len(results.seeds)} seeds × {len(results.arms)} arms, {time.days} days: burn-in to day {time.burn_in_days}, "
        f"campaign to day {time.campaign_end}, then the post-window"
    )
    if results.network_file:
        facts += f"; conditional on the network {results.network_file}"
    if results.stop:
        facts += f"; {results.stop}"
    return Text.assemble((f"{results.name}: {results.question}", "bold"), "\n", (facts, "dim"))


def _matching(results: Results) -> Iterator[Text]:
    """Where the levers stand, and who takes no part."""
    if results.matching is not None:
        settings = results.matching.settings
        lines = [f"Matched to {settings.to} ({settings.measure}, {results.matching.target:,.0f} yuan):"]
        for arm in results.matching.arms:
            stands = f"{' '.join(arm.keys)} = {arm.value:g}, {arm.amount:,.0f} yuan"
            lines.append(f"  {arm.arm}: {arm.words or stands}")
        yield Text("\n".join(lines))


def _primaries(results: Results, width: int) -> Table:
    """Measures named beforehand: a block of rows for each, a row for each arm."""
    table = _table(Text("Primary measures, named beforehand", style="bold"))
    table.add_column("", min_width=12, overflow="fold")
    table.add_column("mean", justify="right", no_wrap=True)
    lift = Shown("lift", (f"{percent(results.confidence)} interval",))
    table.add_column(Text(_lines(lift, width)), no_wrap=True)
    table.add_column("p Holm", justify="right", no_wrap=True)
    table.add_column("pairing r", justify="right", min_width=7)
    table.add_column("verdict", min_width=15)
    for measure in results.primaries:
        mean = amount(results.row(results.baseline, measure)["mean"], measure.unit)
        table.add_section()
        table.add_row(Text(measure.label, style="bold"))
        table.add_row(Text(f"  {arm_label(results.baseline)}"), mean)
        for arm in results.others:
            table.add_row(*_primary_cells(results, arm, measure, width))
    return table


def _primary_cells(results: Results, arm: str, measure: Measure, width: int) -> list[Text | Padding]:
    row = results.row(arm, measure)
    shown = comparison(results, arm, measure)
    style = "dim" if shown.is_unclear else ""
    return [
        Padding(Text(arm_label(arm)), (0, 0, 0, 2)),
        Text(amount(row["mean"], measure.unit)),
        Text(_lines(shown, width), style=style),
        Text(p_value(row["p_holm"])),
        Text(wording.shown(row["correlation"], ".2f")),
        Text(row["verdict"], style=_STYLES.get(row["verdict"], style)),
    ]


def _lines(shown: Shown, width: int) -> str:
    return shown.on_one_line() if width >= WIDE else shown.on_two_lines()


def _elsewhere(results: Results) -> Text:
    n = len(results.measures) - len(results.primaries)
    return Text(f"{n} exploratory measures of each arm are in the report and in summary.csv.", style="dim")


def _families(results: Results, width: int) -> Iterator[Table]:
    """Exploratory measures: a table per family, and several if not all arms fit side by side."""
    for family, measures in results.families.items():
        exploratory = [measure for measure in measures if measure not in results.primaries]
        for arms in _side_by_side(results.others, width):
            table = _table(Text.assemble((family.value.capitalize(), "bold"), (" (exploratory)", "dim")))
            table.add_column("", width=_LABEL_WIDTH, overflow="fold")
            table.add_column(Text(arm_label(results.baseline)), justify="right", width=_BASELINE_WIDTH, overflow="fold")
            for arm in arms:
                table.add_column(Text(arm_label(arm)), width=_cell_width(width), overflow="fold")
            for measure in exploratory:
                cells = [_cell(comparison(results, arm, measure), _cell_width(width)) for arm in arms]
                table.add_row(measure.label, baseline_mean(results, measure), *cells)
            yield table


def _cell(shown: Shown, width: int) -> Text:
    line = shown.on_one_line()
    return Text(line if len(line) <= width else shown.on_two_lines(), style="dim" if shown.is_unclear else "")


def _side_by_side(arms: list[str], width: int) -> list[list[str]]:
    """The arms in as few groups as the width allows, about equally large."""
    n_fit = max(1, (width - _LABEL_WIDTH - _GAP - _BASELINE_WIDTH) // (_GAP + _cell_width(width)))
    n_groups = -(-len(arms) // n_fit)
    bounds = [len(arms) * group // n_groups for group in range(n_groups + 1)] if arms else [0]
    return [arms[start:end] for start, end in pairwise(bounds)]


def _cell_width(width: int) -> int:
    return _CELL_WIDTH if width >= WIDE else _NARROW_CELL_WIDTH


def _table(title: Text) -> Table:
    return Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, _GAP - 1, 0, 0),  # the box adds one
        show_edge=False,
        header_style="",
    )


def _legend(results: Results) -> Text:
    return Text(
        f"Cells: lift against {arm_label(results.baseline)} in %, or, where there is no lift, the difference in the "
        f"measure's unit (pp: percentage points), and its {percent(results.confidence)} interval, t over "
        f"{len(results.seeds)} paired seeds (heavy tails: bootstrap of the median). Dim: not distinguishable from "
        "zero; ≈: no material effect (90% interval inside ±1%); identical: equal in every pair; —: not defined; mean: "
        "the arm's own, where the baseline defines none. Holm is over arms × primaries; all else is exploratory.",
        style="dim",
    )
