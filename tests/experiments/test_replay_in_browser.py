"""The page that replays a run, used as a reader uses it: opened from disk, played, stepped, tapped, translated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from experiments import replay

pytestmark = pytest.mark.browser

SIZE = [
    "consumers.n=300",
    "days=40",
    "burn_in_days=4",
    "post_days=8",
    "needs.rate=.2",
    "consumers.prospect_fraction=.6",
]
TICKS = 40 * 8
DRAWN = "document.getElementById('stage').toDataURL()"
MOMENT = "Number(document.getElementById('time').value)"

Pages = Callable[..., Any]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    page = tmp_path_factory.mktemp("replay") / "page.html"
    assert replay.main(["strategy=all_social", *SIZE, f"out={page}"]) == 0
    return page.as_uri()


@pytest.fixture
def page(new_page: Pages, address: str) -> Any:
    """The page, open; errors and requests to outside fail the test."""
    opened = new_page(1280, 800)
    opened.goto(address)
    return opened


def fact(page: Any, name: str) -> str:
    return str(page.inner_text(f"[data-fact={name}]"))


def total(page: Any, name: str) -> int:
    return int(page.evaluate(f"run.counts.{name}.reduce((a, b) => a + b, 0)"))


def wait_until(page: Any, condition: str) -> None:
    """Ask again and again: the page's policy forbids what Playwright would inject to wait by itself."""
    for _ in range(6000):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came true: {condition}")


def test_nothing_but_the_file_is_asked_for(new_page: Pages, address: str) -> None:
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.click("#play")
    page.wait_for_timeout(200)
    assert asked == [address]


def test_play_runs_and_pause_stops(page: Any) -> None:
    begin, drawn = page.evaluate(MOMENT), page.evaluate(DRAWN)
    assert begin == 4 * 8, "it begins with the campaign"
    assert page.get_attribute("#play", "aria-label") == "Play"
    page.click("#play")
    assert page.get_attribute("#play", "aria-label") == "Pause"
    wait_until(page, f"{MOMENT} >= {begin + 2}")
    page.keyboard.press(" ")
    stopped = page.evaluate("moment")
    assert page.get_attribute("#play", "aria-label") == "Play"
    assert page.evaluate(DRAWN) != drawn
    page.wait_for_timeout(200)
    assert page.evaluate("moment") == stopped


def test_it_plays_smoothly_and_ends_by_itself(page: Any) -> None:
    for _ in range(6):
        page.keyboard.press("+")
    assert page.inner_text("#speed") == "16 days/s"
    assert page.is_disabled("#faster")
    page.keyboard.press(" ")
    wait_until(page, f"{MOMENT} === {TICKS} && !isPlaying")
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})  # processor time, however busy the machine is

    def seconds() -> float:
        return float({m["name"]: m["value"] for m in tools.send("Performance.getMetrics")["metrics"]}["TaskDuration"])

    began = seconds()
    page.evaluate("for (let i = 0; i < 10; i++) show()")
    assert (seconds() - began) / 10 < 0.1, "ten frames a second"
    page.keyboard.press(" ")
    wait_until(page, f"{MOMENT} < {TICKS}")
    assert page.evaluate("isPlaying"), "from the beginning"


def test_at_the_end_the_counters_tell_the_whole_run(page: Any) -> None:
    page.keyboard.press("Home")
    assert fact(page, "invitations") == fact(page, "adopters") == "0"
    assert fact(page, "k") == "—"
    page.keyboard.press("End")
    assert fact(page, "day") == "Day 39"
    assert fact(page, "phase") == "after the campaign"
    for name, counted in (
        *(("adopters", "adopters"), ("brought", "brought"), ("joins", "joins"), ("invitations", "invitations")),
        *(("filled", "groups_filled"), ("lapsed", "groups_lapsed")),
        *(("bargained", "bargains_settled"), ("failed", "bargains_lapsed")),
    ):
        assert fact(page, name) == f"{total(page, counted):,}"
    assert fact(page, "subsidy") == f"{round(total(page, 'subsidy_fen') / 100):,}"
    assert fact(page, "k") == f"{page.evaluate('run.k.at(-1)'):.2f}"
    reached = 100 * total(page, "adopters") / page.evaluate("run.nProspects")
    assert float(fact(page, "reach").rstrip("%")) == pytest.approx(reached, abs=0.051)
    assert f"New buyers: {fact(page, 'adopters')}" in page.inner_text("#status")


def test_the_slider_and_the_arrows_move_time(page: Any) -> None:
    page.evaluate(
        "slider => { slider.value = 100; slider.dispatchEvent(new Event('input')); }", page.query_selector("#time")
    )
    assert fact(page, "day") == "Day 12"
    for key, moment in (("ArrowRight", 101), ("Shift+ArrowRight", 109), ("ArrowLeft", 108), ("Shift+ArrowLeft", 100)):
        page.keyboard.press(key)
        assert page.evaluate(MOMENT) == moment
    page.click("#forward")
    page.click("#forward")
    page.click("#back")
    assert page.evaluate(MOMENT) == 101
    assert page.get_attribute("#time", "aria-valuetext") == "Day 12, wave 5"
    page.keyboard.press("-")
    assert page.inner_text("#speed") == "0.5 days/s"


def test_a_space_on_a_button_presses_that_button_alone(page: Any) -> None:
    page.focus("#forward")
    before = page.evaluate(MOMENT)
    page.keyboard.press(" ")
    assert page.evaluate(MOMENT) == before + 1
    assert not page.evaluate("isPlaying")
    page.focus("#play")
    page.keyboard.press(" ")
    assert page.evaluate("isPlaying")


def test_a_cascade_stands_out_until_it_is_let_go(page: Any) -> None:
    page.keyboard.press("End")
    plain = page.evaluate(DRAWN)
    size = page.evaluate("run.cascades[0].size")
    assert page.inner_text("#cascade-0").startswith(f"{size} people, {size} so far")
    page.click("#cascade-0")
    assert page.get_attribute("#cascade-0", "aria-pressed") == "true"
    assert page.evaluate(DRAWN) != plain
    assert f"cascade of {size}" in page.inner_text("#card")
    page.keyboard.press("Escape")
    assert page.is_hidden("#card")
    assert page.evaluate(DRAWN) == plain


def test_everything_is_said_in_chinese_too(page: Any) -> None:
    assert page.inner_text("h1") == "all social"
    page.click("text=中文")
    assert page.get_attribute("html", "lang") == "zh"
    assert page.inner_text("h1") == "全部社交玩法"
    assert fact(page, "phase") == "活动期"
    assert page.get_attribute("#play", "aria-label") == "播放"
    for selector in ("aside", "footer", "#notes h2"):
        words = page.inner_text(selector)
        assert not any(word in words for word in ("invit", "Day", "open", "How")), words
    page.click("text=English")
    assert "invitations" in page.inner_text("aside")
    assert "邀请" not in page.inner_text("aside")


def test_a_reader_with_a_chinese_browser_is_met_in_chinese(chromium: Any, address: str) -> None:
    context = chromium.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(address)
    assert page.get_attribute("html", "lang") == "zh"
    context.close()


def test_a_finger_finds_people_and_buttons(chromium: Any, address: str) -> None:
    context = chromium.new_context(has_touch=True, is_mobile=True, viewport={"width": 800, "height": 1100})
    page = context.new_page()
    page.goto(address)
    page.tap("#play")
    assert page.evaluate("isPlaying")
    page.tap("#play")
    box = page.query_selector("#stage").bounding_box()
    x, y = page.evaluate("[x[7], y[7]]")
    page.touchscreen.tap(box["x"] + x + 1, box["y"] + y)
    assert page.inner_text("#card-name").startswith("Person ")
    sizes = page.evaluate("[...document.querySelectorAll('footer button')].map(b => b.getBoundingClientRect().height)")
    assert min(sizes) >= 40
    context.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1280, 800), (1920, 1080)])
def test_all_of_the_theatre_is_in_sight(new_page: Pages, address: str, width: int, height: int) -> None:
    page = new_page(width, height)
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for selector in ("h1", ".language", "#stage", ".facts", ".legend", "#cascade-0", "#play", "#time", "#faster"):
        box = page.query_selector(selector).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width, selector
        assert box["y"] + box["height"] <= height + (60 if height == 720 else 0), selector
    stage = page.query_selector("#stage").bounding_box()
    assert stage["width"] * stage["height"] > 0.45 * width * height


def test_the_picture_changes_with_the_scheme_of_colours(new_page: Pages, address: str) -> None:
    page = new_page()
    page.goto(address)
    light = page.evaluate(DRAWN)
    page.emulate_media(color_scheme="dark")
    wait_until(page, f"{DRAWN} !== {light!r}")


def test_without_script_the_numbers_are_there(chromium: Any, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert "needs JavaScript" in page.inner_text("#notes")
    assert page.locator("tbody tr").count() == 4
    context.close()


def test_the_stage_is_drawn_in_all_its_colours(page: Any) -> None:
    page.keyboard.press("End")
    seen = page.evaluate(
        """() => {
            const data = stage.getContext('2d').getImageData(0, 0, stage.width, stage.height).data, found = new Set();
            for (let i = 0; i < data.length; i += 4) {
                found.add('#' + [...data.slice(i, i + 3)].map(c => c.toString(16).padStart(2, '0')).join(''));
            }
            return ['paper', 'member', 'buyer', 'brought', 'invited'].filter(name => !found.has(colour[name]));
        }"""
    )
    assert seen == [], "colours that are missing"
