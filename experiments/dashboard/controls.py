"""Levers as widgets: a slider with a number that can be typed, or a choice, with its unit and what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import panel as pn

from experiments.dashboard.levers import Lever
from experiments.dashboard.texts import Speaker


class Controls:
    """The widgets of some levers.

    A value may be typed that is out of the slider's range, and out of what the setting allows; whoever uses the values
    finds out.

    Args:
        levers: What can be changed.
        say: Speaks the labels.
        on_change: Called after a value was changed; a slider is let go of first.
    """

    def __init__(self, levers: Sequence[Lever], say: Speaker, on_change: Callable[[], None]) -> None:
        self._levers = levers
        self._say = say
        self._widgets = {lever.key: _widget(lever) for lever in levers}
        self._rows = {lever.key: self._row(lever) for lever in levers}
        self._is_resetting = False

        def changed(_: Any) -> None:
            if not self._is_resetting:
                on_change()

        for lever in levers:
            widget = self._widgets[lever.key]
            widget.param.watch(changed, "value" if lever.is_choice else "value_throttled")

    def __getitem__(self, key: str) -> Any:
        """The widget of a setting."""
        return self._widgets[key]

    @property
    def rows(self) -> list[pn.Row]:
        return list(self._rows.values())

    def show(self, keys: Callable[[str], bool]) -> bool:
        """Show the levers of these settings and hide the others; whether any is left."""
        for key, row in self._rows.items():
            row.visible = keys(key)
        return any(row.visible for row in self._rows.values())

    def values(self) -> dict[str, Any]:
        """The values of the levers that are shown, by dotted key, in the units of the settings."""
        return {
            lever.key: lever.setting(self._widgets[lever.key].value)
            for lever in self._levers
            if self._rows[lever.key].visible and self._widgets[lever.key].value is not None
        }

    def reset(self) -> None:
        """All levers as they stood at first; `on_change` is not called."""
        self._is_resetting = True
        for lever in self._levers:
            self._widgets[lever.key].value = lever.shown(lever.default)
        self._is_resetting = False

    def label_of(self, key: str) -> str:
        """What a setting is called here; empty for one that is no lever."""
        return next((lever.label(self._say) for lever in self._levers if lever.key == key), "")

    def _row(self, lever: Lever) -> pn.Row:
        widget = self._widgets[lever.key]
        hint = pn.widgets.TooltipIcon(margin=(18, 0, 0, 0))

        def say() -> None:
            facts = lever.facts
            widget.name = lever.label(self._say)
            if lever.is_choice:
                widget.options = _options(lever, self._say)
            allowed = " ".join(filter(None, (facts.allowed, facts.unit)))
            hint.value = self._say.choose(
                f"{facts.meaning}. In a file: {facts.key} ({allowed}; usually {facts.default})",
                f"{lever.chinese}。在文件中:{facts.key}({allowed};默认 {facts.default})",
            )

        self._say.saying(say)
        return pn.Row(widget, hint, sizing_mode="stretch_width", margin=0)


def _widget(lever: Lever) -> Any:
    start = lever.shown(lever.default)
    if lever.is_choice:
        return pn.widgets.Select(options=list(lever.options), value=start, sizing_mode="stretch_width")
    kind = pn.widgets.EditableIntSlider if lever.is_whole else pn.widgets.EditableFloatSlider
    low, high, step = (int(x) if lever.is_whole else x for x in (lever.low, lever.high, lever.step))
    return kind(start=low, end=high, step=step, value=start, sizing_mode="stretch_width")


def _options(lever: Lever, say: Speaker) -> Mapping[str, str]:
    return {say.choose(*words): option for option, words in lever.options.items()}
