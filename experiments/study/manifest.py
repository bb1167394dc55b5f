"""The manifest of a study: all that is needed to make it again, and to check that it is the same."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from experiments.study.composing import changes
from experiments.study.store import write_whole
from experiments.study.study import Study
from simulator.files import model_version

PACKAGES = ("pintuan", "mesa", "numpy", "scipy", "pandas", "pyarrow", "optuna", "SALib")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # run from a checkout that is not installed
            found[package] = "not installed"
    return found


def write_manifest(folder: Path, study: Study, command: str, outputs: Sequence[Path], seconds: float) -> None:
    """Write `manifest.json` of a study; `settings` are those of the first cell, each cell tells what it changes."""
    settings = study.cells[0].scenario.active()
    facts: dict[str, Any] = {
        "seeds": list(study.seeds),
        "settings": settings,
        "cells": [
            {**cell.labels, "hash": cell.scenario.hash, "changes": changes(cell.scenario.active(), settings)}
            for cell in study.cells
        ],
        "run_seconds": round(study.seconds(study.runs()), 1),  # most may have been found from before
    }
    write_facts(folder, facts, command, outputs, seconds)


def write_facts(folder: Path, facts: Mapping[str, Any], command: str, outputs: Sequence[Path], seconds: float) -> None:
    """Write `manifest.json`: what was asked, and versions, commit, hashes of the outputs, wall time."""
    manifest = {
        "command": command,
        **facts,
        "versions": versions(),
        "model": model_version(),
        "commit": _commit(),
        "outputs": {path.relative_to(folder).as_posix(): digest(path) for path in outputs},
        "seconds": round(seconds, 1),
    }
    write_whole(folder / "manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def digest(path: Path) -> str:
    """A file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _commit() -> str | None:
    """The commit of the checkout this runs from, with "+" if files were changed since; None outside one."""
    here = Path(__file__).resolve().parent
    try:
        commit = _git(here, "rev-parse", "HEAD")
        return commit + "+" * bool(_git(here, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()
