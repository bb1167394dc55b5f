"""The classroom's stage: a component of our own that draws two markets on canvases and plays them in the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

HERE = Path(__file__).parent


class Stage(JSComponent):
    """Plays days that it asks for, a few ahead of the one that is shown.

    Needs neither a bundler nor a network: the browser gets the code as one plain module.
    """

    world = param.Dict(default={}, doc="what `Lesson.world` tells, and an `id` of its own; empty: nothing to show yet")
    texts = param.Dict(default={}, doc="all words on the stage, by key")

    _esm = "\n".join((HERE / name).read_text(encoding="utf-8") for name in ("scene.js", "curves.js", "stage.js"))
    _stylesheets = [(HERE / "stage.css").read_text(encoding="utf-8")]  # noqa: RUF012 (Panel reads it so)

    def __init__(self, on_ask: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(**params)
        self.on_msg(lambda event: on_ask(event.data))

    def send(self, message: dict[str, Any]) -> None:
        """Send days to the browsers that show this stage."""
        self._send_msg(message)
