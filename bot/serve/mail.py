"""Outcomes become parcels, pushes too; what became of each is written down."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.chat import Address, Incoming, Outcome, Reply
from bot.db import decisions, logins, people
from bot.db.core.engine import Database
from bot.db.talk import outbox, rooms
from bot.db.talk.outbox import Push
from bot.relay import Relay
from bot.sender import Fate, Sender
from bot.wire import LATE, Parcel

log = logging.getLogger(__name__)

_STALE = timedelta(hours=24)
_WRITE_FIRST = "我还不能私信你：请先点我的头像，给我发一句话，再查一次。"
_STATES: dict[Fate, str] = {"sent": "sent", "unknown": "unknown", "never": "dead", "gone": "due", "late": "due"}
_TO_PEOPLE = ("wecom", "wecom_bot", "telegram")
_TO_STORES = (outbox.WEBHOOK, "wecom_bot", "telegram")


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
        self._tried: dict[int, set[str]] = {}  # ways a push was tried by and found closed

    def open(self, relay: Relay, sender: Sender) -> None:
        """Take who handles and who sends."""
        self._loop = asyncio.get_running_loop()
        self._relay = relay
        self._sender = sender

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

    async def settle(self, parcel: Parcel, fate: Fate) -> None:
        """Write down what became of a parcel; an answer that could not be sent in time is tried again later."""
        kind, _, rest = parcel.key.partition(":")
        if kind == "push":
            await asyncio.to_thread(self._pushed, int(rest), parcel.to, fate)
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

    def begin_pushing(self) -> None:
        """Count as unclear what an earlier process was sending when it ended."""
        self._database.transact(outbox.give_up)

    async def push(self) -> bool:
        """Send what is owed to people and groups without their asking; False: nothing more to do now."""
        for parcel in await asyncio.to_thread(self._database.transact, self._due):
            self._sender.put(parcel)
        return False

    def _due(self, conn: Connection) -> list[Parcel]:
        found = []
        for push in outbox.due(conn, self._sender.channels):
            to = self._where(push)
            if to and outbox.lease(conn, push.id):
                self._tried.setdefault(push.id, set()).add(to.channel)
                found.append(Parcel(f"push:{push.id}", to, push.told(decisions.veil_of(conn, to.channel))))
        return found

    def _where(self, push: Push) -> Address | None:
        """The first place on the ladder that this process can write to."""
        for channel in _TO_PEOPLE if push.store is None else _TO_STORES:
            account = push.accounts.get("wecom" if push.store is None and channel == "wecom_bot" else channel)
            if account and self._sender.serves(channel) and channel not in self._tried.get(push.id, ()):
                return Address(channel, account, account, private=push.store is None, store=push.store)
        return None

    def _pushed(self, row_id: int, to: Address, fate: Fate) -> None:
        """Where one way is closed the next is tried; at the end of a group's ways its managers are told.

        A person who cannot be written to at all hears it with her next answer.
        """

        def work(conn: Connection) -> None:
            outbox.settle(conn, row_id, _STATES[fate])
            if fate == "gone" and to.private:
                logins.block(conn, to.channel, to.account, self._now())
            elif fate == "gone" and not outbox.has_way(
                conn, row_id, self._sender.channels - self._tried.get(row_id, set())
            ):
                outbox.bury(conn, row_id)
                self._tell_managers(conn, row_id, to.store or "")

        self._database.transact(work)
        if fate != "gone":
            self._tried.pop(row_id, None)

    def _tell_managers(self, conn: Connection, row_id: int, code: str) -> None:
        store = people.store_by_code(conn, code)
        for staff_id, _code, _name, role, store_id in people.everyone(conn):
            if store and role == "manager" and store_id == store.id:
                text = f"{store.name}群的播报发不进去了：请在群里重发「/本群」，或请管理员重设群消息推送。"
                outbox.tell(conn, staff_id, f"lost:{row_id}:{staff_id}", text, self._now())
