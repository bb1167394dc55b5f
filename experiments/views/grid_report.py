"""A comparison over a grid as one HTML file; it opens offline and prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from experiments.study.store import write_whole
from experiments.views import grid_answer
from experiments.views.cells import amount, compared, p_value, percent
from experiments.views.grid_figures import CAPTIONS
from experiments.views.grid_results import GridResults
from experiments.views.report import as_typed, duration, embedded, names, new_environment
from simulator.records.measures import Measure

_TEMPLATE = "grid_report.html.j2"


def write_grid_report(results: GridResults, figures: Sequence[Path], path: Path) -> None:
    """Write the report; the same results and figures give the same bytes.

    Args:
        results: What it reports.
        figures: PNG files as made by `grid_figures.save_all`; they are embedded, in this order.
        path: The HTML file to write.

    Raises:
        OSError: If a figure cannot be read or the file not be written.
    """
    html = (
        new_environment()
        .get_template(_TEMPLATE)
        .render(
            results=results,
            sentences=list(zip(grid_answer.sentences(results), grid_answer.sentences(results, "zh"), strict=True)),
            **names(results.question, results.arms, results.primaries),
            confidence=percent(results.confidence),
            figures=[embedded(figure, CAPTIONS) for figure in figures],
            primaries=[{"measure": m, "rows": list(_rows(results, m))} for m in results.primaries],
            n_tests=len(results.points) * len(results.others) * len(results.primaries),
            settings=as_typed(results.settings),
            took=duration(results.elapsed_seconds),
        )
    )
    write_whole(path, html.encode())


def _rows(results: GridResults, measure: Measure) -> Iterator[dict[str, Any]]:
    """The lift of a measure at every point, point by point."""
    for point in results.points:
        for arm in results.others:
            row = results.row(point, arm, measure)
            yield {
                "point": point,
                "arm": arm,
                "baseline": amount(results.row(point, results.baseline, measure)["mean"], measure.unit),
                "mean": amount(row["mean"], measure.unit),
                "lift": compared(row, measure),
                "p": p_value(row["p_holm"]),
                "verdict": row["verdict"],
            }
