"""Puts the ordinary market beside what others established: limits of theory, published tables, stylised facts.

    python -m experiments.validate size=small
    python -m experiments.validate data=path/to/data workers=4
    python -m experiments.validate 'targets=[A1,A4,T1]' data=path/to/data out=results/some_targets

Every target is a market whose settings are such that a limit applies, or that stands beside a published table; how far
it may be off follows from sampling error, never from the result. The exit code is 1 if a target that must be met is
missed; those missed for a known reason are listed with it. Targets that need public data (CDNOW_sample.txt and the
folder complete_journey, see results/README.md) are left out, and named, where there are none.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from pydantic import model_validator
from rich.console import Console

from experiments.command import ComputeSettings, command, data_folder, parse_study, report_failures
from experiments.study.composing import compose_tree
from experiments.study.engines import make_engine
from experiments.study.manifest import digest, write_facts
from experiments.study.store import RunStore
from experiments.study.trials import compute, tell
from experiments.validation import TARGETS
from experiments.validation.target import Ask, Size, Target
from experiments.validation.validating import MISSED, judge, plan
from experiments.views.validation import print_validation, write_validation
from simulator import SettingsError
from simulator.settings import nearest, quantity


class ValidateSettings(ComputeSettings):
    """What is put beside what."""

    size: Size = quantity("full", "small: minutes become seconds, at wider tolerances")
    targets: tuple[str, ...] = quantity((), "names such as A1; none: all")
    data: str | None = quantity(None, "folder of public data; targets that need it are left out without, and named")

    @model_validator(mode="after")
    def _names_targets(self) -> Self:
        known = [target.name for target in TARGETS]
        for name in self.targets:
            if name not in known:
                raise ValueError(f"targets={name}: there is no such target; {nearest(name, known)}")
        return self


def main(arguments: Sequence[str]) -> int:
    """Compute, judge, report; the exit code is 1 if a target is missed or a world failed."""
    started = time.monotonic()
    settings = parse_study(ValidateSettings, compose_tree("validate", arguments))
    ask = Ask(settings.size, None if settings.data is None else data_folder(settings.data))
    wanted = [target for target in TARGETS if target.name in settings.targets or not settings.targets]
    possible = [target for target in wanted if _has(ask, target)]
    left_out = {t.name: f"needs {', '.join(t.needs)} in the folder data=FOLDER" for t in wanted if t not in possible}
    store = RunStore(Path(settings.out or "results/validation"), "trials")
    plans = {target.name: plan(ask, target) for target in possible}
    trials = [trial for planned in plans.values() for trial in planned.trials]
    if settings.dry_run:
        return tell(trials, store)
    found, failed = compute(trials, store, make_engine(settings.engine, settings.workers))
    if failed:
        return report_failures(failed)
    table, figures = judge(ask, possible, plans, found)
    outputs = write_validation(store.folder, ask, table, figures, left_out)
    needed = sorted({name for target in possible for name in target.needs})
    files = {name: digest(ask.file(name)) for name in needed if ask.file(name).is_file()}
    facts = {"size": ask.size, "targets": [target.name for target in possible], "data": files, "left_out": left_out}
    line = " ".join(["python -m experiments.validate", *arguments])
    write_facts(store.folder, facts, line, outputs, time.monotonic() - started)
    print_validation(table, left_out, Console())
    print(f"Report, figures and summary.csv are in {store.folder}.")
    missed = table[table["verdict"] == MISSED]
    if len(missed):
        what = "; ".join(f"{row.target} {row.what}" for row in missed.itertuples())
        print(f"missed: {what}", file=sys.stderr)
    return int(len(missed) > 0)


def _has(ask: Ask, target: Target) -> bool:
    """Whether there is all that a target needs.

    Raises:
        SettingsError: If there is a folder of data, and a file is missing in it.
    """
    if not target.needs or ask.data is None:
        return not target.needs
    for name in target.needs:
        if not ask.file(name).exists():
            raise SettingsError(f"data={ask.data}: lacks {name}, which {target.name} ({target.title}) needs")
    return True


if __name__ == "__main__":
    raise SystemExit(command(main, "validate", __doc__, ValidateSettings))
