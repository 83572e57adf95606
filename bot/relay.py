"""The inbox worker: kept messages are handled in the order of their chat, different chats side by side.

A channel calls `take` and may tell its platform "received" when that returns; whatever was kept when the process
ended is handled by the next `start`.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bot.chat import Address, Incoming, Outcome
from bot.db import inbox
from bot.db.core.engine import Database
from bot.dispatch import Dispatcher

log = logging.getLogger(__name__)

Deliver = Callable[[Address, Outcome], None]


class Relay:
    """Takes messages durably and hands their outcomes to `deliver`, one at a time in each chat."""

    def __init__(self, database: Database, dispatcher: Dispatcher, deliver: Deliver, threads: int = 4) -> None:
        """Take what delivers an outcome to its channel; it runs on a worker thread, outside any transaction."""
        self._database = database
        self._dispatcher = dispatcher
        self._deliver = deliver
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="relay")
        self._lock = threading.Lock()
        self._chats: dict[str, deque[tuple[int, Incoming]]] = {}

    def start(self) -> int:
        """Take up what an earlier process kept but did not handle; gives how many."""
        left = self._database.transact(lambda conn: list(inbox.waiting(conn)))
        for row_id, message in left:
            self._queue(row_id, message)
        return len(left)

    def take(self, message: Incoming) -> bool:
        """Keep a message durably; False where it had come before. Its handling follows by itself."""
        row_id = self._dispatcher.accept(message)
        if row_id is None:
            return False
        self._queue(row_id, message)
        return True

    def stop(self) -> None:
        """Finish what is queued, then end."""
        self._pool.shutdown(wait=True)

    def _queue(self, row_id: int, message: Incoming) -> None:
        with self._lock:
            line = self._chats.get(message.address.key)
            if line is not None:
                line.append((row_id, message))
                return
            self._chats[message.address.key] = deque([(row_id, message)])
        self._pool.submit(self._work, message.address.key)

    def _work(self, chat: str) -> None:
        """Handle a chat's messages until none is left; a failing delivery does not stop the next."""
        while True:
            with self._lock:
                line = self._chats[chat]
                if not line:
                    del self._chats[chat]
                    return
                row_id, message = line.popleft()
            try:
                outcome = self._dispatcher.handle(message, row_id)
                self._deliver(message.address, outcome)
            except Exception:
                log.exception("message %s of the inbox", row_id)
