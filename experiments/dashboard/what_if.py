"""The desk: choose strategies and settings, run a comparison, see what it found, take it with you."""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import Future
from html import escape
from pathlib import Path
from typing import Any

import panel as pn

from experiments.dashboard import answers, charts
from experiments.dashboard.controls import Controls
from experiments.dashboard.levers import DESK
from experiments.dashboard.plan import BASELINE, NAME, Plan, settings_used, strategies
from experiments.dashboard.style import ANSWER_CSS, ARMS_CSS, MAIN_BUTTON_CSS, MESSAGE_STYLES, TEXT_CSS
from experiments.dashboard.tasks import Tasks
from experiments.dashboard.texts import Speaker
from experiments.dashboard.trial import Answer, Desk, TrialFailed
from experiments.study.engines import one_line
from experiments.study.progress import Status
from simulator import SettingsError

FIRST_CHOICE = ["group_buying", "referral"]


class WhatIf:
    """One browser's desk.

    Args:
        say: Speaks the texts.
        desk: Computes, for all browsers.
        folder: Where this browser's runs go.
        tasks: Does what takes long.
    """

    def __init__(self, say: Speaker, desk: Desk, folder: Path, tasks: Tasks) -> None:
        self._say, self._desk, self._folder, self._tasks = say, desk, folder, tasks
        self._task: Future[None] | None = None
        self._answer: Answer | None = None
        self._told: tuple[str, dict[str, object]] = ("first", {})
        self.arms = pn.widgets.CheckBoxGroup(
            options=list(strategies()), value=FIRST_CHOICE, sizing_mode="stretch_width", stylesheets=[ARMS_CSS]
        )
        self.controls = Controls(DESK, say, self._title, self._changed)
        self.run = pn.widgets.Button(stylesheets=[MAIN_BUTTON_CSS], width=130, on_click=lambda _: self.start())
        self.cancel = pn.widgets.Button(width=110, disabled=True, on_click=lambda _: self.stop())
        self._reset = pn.widgets.Button(on_click=lambda _: self._reset_all())
        self.message = pn.pane.Alert(
            alert_type="light", styles=MESSAGE_STYLES, sizing_mode="stretch_width", margin=(5, 10)
        )
        self._bar = pn.indicators.Progress(max=1, value=0, visible=False, sizing_mode="stretch_width", margin=(0, 10))
        self._found = pn.Column(sizing_mode="stretch_width")
        self.view = pn.Row(self._choices(), self._outcome(), sizing_mode="stretch_width")
        self.arms.param.watch(lambda _: self._changed(), "value")
        self._changed()

    @property
    def plan(self) -> Plan:
        """What the widgets ask for now."""
        settings = self.controls.values()
        seeds = settings.pop("seeds")
        return Plan(tuple(name for name in strategies() if name in self.arms.value), settings, seeds)

    def start(self) -> None:
        """Compute what is chosen."""
        if self._task is not None:
            return
        if not self.arms.value:
            self._tell("wrong", "warning", why=self._say("no_arm"))
            return
        self.run.disabled, self.cancel.disabled = True, False
        self._task = self._tasks.begin(self._compute(self.plan))

    def stop(self) -> None:
        """Give up what is being computed."""
        if self._task is not None:
            self._task.cancel()

    async def _compute(self, plan: Plan) -> None:
        try:
            answer = await self._desk.compute(plan, self._folder, self._watch)
        except SettingsError as error:
            self._tell("wrong", "warning", why=self.controls.explained(error))
        except TrialFailed as error:
            self._tell("failed", "danger", why=str(error))
        except asyncio.CancelledError:
            self._tell("cancelled")
        except Exception as error:  # whatever it is, whoever waits must know; the server's terminal shows the rest
            self._tell("failed", "danger", why=one_line(error))
            raise
        else:
            self._answer = answer
            self.message.visible = False
            self._show()
        finally:
            self._task = None
            self._bar.visible = False
            self.run.disabled, self.cancel.disabled = False, True

    def _watch(self, phase: str, status: Status | None) -> None:
        self._bar.visible = True
        if status is None or phase == "telling":
            self._bar.value = -1 if status is None else 1
            self._tell(phase)
            return
        done = status.found + status.computed
        self._bar.max, self._bar.value = max(status.total, 1), done
        seconds = status.seconds_left
        left = "" if seconds is None else self._say("left", seconds=max(round(seconds), 1))
        self._tell(phase, done=done, total=status.total, left=left)

    def _tell(self, key: str, kind: str = "light", **values: object) -> None:
        self._told = (key, values)
        self.message.param.update(alert_type=kind, visible=True, object=escape(self._say(key, **values), quote=False))

    def _changed(self) -> None:
        """Show the settings that the chosen strategies use; say so where the answer is to another question."""
        network = self.controls.shown["social.kind"]
        used = {key for arm in (BASELINE, *self.arms.value) for key in settings_used(arm, network)} | {"seeds"}
        self.controls.show(used.__contains__)
        if self._answer is not None and self._task is None:
            is_stale = self.plan != self._answer.plan
            self._tell("stale") if is_stale else self.message.param.update(visible=False)

    def _reset_all(self) -> None:
        self.controls.reset()
        self._changed()

    def _choices(self) -> pn.Column:
        heading, against, levers, levers_help = (pn.pane.HTML(stylesheets=[TEXT_CSS]) for _ in range(4))

        def say() -> None:
            heading.object = f"<h2>{self._say('choose_arms')}</h2>"
            against.object = f"<p class='help'>{self._say('against')}</p>"
            levers.object = f"<h2>{self._say('levers')}</h2>"
            levers_help.object = f"<p class='help'>{self._say('levers_help')}</p>"
            self.arms.options = {
                f"{answers.arm_name(name, self._say)} — {answers.arm_words(name, self._say)}": name
                for name in strategies()
            }
            self._reset.name = self._say("reset")

        self._say.saying(say)
        parts = (heading, against, self.arms, levers, levers_help, self.controls, self._reset)
        return pn.Column(*parts, width=390, margin=(0, 10, 0, 0))

    def _title(self, group: str) -> str | None:
        """What a group of levers is called."""
        if group == "study":
            return None
        return self._say(group) if group in ("market", "coupons") else answers.arm_name(group, self._say)

    def _outcome(self) -> pn.Column:
        def say() -> None:
            self.run.name, self.cancel.name = f"▶ {self._say('run')}", self._say("cancel")
            key, values = self._told
            if self.message.visible:
                self._tell(key, self.message.alert_type, **values)
            self._show()

        self._say.saying(say)
        buttons = pn.Row(self.run, self.cancel, margin=0)
        return pn.Column(buttons, self._bar, self.message, self._found, sizing_mode="stretch_width")

    def _show(self) -> None:
        """What was found, in the language spoken; nothing before."""
        if self._answer is None:
            return
        results, say = self._answer.results, self._say
        headline, *rest = answers.sentences(results, say)
        words = "".join(f"<li>{escape(sentence)}</li>" for sentence in rest)
        text = (
            f"<h2>{say('answer')}</h2><p class='headline'>{escape(headline)}</p><ul>{words}</ul>"
            f"<h2>{say('at_a_glance')}</h2>{answers.table(results, say)}"
        )
        help_texts = {name: _text(f"<p class='help'>{say(name)}</p>") for name in _HELPS}
        curves = pn.Row(
            pn.Column(*map(pn.pane.Bokeh, charts.adoption(results, say)), sizing_mode="stretch_width"),
            pn.Column(*map(pn.pane.Bokeh, charts.retention(results, say)), sizing_mode="stretch_width"),
            sizing_mode="stretch_width",
        )
        self._found[:] = [
            pn.pane.HTML(text, stylesheets=[ANSWER_CSS], sizing_mode="stretch_width"),
            self._exports(self._answer),
            _text(f"<h2>{say('fig_lifts')}</h2>"),
            *map(pn.pane.Bokeh, charts.lifts(results, say)),
            help_texts["fig_lifts_help"],
            curves,
            help_texts["fig_curves_help"],
            help_texts["fig_retention_help"],
            pn.pane.Bokeh(charts.money(results, say)),
            help_texts["fig_money_help"],
        ]

    def _exports(self, answer: Answer) -> pn.Column:
        say = self._say
        yaml = pn.widgets.FileDownload(
            callback=lambda: io.StringIO(answer.plan.as_yaml()), filename=f"{NAME}.yaml", label=say("export_yaml")
        )
        report = pn.widgets.FileDownload(
            callback=lambda: io.BytesIO(answer.report.read_bytes()), filename="report.html", label=say("export_report")
        )
        command = f"<p>{say('reproduce')}</p><pre tabindex='0'>{escape(answer.plan.command)}</pre>"
        return pn.Column(
            _text(f"<h2>{say('exports')}</h2>"),
            pn.Row(yaml, report, margin=0),
            pn.pane.HTML(command, stylesheets=[ANSWER_CSS], sizing_mode="stretch_width"),
            sizing_mode="stretch_width",
        )


_HELPS = ("fig_lifts_help", "fig_curves_help", "fig_retention_help", "fig_money_help")


def _text(html: str, **options: Any) -> pn.pane.HTML:
    return pn.pane.HTML(html, stylesheets=[TEXT_CSS], sizing_mode="stretch_width", **options)
