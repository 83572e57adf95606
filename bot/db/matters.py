"""What is open with a customer: complaints, promises, holds, reminders."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, literal, select, union_all
from sqlalchemy.sql.expression import literal_column

from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.core.types import Moment
from bot.db.tables import complaints, customers, followups
from bot.domain.customers import Matter

_complaints = select(
    complaints.c.id, literal("complaint").label("kind"), complaints.c.number, complaints.c.customer_id,
    complaints.c.store_id, complaints.c.content, complaints.c.urgent, complaints.c.owner_id, complaints.c.opened_at,
    complaints.c.due_at,
).where(complaints.c.state == "open")  # fmt: skip
_followups = select(
    followups.c.id, followups.c.kind, followups.c.number, followups.c.customer_id, followups.c.store_id,
    followups.c.content, literal_column("NULL").label("urgent"), followups.c.owner_id, followups.c.opened_at,
    followups.c.due_at,
).where(followups.c.state == "open")  # fmt: skip

_OPEN_OF = Prepared(
    union_all(
        _complaints.where(complaints.c.customer_id == bindparam("customer")),
        _followups.where(followups.c.customer_id == bindparam("customer")),
    )
)
_COMPLAINT = Prepared(
    _complaints.where(complaints.c.store_id == bindparam("store"), complaints.c.number == bindparam("number"))
)
_AT = Moment()


def open_of(conn: Connection, customer_id: int) -> list[Matter]:
    """Everything open with her, complaints first, then by when it is due."""
    found = [_matter(conn, row) for row in _OPEN_OF.rows(conn, customer=customer_id)]
    return sorted(found, key=lambda m: (m.kind != "complaint", m.due_at is None, m.due_at or m.opened_at, m.id))


def open_complaint(conn: Connection, store_id: int, number: int) -> Matter | None:
    """The open complaint of this number in a store."""
    return next((_matter(conn, row) for row in _COMPLAINT.rows(conn, store=store_id, number=number)), None)


def open_complaints(conn: Connection, store_id: int) -> list[tuple[Matter, str, str]]:
    """All open complaints of a store with the customer's name and number, the one due first at the top."""
    keys = keys_of(conn)
    rows = conn.execute(
        _complaints.add_columns(customers.c.name, customers.c.alias, customers.c.phone)
        .join(customers, customers.c.id == complaints.c.customer_id)
        .where(complaints.c.store_id == store_id)
        .order_by(complaints.c.due_at, complaints.c.id)
    )
    found = []
    for row in rows:
        name = keys.unseal("customers.name", row.customer_id, row.name)
        alias = keys.unseal("customers.alias", row.customer_id, row.alias)
        phone = keys.unseal("customers.phone", row.customer_id, row.phone)
        found.append((_matter(conn, tuple(row)[:10]), name or alias, phone[-4:]))
    return found


def _matter(conn: Connection, row: tuple[Any, ...]) -> Matter:
    row_id, kind, number, customer_id, store_id, content, urgent, owner_id, opened_at, due_at = row
    table = "complaints" if kind == "complaint" else "followups"
    said = keys_of(conn).unseal_json(f"{table}.content", row_id, content)
    return Matter(
        id=row_id,
        kind=kind,
        number=number,
        customer_id=customer_id,
        store_id=store_id,
        text=said["text"],
        facets=tuple(said.get("facets", ())),
        urgent=bool(urgent),
        owner_id=owner_id,
        opened_at=_moment(opened_at),
        due_at=_moment(due_at) if due_at is not None else None,
    )


def _moment(value: Any) -> datetime:  # noqa: ANN401 — a union's column may come converted or not
    if isinstance(value, datetime):
        return value
    moment = _AT.process_result_value(value, None)  # type: ignore[arg-type]  # needs no dialect
    assert moment is not None  # noqa: S101 — only called with a value
    return moment
