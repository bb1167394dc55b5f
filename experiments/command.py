"""What all commands share: their settings, their help, and one clear line for a user's mistake."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from io import TextIOWrapper
from typing import Any, TypeVar

from pydantic import Field
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from experiments.study.arms import groups
from experiments.study.engines import Done
from experiments.study.study import Run
from simulator import Scenario, SettingsError
from simulator.settings import Settings, describe, parse_settings, quantity

MISTAKE = 2
INTERRUPTED = 130


class ExperimentSettings(Settings):
    """A question put to the world."""

    name: str = quantity("strategies", "name of the experiment and of its run folder")
    question: str = quantity("", "what is asked, in one sentence")
    baseline: str = quantity("baseline", "the arm the others are compared with")
    arms: tuple[str, ...] = Field(("baseline",), description="strategies compared", min_length=2)


class StudySettings(Settings):
    """How an experiment is run."""

    experiment: ExperimentSettings = ExperimentSettings(arms=("baseline", "group_buying"))
    seeds: int = quantity(16, "worlds: seeds 0 to seeds-1, the same for every arm", ge=1, le=1_000_000)
    workers: int | None = quantity(None, "processes; null: one per core", ge=1, le=1024)
    out: str | None = quantity(None, "run folder; null: results/<experiment.name>")
    keep_events: bool = quantity(False, "whether to keep the event tables of every run")


class RunSettings(Settings):
    """How one market is run."""

    seed: int = quantity(0, "the world", ge=0, le=2**31 - 1)
    out: str = quantity("results/run", "run folder")
    keep_events: bool = quantity(True, "whether to keep the event tables")


S = TypeVar("S", bound=Settings)


def parse_study(kind: type[S], tree: Mapping[str, Any]) -> S:
    """The part of a composed tree that is not the scenario.

    Raises:
        SettingsError: As in `parse_settings`, and if the baseline is none of the arms.
    """
    settings = parse_settings(kind, {k: v for k, v in tree.items() if k not in Scenario.model_fields})
    if isinstance(settings, StudySettings) and settings.experiment.baseline not in settings.experiment.arms:
        arms = ", ".join(settings.experiment.arms)
        raise SettingsError(f"experiment.baseline={settings.experiment.baseline}: is none of the arms {arms}")
    return settings


def command(main: Callable[[Sequence[str]], int], name: str, about: str | None, own: type[Settings]) -> int:
    """Run a command with the arguments of this process.

    Returns:
        Its exit code; 2 for a user's mistake, told in one line on standard error; 130 if interrupted.
    """
    for stream in (sys.stdout, sys.stderr):  # a pipe on Windows may not know ≥ and −
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    arguments = sys.argv[1:]
    if any(argument in ("-h", "--help") for argument in arguments):
        print_help(name, about or "", own)
        return 0
    try:
        return main(arguments)
    except SettingsError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return MISTAKE
    except OSError as error:
        print(f"{name}: {error.filename or 'output'}: {error.strerror}; what was computed is kept", file=sys.stderr)
        return MISTAKE
    except KeyboardInterrupt:
        print(f"{name}: interrupted; run the same command again to go on", file=sys.stderr)
        return INTERRUPTED


def report_failures(failed: Sequence[Done[Run]]) -> int:
    """Tell which runs failed; the exit code."""
    for error in dict.fromkeys(done.error for done in failed):
        runs = [f"{done.task.arm} with seed {done.task.seed}" for done in failed if done.error == error]
        more = f" and {len(runs) - 3} more" if len(runs) > 3 else ""
        print(f"{', '.join(runs[:3])}{more}: {error}", file=sys.stderr)
    print(f"{len(failed)} runs failed; the others are kept, and the same command tries these again", file=sys.stderr)
    return 1


def print_help(name: str, about: str, own: type[Settings]) -> None:
    """Usage, examples, and every setting with its default, unit, range, meaning and source."""
    console = Console(highlight=False)
    console.print(about, markup=False, soft_wrap=True)
    console.print("Groups of settings, each the name of a file in configs/:")
    for group, options in groups().items():
        if group not in ("strategy", "experiment") or own is StudySettings:
            console.print(f"  {group}: {', '.join(options)}", markup=False)
    for title, kind in ((f"Settings of {name}", own), ("Settings of the market", Scenario)):
        console.print(f"\n{title}", style="bold")
        for row in describe(kind):
            facts = [row.unit, f"allowed: {row.allowed}" if row.allowed else ""]
            console.print(f"[cyan]{row.key}[/]={escape(row.default)}  [dim]{escape('; '.join(filter(None, facts)))}[/]")
            meaning = f"{row.meaning} ({row.source})" if kind is Scenario else row.meaning
            console.print(Padding(Text(meaning), (0, 0, 0, 4)))
