"""The largest cascades at points of a grid, drawn: who brought whom."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from experiments.views.forests import HOW_TO_READ, draw_rows, of_some_size
from experiments.views.grid_results import GridResults
from experiments.views.results import arm_label
from experiments.views.sweep import short_names
from experiments.views.theme import style_of, themed

MOST_ROWS = 5
CAPTION = (
    "The largest cascades at points of the grid, over all runs: first the point whose largest cascade is largest, last "
    f"that where it is smallest, the others evenly between by rank. {HOW_TO_READ}"
)


@themed
def draw(results: GridResults) -> Figure | None:
    """A row of cascades for some points and arms, from the largest to the smallest; None if there are none."""
    links, keys = of_some_size(results.forests), [*results.axes, "arm"]
    links = links[links["arm"].isin(results.others)]
    if links.empty:
        return None
    largest = links.groupby(keys, sort=False)["size"].max().sort_values(ascending=False, kind="stable")
    names = {key: name.replace("_", " ") for key, name in short_names(list(results.axes)).items()}
    rows = []
    for rank in np.unique(np.linspace(0, len(largest) - 1, MOST_ROWS).round().astype(int)):
        *point, arm = largest.index[rank]
        where = [f"{names[key]} {value}" for key, value in zip(results.axes, point, strict=True)]
        here = (links[keys] == [*point, arm]).all(axis=1)
        rows.append((arm_label(", ".join([arm, *where])), links[here], style_of(results.others.index(arm))))
    return draw_rows("The largest cascades over the grid", rows)
