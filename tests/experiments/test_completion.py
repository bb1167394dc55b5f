"""Completion on the command line: what Hydra's plugin finds, and the lines of each shell that ask for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.command import RunSettings, command
from experiments.completion import ANSWERS


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


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """Tells what it is asked, in words that begin like two of the typed ones."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho social=ring\necho social=random\necho "seen:$*:$COMP_LINE" | tr " " "_"\n')
    python.chmod(0o755)
    return python


def told_by(shell: list[str], lines: str) -> list[str]:
    return subprocess.run(shell, input=lines, capture_output=True, text=True, check=True).stdout.splitlines()


SEEN = "seen:-m_experiments.compare_--shell-completion_query=bash:python_experiments.compare_seen"


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_asks_the_command_that_is_typed_and_leaves_others_alone(python: Path) -> None:
    lines = ANSWERS["install=bash"] + (
        'typed() { COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMP_WORDS=($*); COMPREPLY=(); _complete_experiments; '
        'echo "${COMPREPLY[@]}"; }\n'
        f"typed {python} -m experiments.compare days=9 social=r\n"
        f"typed {python} -m experiments.compare seen\n"
        f"typed {python} -m pytest social=r\n"
        f"typed {python} social.py\n"
    )
    assert told_by(["bash", "--norc"], lines) == ["social=ring social=random", SEEN, "", ""]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
def test_zsh_asks_the_command_that_is_typed_and_leaves_others_alone(python: Path) -> None:
    lines = (
        "typeset -A _comps\n"
        "compdef() { }\n"
        + ANSWERS["install=zsh"]
        + "_default() { print default }\n"
        + 'compadd() { print -- "${@:4}" }\n'
        + "typed() { words=($@); CURRENT=$#words; _complete_experiments }\n"
        + f"typed {python} -m experiments.compare seen\n"
        + f"typed {python} -m pytest social=r\n"
        + f"typed {python} social.py\n"
    )
    assert told_by(["zsh", "-f"], lines) == [f"social=ring social=random {SEEN}", "default", "default"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish_asks_the_command_that_is_typed_and_leaves_others_alone(python: Path) -> None:
    lines = f"set -x PATH {python.parent} $PATH\n" + ANSWERS["install=fish"]
    for typed in ("-m experiments.compare days=9 social=r", "-m experiments.compare seen", "-m pytest social=r"):
        lines += f"complete -C 'python {typed}'\necho .\n"
    told = told_by(["fish", "--no-config"], lines + ANSWERS["uninstall=fish"])
    assert told[:5] == ["social=random", "social=ring", ".", SEEN, "."]
    assert "social=ring" not in told[5:], "files, as without it"
