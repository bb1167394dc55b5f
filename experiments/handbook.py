"""Writes what can be told from code and results: configs/README.md, tables of simulator/ODD.md and of the READMEs.

python -m experiments.handbook
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from experiments import findings, odd
from experiments.ab_test import AbTestSettings
from experiments.command import StudySettings, SweepSettings
from experiments.marked import Parts, filled
from experiments.optimise import OptimiseSettings
from experiments.power import PowerSettings
from experiments.sensitivity import SensitivitySettings
from experiments.study.composing import configs_folder, groups
from experiments.study.store import write_whole
from simulator import Scenario
from simulator.settings import Settings, describe

INTRODUCTION = """\
# Settings

This page is written by `python -m experiments.handbook` from the code; a test says when it is out of date.

A setting is given on the command line as `key=value`, a group of settings by the name of a file in this folder:

    python -m experiments.compare consumers.n=50_000 mechanics.group_buying.size=5 social=scale_free

An arm is: defaults ← command line ← `strategy/<arm>.yaml`. A setting that no arm uses is refused, and so are two arms
that are the same market. "Trial" as a source means: tuned in a trial market of 20,000 consumers to sensible dynamics.
"""


def main() -> None:
    """Write the settings page, and the generated parts of the ODD protocol and the READMEs."""
    write_whole(configs_folder() / "README.md", page())
    for path, parts in marked_pages().items():
        write_whole(path, filled(path.read_text(encoding="utf-8"), parts))


def marked_pages() -> dict[Path, Parts]:
    """The pages of prose with generated parts, and these."""
    return {odd.PAGE: odd.PARTS} | {path: findings.parts(language) for path, language in findings.PAGES.items()}


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join(
        [
            INTRODUCTION,
            *_groups(),
            *_table("A comparison", StudySettings),
            *_table("A sweep", SweepSettings),
            *_table("A search for the best", OptimiseSettings),
            *_table("A sensitivity analysis", SensitivitySettings),
            *_table("A plan of seeds", PowerSettings),
            *_table("An A/B test on trial", AbTestSettings),
            *_table("The market", Scenario),
        ]
    )


def _groups() -> Iterator[str]:
    yield "## Groups\n"
    yield "| group | file | what it is |\n|---|---|---|"
    for group, options in groups().items():
        for option in options:
            yield f"| {group} | `{option}` | {_first_words(group, option)} |"
    yield ""


def _first_words(group: str, option: str) -> str:
    """What a config says about itself: its first comment, or its description."""
    lines = (configs_folder() / group / f"{option}.yaml").read_text(encoding="utf-8").splitlines()
    comments = (line[2:] for line in lines if line.startswith("# ") and not line.startswith("# @"))
    described = (line.removeprefix("description: ") for line in lines if line.startswith("description: "))
    return next(comments, next(described, ""))


def _table(title: str, kind: type[Settings]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| setting | default | unit | allowed | meaning | source |\n|---|---|---|---|---|---|"
    for row in describe(kind):
        source = row.source if kind is Scenario else ""
        cells = (f"`{row.key}`", row.default, row.unit, row.allowed, row.meaning, source)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


if __name__ == "__main__":
    main()
