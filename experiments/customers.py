"""Repurchase and customer lifetime value of a transaction log: BG/NBD, Gamma-Gamma, cohorts.

    python -m experiments.customers CDNOW_sample.txt --split 273
    python -m experiments.customers results/run --out results/customers

The log is a text file (customer, [sample id,] yyyymmdd, units, amount: the format of CDNOW), or the folder of a run of
experiments.run. With `--split DAY` the models are fitted to the days before it and their forecast is held against
what came after; without, to all of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.parser import Parser
from experiments.study.customers import GammaGamma, cohorts, histories, lifetime_values, read_log
from experiments.study.store import write_whole
from experiments.views.drawing import new_figure, percent_ticks
from experiments.views.figures import png
from experiments.views.theme import style_of, themed
from simulator import SettingsError
from simulator.insight.repurchase import BgNbd

MOST_REPEATS = 7


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, forecast, write; the exit code is 2 for a user's mistake."""
    parser = Parser("customers", __doc__)
    parser.add_argument("log", type=Path, help="a transaction log, or the folder of a run")
    parser.add_argument("--split", type=int, help="day from which orders are held out")
    parser.add_argument("--days", type=int, default=365, help="days ahead for lifetime values (default: %(default)s)")
    parser.add_argument("--margin", type=float, default=0.3, help="margin on spending, a share (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=0.15, help="yearly discount rate (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("results/customers"), help="folder (default: %(default)s)")
    a = parser.parse_args(arguments)
    try:
        orders = read_log(a.log)
        last = int(orders["day"].max()) if len(orders) else 0
        if a.days < 1 or (a.split is not None and not 1 <= a.split <= last):
            raise SettingsError(f"--days must be at least 1, and --split from 1 to {last}")
        until = last if a.split is None else a.split - 1
        history = histories(orders, until)
        buying = BgNbd().fit(*_columns(history), at_least=3)
        spending = GammaGamma.fit(history["n_repeat"].to_numpy(), history["spend_mean"].to_numpy())
    except SettingsError as error:
        parser.error(str(error))
    a.out.mkdir(parents=True, exist_ok=True)
    values = lifetime_values(history, buying, spending, a.days, a.margin, a.rate)
    retained = cohorts(orders, until)
    write_whole(a.out / "customers.csv", history.join(values).to_csv(float_format="%.6g"))
    write_whole(a.out / "cohorts.csv", retained.to_csv(float_format="%.6g"))
    weekly = _weekly(orders, history, buying, until, last)
    (a.out / "figures").mkdir(exist_ok=True)
    write_whole(a.out / "figures" / "customers.png", _draw(weekly, until, values, retained))
    report = _report(a, history, values, buying, spending, _held_out(orders, history, buying, until, last))
    write_whole(a.out / "report.md", report)
    print(report)
    return 0


def _columns(history: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n_repeat, recency, age = (history[name].to_numpy(dtype=np.int64) for name in ("n_repeat", "recency", "age"))
    return n_repeat, recency, age


def _weekly(orders: pd.DataFrame, history: pd.DataFrame, buying: BgNbd, until: int, last: int) -> pd.DataFrame:
    """Cumulated repeat orders of those seen in the fitted days, week by week: observed, and as BG/NBD expects."""
    own = orders[orders["customer"].isin(history.index)].drop_duplicates(["customer", "day"])
    own = own[own["day"] > own["customer"].map(history["first_day"])]
    first, n_first = np.unique(history["first_day"], return_counts=True)
    nothing = np.zeros(1, dtype=np.int64)
    days = np.arange(7, last + 1, 7)
    curve = np.array([0.0, *(buying.expected(nothing, nothing, nothing, float(t))[0] for t in range(1, last + 1))])
    expected = [float(np.sum(n_first * curve[np.clip(day - first, 0, last)])) for day in days]
    seen = [int((own["day"] <= day).sum()) for day in days]
    return pd.DataFrame({"day": days, "observed": seen, "expected": expected})


def _held_out(
    orders: pd.DataFrame, history: pd.DataFrame, buying: BgNbd, until: int, last: int
) -> dict[str, float] | None:
    """How the forecast of each customer's orders meets what came; None if nothing is held out."""
    if until >= last:
        return None
    later = orders[orders["day"] > until].drop_duplicates(["customer", "day"])
    came = later.groupby("customer").size().reindex(history.index).fillna(0).to_numpy(dtype=np.float64)
    expected = buying.expected(*_columns(history), float(last - until))
    return {
        "orders that came": float(came.sum()),
        "orders expected": float(expected.sum()),
        "correlation over customers": float(np.corrcoef(came, expected)[0, 1]),
    }


@themed
def _draw(weekly: pd.DataFrame, until: int, values: pd.DataFrame, retained: pd.DataFrame) -> bytes:
    figure = new_figure(6.6, "Customers: repeat orders, retention, value")
    (left, right), (below, beside) = figure.subplots(2, 2)
    left.plot(weekly["day"], weekly["observed"], label="observed", **style_of(0).line)
    left.plot(weekly["day"], weekly["expected"], label="BG/NBD", **style_of(1).line)
    left.axvline(until, color="0.6", linewidth=0.8)
    left.set_xlabel("day (grey: end of the fitted days)")
    left.set_ylabel("repeat orders, cumulated")
    left.legend(frameon=False)
    months = retained.drop(columns="n")
    for i, (cohort, row) in enumerate(months.iloc[:6].iterrows()):
        right.plot(months.columns[1:], row.to_numpy()[1:], label=f"month {cohort}", **style_of(i).line)
    right.yaxis.set_major_formatter(percent_ticks("%"))
    right.set_xlabel("months since the first order")
    right.set_ylabel("of the cohort order")
    right.legend(frameon=False, title="first order in", fontsize="small")
    below.hist(values["p_alive"], bins=25, color=style_of(2).color)
    below.set_xlabel("P(alive)")
    below.set_ylabel("customers")
    ordered = np.sort(values["value"].fillna(0.0))[::-1]
    beside.plot(np.arange(1, len(ordered) + 1) / len(ordered), np.cumsum(ordered) / ordered.sum(), **style_of(3).line)
    beside.plot([0, 1], [0, 1], color="0.7", linewidth=0.8)
    beside.set_xlabel("customers, the most valuable first")
    beside.set_ylabel("share of all value")
    beside.xaxis.set_major_formatter(percent_ticks("%"))
    beside.yaxis.set_major_formatter(percent_ticks("%"))
    return png(figure)


def _report(
    a: argparse.Namespace,
    history: pd.DataFrame,
    values: pd.DataFrame,
    buying: BgNbd,
    spending: GammaGamma,
    held_out: dict[str, float] | None,
) -> str:
    counts = np.bincount(np.minimum(history["n_repeat"], MOST_REPEATS), minlength=MOST_REPEATS + 1)
    labels = [*map(str, range(MOST_REPEATS)), f"{MOST_REPEATS}+"]
    lines = [
        f"# Customers of {a.log.name}",
        "",
        f"{len(history):,} customers, {int(history['n_repeat'].sum()):,} repeat orders (orders of one day are one).",
        "",
        f"| repeat orders | {' | '.join(labels)} |",
        "|---|" + "---|" * len(labels),
        f"| customers | {' | '.join(map(str, counts))} |",
        "",
        "| model | parameters |",
        "|---|---|",
        f"| BG/NBD, days | r {buying.r:.4f}, α {buying.alpha:.3f}, a {buying.a:.4f}, b {buying.b:.4f} |",
        f"| Gamma-Gamma | p {spending.p:.3f}, q {spending.q:.3f}, γ {spending.gamma:.3f} |",
        "",
        f"Value in {a.days} days (margin {a.margin:g}, {a.rate:.0%} a year): mean {values['value'].mean():.2f}, "
        f"median {values['value'].median():.2f}; the top fifth holds {_top_fifth(values['value']):.0%} of it.",
    ]
    if held_out is not None:
        lines += ["", "| held out | |", "|---|---|", *(f"| {name} | {value:.4g} |" for name, value in held_out.items())]
    lines += ["", "Gamma-Gamma takes spending per order for independent of how often somebody orders.", ""]
    return "\n".join(lines)


def _top_fifth(value: pd.Series) -> float:
    ordered = np.sort(value.fillna(0.0))[::-1]
    return float(ordered[: max(1, round(len(ordered) / 5))].sum() / ordered.sum())


if __name__ == "__main__":
    raise SystemExit(main())
