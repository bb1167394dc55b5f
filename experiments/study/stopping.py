"""When to stop adding seeds: when a named lift is known well enough, judged by the width of its interval only.

A rule that looked at the lift itself would favour lucky moments. Looking at the width alone does next to no harm
(Chow & Robbins 1965); it must be narrow enough twice in a row, since the width is estimated too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from experiments.study.engines import Done, Engine
from experiments.study.statistics import relative_lift
from experiments.study.study import Run, Study
from simulator.records.measures import MEASURES
from simulator.settings import Settings, quantity

BATCH = 4
"""Seeds added at a time."""
FEWEST = 16
"""Seeds before the first look: with fewer, the width is too uncertain to judge by."""
TIMES = 2
"""Looks in a row at which the interval must be narrow enough."""


class UntilSettings(Settings):
    """Add seeds until the interval of one lift is narrow enough."""

    arm: str | None = quantity(None, "arm whose lift must be known well; null: `seeds` seeds and no more")
    measure: str = quantity("p_two_orders", "measure of that lift")
    width: float = quantity(0.02, "width that its 95 % interval must fall below", unit="share of the baseline", gt=0)
    max_seeds: int = quantity(128, "seeds at which to give up", unit="seeds", ge=FEWEST)


@dataclass(frozen=True)
class Stop:
    """How adding seeds came to its end.

    Attributes:
        n_seeds: Seeds computed.
        lift: The lift in question, in words.
        width: Of its 95 % interval, as a share of the baseline.
        wanted: The width asked for.
        is_met: Whether it was narrow enough twice in a row; otherwise the cap was reached.
    """

    n_seeds: int
    lift: str
    width: float
    wanted: float
    is_met: bool

    def __str__(self) -> str:
        found = f"the 95 % interval of {self.lift} is {100 * self.width:.2f} points wide"
        if self.is_met:
            return f"stopped at {self.n_seeds} seeds: {found}, below the {100 * self.wanted:g} asked for"
        return (
            f"stopped at the cap of {self.n_seeds} seeds: {found}; {100 * self.wanted:g} were asked for, twice in a row"
        )


def compute_until(
    study: Study, until: UntilSettings, baseline: str, engine: Engine
) -> tuple[Study, list[Done[Run]], Stop]:
    """Compute a study, adding seeds in order until the lift is known well enough.

    Args:
        study: With the seeds to begin with; its cells are labelled `arm`.
        until: The lift and the width asked for.
        baseline: The arm that lifts are against.
        engine: Where.

    Returns:
        The study with all its seeds, the runs that failed (then nothing more is added), and why it stopped.
    """
    n_met = 0
    while True:
        n_seeds = len(study.seeds)
        failed = study.compute(engine)
        width = float("nan") if failed else _width(study.gather("final"), until, baseline)
        n_met = n_met + 1 if width < until.width else 0
        if failed or n_met == TIMES or n_seeds >= until.max_seeds:
            label = next(measure.label for measure in MEASURES if measure.name == until.measure)
            lift = f"the lift of {str(until.arm).replace('_', ' ')} in {label}"
            return study, failed, Stop(n_seeds, lift, width, until.width, n_met == TIMES)
        study = replace(study, seeds=range(min(n_seeds + BATCH, until.max_seeds)))


def _width(final: pd.DataFrame, until: UntilSettings, baseline: str) -> float:
    """Width of the lift's interval; NaN where it is not defined."""
    values = final[final["measure"] == until.measure].pivot(index="seed", columns="arm", values="value").dropna()
    is_heavy_tailed = next(measure.is_heavy_tailed for measure in MEASURES if measure.name == until.measure)
    own, base = values[until.arm].to_numpy(), values[baseline].to_numpy()
    lift, _ = relative_lift(own, base, 0.95, is_heavy_tailed)
    return lift.high - lift.low
