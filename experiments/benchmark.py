"""Speed and memory, measured: this market at several sizes, and what a user would otherwise write, in the same session.

    python -m experiments.benchmark                 # 10^4, 10^5 and 10^6 consumers × 180 days, and the peers
    python -m experiments.benchmark --sizes 1e4 1e5 --days 60 --out results/benchmark
    python -m experiments.benchmark --sizes 1e7 --days 30 --repeats 1 --no-peers

Every measurement is a process of its own. Times are medians over repeats; ratios compare runs of one session only.
Peers: the oracle of the test suite (the same model as plain Mesa agents; needs a checkout), and starsim, if installed
(pip install "pintuan[peers]"): an SIR epidemic on as many people, links and days.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from experiments.study.manifest import versions
from experiments.study.store import write_whole
from simulator import Market, Scenario

Result = dict[str, Any]

SCENARIO: dict[str, Any] = {
    "social.degree": 10,
    "merchants.n_categories": 5,
    "merchants.cohorts": {"merchants": {"count": 10, "products_each": 5}},
    "platform.slate_size": 10,
    "needs.rate": 0.05,
    "consumers.prospect_fraction": 0.2,
    "mechanics.group_buying.enabled": True,
    "mechanics.coupons.enabled": True,
    "mechanics.referral.enabled": True,
}
"""The market that is timed: 50 products in 5 categories, slates of 10, all mechanics on."""

PHASES = {
    "morning: prices, pages, joining, needs": ("simulator.day", "open_day"),
    "choice: pages, utility, quotes": ("simulator.choice.choose", "Chooser.choose"),
    "checkout": ("simulator.trade.checkout", "Checkout.buy"),
    "mechanics: groups, invitations": ("simulator.mechanics.group_buying", "GroupBuying.bought"),
    "invitations read": ("simulator.social.invite", "Invitations.read"),
    "evening: experience, attrition, records": ("simulator.day", "close_day"),
}


def scenario(n: int, days: int) -> Scenario:
    """The benchmark's market at a size; short runs keep some days of campaign."""
    windows = {"burn_in_days": min(30, days // 3), "post_days": min(60, days // 3)}
    return Scenario().replace(**SCENARIO, **windows, **{"consumers.n": n, "days": days})


def measure_market(n: int, days: int) -> Result:
    """Build and run one market without keeping events."""
    started = time.perf_counter()
    market = Market(scenario(n, days), rng=1, keep_events=False)
    built = time.perf_counter()
    with timed_phases() as phases:
        market.run()
    seconds = time.perf_counter() - built
    return {
        "build_seconds": built - started,
        "run_seconds": seconds,
        "peak_mb": peak_mb(),
        "phases": {**phases, "the rest": seconds - sum(phases.values())},
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
    "oracle": measure_oracle,
    "starsim": measure_starsim,
}


@contextmanager
def timed_phases() -> Iterator[dict[str, float]]:
    """Seconds spent in each phase while the context is open."""
    spent = dict.fromkeys(PHASES, 0.0)
    originals = []
    for phase, (module, path) in PHASES.items():
        *owners, name = path.split(".")
        owner: Any = sys.modules[module]
        for part in owners:
            owner = getattr(owner, part)
        original = getattr(owner, name)
        originals.append((owner, name, original))
        setattr(owner, name, _timed(original, phase, spent))
    try:
        yield spent
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


def _timed(function: Callable[..., Any], phase: str, spent: dict[str, float]) -> Callable[..., Any]:
    def call(*arguments: Any, **keywords: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*arguments, **keywords)
        finally:
            spent[phase] += time.perf_counter() - started

    return call


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
    rows = []
    sizes = [int(size) for size in options.sizes]
    for size in sizes:
        console.print(f"{size:,} consumers × {options.days} days ...")
        rows.append(measure("market", size, options.days, options.repeats))
    if len(sizes) > 1 and (cores := os.cpu_count() or 1) > 1:
        console.print(f"{cores} replicates side by side ...")
        rows.append(measure("market", sizes[-1], options.days, options.repeats, at_once=cores))
    if options.peers:
        rows += _peers(console, options.peer_size, options.peer_days, options.repeats)
    table = pd.DataFrame(rows)
    write_report(Path(options.out), table)
    console.print(table.drop(columns=["phases"], errors="ignore").to_string(index=False, float_format="%.2f"))
    return 0


def _peers(console: Console, size: int, days: int, repeats: int) -> Iterator[Result]:
    for kind in MEASUREMENTS:
        if kind == "starsim" and find_spec("starsim") is None:
            console.print("starsim is not installed; left out")
            continue
        console.print(f"{kind}: {size:,} × {days} days ...")
        yield measure(kind, size, days, 1 if kind == "oracle" else repeats)


def write_report(folder: Path, table: pd.DataFrame) -> None:
    """Write `benchmark.csv` and a readable `README.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    flat = table.drop(columns=["phases"], errors="ignore")
    write_whole(folder / "benchmark.csv", flat.to_csv(index=False, float_format="%.4g"))
    write_whole(folder / "README.md", "\n".join(_lines(table)) + "\n")


def _lines(table: pd.DataFrame) -> Iterator[str]:
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"
    yield "# Speed\n"
    made_with = ", ".join(f"{name} {version}" for name, version in versions().items())
    yield f"Written by `python -m experiments.benchmark` on {machine}; {made_with}."
    yield "50 products in 5 categories, slates of 10, mean degree 10, .05 needs a day; all three mechanics on.\n"
    yield "| what | consumers | days | build, s | run, s (fastest–slowest) | million consumer-days/s | peak MB |"
    yield "|---|---|---|---|---|---|---|"
    for row in table.to_dict("records"):
        built = row.get("build_seconds")
        yield (
            f"| {row['what']} | {row['consumers']:,} | {row['days']} | {'' if built != built else f'{built:.2f}'} "
            f"| {row['run_seconds']:.2f} ({row['fastest']:.2f}–{row['slowest']:.2f}) "
            f"| {row['million_consumer_days_per_second']:.2f} | {row['peak_mb']:.0f} |"
        )
    yield from _ratios(table)
    yield from _phases(table)


def _ratios(table: pd.DataFrame) -> Iterator[str]:
    """How many times faster the market is than each peer on the same consumers and days."""
    for row in table.to_dict("records"):
        same = table[
            (table["what"] == "market") & (table[["consumers", "days"]] == [row["consumers"], row["days"]]).all(axis=1)
        ]
        if row["what"] in ("oracle", "starsim") and len(same):
            ratio = row["run_seconds"] / same["run_seconds"].iloc[-1]
            size = f"{row['consumers']:,} × {row['days']} days"
            yield f"\nThe market runs {ratio:.1f} × as fast as {row['what']} ({size})."


def _phases(table: pd.DataFrame) -> Iterator[str]:
    markets = table[table["what"] == "market"].drop_duplicates(["consumers", "days"])
    yield "\n## Where the time goes\n"
    yield (
        "| phase | "
        + " | ".join(f"{n:,} × {d}" for n, d in zip(markets["consumers"], markets["days"], strict=True))
        + " |"
    )
    yield "|---" * (1 + len(markets)) + "|"
    for phase in [*PHASES, "the rest"]:
        shares = (row["phases"][phase] / sum(row["phases"].values()) for row in markets.to_dict("records"))
        yield f"| {phase} | " + " | ".join(f"{share:.0%}" for share in shares) + " |"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmark", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", type=float, default=[1e4, 1e5, 1e6], help="numbers of consumers")
    parser.add_argument("--days", type=int, default=180, help="days of a run")
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each, of which the median counts")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="leave the peers out")
    parser.add_argument("--peer-size", type=int, default=100_000, help="consumers when compared with peers")
    parser.add_argument("--peer-days", type=int, default=30, help="days when compared with peers")
    parser.add_argument("--out", default="results/benchmark", help="folder of the report")
    parser.add_argument("--measure", nargs=3, metavar=("KIND", "N", "DAYS"), help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
