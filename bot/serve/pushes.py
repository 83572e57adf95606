"""What is owed to people and groups, from the outbox to the sender and back: one process's hand in it."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.db import decisions, people
from bot.db.core.engine import Database, sqlite_module
from bot.db.talk import pushing, settling
from bot.db.talk.settling import Desk, Push, Verdict
from bot.sender import Fate, Sender
from bot.wire import LATE, Parcel, SendError

log = logging.getLogger(__name__)

T = TypeVar("T")

_FEW = 50  # in hand: then more are fetched before the next round
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds, while the database is away
_AWAY = (SQLAlchemyError, sqlite_module().Error)
_NOT_IN_THE_GROUP = (
    "（{store}群里发不进去，请转发。要它再能发：在群里重发「/本群」，或请管理员重设群消息推送。）\n{text}"
)


class Pushes:
    """Fetches rows for this process, and writes down what became of them."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """Take the database; `open` brings the sender, in the running loop."""
        self._database = database
        self._now = now
        self._name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(3)}"
        self._hand: dict[int, Push] = {}
        self._fetching = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None

    def open(self, sender: Sender) -> None:
        """Take who sends."""
        self._sender = sender

    async def push(self) -> None:
        """Fetch what is to be sent now and hand it to the sender."""
        async with self._fetching:
            if self._sender.is_stopping:
                return
            parcels = await asyncio.to_thread(self._database.transact, self._fetched)
            for push, parcel in parcels:
                if push.id not in self._hand:
                    self._hand[push.id] = push
                    self._sender.put(parcel)

    async def settle(self, row_id: int, fate: Fate, error: SendError | None) -> None:
        """Write down what became of a row, also where the database is away for a moment; then fetch the next."""
        push = self._hand.get(row_id)
        if push is None:
            return
        try:
            await self._written(lambda conn: self._settled(conn, push, fate, error))
        finally:
            self._hand.pop(row_id, None)
        if len(self._hand) <= _FEW and fate != "late" and (self._next is None or self._next.done()):
            self._next = asyncio.create_task(self._more())

    async def _more(self) -> None:
        try:
            await self.push()
        except _AWAY as error:
            log.warning("no pushes could be fetched: %s", type(error).__name__)

    def _desk(self) -> Desk:
        return Desk(self._name, self._sender.channels, frozenset(self._hand))

    def _fetched(self, conn: Connection) -> list[tuple[Push, Parcel]]:
        return [(push, self._parcel(conn, push)) for push in pushing.claim(conn, self._desk(), self._now())]

    def _parcel(self, conn: Connection, push: Push) -> Parcel:
        to = push.ways[0]
        text = push.told(decisions.veil_of(conn, to.channel))
        if push.store_id and to.private:
            text = _NOT_IN_THE_GROUP.format(store=people.store_name(conn, push.store_id), text=text.strip())
        if push.unsure and push.delivery == "at_least_once" and not text.startswith(LATE):
            text = LATE + text
        return Parcel(
            key=f"push:{push.id}",
            to=to,
            text=text,
            choices=push.choices,
            menu=push.menu_id,
            begin=lambda: self._begun(push),
        )

    async def _begun(self, push: Push) -> bool:
        """Whether it may be sent now; while the database is away nothing may."""
        try:
            return await asyncio.to_thread(
                self._database.transact, lambda conn: settling.begin(conn, push, self._desk(), self._now())
            )
        except _AWAY as error:
            log.warning("a push is not sent now: %s", type(error).__name__)
            return False

    def _settled(self, conn: Connection, push: Push, fate: Fate, error: SendError | None) -> None:
        desk, now = self._desk(), self._now()
        match fate:
            case "sent":
                settling.sent(conn, push, desk, now)
            case "taken":
                settling.release(conn, push, desk)
            case "late" if error is None:
                settling.release(conn, push, desk)
            case _:
                verdict = Verdict(
                    fate,
                    error.say if error else "程序出错",
                    error.fault if error else None,
                    error.retry_after if error else 0.0,
                    error.known_again if error else False,
                )
                settling.failed(conn, push, desk, verdict, now)

    async def _written(self, work: Callable[[Connection], T]) -> T:
        for pause in _PAUSES:
            try:
                return await asyncio.to_thread(self._database.transact, work)
            except _AWAY as error:
                log.warning("what became of a push is written down later: %s", type(error).__name__)
            await asyncio.sleep(pause)
        return await asyncio.to_thread(self._database.transact, work)
