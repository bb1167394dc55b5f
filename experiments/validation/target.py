"""What a target is: a set-up of the ordinary market, what is measured in it, and how near to a published value it lies.

A market is set so that a limit applies that somebody else established, or put beside a published table. How far off it
may be follows from sampling error and from what the set-up is known to be biased by (days are steps, people are whole);
neither is tuned. What is not met for a known reason says so in a `reason`, written before the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as student

Floats = NDArray[np.float64]
Found = dict[str, Any]
"""What is measured in one world: plain numbers, lists and dictionaries of them."""
Size = Literal["small", "full"]

CHANCE = 6.3e-5
"""Probability that a target is missed by luck of the seeds, two-sided: four standard errors of a normal."""
CONFIDENCE = 0.95
"""Of the intervals that are shown."""


class Ask(NamedTuple):
    """What a validation is asked for: its size, and the folder of public data, if there is one."""

    size: Size
    data: Path | None = None

    def pick(self, small: Any, full: Any) -> Any:
        """One of two values, by size."""
        return full if self.size == "full" else small

    def file(self, name: str) -> Path:
        """A file of the data folder."""
        assert self.data is not None, "a target that needs data is not asked without"
        return self.data / name


@dataclass(frozen=True)
class Case:
    """Settings that are run in worlds 0 to worlds-1; `arguments` go to the target's `measure`."""

    worlds: int
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """One number beside a published one.

    Attributes:
        what: Which number.
        published: What others found, or what theory says.
        ours: What the market gives.
        low, high: Its 95 % interval.
        tolerance: How far ours may be from what was published; NaN if nothing is asked of it.
        basis: Where the tolerance comes from.
        is_met: Whether it is near enough; None if nothing is asked: it was fitted, put in, or is told for comparison.
        reason: Why it is known not to be met; empty if it must be.
    """

    what: str
    published: float
    ours: float
    low: float = np.nan
    high: float = np.nan
    tolerance: float = np.nan
    basis: str = ""
    is_met: bool | None = None
    reason: str = ""

    @property
    def verdict(self) -> str:
        """Met, missed, known not to be met, or told only."""
        if self.is_met is None:
            return "told"
        return "met" if self.is_met else "known" if self.reason else "missed"

    def known(self, reason: str) -> Finding:
        """The same, with the reason why it is known not to be met."""
        return replace(self, reason=reason)


class Line(NamedTuple):
    """A line of a panel. Theory and published values are drawn as lines, what the market gives as points."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    is_theory: bool = False
    low: Sequence[float] = ()
    high: Sequence[float] = ()


class Panel(NamedTuple):
    """A plot of a target's figure."""

    title: str
    xlabel: str
    ylabel: str
    lines: Sequence[Line]
    is_log: bool = False


class Judgement(NamedTuple):
    """What comes of a target; figures that compare all its findings are drawn anyway."""

    findings: list[Finding]
    panels: Sequence[Panel] = ()


class Worlds(NamedTuple):
    """What was measured, by case, in the order of the worlds."""

    cases: Mapping[str, Case]
    found: Mapping[str, Sequence[Found]]

    def of(self, case: str, key: str) -> Floats:
        """One measured value, or list of values, in all worlds of a case, shape (n_worlds, ...)."""
        return np.array([found[key] for found in self.found[case]], dtype=np.float64)


@dataclass(frozen=True)
class Target:
    """Something the market must reproduce.

    Attributes:
        name: As in the list of targets, such as A1.
        title: What it is, in a few words.
        source: Who established it.
        plan: Which cases it takes.
        measure: What comes of one world: `measure(seed, **case.arguments)`, plain values.
        judge: What to say of them.
        needs: Files of the data folder that it cannot do without.
        is_fact: Whether it is asked of 20 worlds at least, so that small worlds have no verdict.
    """

    name: str
    title: str
    source: str
    plan: Callable[[Ask], dict[str, Case]]
    measure: Callable[..., Found]
    judge: Callable[[Ask, Worlds], Judgement]
    needs: tuple[str, ...] = ()
    is_fact: bool = False


def mean_near(
    what: str, published: float, sample: Sequence[float] | Floats, bias: float = 0.0, why: str = ""
) -> Finding:
    """Whether the mean over worlds is a published value, by Student's t.

    Args:
        what: Which number.
        published: The value.
        sample: By world, shape (n_worlds,).
        bias: By how much the set-up is known to be off.
        why: It is.
    """
    x = np.asarray(sample, dtype=np.float64)
    error = float(x.std(ddof=1) / np.sqrt(len(x)))
    return _near(what, published, float(x.mean()), error, len(x) - 1, bias, why or f"t over {len(x)} worlds")


def value_near(what: str, published: float, ours: float, error: float, bias: float = 0.0, why: str = "") -> Finding:
    """Whether a value with a standard error that theory gives is a published one."""
    return _near(what, published, ours, error, None, bias, why)


def _near(what: str, published: float, ours: float, error: float, df: int | None, bias: float, why: str) -> Finding:
    law = norm if df is None else student(df)
    half, most = (float(law.ppf(1 - tail)) * error for tail in ((1 - CONFIDENCE) / 2, CHANCE / 2))
    tolerance = most + bias
    basis = why + (f", + {bias:.2g}" if bias else "")
    met = bool(abs(ours - published) <= tolerance)
    return Finding(what, published, ours, ours - half, ours + half, tolerance, basis, met)


def equal(what: str, published: float, ours: float, within: float = 0.0, why: str = "exact") -> Finding:
    """Whether a value without sampling error is a published one, to the digits that were published."""
    return Finding(what, published, ours, ours, ours, within, why, bool(abs(ours - published) <= within))


def between(
    what: str, published: float, sample: Sequence[float] | Floats, low: float, high: float, why: str
) -> Finding:
    """Whether the whole 95 % interval of a mean over worlds lies in a range: a direction, an order of magnitude.

    Args:
        what: Which number.
        published: The value it is compared with.
        sample: By world, shape (n_worlds,); worlds in which it is not defined (NaN) are left out.
        low, high: The range.
        why: This range.
    """
    x = np.asarray(sample, dtype=np.float64)
    x = x[~np.isnan(x)]
    if len(x) < 2:
        return Finding(what, published, np.nan, basis=why, is_met=False)
    half = float(student.ppf((1 + CONFIDENCE) / 2, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x)))
    ours = float(x.mean())
    met = bool(low <= ours - half and ours + half <= high)
    far = max(published - low, high - published)
    return Finding(what, published, ours, ours - half, ours + half, far, f"{why}; t over {len(x)} worlds", met)


def told(what: str, published: float, ours: float, why: str) -> Finding:
    """A number of which nothing is asked: fitted, put in, or for comparison."""
    return Finding(what, published, ours, basis=why)
