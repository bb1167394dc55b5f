"""Exports what no data set has: outcomes of the same people with and without, for uplift and interference methods.

    python -m experiments.export
    python -m experiments.export test.mechanic=coupons 'test.designs=[consumer]' seeds=4 out=results/uplift
    python -m experiments.export social=communities 'test.designs=[cluster]' consumers.n=20_000

Settings are those of experiments.ab_test, without its grid. Written are `people.parquet`, `links.parquet` and the data
card `README.md`; open `people.parquet` with any tool.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from experiments import ab_test
from experiments.ab_test import EVERYBODY, NOBODY, AbTestSettings
from experiments.command import command, report_failures, tell_forecast
from experiments.study.arms import refuse_unused
from experiments.study.composing import compose_tree, scenario_part
from experiments.study.engines import make_engine
from experiments.study.interference import outcomes
from experiments.study.manifest import write_manifest
from experiments.study.replicate import CONSUMERS
from experiments.study.store import RunStore, write_parquet, write_whole
from experiments.study.study import Cell, Study
from simulator import Market, Scenario
from simulator.records.reading import Reading
from simulator.social.clusters import clusters

KNOWN = {
    "is_member": "whether they have an account on the last day of the burn-in",
    "orders_before": "settled orders in the burn-in",
    "spend_before_fen": "what they paid for these, in fen (1/100 yuan)",
    "days_since_order": "days from their last order to the end of the burn-in; -1 for none",
    "n_friends": "number of ties in the network",
}
"""Covariates, all of them known to the platform before the test."""

CARD = """\
# Who bought because of it: {mechanic}

Synthetic. Made by `{command}` with pintuan, an agent-based market; every consumer lived through the same days
three times with the same luck: treated as the design drew, with {mechanic} open to everybody, and without it.

`people.parquet`: one row per consumer and world, {n} rows.

| column | meaning |
|---|---|
| seed | the world |
| design | what was randomised: consumer, cluster of the network, or cell |
| consumer | row number; the same person under every design of a world |
| cluster, cell | the person's cluster of the network (at most {cluster_size} people), and cell ({cell_size}) |
| unit | what the person was randomised with |
| treated | whether {mechanic} was open to them; each unit with probability {share} |
{covariates}
{outcomes}

`links.parquet`: seed, consumer, friend: each tie once, consumer < friend.

## What the outcomes mean

*name*_observed is the outcome in the market in which only the treated have {mechanic}: what an experimenter
would see. *name*_everybody is the same person's outcome with it open to **all**, *name*_nobody that **without**
it. The difference of the two is the person's total effect, that of everybody's treatment, their own included.
They are **not** the potential outcomes of one's own treatment with that of others held fixed: with interference
*_observed of a treated person need not equal *_everybody, nor that of an untreated person *_nobody; the gaps
are shortfall and spillover. Only without interference (share of rows where they are equal: below) are they the
two potential outcomes of the Rubin model.

{agreement}

Outcomes are of the test and what is watched after it (days {begin} to {end}); covariates end before it.

## Limits

A model: most of its numbers are assumed. Luck is the same in the three markets, so individual differences are
exact and less noisy than any that could be observed. Worlds are independent, people of one world are not.

## Licence and citation

MIT, as the software; cite it by its `CITATION.cff` and the commit in `manifest.json`.
"""


def main(overrides: Sequence[str]) -> int:
    """Run the markets and write the data; the exit code is 1 if a run failed."""
    started = time.monotonic()
    tree = compose_tree("ab_test", overrides)
    settings = ab_test.parse(tree, overrides)
    base = Scenario.parse(scenario_part(tree)).on_network()
    markets = {name: Cell({"market": name}, s) for name, s in ab_test.scenarios(base, settings.test).items()}
    refuse_unused([cell.scenario for cell in markets.values()], overrides)
    engine = make_engine(settings.engine, settings.workers)
    folder = Path(settings.out or "results/export")
    study = Study(list(markets.values()), range(settings.seeds), RunStore(folder))
    if settings.dry_run:
        return tell_forecast(study, engine)
    if failed := study.compute(engine):
        return report_failures(failed)
    worlds = [_world(study, markets, settings, seed) for seed in study.seeds]
    people, links = (pd.concat(parts, ignore_index=True) for parts in zip(*worlds, strict=True))
    write_parquet(folder / "people.parquet", people)
    write_parquet(folder / "links.parquet", links)
    line = " ".join(["python -m experiments.export", *overrides])
    write_whole(folder / "README.md", card(people, settings, base, line))
    outputs = [folder / name for name in ("people.parquet", "links.parquet", "README.md")]
    write_manifest(folder, study, line, outputs, time.monotonic() - started)
    print(f"{len(people):,} rows are in {folder / 'people.parquet'}; {folder / 'README.md'} says what they mean.")
    return 0


def _world(
    study: Study, markets: dict[str, Cell], settings: AbTestSettings, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People under every design, and links, of one world."""
    test = settings.test
    found = {name: outcomes(study.store.read(cell.key, seed, CONSUMERS)) for name, cell in markets.items()}
    market = Market(markets[NOBODY].scenario, rng=seed)
    block = getattr(markets[EVERYBODY].scenario.mechanics, test.mechanic)
    everybody = np.arange(market.columns.n)
    person, friend = market.network.ties(everybody)
    is_once = person < friend
    links = pd.DataFrame({"seed": seed, "consumer": person[is_once], "friend": friend[is_once]})
    head = {
        "consumer": everybody,
        "cluster": clusters(market.network, block.cluster_size, market.draws),
        "cell": everybody // getattr(block, "cell_size", market.columns.n),
    }
    known = covariates(market)
    parts = []
    for design in test.designs:
        own = ab_test.assignment(markets[design].scenario, seed, test.mechanic)
        drawn = {"unit": own.unit, "treated": own.is_treated}
        results = {
            f"{outcome}_{said}": found[name][outcome].astype(np.int16)
            for outcome in test.outcomes
            for said, name in (("observed", design), ("everybody", EVERYBODY), ("nobody", NOBODY))
        }
        parts.append(pd.DataFrame({"seed": seed, "design": design, **head, **drawn, **known, **results}))
    return pd.concat(parts, ignore_index=True), links


def covariates(market: Market) -> dict[str, np.ndarray]:
    """What the platform knows of everybody at the end of the burn-in (`KNOWN`); the market is run up to there."""
    while market.day < market.scenario.burn_in_days:
        market.step()
    n, orders = market.columns.n, Reading(market.log).table("orders")
    who = orders["consumer"]
    last = np.full(n, -1, dtype=np.int64)
    np.maximum.at(last, who, orders["day"])
    return {
        "is_member": np.asarray(market.columns["joined_day"] >= 0),
        "orders_before": np.bincount(who, minlength=n),
        "spend_before_fen": np.bincount(who, weights=orders["paid_fen"], minlength=n).astype(np.int64),
        "days_since_order": np.where(last >= 0, market.day - 1 - last, -1),
        "n_friends": market.network.degrees.astype(np.int64),
    }


def card(people: pd.DataFrame, settings: AbTestSettings, base: Scenario, line: str) -> str:
    """The data card, in Markdown."""
    test = settings.test
    block = getattr(base.mechanics, test.mechanic)
    lines = ["| design | outcome | treated as with everybody | untreated as without |", "|---|---|---|---|"]
    for design, part in people.groupby("design", sort=False):
        for outcome in test.outcomes:
            same = {end: (part[f"{outcome}_observed"] == part[f"{outcome}_{end}"]) for end in ("everybody", "nobody")}
            own, others = same["everybody"][part["treated"]].mean(), same["nobody"][~part["treated"]].mean()
            lines.append(f"| {design} | {outcome} | {own:.1%} | {others:.1%} |")
    return CARD.format(
        mechanic=test.mechanic,
        command=line,
        n=f"{len(people):,}",
        cluster_size=block.cluster_size,
        cell_size=getattr(block, "cell_size", "everybody"),
        share=test.share,
        covariates="\n".join(f"| {name} | {meaning} |" for name, meaning in KNOWN.items()),
        outcomes="\n".join(f"| {o}_observed, {o}_everybody, {o}_nobody | see below |" for o in test.outcomes),
        agreement="\n".join(lines),
        begin=base.burn_in_days,
        end=base.days - 1,
    )


if __name__ == "__main__":
    raise SystemExit(command(main, "ab_test", __doc__, AbTestSettings))
