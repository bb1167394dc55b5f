"""Completion on the command line: what Hydra's plugin finds, and the lines of bash that ask for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.command import RunSettings, command


def ask(request: str, monkeypatch: pytest.MonkeyPatch, line: str = "") -> int:
    monkeypatch.setattr(sys, "argv", ["run", "--shell-completion", request])
    monkeypatch.setenv("COMP_LINE", f"python experiments.run {line}")
    return command(lambda _: pytest.fail("nothing is to run"), "run", "", RunSettings)


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("soc", {"social=", "social."}),
        ("social=sm", {"social=small_world"}),
        ("social=ring social.de", {"social.degree="}),
        ("mechanics.group_buying.si", {"mechanics.group_buying.size="}),
        ("", {"days=", "seed=", "needs="}),
    ],
)
def test_groups_options_and_settings_are_found(
    line: str, some: set[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask("query=bash", monkeypatch, line) == 0
    found = set(capsys.readouterr().out.split())
    assert some <= found
    assert found == some if line else not any(word.startswith(("hydra", "strategy", "experiment")) for word in found)


def test_what_cannot_be_composed_is_completed_by_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask("query=bash", monkeypatch, "social=nowhere d") == 0
    assert capsys.readouterr().out.strip() == ""


@pytest.mark.parametrize("request_", ["", "install=tcsh"])
def test_another_shell_is_refused(
    request_: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(request_, monkeypatch) == 2
    assert "allowed are install=bash" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_asks_the_command_that_is_typed_and_leaves_others_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert ask("install=bash", monkeypatch) == 0
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho social=ring social=random\necho "seen:$*:$COMP_LINE" | tr " " "_"\n')
    python.chmod(0o755)
    shell = capsys.readouterr().out + (
        'typed() { COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMP_WORDS=($*); COMPREPLY=(); _complete_experiments; '
        'echo "${COMPREPLY[@]}"; }\n'
        f"typed {python} -m experiments.compare days=9 social=r\n"
        f"typed {python} -m experiments.compare seen\n"
        f"typed {python} -m pytest social=r\n"
        f"typed {python} social.py\n"
    )
    asked = subprocess.run(["bash", "--norc"], input=shell, capture_output=True, text=True, check=True).stdout
    assert asked.splitlines() == [
        "social=ring social=random",
        "seen:-m_experiments.compare_--shell-completion_query=bash:python_experiments.compare_seen",
        "",
        "",
    ]
