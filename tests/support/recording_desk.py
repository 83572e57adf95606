"""A desk that keeps what a channel hands in, for a test to look at."""

import queue
from collections.abc import Callable
from datetime import UTC, datetime

from bot.chat import Incoming
from bot.wire import Event
from tests.support.loops import PATIENCE


class Desk:
    """Keeps what it is handed, each key once; can be told to fail a number of times first."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.fails = 0
        self._now = now
        self._keys: set[str] = set()
        self._came: queue.SimpleQueue[Incoming] = queue.SimpleQueue()

    async def take(self, message: Incoming) -> bool:
        if self.fails:
            self.fails -= 1
            raise OSError("the disk is full")
        if message.key in self._keys:
            return False
        self._keys.add(message.key)
        self._came.put(message)
        return True

    async def tell(self, event: Event) -> bool:
        raise AssertionError(event)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)

    def next(self) -> Incoming:
        return self._came.get(timeout=PATIENCE)

    def is_empty(self) -> bool:
        return self._came.empty()
