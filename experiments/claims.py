"""What became of the claims that somebody made: a table from the reference results, each claim beside what was found.

    python -m experiments.claims        # writes results/reference/claims.md

A claim is an experiment with `experiment.claim`; the first comment of its config says who claims what, and which
definition was fixed before any run. Nothing is computed here: the numbers are those of `results/reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.command import ExperimentSettings
from experiments.parser import Parser
from experiments.reference import REFERENCE
from experiments.study.composing import compose_tree, configs_folder, groups
from experiments.study.store import write_whole
from experiments.study.wording import MINUS
from experiments.views.claim import FAILS, HOLDS, OPEN, verdict
from experiments.views.results import REGISTRY, arm_label
from experiments.views.sweep import short_names
from simulator.settings import parse_settings

PAGE = REFERENCE / "claims.md"
CLAIMED, DEFINED = "Claim of the paper: ", "Definition, fixed before any run: "
HEAD = """\
# Claims, and what the simulator says

Written by `python -m experiments.claims` from the summaries in this folder. A claim holds at a point where the whole
95 % interval is at or beyond what is claimed, fails where the whole interval falls short of it, and is undecided
elsewhere. The intervals are those of single points, not corrected for the number of points looked at.

| claim of the paper | what is measured | where it holds | at its best | at its least | seeds |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Claim:
    """A claim and how it is put to the market.

    Attributes:
        name: Its experiment.
        words: What is claimed.
        definition: What was fixed before any run.
        asked: The experiment.
    """

    name: str
    words: str
    definition: str
    asked: ExperimentSettings


def find_claims() -> list[Claim]:
    """The experiments that put a claim to the market and say whose it is."""
    found = []
    for name in groups()["experiment"]:
        text = _comment(configs_folder() / "experiment" / f"{name}.yaml")
        tree = compose_tree("compare", [f"experiment={name}"])
        asked = parse_settings(ExperimentSettings, tree["experiment"])
        if asked.claim is not None and text.startswith(CLAIMED):
            words, _, definition = text.removeprefix(CLAIMED).partition(DEFINED)
            found.append(Claim(name, words.strip().rstrip("."), definition.strip(), asked))
    return found


def row(claim: Claim, summary: pd.DataFrame | None) -> str:
    """The claim's row of the table; without a summary it says so."""
    asked, measure = claim.asked, REGISTRY[claim.asked.primaries[0]]
    what = f"{measure.label}{', lift' * (asked.claim_of == 'lift')}: {' and '.join(map(arm_label, _others(asked)))}"
    what += f" against {arm_label(asked.baseline)}" if asked.claim_of == "lift" else ""
    head = f"| {claim.words} | {what} ([definition](../../configs/experiment/{claim.name}.yaml))"
    if summary is None:
        return f"{head} | not run | | | |\n"
    assert asked.claim is not None
    rows = summary[(summary["measure"] == measure.name) & summary["arm"].isin(_others(asked))]
    keys = list(summary.columns[: list(summary.columns).index("arm")])
    points = [_Point(row, keys, asked) for row in rows.to_dict("records")]
    words = [point.says for point in points]
    counts = ", ".join(f"{word} at {words.count(word)}" for word in (HOLDS, OPEN, FAILS))
    size = [abs(point.value) if point.value * asked.claim > 0 else -abs(point.value) for point in points]
    ranked = [point for _, point in sorted(zip(size, points, strict=True), key=lambda pair: pair[0])]
    holding = [point.where for point in points if point.says == HOLDS]
    where = f"{counts} of {len(points)} points" + (f": {'; '.join(holding)}" if 0 < len(holding) <= 6 else "")
    seeds = int((rows["n"] + rows["n_undefined"]).max())
    return f"{head} | {where} | {ranked[-1]} | {ranked[0]} | [{seeds}]({claim.name}/summary.csv) |\n"


class _Point:
    """What was found at one point of the grid."""

    def __init__(self, found: dict[Any, Any], keys: Sequence[str], asked: ExperimentSettings) -> None:
        assert asked.claim is not None
        name = asked.claim_of
        self.value, self.low, self.high = (float(found[key]) for key in (name, f"{name}_low", f"{name}_high"))
        self.says = verdict(self.low, self.high, asked.claim)
        names = short_names(list(keys))
        self.where = ", ".join(f"{names[key].replace('_', ' ')} {found[key]}" for key in keys)

    def __str__(self) -> str:
        value, low, high = (f"{100 * x:+.0f}".replace("-", MINUS) for x in (self.value, self.low, self.high))
        return f"{value} % [{low}, {high}]" + (f" ({self.where})" if self.where else "")


def page(claims: Sequence[Claim], reference: Path = REFERENCE) -> str:
    """The whole page, in Markdown."""
    rows = []
    for claim in claims:
        path = reference / claim.name / "summary.csv"
        rows.append(row(claim, pd.read_csv(path) if path.exists() else None))
    defined = [f"**{claim.words}.** {claim.definition}\n" for claim in claims]
    return HEAD + "".join(rows) + "\n## Definitions\n\n" + "\n".join(defined)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table."""
    parser = Parser("claims", __doc__)
    parser.parse_args(arguments)
    write_whole(PAGE, page(find_claims()))
    return 0


def _others(asked: ExperimentSettings) -> list[str]:
    return [arm for arm in asked.arms if arm != asked.baseline]


def _comment(path: Path) -> str:
    """The comment with which a config begins, as one line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if not line.startswith("# @")]
    n = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return " ".join(line.removeprefix("#").strip() for line in lines[:n])


if __name__ == "__main__":
    raise SystemExit(main())
