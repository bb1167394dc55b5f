"""The command that starts the dashboard: its mistakes and its warnings."""

from __future__ import annotations

import gc
import importlib.util
import socket

import pytest

from experiments.dashboard import server
from experiments.dashboard.__main__ import is_loopback, main


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "0"], "--port 0: allowed are 1 to 65535"),
        (["--port", "many"], "invalid int value"),
        (["--host", "0.0.0.0"], "give the one name or IPv4 address"),
        (["--host", "::"], "give the one name or IPv4 address"),
    ],
)
def test_a_mistake_is_told_in_one_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_without_panel_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "dashboard: it needs Panel: pip install 'pintuan[dashboard]' (or: pip install panel)\n"
    )


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SystemExit) as ended:
            main(["--port", str(port), "--no-browser"])
        assert ended.value.code == 2
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err
    del ended  # it knows the frames
    gc.collect()  # tornado leaves the socket that it could not bind


def test_whoever_opens_it_to_others_is_warned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served: list[tuple[str, int, bool]] = []
    monkeypatch.setattr(server, "serve", lambda *given: served.append(given))
    assert main([]) == 0
    assert capsys.readouterr().err == ""
    assert main(["--host", "192.168.1.5", "--no-browser"]) == 0
    assert "WARNING: everybody who can reach 192.168.1.5:5006" in capsys.readouterr().err
    assert served == [("127.0.0.1", 5006, True), ("192.168.1.5", 5006, False)]


def test_loopback_is_this_machine_only() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "127.0.0.2", "localhost")] == [True] * 3
    assert [is_loopback(host) for host in ("192.168.1.5", "pc.example", "10.0.0.1")] == [False] * 3
