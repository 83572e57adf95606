"""Work in order within a lane and side by side between lanes; only so much may wait."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

log = logging.getLogger(__name__)

Result = TypeVar("Result")


class Lanes:
    """One line of work a conversation: what came first is done first, and one slow chat holds up no other."""

    def __init__(self, most: int = 1000) -> None:
        """`most` is how much may wait in all lanes together; whoever adds more waits too."""
        self._room = asyncio.Semaphore(most)
        self._last: dict[str, asyncio.Task[Any]] = {}
        self._all: set[asyncio.Task[Any]] = set()

    @property
    def full(self) -> bool:
        """Whether the next to add something would have to wait."""
        return self._room.locked()

    async def add(self, lane: str, work: Callable[[], Awaitable[Result]]) -> "asyncio.Task[Result]":
        """Put work at the end of a lane; the task ends with it, and raises what it raises."""
        await self._room.acquire()
        task = asyncio.create_task(self._do(self._last.get(lane), work))
        self._last[lane] = task
        self._all.add(task)
        task.add_done_callback(lambda done: self._done(lane, done))
        return task

    @staticmethod
    async def _do(before: "asyncio.Task[Any] | None", work: Callable[[], Awaitable[Result]]) -> Result:
        if before is not None:
            await asyncio.wait([before])
        return await work()

    def _done(self, lane: str, task: "asyncio.Task[Any]") -> None:
        self._room.release()
        self._all.discard(task)
        if self._last.get(lane) is task:
            del self._last[lane]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("work for a message failed: %s", type(error).__name__)

    async def finish(self, seconds: float) -> None:
        """Let what is under way end, for so long; then break it off."""
        if self._all:
            _, late = await asyncio.wait(self._all, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
