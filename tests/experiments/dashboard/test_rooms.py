"""The rooms without a browser: what their widgets ask for, show and hide, and that pages do not mix."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from experiments.dashboard.classroom import Classroom
from experiments.dashboard.plan import Plan
from experiments.dashboard.server import Session
from experiments.dashboard.tasks import Tasks
from experiments.dashboard.texts import Speaker
from experiments.dashboard.trial import Answer, Desk, TrialFailed
from experiments.dashboard.what_if import WhatIf


class Still(Desk):
    """Computes nothing; remembers what it was asked, and waits until it is told how that ends."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.asked: list[tuple[Plan, Path]] = []
        self.error = error

    async def compute(self, plan: Plan, folder: Path, tell: Callable[..., None]) -> Answer:
        plan.check()
        self.asked.append((plan, folder))
        tell("starting", None)
        if self.error is not None:
            raise self.error
        await asyncio.Event().wait()
        raise AssertionError("it has no end")


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The server's event loop."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


Loop = asyncio.AbstractEventLoop


async def settle() -> None:
    """Let everything go on that can at once."""
    for _ in range(20):
        await asyncio.sleep(0.01)


async def until(is_so: Callable[[], object]) -> None:
    """Wait for what is bound to happen, on a busy machine very long."""
    async with asyncio.timeout(600):
        while not is_so():
            await asyncio.sleep(0.01)


def pull(room: WhatIf | Classroom, key: str, shown: object) -> None:
    """Change a lever as the browser does."""
    room.controls.shown = room.controls.shown | {key: shown}


def a_desk(desk: Desk, tmp_path: Path, loop: Loop) -> WhatIf:
    return WhatIf(Speaker("en"), desk, tmp_path, Tasks(loop))


def test_the_plan_is_what_the_widgets_say(tmp_path: Path, loop: Loop) -> None:
    room = a_desk(Still(), tmp_path, loop)
    room.arms.value = ["referral", "coupons_blanket"]
    pull(room, "mechanics.coupons.face_fen", 7)
    plan = room.plan
    assert plan.arms == ("coupons_blanket", "referral"), "in the order of the main job"
    assert plan.settings["mechanics.coupons.face_fen"] == 700
    assert plan.settings["consumers.n"] == 2000
    assert not any(key.startswith("mechanics.group_buying") for key in plan.settings), "nobody uses it"
    plan.check()


def test_every_strategy_can_be_asked_for_with_the_settings_as_they_stand(tmp_path: Path, loop: Loop) -> None:
    room = a_desk(Still(), tmp_path, loop)
    room.arms.value = list(room.arms.options.values())
    assert len(room.plan.check().arms[0]) == 1 + len(room.arms.value) > 10


def test_absurd_values_give_one_clear_sentence_and_the_room_goes_on(tmp_path: Path, loop: Loop) -> None:
    async def ask() -> None:
        desk = Still()
        room = a_desk(desk, tmp_path, loop)
        pull(room, "mechanics.group_buying.discount", 150)
        room.start()
        await until(lambda: not room.run.disabled)
        assert room.message.object == (
            "This cannot be run: Discount of the group price (%) — "
            "mechanics.group_buying.discount=1.5: out of range (allowed: at least 0 and below 1) (arm baseline)"
        )
        assert desk.asked == []
        assert not room.run.disabled
        room.arms.value = []
        room.start()
        assert room.message.object == "This cannot be run: choose at least one strategy"
        room.controls.reset()
        room.arms.value = ["group_buying"]
        room.start()
        await until(lambda: desk.asked)
        assert room.run.disabled
        assert not room.cancel.disabled
        room.stop()
        await until(lambda: not room.run.disabled)
        assert room.message.object.startswith("Cancelled")
        assert not room.run.disabled

    loop.run_until_complete(ask())


@pytest.mark.parametrize(
    ("key", "shown", "words"),
    [
        ("consumers.n", 10**7, "consumers.n=10000000: too large for the dashboard"),
        ("seeds", 10_000, "seeds=10000: people × days × strategies × seeds is"),
        ("seeds", 0, "seeds=0: out of range"),
        ("days", 12.5, "days=12.5: not a whole number"),
        ("needs.rate", "much", "needs.rate='much': not a number"),
        ("needs.rate", None, "needs.rate=None: not a number"),
    ],
)
def test_what_is_too_large_or_no_number_is_refused(
    tmp_path: Path, key: str, shown: object, words: str, loop: Loop
) -> None:
    async def ask() -> None:
        room = a_desk(Still(), tmp_path, loop)
        pull(room, key, shown)
        room.start()
        await until(lambda: words in room.message.object)

    loop.run_until_complete(ask())


def test_a_failure_is_told_and_the_room_goes_on(tmp_path: Path, loop: Loop) -> None:
    async def ask() -> None:
        room = a_desk(Still(TrialFailed("the disk <is> full")), tmp_path, loop)
        room.start()
        await until(lambda: not room.run.disabled)
        assert room.message.object == "Something went wrong: the disk &lt;is&gt; full"
        assert not room.run.disabled

    loop.run_until_complete(ask())


def test_pressing_run_twice_runs_once(tmp_path: Path, loop: Loop) -> None:
    async def ask() -> None:
        desk = Still()
        room = a_desk(desk, tmp_path, loop)
        room.start()
        room.start()
        await until(lambda: desk.asked)
        await settle()
        assert len(desk.asked) == 1
        room.stop()
        await until(lambda: not room.run.disabled)

    loop.run_until_complete(ask())


def test_two_browsers_have_folders_of_their_own_and_leave_nothing(loop: Loop) -> None:
    async def visit() -> None:
        desk = Still()
        one, other = Session(desk, "en", loop), Session(desk, "zh", loop)
        pull(one.what_if, "seeds", 3)
        one.what_if.start()
        await until(lambda: len(desk.asked) == 1)
        other.what_if.start()
        await until(lambda: len(desk.asked) == 2)
        (plan, folder), (other_plan, other_folder) = desk.asked
        assert (plan.seeds, other_plan.seeds) == (3, 8)
        assert folder != other_folder
        assert folder.is_dir()
        one.leave()
        await until(lambda: not folder.exists())
        assert other_folder.is_dir()
        assert one.what_if.run.disabled is False
        assert other.what_if.run.disabled is True
        other.leave()
        await until(lambda: not other_folder.exists())

    loop.run_until_complete(visit())


def test_the_language_can_be_switched_at_any_time(loop: Loop) -> None:
    async def visit() -> None:
        page = Session(Still(), "en", loop)
        assert page.what_if.run.name == "▶ Run"
        page.say.speak("zh")
        assert page.what_if.run.name == "▶ 运行"
        assert page.what_if.message.object.startswith("选择策略")
        assert page.classroom.stage.texts["play"] == "播放"
        assert "拼团" in page.classroom.stage.texts["with_title"]
        assert page.what_if.arms.value == ["group_buying", "referral"], "choices stay"
        page.remove()

    loop.run_until_complete(visit())


async def built(room: Classroom) -> dict[str, Any]:
    number = room.stage.world.get("id", 0)
    room.message.visible = False
    room.build()
    await until(lambda: room.stage.world.get("id", 0) > number or room.message.visible)
    return room.stage.world


def test_the_classroom_sends_the_days_that_are_asked_for_in_order(monkeypatch: pytest.MonkeyPatch, loop: Loop) -> None:
    async def teach() -> None:
        room, sent = Classroom(Speaker("en"), Tasks(loop)), []
        room.people.value = 200
        monkeypatch.setattr(room.stage, "send", sent.append)
        world = await built(room)
        assert world["n"] == 200
        room.ask({"world": world["id"], "from": 0, "days": 2})
        room.ask({"world": world["id"], "from": 0, "days": 2})  # asked again: it has them already
        room.ask({"world": world["id"] + 1, "from": 2, "days": 2})  # of a town that is gone
        room.ask({"world": world["id"], "from": 2, "days": 10**9})
        await until(lambda: len(sent) >= 2)
        await settle()
        assert [(message["from"], len(message["days"])) for message in sent] == [(0, 2), (2, 20)]
        assert [frame["day"] for message in sent for frame, _ in message["days"]] == list(range(22))

    loop.run_until_complete(teach())


def test_the_same_luck_builds_the_same_town_and_other_luck_another(loop: Loop) -> None:
    async def teach() -> None:
        room = Classroom(Speaker("en"), Tasks(loop))
        room.people.value = 200
        first = dict(await built(room))
        again = dict(await built(room))
        assert first.pop("id") < again.pop("id")
        assert first == again
        room.seed.value = 7
        other = dict(await built(room))
        assert other["joined"] != again["joined"]

    loop.run_until_complete(teach())


def test_absurd_values_in_the_classroom_give_one_sentence_and_the_town_stays(loop: Loop) -> None:
    async def teach() -> None:
        room = Classroom(Speaker("en"), Tasks(loop))
        room.people.value = 200
        world = await built(room)
        pull(room, "social.degree", 5000)
        await built(room)
        assert room.message.visible
        assert "social.degree=5000" in room.message.object
        assert room.stage.world == world
        room.controls.reset()
        assert (await built(room))["id"] > world["id"]
        assert not room.message.visible

    loop.run_until_complete(teach())
