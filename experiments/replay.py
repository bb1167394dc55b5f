"""The cascade theatre: one page that replays a run's invitation cascades over the network, in any browser, offline.

    python -m experiments.replay results/demo arm=group_buying seed=0
    python -m experiments.replay results/tipping arm=group_buying mechanics.group_buying.size=3 social.degree=10
    python -m experiments.replay strategy=group_buying consumers.n=500
    python -m experiments.replay strategy=all_social social=scale_free days=120 seed=3 out=lesson.html

A run of a finished study is named by its folder and by what tells it from the others; settings given without a folder
are simulated. Events that were not kept are made once more from the run's stored settings, to the same last digit.
The page is one file; it holds everything it needs and can be mailed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from experiments.command import command, parse_study
from experiments.study.arms import compose_arm, refuse_unused
from experiments.study.composing import compose_tree, groups, parse_override, scenario_part, text_of
from experiments.study.finished import find_run, simulate
from experiments.study.grid import STRATEGY, as_label
from experiments.study.store import write_whole
from experiments.views.theatre.page import page
from experiments.views.theatre.run import Run
from experiments.views.vocabulary import arm_name, arm_words
from simulator import Market, Scenario, SettingsError
from simulator.records.events.log import EventLog
from simulator.settings import Settings, parse_settings, quantity

BASELINE = "baseline"


class ReplaySettings(Settings):
    """What is shown, and where it goes."""

    seed: int | None = quantity(None, "the world; null: the study's first, or 0", ge=0, le=2**31 - 1)
    people: int = quantity(
        2000, "people shown at most; of more, those of the largest cascades and a sample", ge=10, le=5000
    )
    out: str | None = quantity(None, "the page; null: in the study's folder, or results/replay.html")


def main(arguments: Sequence[str]) -> int:
    """Write the page."""
    if not arguments:
        raise SettingsError("nothing to replay: name a study's folder, or settings such as strategy=group_buying")
    line = " ".join(["python -m experiments.replay", *arguments])
    if "=" in arguments[0]:
        settings, run = _from_settings(arguments, line)
        path = Path(settings.out or "results/replay.html")
    else:
        folder = Path(arguments[0])
        settings, run = _from_study(folder, arguments[1:], line)
        path = Path(settings.out or folder / f"{_file_name(run)}.html")
    path.parent.mkdir(parents=True, exist_ok=True)
    html = page(run, settings.people)
    write_whole(path, html)
    Console().print(
        f"Look at {path} ({len(html.encode()) / 1e6:.2g} MB, opens in a browser, needs no network).", soft_wrap=True
    )
    return 0


def _from_settings(overrides: Sequence[str], line: str) -> tuple[ReplaySettings, Run]:
    """A run that is simulated now."""
    parsed = [parse_override(text) for text in overrides]
    strategies = [override for override in parsed if override.key_or_group == STRATEGY]
    fixed = [text_of(override) for override in parsed if override not in strategies]
    if len(strategies) > 1 or any(override.is_sweep_override() for override in strategies):
        raise SettingsError(f"{STRATEGY}: one strategy is replayed at a time")
    tree = compose_tree("replay", fixed)
    settings = parse_study(ReplaySettings, tree)
    arm = compose_arm(str(strategies[0].value()) if strategies else BASELINE, scenario_part(tree))
    refuse_unused([arm.scenario], fixed)
    seed = settings.seed or 0
    name = arm.name if strategies else "run"
    log = simulate(arm.scenario, seed, f"{name} seed={seed}")
    title = _title({"arm": name} if strategies else {}, "one market", "一个市场")
    return settings, _run(title, _description(name if strategies else ""), line, arm.scenario, seed, log)


def _from_study(folder: Path, overrides: Sequence[str], line: str) -> tuple[ReplaySettings, Run]:
    """A run of a finished study."""
    given = {override.key_or_group: override.value() for override in map(parse_override, overrides)}
    own = {key: value for key, value in given.items() if key in ReplaySettings.model_fields}
    settings = parse_settings(ReplaySettings, own)
    wanted = {key: as_label(value) for key, value in given.items() if key not in own}
    found = find_run(folder, wanted, settings.seed)
    title = _title(found.labels, folder.name, folder.name)
    description = _description(str(found.labels.get("arm", "")))
    return settings, _run(title, description, line, found.scenario, found.seed, found.log())


def _title(labels: Mapping[str, Any], english: str, chinese: str) -> tuple[str, str]:
    """What a run is called: its arm and what else tells it from others, else the words given."""
    arm, rest = str(labels.get("arm", "")), [f"{key}={value}" for key, value in labels.items() if key != "arm"]
    names = (arm_name(arm, "en"), arm_name(arm, "zh")) if arm else ("", "")
    return ", ".join(filter(None, [names[0], *rest])) or english, "，".join(filter(None, [names[1], *rest])) or chinese


def _description(arm: str) -> tuple[str, str]:
    """What an arm does; empty where it is none of today's strategies."""
    if arm not in groups()[STRATEGY]:
        return "", ""
    english = str(compose_tree(f"{STRATEGY}/{arm}", []).get("description", ""))
    return english, arm_words(arm, english, "zh")


def _file_name(run: Run) -> str:
    """A name for the page of a run that every file system takes."""
    return re.sub(r"[^\w.=-]+", "-", f"replay-{run.title[0]}-seed-{run.seed}")


def _run(
    title: tuple[str, str], description: tuple[str, str], line: str, scenario: Scenario, seed: int, log: EventLog
) -> Run:
    begin = Market(scenario, rng=seed)
    is_prospect = begin.columns["joined_day"] < 0
    return Run(title, description, line, scenario, seed, log, begin.network, is_prospect)


if __name__ == "__main__":
    raise SystemExit(command(main, "replay", __doc__, ReplaySettings))
