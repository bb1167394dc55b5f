"""Work that a page does while its browser goes on: begun from any thread, on the server's event loop."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any


class Tasks:
    """The work of one page.

    A browser's message may arrive in a thread of its own (it does from Panel 1.10 on).

    Args:
        loop: The server's event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._under_way: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        """Begin some work; cancelling what is returned cancels it. What goes wrong in it is printed."""
        return asyncio.run_coroutine_threadsafe(self._watched(work), self._loop)

    async def end(self) -> None:
        """Cancel all work, and wait until none is under way."""
        tasks = set(self._under_way)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _watched(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            await work
        except Exception:
            traceback.print_exc()
        finally:
            self._under_way.discard(task)
