"""The largest cascades of each arm, drawn: who brought whom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.views.drawing import new_figure
from experiments.views.results import Results, arm_label
from experiments.views.theme import INK, QUIET, Style, styles, themed
from simulator.records.cascades import MOST_LINKS

MOST = 6
"""Cascades drawn in a row."""
HOW_TO_READ = (
    "In the middle the consumer with whom a cascade began; every ring "
    "is a generation: adopters brought by those of the ring before, each joined to the one who invited it. A star is "
    f"one busy inviter, a chain an offer that travels. Of more than {MOST_LINKS} consumers the first generations are "
    "drawn."
)
CAPTION = f"The largest cascades of each arm, over all runs. {HOW_TO_READ}"


@themed
def draw(results: Results) -> Figure | None:
    """A row of cascades for each arm that has any; None if no arm has."""
    links = of_some_size(results.forests)
    look = styles(results)
    rows = [
        (arm_label(arm), links[links["arm"] == arm], look[arm]) for arm in results.arms if (links["arm"] == arm).any()
    ]
    return draw_rows("The largest cascades of each arm", rows)


def of_some_size(forests: pd.DataFrame) -> pd.DataFrame:
    """The links of cascades of more than one consumer."""
    return forests[forests["size"] > 1]


def draw_rows(title: str, rows: Sequence[tuple[str, pd.DataFrame, Style]]) -> Figure | None:
    """A row of the largest trees for each title, table of links and style; None without rows; under our theme."""
    if not rows:
        return None
    figure = new_figure(0.6 + 1.85 * len(rows), title)
    panels = figure.subplots(len(rows), MOST, squeeze=False)
    for (name, links, style), row in zip(rows, panels, strict=True):
        heading = row[0].annotate(name, (0, 1), (0, 16), "axes fraction", textcoords="offset points", fontweight="bold")
        heading.set_in_layout(False)  # or it would widen the first panel
        for axes in row:
            axes.set_axis_off()
        ordered = links.sort_values(["size", "seed", "cascade"], ascending=[False, True, True])
        trees = [tree for _, tree in ordered.groupby(["seed", "cascade"], sort=False)]
        for axes, tree in zip(row, trees[:MOST], strict=False):
            _draw_tree(axes, tree.sort_values(["generation", "day", "consumer"]), style)
    return figure


def place(parent: NDArray[np.intp], generation: NDArray[np.int64]) -> NDArray[np.float64]:
    """Where the nodes of a tree stand: rings by generation, each subtree in a sector as wide as it has leaves.

    Args:
        parent: Position of each node's parent, parents before children, the root its own; shape (n,).
        generation: Steps from the root, shape (n,).

    Returns:
        x and y, shape (n, 2).
    """
    leaves = np.ones(len(parent))
    is_parent = np.bincount(parent[1:], minlength=len(parent)) > 0
    leaves[is_parent] = 0.0
    for node in range(len(parent) - 1, 0, -1):
        leaves[parent[node]] += leaves[node]
    begins, free = np.zeros(len(parent)), np.zeros(len(parent))
    for node in range(1, len(parent)):
        begins[node] = free[node] = free[parent[node]]
        free[parent[node]] += leaves[node]
    angle = 2.0 * np.pi * (begins + leaves / 2.0) / leaves[0]
    return np.column_stack([generation * np.cos(angle), generation * np.sin(angle)])


def _draw_tree(axes: Axes, tree: pd.DataFrame, style: Style) -> None:
    consumers = pd.Index(tree["consumer"])
    parent = consumers.get_indexer(tree["parent"])
    generation = tree["generation"].to_numpy(dtype=np.int64)
    xy = place(parent, generation)
    links = np.stack([xy[parent[1:]], xy[1:]], axis=1)
    axes.add_collection(LineCollection(list(links), colors=QUIET, linewidths=0.6, zorder=1))
    size = 60.0 / len(tree) ** 0.6
    axes.scatter(xy[1:, 0], xy[1:, 1], s=size, color=style.color, linewidths=0.0, zorder=2)
    axes.scatter(xy[0, 0], xy[0, 1], s=max(size, 12.0), color=INK, zorder=3)
    reach = 1.08 * generation.max()
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-reach, reach)
    axes.set_aspect("equal")
    n, steps = int(tree["size"].iloc[0]), int(generation.max())
    axes.set_title(f"\n{n:,} in {steps} step{'s' if steps > 1 else ''}", fontsize="small", loc="center")
