"""Levers as form fields of our own: a slider with a number that can be typed, or a choice, named for the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from experiments.dashboard.levers import Lever
from experiments.dashboard.texts import Speaker
from simulator import SettingsError

HERE = Path(__file__).parent


class Controls(JSComponent):
    """The fields of some levers, in groups.

    A value may be typed that is out of the slider's range, and out of what the setting allows; whoever uses the values
    finds out.

    Args:
        groups: Levers by the name of their group; the first group is open.
        say: Speaks the labels.
        title: What a group is called now; None for a group that is not set apart.
        on_change: Called after somebody has changed a value.
    """

    groups = param.List(default=[], doc="of each group: name, title, is_open, visible")
    rows = param.List(default=[], doc="of each lever: key, group, label, help, low, high, step, options, visible")
    shown = param.Dict(default={}, doc="the values in the fields, in the units shown")

    _esm = (HERE / "controls.js").read_text(encoding="utf-8")
    _stylesheets = [(HERE / "controls.css").read_text(encoding="utf-8")]  # noqa: RUF012 (Panel reads it so)

    def __init__(
        self,
        groups: Mapping[str, Sequence[Lever]],
        say: Speaker,
        title: Callable[[str], str | None],
        on_change: Callable[[], None],
    ) -> None:
        super().__init__(sizing_mode="stretch_width", margin=(5, 10))
        self._levers = {lever.key: (group, lever) for group, levers in groups.items() for lever in levers}
        self._names, self._title, self._say = list(groups), title, say
        self._visible = set(self._levers)
        self._is_resetting = False
        self.reset()
        say.saying(self._tell)

        def changed(_: Any) -> None:
            if not self._is_resetting:
                on_change()

        self.param.watch(changed, "shown")

    def show(self, keys: Callable[[str], bool]) -> None:
        """Show the levers of these settings and hide the others."""
        visible = {key for key in self._levers if keys(key)}
        if visible != self._visible:
            self._visible = visible
            self._tell()

    def values(self) -> dict[str, Any]:
        """The values of the levers that are shown, by dotted key, in the units of the settings."""
        return {
            key: lever.setting(self.shown.get(key)) for key, (_, lever) in self._levers.items() if key in self._visible
        }

    def reset(self) -> None:
        """All levers as they stood at first; `on_change` is not called."""
        self._is_resetting = True
        self.shown = {key: lever.shown(lever.default) for key, (_, lever) in self._levers.items()}
        self._is_resetting = False

    def explained(self, error: SettingsError) -> str:
        """The first mistake in one line, with what its setting is called here in front."""
        line = str(error).splitlines()[0]
        key = re.split("[=: ]", line)[0]
        return f"{self._levers[key][1].label(self._say)} — {line}" if key in self._levers else line

    def _tell(self) -> None:
        """Write everything anew, in the language spoken."""
        used = {group for key, (group, _) in self._levers.items() if key in self._visible}
        self.rows = [self._row(group, lever) for group, lever in self._levers.values()]
        self.groups = [
            {"name": name, "title": self._title(name), "is_open": place <= 1, "visible": name in used}
            for place, name in enumerate(self._names)
        ]

    def _row(self, group: str, lever: Lever) -> dict[str, Any]:
        facts, say = lever.facts, self._say
        allowed = " ".join(filter(None, (facts.allowed, facts.unit)))
        return {
            "key": lever.key,
            "group": group,
            "label": lever.label(say),
            "help": say.choose(
                f"{facts.meaning}. In a file: {facts.key} ({allowed}; usually {facts.default})",
                f"{lever.chinese}。在文件中：{facts.key}（{allowed}；默认 {facts.default}）",
            ),
            "low": lever.low,
            "high": lever.high,
            "step": lever.step,
            "options": [[option, say.choose(*words)] for option, words in lever.options.items()],
            "visible": lever.key in self._visible,
        }
