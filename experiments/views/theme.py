"""How figures look: one colour, dash and marker per arm in all of them, told apart without colour too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from matplotlib import font_manager, rc_context

from experiments.views.results import Results

DPI = 150
WIDTH = 9.0
"""Inches; at this width the text of a figure is as large as that of the report."""
FONT_SIZE = 10.0

INK = "#333333"
QUIET = "#9A9A9A"
SHADE = "#F2F2EF"

_OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Told apart with every kind of colour blindness (Okabe & Ito 2008), without black and a yellow that paper swallows."""
_DASHES = ((), (6.0, 2.0), (2.0, 1.2), (7.0, 1.5, 1.5, 1.5), (3.5, 1.5), (7.0, 1.5, 1.5, 1.5, 1.5, 1.5))
_MARKERS = "sD^vph"
_CJK_FONTS = (
    *(
        "Noto Sans CJK SC",
        "Noto Sans SC",
        "Source Han Sans SC",
        "Source Han Sans CN",
        "PingFang SC",
        "Hiragino Sans GB",
    ),
    *("Microsoft YaHei", "WenQuanYi Micro Hei", "SimHei", "Arial Unicode MS"),
)

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Style:
    """How one arm is drawn; sizes in points, `dashes` as points on and off (empty for a solid line)."""

    color: str
    dashes: tuple[float, ...]
    marker: str
    width: float = 1.8
    marker_size: float = 7.0

    @property
    def line(self) -> dict[str, Any]:
        """The style as matplotlib's line properties."""
        return {
            "color": self.color,
            "linestyle": (0, self.dashes) if self.dashes else "-",
            "linewidth": self.width,
            "dash_capstyle": "butt",
        }

    @property
    def points(self) -> dict[str, Any]:
        """The line with its markers."""
        return self.line | {
            "marker": self.marker,
            "markersize": self.marker_size,
            "markeredgecolor": "white",
            "markeredgewidth": 0.6,
        }


BASELINE = Style(QUIET, (), "o", width=3.6, marker_size=10.0)
"""Broad and pale, so that it shows on both sides of an arm that runs on top of it."""


def style_of(i: int) -> Style:
    """The style of the i-th line. Six have colours of their own; further ones the same with other dashes."""
    n = len(_OKABE_ITO)
    return Style(_OKABE_ITO[i % n], _DASHES[(i + i // n) % n], _MARKERS[(i + i // n) % n])


def styles(results: Results) -> dict[str, Style]:
    """The style of every arm."""
    found = {arm: style_of(i) for i, arm in enumerate(results.others)}
    return {arm: found.get(arm, BASELINE) for arm in results.arms}


def themed(function: Callable[P, T]) -> Callable[P, T]:
    """Run a function that makes or saves a figure under our style, leaving the user's as it is."""

    @wraps(function)
    def under_theme(*args: P.args, **kwargs: P.kwargs) -> T:
        with rc_context(_rc()):
            return function(*args, **kwargs)

    return under_theme


def _rc() -> Any:  # a dictionary; newer matplotlib wants its keys as literals
    return {
        "font.family": _fonts(),
        "font.size": FONT_SIZE,
        "text.color": INK,
        "text.parse_math": False,  # a name may hold dollars
        "axes.edgecolor": QUIET,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": FONT_SIZE,
        "axes.titlelocation": "left",
        "axes.formatter.useoffset": False,
        "axes.unicode_minus": True,
        "xtick.color": INK,
        "ytick.color": INK,
        "figure.constrained_layout.h_pad": 0.08,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
    }


@cache
def _fonts() -> list[str]:
    """Matplotlib's own font, and behind it one with Chinese signs if this machine has any."""
    present = set(font_manager.get_font_names())
    return ["DejaVu Sans", *[font for font in _CJK_FONTS if font in present][:1]]
