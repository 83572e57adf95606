"""What leaves the house: one line a chat, in order, at the platform's pace; a chat that fails holds up no other.

A piece is never sent again where it may have arrived, unless it is harmless. Waits are the chat's own: a pause the
platform asks for is kept by that chat alone.
"""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.chat import Address
from bot.wire import LATE, Channel, Pace, Parcel, Piece, SendError

log = logging.getLogger(__name__)

Fate = Literal["sent", "unknown", "never", "gone", "late", "taken"]  # taken: another process has it now
Settle = Callable[[Parcel, Fate, SendError | None], Awaitable[None]]
Moved = Callable[[Address, str], Awaitable[None]]
Count = Callable[[str, str], None]

_BROKEN: Fate = "never"
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_GIVE_UP = 600.0  # seconds: who asked has gone on, and 补发 comes with the next start
_SETUP_PAUSE = 15.0
_MANY_CHATS = 5000


@dataclass(slots=True)
class _Allowance:
    """How often a limit was used: the moments of its last sends."""

    pace: Pace
    used: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until one more may go."""
        while self.used and self.used[0] <= now - self.pace.seconds:
            self.used.popleft()
        if len(self.used) < self.pace.most:
            return 0.0
        return self.used[0] + self.pace.seconds - now


class Sender:
    """Takes parcels and sends them by their channel; each one's fate goes to `settle`."""

    def __init__(self, channels: Iterable[Channel], settle: Settle, moved: Moved, count: Count) -> None:
        """Take what to do with a parcel's fate, with a chat that moved, and what counts sends by channel and fault."""
        self._channels = {channel.name: channel for channel in channels}
        self._settle = settle
        self._moved = moved
        self._count = count
        self._lines: dict[str, deque[Parcel]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._allowances: dict[str, list[_Allowance]] = {}
        self._until: dict[str, float] = defaultdict(float)
        self._resting: set[str] = set()  # chats that wait for their turn, with nothing under way
        self.is_stopping = False

    @property
    def channels(self) -> frozenset[str]:
        """The channels this process can send on."""
        return frozenset(self._channels)

    def serves(self, channel: str) -> bool:
        """Whether this process can send on a channel."""
        return channel in self._channels

    def put(self, parcel: Parcel) -> None:
        """Take a parcel; those of a chat go in the order they came."""
        chat = parcel.to.key
        line = self._lines.get(chat)
        if line is not None:
            line.append(parcel)
            return
        self._lines[chat] = deque([parcel])
        task = asyncio.create_task(self._work(chat))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def waiting(self) -> int:
        """How many parcels are not out."""
        return sum(map(len, self._lines.values()))

    async def stop(self, seconds: float) -> None:
        """Send what can be sent in so many seconds, then let go; what is left is taken up by the next start."""
        self.is_stopping = True
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        for task in set(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self, chat: str) -> None:
        line = self._lines[chat]
        while line:
            parcel = line[0]
            fate: Fate = "unknown" if parcel.begin else _BROKEN
            error: SendError | None = None
            try:
                fate, error = await self._sent(self._channels[parcel.to.channel], parcel)
            except asyncio.CancelledError:
                if chat in self._resting:  # between two tries: nothing of it is on its way
                    for unsent in line:
                        await self._settle(unsent, "late", None)
                raise
            except Exception:
                log.exception("parcel %s", parcel.key)
            try:
                await self._settle(parcel, fate, error)
            except Exception:
                log.exception("fate of parcel %s", parcel.key)
            line.popleft()
        del self._lines[chat]

    async def _sent(self, channel: Channel, parcel: Parcel) -> tuple[Fate, SendError | None]:
        """Send every piece of a parcel; what became of the first that had to be sent and was not, and why."""
        fate: Fate = "sent"
        cause: SendError | None = None
        pieces = deque(channel.pieces(parcel))
        whole = len(pieces)
        while pieces:
            try:
                became, error = await self._piece(channel, parcel, pieces[0], is_first=len(pieces) == whole)
            except SendError as moved:  # the chat has moved: what is left goes after it
                await self._moved(parcel.to, moved.moved_to)
                parcel = replace(parcel, to=replace(parcel.to, chat=moved.moved_to))
                pieces = deque(channel.pieces(parcel)[-len(pieces) :])
                continue
            if became == "unknown" and parcel.repeats and not pieces[0].optional:
                parcel, done = replace(parcel, text=LATE + parcel.text, repeats=False), -len(pieces)
                pieces = deque(channel.pieces(parcel)[done:])
                continue
            began = len(pieces) < whole
            piece = pieces.popleft()
            if became != "sent" and not piece.optional:
                fate, cause = ("unknown" if parcel.begin and began else became), error
                if became != "unknown":  # a part that may have arrived does not keep back the next
                    break
        return fate, cause

    async def _piece(
        self, channel: Channel, parcel: Parcel, piece: Piece, *, is_first: bool
    ) -> tuple[Fate, SendError | None]:
        began, pause = time.monotonic(), _FIRST_PAUSE
        while True:
            await self._turn(channel, parcel, piece)
            try:
                if parcel.begin and not await parcel.begin():
                    return "taken", None
                await channel.post(piece)
            except SendError as error:
                self._count(channel.name, error.fault)
                if error.fault == "moved":
                    raise
                rest = max(error.retry_after, pause, _SETUP_PAUSE if error.fault == "setup" else 0.0)
                if not _goes_on(error, parcel, piece, is_first=is_first):
                    log.warning("%s: %s (%s)", channel.name, error.say, error.fault)
                    if error.fault == "wait":
                        self._until[_lane(channel, piece.chat)] = time.monotonic() + rest
                    return _fate(error), error
                if time.monotonic() - began + rest > _GIVE_UP:
                    log.warning("%s: given up: %s", channel.name, error.say)
                    return "late", error
                self._until[_lane(channel, piece.chat)] = time.monotonic() + rest
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                self._count(channel.name, "ok")
                return "sent", None

    async def _turn(self, channel: Channel, parcel: Parcel, piece: Piece) -> None:
        """Wait for the chat's pause and for every limit, then count this send."""
        lane = _lane(channel, piece.chat)
        while True:
            now = time.monotonic()
            limits = self._limits(channel, parcel, lane)
            wait = max([self._until[lane] - now, *(limit.wait(now) for limit in limits)])
            if wait <= 0:
                for limit in limits:
                    limit.used.append(now)
                self._resting.discard(parcel.to.key)
                return
            self._resting.add(parcel.to.key)
            await asyncio.sleep(wait)

    def _limits(self, channel: Channel, parcel: Parcel, lane: str) -> list[_Allowance]:
        """The allowances a send uses: the channel's, the chat's, and a group's besides."""
        kinds: Mapping[str, str] = {"all": channel.name, "chat": lane}
        if not parcel.to.private:
            kinds = {**kinds, "group": f"{lane} group"}
        found = []
        for kind, name in kinds.items():
            if len(self._allowances) > _MANY_CHATS:
                self._forget()
            if name not in self._allowances:
                self._allowances[name] = [_Allowance(pace) for pace in channel.paces.get(kind, ())]
            found += self._allowances[name]
        return found

    def _forget(self) -> None:
        """Drop the allowances nobody used lately: as good as new ones."""
        now = time.monotonic()
        self._allowances = {
            name: limits
            for name, limits in self._allowances.items()
            if any(limit.wait(now) > 0 or limit.used for limit in limits)
        }


def _lane(channel: Channel, chat: str) -> str:
    return f"{channel.name}:{chat}"


def _goes_on(error: SendError, parcel: Parcel, piece: Piece, *, is_first: bool) -> bool:
    """Whether the piece is tried again here: not where it stands in the outbox, which knows more than this process."""
    if piece.optional or (parcel.begin and is_first):
        return False
    return error.fault in ("wait", "again", "setup") or (error.fault == "unknown" and piece.harmless)


def _fate(error: SendError) -> Fate:
    if error.fault in ("unknown", "gone"):
        return error.fault
    return "late" if error.fault in ("wait", "again", "setup") else "never"
