"""From targets to trials, and from what they found to one table of all findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import NamedTuple

import pandas as pd

from experiments.study.trials import Found, Trial
from experiments.validation.target import Ask, Case, Panel, Target, Worlds, told

MISSED = "missed"
"""The verdict of what must be met and is not."""
COLUMNS = (
    *(
        "target",
        "title",
        "source",
        "what",
        "published",
        "ours",
        "low",
        "high",
        "tolerance",
        "basis",
        "verdict",
        "reason",
    ),
)


class Plan(NamedTuple):
    """What a target takes: its cases, and a trial for each world of each, in order."""

    cases: Mapping[str, Case]
    trials: Sequence[Trial]


def plan(ask: Ask, target: Target) -> Plan:
    """The trials of a target."""
    cases = target.plan(ask)
    trials = [
        Trial(f"{target.name}, {name}", target.measure, case.arguments, seed)
        for name, case in cases.items()
        for seed in range(case.worlds)
    ]
    return Plan(cases, trials)


def judge(
    ask: Ask, targets: Sequence[Target], plans: Mapping[str, Plan], found: Sequence[Found]
) -> tuple[pd.DataFrame, dict[str, Sequence[Panel]]]:
    """All findings, and the panels of each target.

    Args:
        ask: What was asked for.
        targets: In order.
        plans: By target.
        found: What each trial found, in the order of targets, cases and worlds.

    Returns:
        A row per finding with `COLUMNS`; panels by target, for those that have any.
    """
    rows, panels = [], {}
    results = iter(found)
    for target in targets:
        judged = target.judge(ask, worlds(plans[target.name], results))
        for finding in judged.findings:
            if target.is_fact and ask.size == "small":
                finding = told(
                    finding.what, finding.published, finding.ours, "small worlds: no verdict on a stylised fact"
                )
            facts = asdict(finding)
            del facts["is_met"]
            head = {"target": target.name, "title": target.title, "source": target.source}
            rows.append({**head, **facts, "verdict": finding.verdict})
        if judged.panels:
            panels[target.name] = judged.panels
    return pd.DataFrame(rows, columns=list(COLUMNS)), panels


def worlds(planned: Plan, results: Iterator[Found]) -> Worlds:
    """What was found, by case."""
    return Worlds(
        planned.cases, {name: [next(results) for _ in range(case.worlds)] for name, case in planned.cases.items()}
    )


def here(ask: Ask, target: Target) -> pd.DataFrame:
    """The findings of one target, computed in this process and kept nowhere."""
    planned = plan(ask, target)
    found = [trial.measure(trial.seed, **trial.arguments) for trial in planned.trials]
    return judge(ask, [target], {target.name: planned}, found)[0]
