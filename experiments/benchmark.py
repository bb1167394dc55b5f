"""Speed and memory, measured: this market at several sizes, and what a user would otherwise write, in the same session.

    python -m experiments.benchmark                 # 10^4, 10^5 and 10^6 consumers × 180 days, and the peers
    python -m experiments.benchmark --sizes 1e4 1e5 --days 60 --out results/benchmark
    python -m experiments.benchmark --sizes 1e7 --days 30 --repeats 1 --no-peers
    python -m experiments.benchmark --cost all_social  # what a strategy costs at 10^5 and 10^6 consumers

Every measurement is a process of its own. Times are medians over repeats; ratios compare runs of one session only.
More shoppers come when mechanics are on, so `--cost` also tells the processor time of one shopper's visit.
Peers: the oracle of the test suite (the same model as plain Mesa agents; needs a checkout), and starsim, if installed
(pip install "pintuan[peers]"): an SIR epidemic on as many people, links and days.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from rich.console import Console

from experiments.parser import Parser
from experiments.study.arms import PLUS, compose_arm
from experiments.views.benchmark import write_cost_report, write_report
from simulator import Market, Scenario
from simulator.mechanics import MECHANICS
from simulator.mechanics.mechanic import Mechanic

Result = dict[str, Any]

SCENARIO: dict[str, Any] = {
    "social.degree": 10,
    "merchants.n_categories": 5,
    "merchants.cohorts": {"merchants": {"count": 10, "products_each": 5}},
    "platform.slate_size": 10,
    "needs.rate": 0.05,
    "consumers.prospect_fraction": 0.2,
}
"""The market that is timed: 50 products in 5 categories, slates of 10."""
USUAL = {f"mechanics.{name}.enabled": True for name in ("group_buying", "coupons", "referral")}
EVERYTHING = PLUS.join(("smart_full", "all_social", "brand", "trends_agile", "deals_abused"))
"""All mechanics at once; of policies all but stocking, which is idle where stock does not run out."""
COSTLY = ("all_social", "all_insight", EVERYTHING)
"""The strategies whose cost is kept in `results/reference`."""

PARTS = {
    "morning: prices, pages, joining, needs": [("simulator.day", "open_day")],
    "choice: pages, utility, quotes": [("simulator.choice.choose", "Chooser.choose")],
    "checkout": [("simulator.trade.checkout", "Checkout.buy")],
    "records and profiles": [("simulator.insight.pipe", f"Pipe.{name}") for name in ("see", "open_day", "close_day")],
    "privacy": [("simulator.privacy.governance", "Governance.open_day")],
    "invitations sent and read": [
        ("simulator.social.invite", "Invitations.send"),
        ("simulator.social.invite", "Invitations.read"),
    ],
    "evening: experience, attrition, records": [("simulator.day", "close_day")],
    **{
        name.replace("_", " "): [
            (kind.__module__, f"{kind.__name__}.{hook}")
            for hook in vars(kind)
            if hook in vars(Mechanic) and callable(vars(kind)[hook]) and hook != "__init__"
        ]
        for name, kind in MECHANICS.items()
    },
}
"""Part of a run → the functions it is spent in (module, path); what one calls of another's counts for the other."""
THE_REST = "the rest"


def scenario(n: int, days: int, strategy: str | None = None) -> Scenario:
    """The benchmark's market at a size, under a strategy or the usual mechanics; short runs keep days of campaign."""
    windows = {"burn_in_days": min(30, days // 3), "post_days": min(60, days // 3)}
    settings = {**SCENARIO, **windows, "consumers.n": n, "days": days}
    if strategy is None:
        return Scenario().replace(**settings, **USUAL)
    return compose_arm(strategy, Scenario().replace(**settings).model_dump(mode="json")).scenario


def measure_market(n: int, days: int, strategy: str | None = None) -> Result:
    """Build and run one market without keeping events."""
    settings = scenario(n, days, strategy)
    started = time.perf_counter()
    market = Market(settings, rng=1, keep_events=False)
    built, cpu = time.perf_counter(), time.process_time()
    with timed_parts() as watch:
        market.run()
    return {
        "build_seconds": built - started,
        "run_seconds": time.perf_counter() - built,
        "cpu_seconds": time.process_time() - cpu,
        "visits": watch.n_visits,
        "peak_mb": peak_mb(),
        "parts": dict(watch.spent),
    }


def measure_oracle(n: int, days: int) -> Result:
    """Run the same market as plain Mesa agents."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests import oracle  # type: ignore[import-not-found,unused-ignore]

    started = time.perf_counter()
    oracle.run(scenario(n, days), 1)
    return {"run_seconds": time.perf_counter() - started, "peak_mb": peak_mb()}


def measure_starsim(n: int, days: int) -> Result:
    """Run an SIR epidemic on a random network of mean degree 10."""
    import starsim as ss  # type: ignore[import-not-found,unused-ignore]

    started = time.perf_counter()
    sir = ss.SIR(beta=ss.perday(0.05), init_prev=0.01, dur_inf=ss.days(30), p_death=0)
    network = ss.RandomNet(n_contacts=10, dur=0)
    sim = ss.Sim(n_agents=n, diseases=sir, networks=network, dt="day", dur=days, start="2026-01-01", verbose=0)
    sim.init()
    built = time.perf_counter()
    sim.run()
    return {
        "build_seconds": built - started,
        "run_seconds": time.perf_counter() - built,
        "peak_mb": peak_mb(),
    }


MEASUREMENTS: dict[str, Callable[[int, int], Result]] = {
    "market": measure_market,
    **{strategy: partial(measure_market, strategy=strategy) for strategy in ("baseline", *COSTLY)},
    "oracle": measure_oracle,
    "starsim": measure_starsim,
}


class Stopwatch:
    """Seconds by part of a run, and the visits in it."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self.n_visits = 0
        self._part, self._since = THE_REST, time.perf_counter()

    def switch(self, part: str) -> str:
        """From now on time counts for this part; returns the part it counted for."""
        now, before = time.perf_counter(), self._part
        self.spent[before] += now - self._since
        self._part, self._since = part, now
        return before

    def timed(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        """The function, its time counted for a part."""

        def call(*arguments: Any, **keywords: Any) -> Any:
            before = self.switch(part)
            try:
                return function(*arguments, **keywords)
            finally:
                self.switch(before)

        return call

    def counted(self, choose: Callable[..., Any]) -> Callable[..., Any]:
        """`Chooser.choose`, the visits it is given counted."""

        def call(chooser: Any, day: int, visits: Any, *others: Any) -> Any:
            self.n_visits += len(visits)
            return choose(chooser, day, visits, *others)

        return call


@contextmanager
def timed_parts() -> Iterator[Stopwatch]:
    """Time the parts while the context is open."""
    watch, originals = Stopwatch(), []
    for part, functions in PARTS.items():
        for module, path in functions:
            *owners, name = path.split(".")
            owner: Any = sys.modules[module]
            for inner in owners:
                owner = getattr(owner, inner)
            original = getattr(owner, name)
            originals.append((owner, name, original))
            function = watch.counted(original) if path == "Chooser.choose" else original
            setattr(owner, name, watch.timed(function, part))
    watch.switch(THE_REST)
    try:
        yield watch
    finally:
        watch.switch(THE_REST)
        for owner, name, original in originals:
            setattr(owner, name, original)


def peak_mb() -> float:
    """Peak resident memory of this process so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 1024**2


def start(kind: str, n: int, days: int) -> subprocess.Popen[str]:
    """Start one measurement in a process of its own."""
    command = [sys.executable, "-m", "experiments.benchmark", "--measure", kind, str(n), str(days)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def finish(process: subprocess.Popen[str]) -> Result:
    """Wait for a measurement.

    Raises:
        RuntimeError: If it failed.
    """
    output, _ = process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"a measurement failed with exit code {process.returncode}")
    result: Result = json.loads(output.splitlines()[-1])
    return result


def measure(kind: str, n: int, days: int, repeats: int, at_once: int = 1) -> Result:
    """The median of several measurements, each of `at_once` processes side by side."""
    results = []
    for _ in range(repeats):
        together = [finish(process) for process in [start(kind, n, days) for _ in range(at_once)]]
        results.append(max(together, key=lambda result: result["run_seconds"]))
    seconds = statistics.median(result["run_seconds"] for result in results)
    middle = min(results, key=lambda result: abs(result["run_seconds"] - seconds))
    return {
        "what": kind if at_once == 1 else f"{kind}, {at_once} at once",
        "consumers": n,
        "days": days,
        **middle,
        "run_seconds": seconds,
        "fastest": min(result["run_seconds"] for result in results),
        "slowest": max(result["run_seconds"] for result in results),
        "million_consumer_days_per_second": at_once * n * days / seconds / 1e6,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and store."""
    options = _parser().parse_args(arguments)
    if options.measure:
        kind, n, days = options.measure
        print(json.dumps(MEASUREMENTS[kind](int(n), int(days))))
        return 0
    console = Console()
    if options.cost:
        table = pd.DataFrame(list(_cost(console, options)))
        write_cost_report(Path(options.out or f"results/benchmark_{options.cost}"), table)
    else:
        table = pd.DataFrame(_everything(console, options))
        write_report(Path(options.out or "results/benchmark"), table)
    console.print(table.drop(columns=["parts"], errors="ignore").to_string(index=False, float_format="%.2f"))
    return 0


def _everything(console: Console, options: argparse.Namespace) -> list[Result]:
    rows, sizes = [], [int(size) for size in options.sizes or (1e4, 1e5, 1e6)]
    for size in sizes:
        console.print(f"{size:,} consumers × {options.days} days ...")
        rows.append(measure("market", size, options.days, options.repeats))
    if len(sizes) > 1 and (cores := joblib.cpu_count()) > 1:
        console.print(f"{cores} replicates side by side ...")
        rows.append(measure("market", sizes[-1], options.days, options.repeats, at_once=cores))
    if options.peers:
        rows += _peers(console, options.peer_size, options.peer_days, options.repeats)
    return rows


def _cost(console: Console, options: argparse.Namespace) -> Iterator[Result]:
    """The market under the baseline and under a strategy, at every size."""
    for size in options.sizes or (1e5, 1e6):
        for strategy in ("baseline", options.cost):
            console.print(f"{int(size):,} consumers × {options.days} days, {strategy} ...")
            yield measure(strategy, int(size), options.days, options.repeats)


def _peers(console: Console, size: int, days: int, repeats: int) -> Iterator[Result]:
    for kind in ("market", "oracle", "starsim"):
        if kind == "starsim" and find_spec("starsim") is None:
            console.print("starsim is not installed; left out")
            continue
        console.print(f"{kind}: {size:,} × {days} days ...")
        yield measure(kind, size, days, 1 if kind == "oracle" else repeats)


def _parser() -> Parser:
    parser = Parser("benchmark", __doc__)
    parser.add_argument("--sizes", nargs="+", type=float, help="numbers of consumers")
    parser.add_argument("--days", type=int, default=180, help="days of a run")
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each, of which the median counts")
    parser.add_argument("--cost", choices=COSTLY, help="what a strategy costs, instead of the rest")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="leave the peers out")
    parser.add_argument("--peer-size", type=int, default=100_000, help="consumers when compared with peers")
    parser.add_argument("--peer-days", type=int, default=30, help="days when compared with peers")
    parser.add_argument("--out", help="folder of the report; results/benchmark, or with --cost benchmark_<strategy>")
    parser.add_argument("--measure", nargs=3, metavar=("KIND", "N", "DAYS"), help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
