"""The classroom: one small town twice, with and without a strategy, played day by day."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from html import escape
from itertools import count
from typing import Any

import panel as pn

from experiments.dashboard.answers import arm_name
from experiments.dashboard.controls import Controls
from experiments.dashboard.lesson import K_DAYS, TOWN, Lesson
from experiments.dashboard.levers import CLASSROOM
from experiments.dashboard.plan import BASELINE, settings_used, strategy
from experiments.dashboard.stage import Stage
from experiments.dashboard.style import FIELD_CSS, MESSAGE_STYLES, TEXT_CSS
from experiments.dashboard.tasks import Tasks
from experiments.dashboard.texts import Speaker
from experiments.dashboard.words import WORDS
from simulator import SettingsError

STRATEGIES = ["group_buying", "group_buying_and_coupons", "referral", "bargaining", "all_social"]
PEOPLE = [200, 500, 1000, 2000]
LARGEST_SEED = 9999
MOST_DAYS = 20
"""Days that a browser may ask for at a time."""


class Classroom:
    """One browser's classroom.

    Args:
        say: Speaks the texts.
        tasks: Does what takes long.
    """

    def __init__(self, say: Speaker, tasks: Tasks) -> None:
        self._say, self._tasks = say, tasks
        self._ids = count(1)
        self._lesson: Lesson | None = None
        self._building: Future[None] | None = None
        self._turn = asyncio.Lock()
        look: dict[str, Any] = {"sizing_mode": "stretch_width", "stylesheets": [FIELD_CSS]}
        self.strategy = pn.widgets.Select(options=STRATEGIES, value="group_buying", **look)
        self.people = pn.widgets.Select(options=PEOPLE, value=500, **look)
        self.seed = pn.widgets.IntInput(value=1, start=0, end=LARGEST_SEED, **look)
        self.controls = Controls({"town": CLASSROOM}, say, lambda _: None, self.build)
        self.message = pn.pane.Alert(
            alert_type="warning", visible=False, styles=MESSAGE_STYLES, sizing_mode="stretch_width"
        )
        self.stage = Stage(self.ask, sizing_mode="stretch_width")
        self.view = pn.Row(
            self._choices(),
            pn.Column(self.message, self.stage, sizing_mode="stretch_width"),
            sizing_mode="stretch_width",
        )
        for widget in (self.strategy, self.people, self.seed):
            widget.param.watch(lambda _: self.build(), "value")

    def open(self) -> None:
        """Build the town that is first shown, when somebody first comes in."""
        if self._lesson is None and self._building is None:
            self.build()

    def build(self) -> None:
        """Build the town that the widgets ask for; what was being built before is dropped."""
        name, network = self.strategy.value, self.controls.shown["social.kind"]
        self.controls.show(settings_used(name, network).__contains__)
        if self._building is not None:
            self._building.cancel()
        self._building = self._tasks.begin(self._build(name, self._settings()))

    def _settings(self) -> dict[str, Any]:
        return TOWN | {"consumers.n": self.people.value} | self.controls.values()

    async def _build(self, name: str, settings: dict[str, Any]) -> None:
        seed = self.seed.value
        try:
            lesson, world = await asyncio.to_thread(_make, name, settings, seed)
        except SettingsError as error:
            words = self._say("wrong", why=self.controls.explained(error))
            self.message.param.update(visible=True, object=escape(words, quote=False))
            return
        async with self._turn:
            self._lesson = lesson
            self.message.visible = False
            self.stage.texts = self._texts()
            self.stage.world = world | {"id": next(self._ids)}

    def ask(self, asked: dict[str, Any]) -> None:
        """A browser asks for days of the town that it shows."""
        self._tasks.begin(self._answer(asked))

    async def _answer(self, asked: dict[str, Any]) -> None:
        async with self._turn:
            lesson, number = self._lesson, self.stage.world.get("id")
            if lesson is None or asked.get("world") != number or asked.get("from") != lesson.day:
                return
            n_days = min(max(int(asked.get("days", 1)), 1), MOST_DAYS)
            days = await asyncio.to_thread(lesson.next_days, n_days)
            self.stage.send({"world": number, "from": asked["from"], "days": days})

    def _texts(self) -> dict[str, str]:
        words = {key: self._say(key) for key in WORDS}
        filled_in = {key: self._say(key, days=K_DAYS) for key in ("k", "k_help")}
        title = self._say("with_title", arm=arm_name(self.strategy.value, self._say))
        return words | filled_in | {"with_title": title}

    def _choices(self) -> pn.Column:
        intro, note = (pn.pane.HTML(stylesheets=[TEXT_CSS]) for _ in range(2))

        def say() -> None:
            intro.object = f"<p>{self._say('class_intro')}</p>"
            keys, k = self._say("class_keys"), self._say("class_note", days=K_DAYS)
            note.object = f"<p class='help'>{k}</p><p class='help'>{keys}</p>"
            self.strategy.name = self._say("class_strategy")
            self.strategy.options = {arm_name(name, self._say): name for name in STRATEGIES}
            self.people.name, self.seed.name = self._say("class_people"), self._say("class_seed")
            self.stage.texts = self._texts()

        self._say.saying(say)
        parts = (intro, self.strategy, self.controls, self.people, self.seed, note)
        return pn.Column(*parts, width=300, margin=(0, 10, 0, 0))


def _make(name: str, settings: dict[str, Any], seed: int) -> tuple[Lesson, dict[str, Any]]:
    scenarios = (strategy(name, settings).scenario, strategy(BASELINE, settings).scenario)
    lesson = Lesson(scenarios, seed)
    return lesson, lesson.world()
