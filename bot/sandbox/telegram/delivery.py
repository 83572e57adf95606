"""Updates on their way to the bot: kept until confirmed, handed out by getUpdates or told to the webhook."""

import asyncio
import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.telegram.faults import UPDATE_KINDS, Faults
from bot.sandbox.telegram.wire import Fields, Json, Refusal, bad

LONGEST_POLL = 50
FIRST_UPDATE = 500_000_001
MOST_LOGGED = 5000
# Never delivered unless asked for by name.
ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}
_KEPT_SECONDS = 24 * 3600
_KEPT_QUERY_SECONDS = 150
_OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update not yet confirmed."""

    id: int
    kind: str
    body: Json
    chat_id: int
    until: float

    @property
    def json(self) -> Json:
        """The update as the Bot API tells it."""
        return {"update_id": self.id, self.kind: self.body}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One handing out of an update; `status` is 0 for a poll, else what the webhook answered (599: nothing)."""

    id: int
    kind: str
    chat_id: int
    at: float
    status: int


class Updates:
    """The queue of updates and whoever waits for them."""

    def __init__(self, now: Callable[[], float], faults: Faults, lock: threading.RLock) -> None:
        self._now = now
        self._faults = faults
        self._lock = lock
        self.allowed: frozenset[str] = frozenset()
        self.waiting: dict[int, Waiting] = {}
        self.log: deque[Delivery] = deque(maxlen=MOST_LOGGED)
        self.webhook_url = ""
        self.polling = threading.Event()  # set while somebody waits in getUpdates
        self._next_id = FIRST_UPDATE
        self._repeats: list[Waiting] = []
        self._bells: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._poller: object = None
        self._conflict = ""

    def skip(self, numbers: int) -> None:
        """Leave out so many numbers."""
        self._next_id += numbers

    def add(self, kind: str, body: Json, chat_id: int) -> int:
        """Queue an update, where the bot wants its kind; returns its number, 0 for none."""
        wanted = kind in self.allowed if self.allowed else kind not in ON_REQUEST
        if not wanted:
            return 0
        with self._lock:
            number = self._next_id
            self._next_id += 1
            kept = _KEPT_QUERY_SECONDS if kind == "callback_query" else _KEPT_SECONDS
            self.waiting[number] = Waiting(number, kind, body, chat_id, self._now() + kept)
        self.ring()
        return number

    def pending(self) -> list[Waiting]:
        """What waits, oldest first; the expired are forgotten."""
        with self._lock:
            for one in [one for one in self.waiting.values() if one.until < self._now()]:
                del self.waiting[one.id]
            return list(self.waiting.values())

    def confirm(self, number: int) -> None:
        """Forget one update: the webhook took it."""
        with self._lock:
            self.waiting.pop(number, None)

    def struck(self, one: Waiting, kind: str) -> bool:
        """Whether a fault of this kind strikes this update now."""
        return self._faults.take(one.kind, one.chat_id, {kind: UPDATE_KINDS[kind]}) is not None

    def note(self, one: Waiting, status: int) -> None:
        """Log a handing out."""
        self.log.append(Delivery(one.id, one.kind, one.chat_id, self._now(), status))

    def listen(self) -> tuple[asyncio.AbstractEventLoop, asyncio.Event]:
        """A bell of the running loop that rings at every change, from whatever thread; give it back to `leave`."""
        bell = (asyncio.get_running_loop(), asyncio.Event())
        self._bells.add(bell)
        return bell

    def leave(self, bell: tuple[asyncio.AbstractEventLoop, asyncio.Event]) -> None:
        """Listen no more."""
        self._bells.discard(bell)

    def ring(self) -> None:
        """Wake everybody who waits."""
        for loop, bell in list(self._bells):
            if not loop.is_closed():
                loop.call_soon_threadsafe(bell.set)

    def end_poll(self, words: str) -> None:
        """Throw the poller out."""
        if self._poller is not None:
            self._poller, self._conflict = None, words
            self.ring()

    def allow(self, fields: Fields) -> None:
        """Take over the kinds of updates a request asks for; none named leaves them as they were."""
        kinds = fields.array("allowed_updates")
        if kinds is not None:
            if not all(isinstance(kind, str) for kind in kinds):
                raise bad("can't parse allowed updates: expected an array of String")
            self.allowed = frozenset(kinds)

    async def poll(self, fields: Fields) -> list[Json]:
        """GetUpdates: forget what lies before the offset, then wait until there is something."""
        if self.webhook_url:
            raise Refusal(409, f"Conflict: {_WEBHOOK_ACTIVE}")
        self.allow(fields)
        seconds = min(max(fields.integer("timeout"), 0), LONGEST_POLL)
        limit = fields.integer("limit")
        limit = limit if 1 <= limit <= 100 else 100
        mine = object()
        self.end_poll(_OTHER_POLLER)
        self._poller = mine
        self._forget(fields.integer("offset"))
        bell = self.listen()
        self.polling.set()
        try:
            async with asyncio.timeout(seconds or None):
                while self._poller is mine and not self.pending() and not self._repeats and seconds:
                    await bell[1].wait()
                    bell[1].clear()
        except TimeoutError:
            pass
        finally:
            self.leave(bell)
            if self._poller is mine:
                self.polling.clear()
        if self._poller is not mine:
            raise Refusal(409, f"Conflict: {self._conflict}")
        self._poller = None
        return self._batch(limit)

    def _forget(self, offset: int) -> None:
        with self._lock:
            if offset < 0:
                kept = sorted(self.waiting)[offset:]
                offset = kept[0] if kept else 0
            for number in [number for number in self.waiting if number < offset]:
                del self.waiting[number]

    def _batch(self, limit: int) -> list[Json]:
        with self._lock:
            batch = [*self._repeats, *(one for one in self.pending() if one not in self._repeats)][:limit]
            self._repeats = []
            if len(batch) > 1 and self.struck(batch[0], "shuffle"):
                batch.reverse()
            for one in batch:
                self.note(one, 0)
                if self.struck(one, "duplicate"):
                    self._repeats.append(one)
        # Each answer is a value of its own: what is told later must not change what was told.
        answer: list[Json] = json.loads(json.dumps([one.json for one in batch]))
        return answer
