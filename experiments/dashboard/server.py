"""The server: a page of its own for every browser, and an end to its work when the browser has gone."""

from __future__ import annotations

import asyncio
import tempfile
import weakref
from pathlib import Path
from typing import Any

import panel as pn
from bokeh.server.server import Server
from panel.io.resources import LOCAL_DIST
from tornado.websocket import WebSocketClosedError

from experiments.dashboard.classroom import Classroom
from experiments.dashboard.style import PAGE_CSS, TEXT_CSS
from experiments.dashboard.tasks import Tasks
from experiments.dashboard.texts import Speaker, preferred
from experiments.dashboard.trial import Desk
from experiments.dashboard.what_if import WhatIf
from experiments.views.vocabulary import Language

FORGET_MILLISECONDS = 8_000
"""How long a browser may be away, on a bad line or because it was closed, before its work is given up."""
_open: weakref.WeakSet[Session] = weakref.WeakSet()


class Session:
    """One browser's page: two rooms, a language, and a folder that goes with it.

    Args:
        desk: Computes comparisons, for all browsers.
        language: The language to begin with.
        loop: The server's event loop.
    """

    def __init__(self, desk: Desk, language: Language, loop: asyncio.AbstractEventLoop) -> None:
        self.say, self._loop = Speaker(language), loop
        self._tasks = Tasks(loop)
        self._folder = tempfile.TemporaryDirectory(prefix="pintuan-", ignore_cleanup_errors=True)
        self.what_if = WhatIf(self.say, desk, Path(self._folder.name), self._tasks)
        self.classroom = Classroom(self.say, self._tasks)
        self.rooms = pn.widgets.RadioButtonGroup(options=["what_if", "classroom"], value="what_if", margin=(8, 10))
        self.language = pn.widgets.Button(width=90, margin=(8, 10))
        self.language.on_click(lambda _: self._switch())
        self.rooms.param.watch(lambda _: self._enter(), "value")
        self._enter()
        self.page = pn.Column(self._header(), self.what_if.view, self.classroom.view, sizing_mode="stretch_width")
        _open.add(self)

    def _header(self) -> pn.Row:
        title = pn.pane.HTML(stylesheets=[TEXT_CSS], margin=(0, 10))

        def say() -> None:
            title.object = f"<h1>{self.say('title')}</h1>"
            self.rooms.options = {self.say(room): room for room in ("what_if", "classroom")}
            self.language.name = self.say("other_language")

        self.say.saying(say)
        return pn.Row(
            title, self.rooms, pn.Spacer(sizing_mode="stretch_width"), self.language, sizing_mode="stretch_width"
        )

    def _enter(self) -> None:
        in_class = self.rooms.value == "classroom"
        self.what_if.view.visible, self.classroom.view.visible = not in_class, in_class
        if in_class:
            self.classroom.open()

    def _switch(self) -> None:
        with pn.io.hold():  # all words in one message
            self.say.speak("zh" if self.say.language == "en" else "en")

    def leave(self) -> None:
        """The browser has gone: end its work, then remove its files."""
        asyncio.run_coroutine_threadsafe(self._leave(), self._loop)

    async def _leave(self) -> None:
        await self._tasks.end()
        self.remove()

    def remove(self) -> None:
        """Remove the files."""
        self._folder.cleanup()


def make_server(host: str, port: int, desk: Desk) -> Server:
    """A server that listens, and begins to answer when it is run.

    Args:
        host: Address to listen on; only pages of this address may talk to the server.
        port: Port to listen on.
        desk: Computes the comparisons of all browsers.

    Raises:
        OSError: If the address or the port cannot be had.
    """

    def page() -> pn.viewable.Viewable:
        # A page that is slower to load than a session is kept gets a new one over its socket. No page was made for that
        # one, which would have told where style sheets are, so that Panel would look for them outside.
        pn.state.curdoc.template_variables["dist_url"] = LOCAL_DIST
        language = preferred((pn.state.headers or {}).get("Accept-Language", ""))
        session = Session(desk, language, server.io_loop.asyncio_loop)
        pn.state.on_session_destroyed(lambda _: session.leave())
        return session.page

    pn.extension(raw_css=[PAGE_CSS])
    names = {host, "localhost", "127.0.0.1"} if host in ("localhost", "127.0.0.1") else {host}
    server: Server = pn.serve(
        {"/": page},
        address=host,
        port=port,
        websocket_origin=[f"{name}:{port}" for name in sorted(names)],
        title="Pintuan",
        show=False,
        start=False,
        verbose=False,
        unused_session_lifetime_milliseconds=FORGET_MILLISECONDS,
        check_unused_sessions_milliseconds=FORGET_MILLISECONDS // 4,
    )
    return server


def serve(host: str, port: int, show: bool) -> None:
    """Serve the dashboard until it is interrupted.

    Args:
        host: As for `make_server`.
        port: As for `make_server`.
        show: Whether to open it in the browser.

    Raises:
        OSError: If the address or the port cannot be had.
    """
    desk = Desk()
    server = make_server(host, port, desk)
    server.io_loop.asyncio_loop.set_exception_handler(_unless_gone)
    print(f"The dashboard is at http://{host}:{port}/ (Ctrl-C ends it).", flush=True)
    if show:
        server.io_loop.add_callback(server.show, "/")
    try:
        server.run_until_shutdown()
    finally:
        desk.close()
        for session in list(_open):
            session.remove()


def _unless_gone(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report what went wrong, unless it is that a browser went while it was being told something."""
    if not isinstance(context.get("exception"), WebSocketClosedError):
        loop.default_exception_handler(context)
