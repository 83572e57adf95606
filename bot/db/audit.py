"""Who looked at whom, when, by which command: written in the transaction that looks, never changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from bot.db.core.engine import keys_of
from bot.db.core.ids import new_ids
from bot.db.core.prepared import Prepared
from bot.db.tables import audit, customers, staff, stores
from bot.domain.shop import Staff

_ADD = Prepared(insert(audit))


def add(  # noqa: PLR0913 — an audit row has that many columns
    conn: Connection,
    *,
    at: datetime,
    person: Staff | None,
    command: str,
    outcome: str,
    about: Sequence[int],
    inbox_id: int | None,
    reason: str = "",
) -> None:
    """One row a customer shown, or one without a customer."""
    targets: Sequence[int | None] = about or (None,)
    for row_id, customer_id in zip(new_ids(len(targets)), targets, strict=True):
        _ADD.run(
            conn,
            id=row_id,
            at=at,
            staff_id=person.id if person else None,
            role=person.role if person else None,
            store_id=person.store_id if person else None,
            command=command,
            outcome=outcome,
            customer_id=customer_id,
            reason=keys_of(conn).seal("audit.reason", row_id, reason) if reason else None,
            inbox_id=inbox_id,
        )


def looks_at(conn: Connection, customer_id: int, limit: int = 20) -> list[tuple[datetime, str, str, str, str, str]]:
    """Who looked at her, newest first: when, name, role, store, command, reason."""
    keys = keys_of(conn)
    rows = conn.execute(
        select(audit.c.id, audit.c.at, audit.c.staff_id, audit.c.role, audit.c.command, audit.c.reason,
               staff.c.name, stores.c.name.label("store"))
        .select_from(
            audit.outerjoin(staff, staff.c.id == audit.c.staff_id).outerjoin(stores, stores.c.id == audit.c.store_id)
        )
        .where(audit.c.customer_id == customer_id, audit.c.outcome == "ok")
        .order_by(audit.c.at.desc(), audit.c.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [
        (
            row.at,
            keys.unseal("staff.name", row.staff_id or 0, row.name),
            row.role or "",
            row.store or "",
            row.command,
            keys.unseal("audit.reason", row.id, row.reason),
        )
        for row in rows
    ]


_LAST_SEEN = Prepared(
    select(audit.c.customer_id)
    .select_from(audit.join(customers, customers.c.id == audit.c.customer_id))
    .where(audit.c.staff_id == bindparam("staff"), audit.c.outcome == "ok", audit.c.at >= bindparam("since"))
    .order_by(audit.c.at.desc(), audit.c.id.desc())
    .limit(30)
)


def last_seen(conn: Connection, staff_id: int, since: datetime) -> list[int]:
    """The customers this person looked at since a moment, newest first, each once."""
    return list(dict.fromkeys(row[0] for row in _LAST_SEEN.rows(conn, staff=staff_id, since=since)))


def count(conn: Connection, staff_id: int, command: str, since: datetime) -> int:
    """How often a person used a command since a moment."""
    wanted = select(func.count()).where(
        audit.c.staff_id == staff_id, audit.c.command == command, audit.c.outcome == "ok", audit.c.at >= since
    )
    return int(conn.execute(wanted).scalar_one())
