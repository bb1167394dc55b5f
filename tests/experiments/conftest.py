"""What tests of pages need: a browser, and a page that notices what goes wrong in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

NO_BROWSER = "pages were not tried: there is no Chromium (apt install chromium, or playwright install chromium)"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")
PATIENCE = 600
"""Seconds to wait for what is bound to happen: on a machine that does much else at once it may take very long."""


@pytest.fixture(scope="module")
def chromium(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A headless Chromium: the system's, else the one that Playwright installed.

    Without one these tests are skipped, and counted as skipped at the end; `pytest -m browser` fails. Not for the
    whole session: while Playwright is on, no other test of its process can run an event loop.
    """
    installed = next(filter(None, map(shutil.which, CHROMIUM)), None)
    with sync_playwright() as playwright:
        if installed is None and not Path(playwright.chromium.executable_path).exists():
            is_asked_for = request.config.getoption("markexpr") == "browser"
            (pytest.fail if is_asked_for else pytest.skip)(NO_BROWSER)
        browser = playwright.chromium.launch(executable_path=installed, args=[*QUIET], timeout=1000 * PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages `width` × `height`; at the end none of them may have erred, or asked anything outside of loopback."""
    contexts, wrong = [], []

    def make(width: int = 1280, height: int = 900) -> Any:
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, accept_downloads=True))
        contexts[-1].set_default_timeout(1000 * PATIENCE)
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: wrong.append(f"error in the page: {error}"))
        page.on("console", lambda line: wrong.append(f"console: {line.text}") if line.type == "error" else None)
        page.on("request", lambda asked: None if _is_inside(asked.url) else wrong.append(f"asked for {asked.url}"))
        return page

    yield make
    for context in contexts:
        context.close()
    assert not wrong, "\n".join(wrong)


def _is_inside(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "http://localhost:", "file:", "data:", "blob:", "about:"))
