"""What a study will take, before it is begun: runs, time and disk.

Where the store has runs of the study, their times and sizes are used. Otherwise the first days of the campaign of a few
of its markets are run here; this is an estimate, since days differ.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from experiments.study.replicate import replicate
from experiments.study.study import Run, Study
from simulator import Market, Scenario
from simulator.files import model_version

N_PILOTS = 3
PILOT_DAYS = 10


@dataclass(frozen=True)
class Forecast:
    """What is left to do.

    Attributes:
        n_runs: Runs of the study.
        n_missing: Those that are not in the store.
        seconds_per_run: On one core of this machine.
        bytes_per_run: On disk.
        basis: What the estimate rests on.
    """

    n_runs: int
    n_missing: int
    seconds_per_run: float
    bytes_per_run: float
    basis: str


def forecast(study: Study) -> Forecast:
    """Estimate what computing a study takes."""
    missing, _ = study.missing()
    runs = study.runs()
    found = [run for run in runs if run not in set(missing)]
    if found:
        paths = [study.store.path(run.cell.key, run.seed) for run in found]
        seconds = study.seconds(found) / len(found)
        size = sum(path.stat().st_size for path in paths) / len(found)
        return Forecast(len(runs), len(missing), seconds, size, f"{len(found)} runs found")
    pilots = _spread([run for run in missing if run.seed == missing[0].seed])
    measured = [_pilot(run, study.keep_events) for run in pilots]
    seconds, size = (sum(column) / len(measured) for column in zip(*measured, strict=True))
    return Forecast(len(runs), len(missing), seconds, size, f"the first campaign days of {len(pilots)} markets")


def _spread(runs: Sequence[Run]) -> list[Run]:
    """A few runs from all over the list."""
    n = min(N_PILOTS, len(runs))
    return [runs[i * (len(runs) - 1) // max(n - 1, 1)] for i in range(n)]


def _pilot(run: Run, keep_events: bool) -> tuple[float, float]:
    """Seconds and bytes of a whole run, from one that is cut to its first campaign days."""
    scenario = run.cell.scenario
    short = _cut(scenario)
    longer = scenario.days / short.days
    started = time.perf_counter()
    Market(short, rng=run.seed)
    built = time.perf_counter()
    size = len(replicate(short, run.seed, keep_events, model_version()))
    to_build, to_run = built - started, time.perf_counter() - built
    return to_build + max(to_run - to_build, 0.0) * longer, size * longer


def _cut(scenario: Scenario) -> Scenario:
    """The same market with a burn-in and a post-window of a day, and a campaign in which every mechanic begins."""
    blocks = (getattr(scenario.mechanics, name) for name in type(scenario.mechanics).model_fields)
    begins = max((block.from_day for block in blocks if block.enabled), default=0)
    campaign = min(max(PILOT_DAYS, begins + 1), scenario.campaign_end - scenario.burn_in_days)
    return scenario.replace(burn_in_days=1, post_days=1, days=campaign + 2)
