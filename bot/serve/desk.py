"""Where channels hand in what comes: whoever waits at the same moment shares one commit."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from bot.actions import events
from bot.chat import Incoming
from bot.db.core.engine import Database
from bot.metrics import Metrics
from bot.relay import Relay
from bot.wire import Event

_MOST_TOGETHER = 256


class Desk:
    """The `Desk` of bot/wire.py over a relay; made and used inside the running loop."""

    def __init__(self, relay: Relay, database: Database, now: Callable[[], datetime], metrics: Metrics) -> None:
        """Take what keeps messages, and the clock."""
        self._relay = relay
        self._database = database
        self._metrics = metrics
        self.now = now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="desk")
        self._waiting: list[tuple[Incoming, asyncio.Future[bool]]] = []
        self._pump: asyncio.Task[None] | None = None

    async def take(self, message: Incoming) -> bool:
        """Keep a message; durable when this returns. False where it had come before."""
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((message, kept))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._keep())
        return await kept

    async def tell(self, event: Event) -> bool:
        """Give an event its effect; durable when this returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._thread, lambda: self._database.transact(lambda conn: events.note(conn, event, self.now()))
        )

    async def close(self) -> None:
        """Keep what still waits, then end."""
        if self._pump:
            await self._pump
        self._thread.shutdown()

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST_TOGETHER], self._waiting[_MOST_TOGETHER:]
            messages = [message for message, _ in batch]
            results = await loop.run_in_executor(self._thread, self._take, messages)
            for (message, kept), result in zip(batch, results, strict=True):
                if kept.done():  # whoever handed it in was cancelled: it is kept all the same
                    continue
                if isinstance(result, Exception):
                    kept.set_exception(result)
                    continue
                kept.set_result(result)
                if result:
                    self._metrics.taken(message.address.channel)

    def _take(self, messages: Sequence[Incoming]) -> list[bool | Exception]:
        """Keep them together; where that fails, each alone, so that one keeps back no other."""
        try:
            return list(self._relay.take(messages))
        except Exception as error:  # noqa: BLE001 — raised again where the message was handed in
            if len(messages) == 1:
                return [error]
        return [self._take([message])[0] for message in messages]
