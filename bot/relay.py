"""The inbox worker: kept messages are handled in the order of their chat, different chats side by side.

A channel calls `take` and may tell its platform "received" when that returns; whatever was kept when the process
ended is handled by the next `start`, and what was handled but not answered is answered then.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from bot.chat import Incoming, Outcome, unpack
from bot.db.core.engine import Database
from bot.db.talk import inbox
from bot.dispatch import Dispatcher

log = logging.getLogger(__name__)

Deliver = Callable[[int, Incoming, Outcome], None]
Count = Callable[[str, str, float], None]
_ABANDONED = timedelta(minutes=1)  # a message nobody took up for so long is another process's, which died


class Relay:
    """Takes messages durably and hands their outcomes to `deliver`, one at a time in each chat."""

    def __init__(
        self, database: Database, dispatcher: Dispatcher, deliver: Deliver, count: Count, threads: int = 4
    ) -> None:
        """Take what delivers an outcome to its channel, on a worker thread, and what counts the handled.

        `deliver` gets the inbox row: `answered` it once the answer is out.
        """
        self._database = database
        self._dispatcher = dispatcher
        self._deliver = deliver
        self._count = count
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="relay")
        self._lock = threading.Lock()
        self._chats: dict[str, deque[tuple[int, Incoming]]] = {}
        self._mine: set[int] = set()

    def start(self) -> tuple[int, int]:
        """Take up what an earlier process left: how many messages to handle, and how many answers to say."""
        left = self._database.transact(lambda conn: list(inbox.waiting(conn)))
        owed = self._database.transact(lambda conn: list(inbox.owed(conn)))
        for row_id, message, answer in owed:
            self._deliver(row_id, message, replace(unpack(answer), repeated=True))
        for row_id, message in left:
            self._queue(row_id, message)
        return len(left), len(owed)

    def sweep(self, now: datetime) -> int:
        """Take up messages another process kept and did not handle within a minute; gives how many."""
        left = self._database.transact(lambda conn: list(inbox.waiting(conn)))
        with self._lock:
            lost = [(row, one) for row, one in left if row not in self._mine and now - one.at > _ABANDONED]
        for row_id, message in lost:
            self._queue(row_id, message)
        return len(lost)

    def take(self, messages: Sequence[Incoming]) -> list[bool]:
        """Keep messages durably, in one commit; False for each that had come before. They are handled by themselves."""
        rows = self._dispatcher.accept(messages)
        for row_id, message in zip(rows, messages, strict=True):
            if row_id is not None:
                self._queue(row_id, message)
        return [row_id is not None for row_id in rows]

    def answered(self, row_ids: Sequence[int]) -> None:
        """Forget these answers: they are out, or will never be."""
        self._database.transact(lambda conn: inbox.answered(conn, row_ids))

    def stop(self) -> None:
        """Finish what is queued, then end."""
        self._pool.shutdown(wait=True)

    def _queue(self, row_id: int, message: Incoming) -> None:
        with self._lock:
            self._mine.add(row_id)
            line = self._chats.get(message.address.key)
            if line is not None:
                line.append((row_id, message))
                return
            self._chats[message.address.key] = deque([(row_id, message)])
        self._pool.submit(self._work, message.address.key)

    def _work(self, chat: str) -> None:
        """Handle a chat's messages until none is left; a failing one does not stop the next."""
        while True:
            with self._lock:
                line = self._chats[chat]
                if not line:
                    del self._chats[chat]
                    return
                row_id, message = line.popleft()
            began = time.perf_counter()
            try:
                outcome = self._dispatcher.handle(message, row_id)
                self._count(message.address.channel, outcome.error or "ok", time.perf_counter() - began)
                self._deliver(row_id, message, outcome)
            except Exception:
                log.exception("message %s of the inbox", row_id)
            with self._lock:
                self._mine.discard(row_id)
