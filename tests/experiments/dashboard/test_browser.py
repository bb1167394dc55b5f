"""The dashboard in a real browser, without a network: no error in the console and no request to outside, ever."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[3]
PATIENCE = 600
"""Seconds to wait for what is bound to happen: on a machine that does much else at once it may take very long."""
Pages = Callable[..., Any]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server listens that was started from the command line."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("sessions")
    with (home / "log.txt").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "experiments.dashboard", "--port", str(port), "--no-browser"],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(home)},
            stdout=log,
            stderr=log,
        )
    url = f"http://127.0.0.1:{port}/"
    _wait_until(lambda: server.poll() is not None or _answers(url))
    assert server.poll() is None, (home / "log.txt").read_text()
    yield url
    server.terminate()
    server.wait(PATIENCE)
    said = (home / "log.txt").read_text()
    assert not [why for why in said.split("Traceback")[1:] if _is_ours(why)], said
    assert not list(home.glob("pintuan-*")), "a session left its files behind"


def _is_ours(traceback: str) -> bool:
    """Whether our code had a part in it: Bokeh's own connections may stumble over a browser that leaves too soon."""
    return bool(re.search(r'File ".*/(experiments|simulator)/', traceback))


def _answers(url: str) -> bool:
    try:
        return bool(urllib.request.urlopen(url + "favicon.ico", timeout=PATIENCE).status == 200)
    except OSError:
        return False


def _wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.2)


def opened(new_page: Pages, address: str, width: int = 1280, height: int = 900) -> Any:
    page = new_page(width, height)
    page.goto(address)
    page.get_by_role("button", name="Run").wait_for()
    return page


def classroom(new_page: Pages, address: str, width: int = 1280) -> Any:
    page = opened(new_page, address, width)
    page.get_by_role("button", name="Classroom").click()
    page.locator(".board[data-known]").wait_for(state="attached")
    return page


def day_of(page: Any) -> int:
    return int(page.locator(".board").get_attribute("data-day"))


def wait_for_day(page: Any, day: int) -> None:
    _wait_until(lambda: day_of(page) >= day)


def play_to(page: Any, day: int) -> None:
    """Play fast until this day or some more have gone by, then pause."""
    board = page.locator(".board")
    page.locator("[data-part=speed]").fill("10")
    page.locator("[data-part=play]").click()
    assert board.get_attribute("data-playing") == "true"
    wait_for_day(page, day)
    page.locator("[data-part=play]").click()
    assert board.get_attribute("data-playing") == "false"


def seconds_per_frame(page: Any, frames: int) -> float:
    """Processor time that the page's own thread takes to draw a frame, however busy the machine is."""
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def now() -> tuple[float, int]:
        metrics = {m["name"]: m["value"] for m in tools.send("Performance.getMetrics")["metrics"]}
        return metrics["TaskDuration"], int(page.locator(".board").get_attribute("data-frames"))

    page.locator("[data-part=speed]").fill("2")
    page.locator("[data-part=play]").click()
    began, first = now()
    _wait_until(lambda: now()[1] >= first + frames)
    ended, last = now()
    page.locator("[data-part=play]").click()
    return (ended - began) / (last - first)


def fits(page: Any) -> bool:
    """Nothing hangs over the right edge."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_page_that_is_slower_to_load_than_its_session_is_kept(new_page: Pages, address: str) -> None:
    """It gets another session over its socket, which has never made a page, and still asks for nothing outside."""
    from experiments.dashboard.server import FORGET_MILLISECONDS

    page = new_page()
    page.route("**/panel.min.js*", lambda asked: (time.sleep(1.5 * FORGET_MILLISECONDS / 1000), asked.continue_()))
    page.goto(address)
    page.get_by_role("button", name="Run").wait_for()


@pytest.mark.parametrize("width", [1280, 1920])
def test_play_pause_step_and_start_again(new_page: Pages, address: str, width: int) -> None:
    page = classroom(new_page, address, width)
    assert fits(page)
    board = page.locator(".board")
    play_to(page, 12)
    stopped = day_of(page)
    counters = page.locator(".side dl").all_inner_texts()
    page.wait_for_timeout(500)
    assert day_of(page) == stopped
    page.locator("[data-part=step]").click()
    wait_for_day(page, stopped + 1)
    _wait_until(lambda: board.get_attribute("data-playing") == "false")
    assert day_of(page) == stopped + 1
    page.locator("[data-part=time]").fill(str(stopped))
    assert page.locator(".side dl").all_inner_texts() == counters, "a day looks the same when one comes back to it"
    page.locator("[data-part=restart]").click()
    assert day_of(page) == 0
    assert "—" in page.locator(".side dl").first.inner_text()


def test_the_classroom_by_keyboard(new_page: Pages, address: str) -> None:
    page = classroom(new_page, address)
    page.locator(".net").first.focus()
    page.keyboard.press("ArrowRight")
    wait_for_day(page, 1)
    page.keyboard.press("Space")
    wait_for_day(page, 2)
    page.keyboard.press("Space")
    assert page.locator(".board").get_attribute("data-playing") == "false"
    assert "Reach" in page.locator("[data-part=spoken]").inner_text()
    page.keyboard.press("Home")
    assert day_of(page) == 0


def test_a_slider_moved_builds_another_town(new_page: Pages, address: str) -> None:
    page = classroom(new_page, address)
    play_to(page, 10)
    page.locator("[data-part=time]").fill("10")
    before = page.locator(".side dl").first.inner_text()
    page.get_by_role("slider", name="Members a group needs").focus()
    page.keyboard.press("ArrowRight")
    _wait_until(lambda: day_of(page) == 0)
    play_to(page, 10)
    page.locator("[data-part=time]").fill("10")
    assert page.locator(".side dl").first.inner_text() != before


def test_five_hundred_people_are_drawn_ten_times_a_second_and_two_thousand_usably(
    new_page: Pages, address: str
) -> None:
    page = classroom(new_page, address, 1920)
    play_to(page, 8)
    assert seconds_per_frame(page, 50) < 1 / 10
    page.get_by_label("People", exact=True).select_option("2000")
    page.wait_for_function(_KNOWS, arg="2000")
    play_to(page, 8)
    assert seconds_per_frame(page, 50) < 1 / 5
    for side in range(2):
        assert page.locator(".side").nth(side).evaluate(_COLOURS) >= 4


_KNOWS = """() => {
  const seek = (root) => [...root.querySelectorAll('*')].flatMap((e) =>
    [...(e.matches('.board') ? [e] : []), ...(e.shadowRoot ? seek(e.shadowRoot) : [])]);
  return seek(document).some((board) => board.dataset.people === '2000' && Number(board.dataset.known) > 0);
}"""
_COLOURS = """(side) => {
  const canvas = side.querySelector('canvas');
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) seen.add(data[i] >> 5 << 10 | data[i + 1] >> 5 << 5 | data[i + 2] >> 5);
  return seen.size;
}"""


def test_a_what_if_is_run_exported_and_told_in_both_languages(new_page: Pages, address: str, tmp_path: Path) -> None:
    page = opened(new_page, address)
    for label, value in (("People in the market", "200"), ("Length of the run", "95"), ("Worlds to try", "2")):
        field = page.get_by_role("spinbutton", name=label)
        field.fill(value)
        field.press("Enter")
    page.get_by_role("button", name="Run").click()
    page.get_by_text(re.compile(r"\d+ of 6 runs done|Starting|All runs done")).first.wait_for()
    page.locator("table.glance").wait_for()
    told = page.locator("table.glance").inner_text()
    assert "group buying" in told
    assert "2 pairs" in page.locator(".note").inner_text()
    assert "seeds=2 consumers.n=200 days=95" in page.locator("pre").inner_text()
    assert fits(page)
    for name, words in (("Settings (YAML)", "experiment=what_if seeds=2"), ("Report (HTML)", "</html>")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name)).first.click()
        download.value.save_as(tmp_path / "file")
        assert words in (tmp_path / "file").read_text(encoding="utf-8")
    page.get_by_role("button", name="中文").click()
    page.get_by_text("一览").wait_for()
    assert "拼团" in page.locator("table.glance").inner_text()
    assert "group buying" not in page.locator("table.glance").inner_text()


def test_a_value_out_of_range_gives_one_sentence(new_page: Pages, address: str) -> None:
    page = opened(new_page, address)
    field = page.get_by_role("spinbutton", name="Friends of a person")
    field.fill("99999")
    field.press("Enter")
    page.get_by_role("button", name="Run").click()
    page.get_by_text("social.degree=99999.0: out of range").first.wait_for()
    assert page.get_by_role("button", name="Run").is_enabled()


def test_reload_in_mid_run_two_browsers_and_a_closed_tab(new_page: Pages, address: str) -> None:
    one, other = opened(new_page, address), opened(new_page, address)
    one.get_by_role("button", name="Run").click()
    one.get_by_role("button", name="Cancel").and_(one.locator(":enabled")).wait_for()
    other.get_by_role("button", name="Run").wait_for()
    assert other.get_by_role("button", name="Run").is_enabled(), "the other browser does not notice"
    one.reload()
    one.get_by_role("button", name="Run").wait_for()
    assert one.get_by_role("button", name="Run").is_enabled()
    other.get_by_role("button", name="Run").click()
    other.get_by_role("button", name="Cancel").and_(other.locator(":enabled")).wait_for()
    other.get_by_role("button", name="Cancel").click()
    other.get_by_text("Cancelled.").wait_for()
    other.close()
    one.get_by_role("button", name="Classroom").click()
    one.locator(".board[data-known]").wait_for(state="attached")
