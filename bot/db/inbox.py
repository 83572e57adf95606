"""Every message as it came, sealed, once: a repeat is known by the platform's own name for it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, bindparam, insert, literal_column, select, update

from bot.chat import Address, Incoming
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.tables import inbox

_ADD = {
    "sqlite": Prepared(insert(inbox).prefix_with("OR IGNORE", dialect="sqlite")),
}


def _adder(conn: Connection) -> Prepared:
    name = conn.dialect.name
    if name not in _ADD:
        from sqlalchemy.dialects.postgresql import insert as pg_insert  # noqa: PLC0415 — only where that engine is used

        _ADD[name] = Prepared(pg_insert(inbox).on_conflict_do_nothing())
    return _ADD[name]


def add(conn: Connection, message: Incoming, *, state: str) -> int | None:
    """Keep a message; None where it had come before."""
    row_id = new_id()
    there = message.address
    body = {"key": message.key, "account": there.account, "chat": there.chat, "private": there.private,
            "store": there.store, "text": message.text}  # fmt: skip
    added = _adder(conn).run(
        conn,
        id=row_id,
        channel=there.channel,
        key=message.key,
        chat=there.key,
        received_at=message.at,
        body=keys_of(conn).seal_json("inbox.body", row_id, body),
        state=state,
    )
    return row_id if added else None


_DONE = Prepared(update(inbox).where(inbox.c.id == bindparam("row"), inbox.c.state == "new").values(state="done"))
_NEW = Prepared(
    select(inbox.c.id, inbox.c.channel, inbox.c.chat, inbox.c.received_at, inbox.c.body)
    .where(inbox.c.state == literal_column("'new'"))
    .order_by(inbox.c.id)
)


def finish(conn: Connection, row_id: int) -> bool:
    """Count a kept message as handled, in the transaction of its effect; False where it was before."""
    return _DONE.run(conn, row=row_id) == 1


def waiting(conn: Connection) -> Iterator[tuple[int, Incoming]]:
    """Messages kept but not handled yet, in the order they came."""
    for row_id, channel, _chat, received_at, body in _NEW.rows(conn):
        said: dict[str, Any] = keys_of(conn).unseal_json("inbox.body", row_id, body)
        there = Address(channel, said["account"], said["chat"], said["private"], said["store"])
        yield row_id, Incoming(said["key"], there, said["text"], received_at)


def text_of(conn: Connection, row_id: int) -> str:
    """What was typed in a message, while its body is kept."""
    body = conn.execute(select(inbox.c.body).where(inbox.c.id == row_id)).scalar()
    said = keys_of(conn).unseal_json("inbox.body", row_id, body)
    return str(said["text"]) if said else ""
