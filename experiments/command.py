"""What all commands share: their settings, their help, and one clear line for a user's mistake."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from omegaconf import OmegaConf
from pydantic import AfterValidator, Field, model_validator
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from experiments import completion
from experiments.study import incremental
from experiments.study.composing import configs_folder, groups
from experiments.study.contrasts import Design, make_contrasts
from experiments.study.engines import Done, Engine, EngineSettings
from experiments.study.forecast import forecast
from experiments.study.grid import STRATEGY, DesignSettings
from experiments.study.matching import MatchSettings
from experiments.study.stopping import UntilSettings
from experiments.study.study import Study
from simulator import Scenario, SettingsError
from simulator.records.measures import MEASURES, PRIMARIES
from simulator.settings import Settings, describe, nearest, parse_settings, quantity

MISTAKE = 2
INTERRUPTED = 130
_OF_POINTS = ("sweep", "optimise", "sensitivity", "replay")
"""Commands whose `strategy` is laid over every point."""


class ExperimentSettings(Settings):
    """A question put to the world."""

    name: str = quantity("strategies", "name of the experiment and of its run folder")
    question: str = quantity("", "what is asked, in one sentence")
    baseline: str = quantity("baseline", "the arm the others are compared with")
    arms: tuple[str, ...] = Field(("baseline",), description="strategies compared", min_length=2)
    grid: dict[str, str] = quantity({}, "settings that vary → their values as in a sweep; the arms meet at every point")
    primaries: tuple[str, ...] = quantity(
        PRIMARIES, "measures named beforehand, corrected for the number of tests; the rest is exploratory"
    )
    claim: float | None = quantity(None, "what somebody claims of the first of them", unit="share", gt=-1)
    claim_of: Literal["lift", "level"] = quantity("lift", "whether the claim is about its lift or about itself")
    contrasts: Design | None = quantity(
        None, "what arms are combined to: steps (each adds one strategy to the one before) or factorial (all of some)"
    )
    figures: tuple[str, ...] = quantity((), "figures of its own, beside those that every comparison has")

    @model_validator(mode="after")
    def _has_baseline(self) -> Self:
        if self.baseline not in self.arms:
            raise ValueError(f"experiment.baseline={self.baseline}: is none of the arms {', '.join(self.arms)}")
        for arm in self.arms:
            if self.arms.count(arm) > 1:
                raise ValueError(f"experiment.arms: '{arm}' stands there twice; name every arm once")
        return self

    @model_validator(mode="after")
    def _has_primaries(self) -> Self:
        known = [
            measure.name for measure in (*MEASURES, *incremental.MEASURES) if measure.name not in incremental.RATIOS
        ]
        for name in self.primaries:
            if name not in known:
                raise ValueError(f"experiment.primaries={name}: there is no such measure; {nearest(name, known)}")
        if not 1 <= len(self.primaries) == len(set(self.primaries)):
            raise ValueError(f"experiment.primaries={list(self.primaries)}: name at least one measure, and each once")
        return self

    @model_validator(mode="after")
    def _has_design(self) -> Self:
        if self.contrasts is not None:
            make_contrasts(self.contrasts, self.arms, self.baseline)
        return self


def _not_a_file(name: str) -> str:
    if Path(name).is_file():
        raise ValueError(f"out={name}: is a file; name a folder, which is made if it is not there")
    return name


Folder = Annotated[str, AfterValidator(_not_a_file)]
"""Where results go."""


class ComputeSettings(Settings):
    """How the runs of a study are computed; the same for all commands."""

    workers: int | None = quantity(
        None, "processes of engine=local; null: one per core that this process may use", ge=1, le=1024
    )
    engine: EngineSettings = EngineSettings()
    out: Folder | None = quantity(None, "run folder; null: below results/, named after what is run")
    dry_run: bool = quantity(False, "only tell how many runs there are, how long they take, how much disk")


class StudySettings(ComputeSettings):
    """How an experiment is run."""

    experiment: ExperimentSettings = ExperimentSettings(arms=("baseline", "group_buying"))
    seeds: int = quantity(16, "worlds: seeds 0 to seeds-1, the same for every arm", ge=1, le=1_000_000)
    until: UntilSettings = UntilSettings()
    match: MatchSettings = MatchSettings()
    keep_events: bool = quantity(False, "whether to keep the event tables of every run")


class SweepSettings(ComputeSettings):
    """How a sweep is run."""

    seeds: int = quantity(4, "worlds: seeds 0 to seeds-1, the same at every point", ge=1, le=1_000_000)
    design: DesignSettings = DesignSettings()


class RunSettings(Settings):
    """How one market is run."""

    seed: int = quantity(0, "the world", ge=0, le=2**31 - 1)
    out: Folder = quantity("results/run", "run folder")
    keep_events: bool = quantity(True, "whether to keep the event tables")


S = TypeVar("S", bound=Settings)


def parse_study(kind: type[S], tree: Mapping[str, Any]) -> S:
    """The part of a composed tree that is not the scenario.

    Raises:
        SettingsError: As in `parse_settings`, and if an arm that is named is not among the arms.
    """
    settings = parse_settings(kind, {k: v for k, v in tree.items() if k not in Scenario.model_fields})
    if isinstance(settings, StudySettings):
        _check_names(settings)
    return settings


def _check_names(settings: StudySettings) -> None:
    arms, until = settings.experiment.arms, settings.until
    for key, arm in (("match.to", settings.match.to), ("until.arm", until.arm)):
        if arm is not None and arm not in arms:
            raise SettingsError(f"{key}={arm}: is none of the arms {', '.join(arms)}")
    if settings.match.to == settings.experiment.baseline:
        raise SettingsError(f"match.to={settings.match.to}: the baseline stays as it is; name another arm")
    if settings.match.to is not None and settings.experiment.contrasts is not None:
        raise SettingsError("match.to: contrasts need every arm as it is; leave one of the two out")
    if until.arm == settings.experiment.baseline:
        raise SettingsError(f"until.arm={until.arm}: the baseline has no lift; name another arm")
    known = [measure.name for measure in MEASURES]
    if until.measure not in known:
        raise SettingsError(f"until.measure={until.measure}: there is no such measure; {nearest(until.measure, known)}")
    if until.arm is not None and settings.seeds > until.max_seeds:
        raise SettingsError(f"until.max_seeds={until.max_seeds}: is below seeds={settings.seeds}")


def data_folder(name: str) -> Path:
    """A folder of public data.

    Raises:
        SettingsError: If it is not there.
    """
    if not Path(name).is_dir():
        raise SettingsError(f"data={name}: there is no such folder; name one with public data")
    return Path(name)


def tell_forecast(study: Study, engine: Engine, n_later: int = 0) -> int:
    """Print what a study would take; the exit code.

    Args:
        study: The study.
        engine: Where it would be computed.
        n_later: Runs like these that come later, of markets that are not known yet.
    """
    f = forecast(study)
    f = replace(f, n_runs=f.n_runs + n_later, n_missing=f.n_missing + n_later)
    with engine.pool() as pool:
        workers = pool.workers()
    minutes = f.n_missing * f.seconds_per_run / workers / 60
    print(
        f"{f.n_runs} runs, {f.n_runs - f.n_missing} of them found. To compute: {f.n_missing} runs of about "
        f"{f.seconds_per_run:.3g} s, {minutes:.3g} minutes with {workers} workers of this machine's speed, and "
        f"{f.n_missing * f.bytes_per_run / 1e6:.3g} MB of disk (from {f.basis})."
    )
    return 0


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
        if arguments and arguments[0] in completion.FLAGS:
            print(completion.shell_completion(name, _groups_of(name), " ".join(arguments[1:])))
            return 0
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


def report_failures(failed: Sequence[Done[Any]]) -> int:
    """Tell which runs failed; the exit code."""
    for error in dict.fromkeys(done.error for done in failed):
        runs = [str(done.task) for done in failed if done.error == error]
        more = f" and {len(runs) - 3} more" if len(runs) > 3 else ""
        print(f"{', '.join(runs[:3])}{more}: {error}", file=sys.stderr)
    print(f"{len(failed)} runs failed; the others are kept, and the same command tries these again", file=sys.stderr)
    return 1


def print_help(name: str, about: str, own: type[Settings]) -> None:
    """Usage, examples, and every setting with its default, unit, range, meaning and source."""
    console = Console(highlight=False)
    console.print(about, markup=False, soft_wrap=True)
    console.print("Groups of settings, each the name of a file in configs/:")
    chosen = _defaults_of(name)
    for group in _groups_of(name):
        console.print(f"  {group}: {', '.join(groups()[group])}", markup=False)
    blocks: list[tuple[str, type[Settings]]] = [(f"Settings of {name}", own)]
    if "scenario" in chosen:
        blocks.append(("Settings of the market", Scenario))
    for title, kind in blocks:
        console.print(f"\n{title}", style="bold")
        for row in describe(kind):
            facts = [row.unit, f"allowed: {row.allowed}" if row.allowed else ""]
            console.print(f"[cyan]{row.key}[/]={escape(row.default)}  [dim]{escape('; '.join(filter(None, facts)))}[/]")
            meaning = f"{row.meaning} ({row.source})" if kind is Scenario else row.meaning
            console.print(Padding(Text(meaning), (0, 0, 0, 4)))


def _groups_of(config: str) -> list[str]:
    """The groups that a primary config chooses from."""
    chosen = [key for entry in _defaults_of(config) if isinstance(entry, dict) for key in entry]
    return [group for group in groups() if group in chosen or (group == STRATEGY and config in _OF_POINTS)]


def _defaults_of(config: str) -> list[Any]:
    """What a primary config is composed of."""
    tree = OmegaConf.to_container(OmegaConf.load(configs_folder() / f"{config}.yaml"))
    assert isinstance(tree, dict)
    return list(tree["defaults"])
