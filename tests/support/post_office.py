"""One process's hand in the outbox, with platforms that answer as a test says and keep what they were told."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from bot.chat import Address
from bot.db import people
from bot.db.core.engine import Database
from bot.db.tables import outbox as table
from bot.db.talk import listing, queueing, rooms
from bot.db.talk.queueing import NewPush
from bot.sender import Sender
from bot.serve.pushes import Pushes
from bot.wire import Desk, Door, Pace, Parcel, Piece, Pulse, SendError
from tests.support.cast import CAST, add_cast

ROOM = "-1001"


@dataclass(slots=True)
class Platform:
    """A platform: `answers` are what it does with the next requests, None: takes it; then it takes everything.

    An answer with `acts` takes it all the same: its outcome is unclear.
    """

    name: str
    told: list[tuple[str, str]] = field(default_factory=list)
    keys: list[tuple[str, ...]] = field(default_factory=list)
    answers: deque[SendError | None] = field(default_factory=deque)
    always: SendError | None = None
    tries: int = 0
    doors: tuple[Door, ...] = ()
    paces: Mapping[str, tuple[Pace, ...]] = field(default_factory=dict)

    async def open(self, desk: Desk) -> None:
        """Nothing to do."""

    async def listen(self) -> None:
        """Nothing comes."""

    def pieces(self, parcel: Parcel) -> list[Piece]:
        """One request for each paragraph that is marked as a part of its own."""
        labels = tuple(choice.label for choice in parcel.choices) if parcel.menu else ()
        return [Piece(parcel.to.chat, {"text": part, "keys": labels}) for part in parcel.text.split("\f")]

    async def post(self, piece: Piece) -> None:
        """Answer as it was told to."""
        self.tries += 1
        answer = self.answers.popleft() if self.answers else self.always
        if answer is None or answer.fault == "unknown" or answer.known_again:
            self.told.append((piece.chat, piece.body["text"]))
            self.keys.append(piece.body["keys"])
        if answer:
            raise answer

    def pulse(self) -> Pulse:
        """Well."""
        return Pulse(True, "")

    async def close(self) -> None:
        """Nothing to do."""


def unclear(*, known_again: bool = False) -> SendError:
    """It was taken, and the answer got lost; an app's message would be known again."""
    error = SendError("again" if known_again else "unknown", "没有答完")
    error.known_again = known_again
    return error


class Office:
    """`Pushes` and a `Sender` in a loop of their own, at a time that stands still."""

    def __init__(self, database: Database, now: datetime, platforms: Mapping[str, Platform] | None = None) -> None:
        """Begin with three platforms that take everything."""
        self.now = now
        self.database = database
        self.platforms = platforms or {name: Platform(name) for name in ("wecom_bot", "wecom", "telegram")}
        self._runner = asyncio.Runner()
        self.sender, self.pushes = self._runner.run(self._made())

    async def _made(self) -> tuple[Sender, Pushes]:
        pushes = Pushes(self.database, lambda: self.now)

        async def settle(parcel: Parcel, fate: Any, error: SendError | None) -> None:
            await pushes.settle(int(parcel.key.partition(":")[2]), fate, error)

        async def moved(there: Address, chat: str) -> None:
            await asyncio.to_thread(self.database.transact, lambda conn: rooms.move(conn, there, chat))

        sender = Sender(self.platforms.values(), settle, moved, lambda _channel, _fault: None)
        pushes.open(sender)
        return sender, pushes

    def __getitem__(self, name: str) -> Platform:
        return self.platforms[name]

    def heard(self, *names: str) -> list[str]:
        """What was told on these platforms, or on all."""
        return [text for name in names or self.platforms for _, text in self.platforms[name].told]

    def push(self, code: str, text: str, **more: Any) -> int | None:
        """Owe somebody of the cast, or (by its code) a store, a push."""
        return self.database.transact(lambda conn: push(conn, code, text, self.now, **more))

    def work(self, **later: float) -> None:
        """Send all there is to send at this time, or so much later."""
        self.now += timedelta(**later)
        self._runner.run(self._worked())

    async def _worked(self) -> None:
        await self.pushes.push()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)

    def lines(self, state: str | None = None) -> list[listing.Line]:
        """The outbox as an operator lists it."""
        return self.database.transact(lambda conn: list(listing.lines(conn, state)))

    @property
    def states(self) -> dict[str, str]:
        """The state of each row, by its key."""
        with self.database.reading() as conn:
            return {row.key: row.state for row in conn.execute(select(table.c.key, table.c.state).order_by(table.c.id))}

    def restart(self) -> None:
        """Begin anew as another process, with the platforms there are now."""
        self.sender, self.pushes = self._runner.run(self._made())

    def close(self) -> None:
        """End the loop."""
        self._runner.close()


def push(conn: Connection, code: str, text: str, now: datetime, **more: Any) -> int | None:
    """A push `once` to somebody of the cast, or to a store by its code; its key is its text unless one is given."""
    store = people.store_by_code(conn, code)
    to = {"store_id": store.id} if store else {"staff_id": people.staff_id_of(conn, code)}
    return queueing.push(conn, NewPush(**{"key": text, "text": text, "delivery": "once", **to, **more}), now)


def bound(conn: Connection, now: datetime, channels: Sequence[str] = ("wecom", "telegram")) -> None:
    """The cast, each with an account on these channels, and the group of store 001."""

    add_cast(conn, now)
    for person in CAST.values():
        staff_id = people.staff_id_of(conn, person.code)
        for channel in channels if staff_id else ():
            people.bind(conn, staff_id or 0, channel, f"{person.code}@{channel}", now)
    store = people.store_by_code(conn, "001")
    manager = people.staff_id_of(conn, "dianzhang") or 0
    assert store
    for channel in ("wecom_bot", "telegram"):
        rooms.settle(conn, Address(channel, "", ROOM, private=False), store.id, manager, now)
