"""Group chats: which store's each is, said by a manager in the group itself."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from bot.chat import Address
from bot.db.core.among import Of
from bot.db.core.ids import new_id
from bot.db.tables import rooms, stores


def placed(conn: Connection, there: Address) -> Address:
    """The address with its store, where it is a store's group."""
    if there.private or there.store is not None:
        return there
    store = conn.execute(
        select(stores.c.code)
        .join(rooms, rooms.c.store_id == stores.c.id)
        .where(rooms.c.channel == there.channel, rooms.c.chat == there.chat)
    ).scalar()
    return replace(there, store=store) if store else there


def settle(conn: Connection, there: Address, store_id: int, staff_id: int, now: datetime) -> None:
    """Make a group the group of a store, whatever it was before."""
    leave(conn, there)
    conn.execute(
        insert(rooms).values(
            id=new_id(), channel=there.channel, chat=there.chat, store_id=store_id, staff_id=staff_id, since_at=now
        )
    )


def move(conn: Connection, there: Address, chat: str) -> None:
    """The group goes on under another name."""
    if conn.execute(select(rooms.c.id).where(rooms.c.channel == there.channel, rooms.c.chat == chat)).first():
        leave(conn, there)
        return
    conn.execute(update(rooms).where(rooms.c.channel == there.channel, rooms.c.chat == there.chat).values(chat=chat))


def leave(conn: Connection, there: Address) -> None:
    """Forget a group."""
    conn.execute(delete(rooms).where(rooms.c.channel == there.channel, rooms.c.chat == there.chat))


def of_store(conn: Connection, store_id: int) -> list[tuple[str, str]]:
    """The groups of a store: channel and chat."""
    found = conn.execute(select(rooms.c.channel, rooms.c.chat).where(rooms.c.store_id == store_id).order_by(rooms.c.id))
    return [(row.channel, row.chat) for row in found]


def reaches(conn: Connection, store_id: int) -> bool:
    """Whether there is a way to write to a store's group."""
    return store_id in reached(conn, [store_id])


_WEBHOOKS = Of(select(stores.c.id).where(stores.c.webhook.is_not(None)), stores.c.id)
_ROOMS = Of(select(rooms.c.store_id), rooms.c.store_id)


def reached(conn: Connection, store_ids: Iterable[int]) -> dict[int, bool]:
    """Those of some stores to whose group there is a way to write."""
    ids = list(store_ids)
    return {row[0]: True for query in (_WEBHOOKS, _ROOMS) for row in query.rows(conn, ids)}
