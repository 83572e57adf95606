"""Outcomes become parcels, pushes too; what became of each is written down."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.chat import Address, Incoming, Outcome, Reply
from bot.db.core.engine import Database
from bot.db.talk import rooms
from bot.relay import Relay
from bot.sender import Fate, Sender
from bot.serve.pushes import Pushes
from bot.wire import LATE, Parcel, SendError

log = logging.getLogger(__name__)

_STALE = timedelta(hours=24)
_WRITE_FIRST = "我还不能私信你：请先点我的头像，给我发一句话，再查一次。"


def parcels(row_id: int, message: Incoming, outcome: Outcome) -> list[Parcel]:
    """What to say of an outcome: the answer where it was asked, and what goes to the asker's own chat."""
    there, reply = message.address, outcome.reply
    found = []
    if reply.text or reply.pictures or reply.documents:
        found.append(_parcel(f"answer:{row_id}", there, reply, message, outcome))
    if reply.private:
        own = Address(there.channel, there.account, there.account)
        private = _parcel(f"answer:{row_id}:private", own, reply.private, message, outcome)
        found.append(replace(private, back={}, pressed=None))
    if outcome.repeated:
        found = [replace(one, text=LATE + one.text) for one in found]
    return found


def _parcel(key: str, to: Address, reply: Reply, message: Incoming, outcome: Outcome) -> Parcel:
    return Parcel(
        key=key,
        to=to,
        text=reply.text,
        choices=reply.choices,
        pictures=reply.pictures,
        documents=reply.documents,
        repeats=True,
        menu=outcome.menu if reply.choices else None,
        back=message.back,
        pressed=message.press,
        settled=outcome.settled,
    )


class Mail:
    """Between the relay's threads and the sender in the loop."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """Take the database; `open` brings the rest, in the running loop."""
        self._database = database
        self._now = now
        self._open: dict[int, int] = {}  # parcels of a message that are not out
        self._asked: dict[str, Address] = {}  # where a private answer was asked for
        self._out: list[int] = []
        self._answers: dict[int, tuple[int, Incoming, Outcome]] = {}  # what is being sent
        self._late: list[tuple[int, Incoming, Outcome]] = []
        self._pushes = Pushes(database, now)

    def open(self, relay: Relay, sender: Sender) -> None:
        """Take who handles and who sends."""
        self._loop = asyncio.get_running_loop()
        self._relay = relay
        self._sender = sender
        self._pushes.open(sender)

    def deliver(self, row_id: int, message: Incoming, outcome: Outcome) -> None:
        """Take an outcome from any thread."""
        self._loop.call_soon_threadsafe(self._put, row_id, message, outcome)

    def _put(self, row_id: int, message: Incoming, outcome: Outcome) -> None:
        found = parcels(row_id, message, outcome)
        stale = outcome.repeated and self._now() - message.at > _STALE
        if not found or stale or not self._sender.serves(message.address.channel):
            if stale:
                self._out.append(row_id)
            return
        self._open[row_id] = len(found)
        self._answers[row_id] = (row_id, message, outcome)
        for parcel in found:
            if parcel.to.private and not message.address.private:
                self._asked[parcel.key] = message.address
            self._sender.put(parcel)

    async def settle(self, parcel: Parcel, fate: Fate, error: SendError | None) -> None:
        """Write down what became of a parcel; an answer that could not be sent in time is tried again later."""
        kind, _, rest = parcel.key.partition(":")
        if kind == "push":
            await self._pushes.settle(int(rest), fate, error)
            return
        if kind == "hint":
            return
        asked = self._asked.pop(parcel.key, None)
        if fate == "gone" and asked:
            self._sender.put(Parcel(f"hint:{parcel.key}", asked, _WRITE_FIRST))
        row_id = int(rest.partition(":")[0])
        if row_id not in self._open:
            return
        if fate == "late":
            del self._open[row_id]
            self._late.append(self._answers.pop(row_id))
            return
        self._open[row_id] -= 1
        if not self._open[row_id]:
            del self._open[row_id], self._answers[row_id]
            self._out.append(row_id)

    async def moved(self, there: Address, chat: str) -> None:
        """A group goes on under another name."""
        await asyncio.to_thread(self._database.transact, lambda conn: rooms.move(conn, there, chat))

    def retry(self) -> None:
        """Try answers again that could not be sent for ten minutes."""
        late, self._late = self._late, []
        for row_id, message, outcome in late:
            self._put(row_id, message, replace(outcome, repeated=True))

    async def flush(self) -> bool:
        """Forget the answers that are out, many in one commit; False: nothing more to do now."""
        out = self._out[:]
        if out:
            await asyncio.to_thread(self._relay.answered, out)
            del self._out[: len(out)]
        return False

    async def push(self) -> bool:
        """Send what is owed to people and groups without their asking; False: nothing more to do now."""
        await self._pushes.push()
        return False
