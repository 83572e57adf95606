"""Every message as it came, sealed, once: a repeat is known by the platform's own name for it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, literal_column, select, update

from bot.chat import Address, File, Incoming, Press
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
    body: dict[str, Any] = {"key": message.key, "account": there.account, "chat": there.chat,
                            "private": there.private, "store": there.store, "text": message.text}  # fmt: skip
    if message.press:
        body["press"] = [message.press.menu, message.press.digit]
    if message.files:
        body["files"] = [[file.name, file.path] for file in message.files]
    if message.back:
        body["back"] = dict(message.back)
    if message.quoted:
        body["quoted"] = message.quoted
    added = _adder(conn).run(
        conn,
        id=row_id,
        channel=there.channel,
        key=message.key,
        chat=there.key,
        received_at=message.at,
        body=keys_of(conn).seal_json("inbox.body", row_id, body),
        state=state,
        answer=None,
    )
    return row_id if added else None


_DONE = Prepared(update(inbox).where(inbox.c.id == bindparam("row"), inbox.c.state == "new").values(state="done"))
_OWE = Prepared(
    update(inbox)
    .where(inbox.c.id == bindparam("row"))
    .values(state=literal_column("'owed'"), answer=bindparam("answer"))
)
_KEPT = select(inbox.c.id, inbox.c.channel, inbox.c.received_at, inbox.c.body).order_by(inbox.c.id)
_NEW = Prepared(_KEPT.where(inbox.c.state == literal_column("'new'")))
_OWED = Prepared(_KEPT.add_columns(inbox.c.answer).where(inbox.c.state == literal_column("'owed'")))
_COUNT_NEW = select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.state == literal_column("'new'"))
_COUNT_OWED = select(func.count()).where(inbox.c.state == literal_column("'owed'"))


def finish(conn: Connection, row_id: int) -> bool:
    """Count a kept message as handled, in the transaction of its effect; False where it was before."""
    return _DONE.run(conn, row=row_id) == 1


def owe(conn: Connection, row_id: int, answer: dict[str, Any]) -> None:
    """Keep the answer of a handled message, sealed, until `answered` says that it is out."""
    _OWE.run(conn, row=row_id, answer=keys_of(conn).seal_json("inbox.answer", row_id, answer))


def answered(conn: Connection, row_ids: Sequence[int]) -> None:
    """Forget the answers of these messages: they are out, or will never be."""
    conn.execute(update(inbox).where(inbox.c.id.in_(row_ids)).values(state="done", answer=None))


def waiting(conn: Connection) -> Iterator[tuple[int, Incoming]]:
    """Messages kept but not handled yet, in the order they came."""
    for row in _NEW.rows(conn):
        yield row[0], _message(conn, *row)


def owed(conn: Connection) -> Iterator[tuple[int, Incoming, dict[str, Any]]]:
    """Handled messages whose answer is not out, in the order they came, each with its answer."""
    for *row, answer in _OWED.rows(conn):
        yield row[0], _message(conn, *row), keys_of(conn).unseal_json("inbox.answer", row[0], answer)


def backlog(conn: Connection) -> tuple[int, datetime | None, int]:
    """How many messages nobody has handled, when the oldest of them came, and how many answers are not out."""
    waiting, oldest = conn.execute(_COUNT_NEW).one()
    return waiting, oldest, conn.execute(_COUNT_OWED).scalar_one()


def _message(conn: Connection, row_id: int, channel: str, received_at: datetime, body: bytes) -> Incoming:
    said: dict[str, Any] = keys_of(conn).unseal_json("inbox.body", row_id, body)
    return Incoming(
        said["key"],
        Address(channel, said["account"], said["chat"], said["private"], said["store"]),
        said["text"],
        received_at,
        press=Press(*said["press"]) if "press" in said else None,
        files=tuple(File(*file) for file in said.get("files", ())),
        back=said.get("back", {}),
        quoted=said.get("quoted", ""),
    )


def text_of(conn: Connection, row_id: int) -> str:
    """What was typed in a message, while its body is kept."""
    body = conn.execute(select(inbox.c.body).where(inbox.c.id == row_id)).scalar()
    said = keys_of(conn).unseal_json("inbox.body", row_id, body)
    return str(said["text"]) if said else ""
