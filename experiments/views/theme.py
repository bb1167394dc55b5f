"""How figures look: one colour, dash and marker per arm in all of them, told apart without colour too."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from textwrap import fill
from typing import Any, ParamSpec, TypeVar

from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.views.results import Results, arm_label

DPI = 150
WIDTH = 9.0
"""Inches; at this width text of the size below is as large as the report's own."""

INK = "#333333"
QUIET = "#8C8C8C"
SHADE = "#F1F1EE"

_OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Told apart with every kind of colour blindness (Okabe & Ito 2008), without the yellow that white paper swallows."""
_DASHES = ((), (6.0, 2.0), (2.0, 1.5), (7.0, 2.0, 1.5, 2.0), (4.0, 1.5, 1.5, 1.5, 1.5, 1.5))
_MARKERS = "osD^vP"
_CJK_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Hiragino Sans GB"),
    *("Microsoft YaHei", "WenQuanYi Micro Hei", "SimHei", "Arial Unicode MS"),
)
_FONT_SIZE = 10.0

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Style:
    """How one arm is drawn; `dashes` in points on and off, empty for a solid line."""

    color: str
    dashes: tuple[float, ...]
    marker: str

    @property
    def line(self) -> dict[str, Any]:
        return {"color": self.color, "linestyle": (0, self.dashes) if self.dashes else "-", "linewidth": 1.8}


BASELINE_STYLE = Style(INK, (), "X")


def styles(results: Results) -> dict[str, Style]:
    """The style of every arm. Six arms have colours of their own; further ones the same with other dashes."""
    n = len(_OKABE_ITO)
    found = {
        arm: Style(_OKABE_ITO[i % n], _DASHES[(i + i // n) % len(_DASHES)], _MARKERS[(i + i // n) % len(_MARKERS)])
        for i, arm in enumerate(results.others)
    }
    return {arm: found.get(arm, BASELINE_STYLE) for arm in results.arms}


def themed(function: Callable[P, T]) -> Callable[P, T]:
    """Run a function that makes or saves a figure under our style, leaving the user's as it is."""

    @wraps(function)
    def under_theme(*args: P.args, **kwargs: P.kwargs) -> T:
        with rc_context(_rc()):
            return function(*args, **kwargs)

    return under_theme


def new_figure(height: float, title: str) -> Figure:
    """An empty figure of our width; `height` in inches."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=_FONT_SIZE + 2, fontweight="bold")
    return figure


def label_ends(axes: Axes, x: float, ends: dict[str, float], look: dict[str, Style]) -> None:
    """Write every arm's name to the right of where its line ends, moved apart where they would overlap.

    Args:
        axes: With its limits final.
        x: Where the lines end.
        ends: Arm → height of the line's end; NaN for a line without an end, which is not labelled.
        look: Arm → style.
    """
    arms = sorted((arm for arm in ends if math.isfinite(ends[arm])), key=lambda arm: (ends[arm], arm))
    names = {arm: fill(arm_label(arm), 22) for arm in arms}
    to_axes = axes.transData + axes.transAxes.inverted()
    wanted = [float(to_axes.transform((x, ends[arm]))[1]) for arm in arms]
    height = axes.get_position().height * axes.figure.get_size_inches()[1] * 72.0  # type: ignore[union-attr]
    line_height = 1.3 * _FONT_SIZE / height
    sizes = [line_height * (1 + names[arm].count("\n")) for arm in arms]
    for arm, place in zip(arms, spread(wanted, sizes), strict=True):
        axes.annotate(
            names[arm],
            xy=(x, ends[arm]),
            xytext=(1.045, place),
            textcoords="axes fraction",
            va="center",
            color=look[arm].color,
            arrowprops={"arrowstyle": "-", "color": look[arm].color, "linewidth": 0.7, "shrinkA": 1, "shrinkB": 1},
            annotation_clip=False,
        )


def spread(wanted: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """Centres of labels of these sizes, in ascending order, as near as may be to the wanted ones without overlap.

    Labels that would overlap form a block around the mean of what they want; blocks merge until none overlap.
    """
    blocks: list[tuple[list[float], list[float]]] = []
    for centre, size in zip(wanted, sizes, strict=True):
        blocks.append(([centre], [size]))
        while len(blocks) > 1 and _bottom(*blocks[-1]) < _bottom(*blocks[-2]) + sum(blocks[-2][1]):
            upper = blocks.pop()
            lower = blocks.pop()
            blocks.append((lower[0] + upper[0], lower[1] + upper[1]))
    placed = []
    for centres, heights in blocks:
        edge = _bottom(centres, heights)
        for size in heights:
            placed.append(edge + size / 2.0)
            edge += size
    return placed


def _bottom(centres: Sequence[float], heights: Sequence[float]) -> float:
    return sum(centres) / len(centres) - sum(heights) / 2.0


def _rc() -> dict[str, Any]:
    return {
        "font.family": _fonts(),
        "font.size": _FONT_SIZE,
        "text.color": INK,
        "axes.edgecolor": QUIET,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": _FONT_SIZE,
        "axes.titlelocation": "left",
        "axes.formatter.useoffset": False,
        "xtick.color": INK,
        "ytick.color": INK,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "mathtext.default": "regular",
    }


@cache
def _fonts() -> list[str]:
    """Matplotlib's own font, and behind it one with Chinese signs if this machine has any."""
    present = set(font_manager.get_font_names())
    return ["DejaVu Sans", *[font for font in _CJK_FONTS if font in present][:1]]
