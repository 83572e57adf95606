"""One run at the console: who speaks, where, at what time, and the names of the messages."""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.chat import Address, Incoming, Outcome
from bot.dispatch import Dispatcher

CHANNEL = "console"
Clock = Callable[[], datetime]


def seat(staff_code: str, store: str | None = None) -> Address:
    """Where somebody at the console speaks: in private, or in the group of a store."""
    if store is None:
        return Address(CHANNEL, staff_code, staff_code)
    return Address(CHANNEL, staff_code, f"store:{store}", private=False, store=store)


def real_time() -> datetime:
    """The clock on the wall."""
    return datetime.now(UTC)


def ticking(start: datetime) -> Clock:
    """A clock that shows `start` first, and one second more each time it is read."""
    seconds = itertools.count()
    return lambda: start + timedelta(seconds=next(seconds))


@dataclass(slots=True)
class Talk:
    """A conversation being held; every line is a new message, whatever was said in earlier runs."""

    dispatcher: Dispatcher
    here: Address
    clock: Clock = real_time
    _run: str = field(default_factory=lambda: secrets.token_hex(8))
    _lines: int = 0

    def say(self, text: str) -> Outcome:
        """Hand one line to the bot and give what became of it."""
        self._lines += 1
        return self.dispatcher.handle(Incoming(f"{self._run}:{self._lines}", self.here, text, self.clock()))
