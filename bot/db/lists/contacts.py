"""Every time staff reached out to a customer, across stores: the caps are counted from it, and who is tried again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from bot.db.core.among import Of
from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.tables import contacts
from bot.domain.lists.values import Outcome


@dataclass(frozen=True, slots=True)
class Contact:
    """One of them; `again_at`: she is not to be listed before."""

    id: int
    customer_id: int
    store_id: int
    staff_id: int
    row_id: int | None
    outcome: Outcome
    at: datetime
    again_at: datetime | None


_COLUMNS = (
    contacts.c.id, contacts.c.customer_id, contacts.c.store_id, contacts.c.staff_id, contacts.c.row_id,
    contacts.c.outcome, contacts.c.at, contacts.c.again_at,
)  # fmt: skip
_OF = Of(select(*_COLUMNS), contacts.c.customer_id)
_AGAIN = Of(
    select(*_COLUMNS)
    .where(
        contacts.c.again_at >= bindparam("start", type_=contacts.c.again_at.type),
        contacts.c.again_at < bindparam("end", type_=contacts.c.again_at.type),
        or_(contacts.c.outcome == "no_answer", contacts.c.outcome == "later"),
    )
    .order_by(contacts.c.again_at, contacts.c.id),
    contacts.c.store_id,
)
_BY_ID = Prepared(select(*_COLUMNS).where(contacts.c.id == bindparam("contact")))


def of(conn: Connection, customer_ids: Iterable[int]) -> dict[int, list[Contact]]:
    """All contacts of some customers, the oldest first."""
    found: dict[int, list[Contact]] = {}
    for row in sorted(_OF.rows(conn, customer_ids), key=lambda row: (row[6], row[0])):
        found.setdefault(row[1], []).append(Contact(*row))
    return found


def by_id(conn: Connection, contact_id: int) -> Contact | None:
    """The contact of this id."""
    return next((Contact(*row) for row in _BY_ID.rows(conn, contact=contact_id)), None)


def again(conn: Connection, store_ids: Iterable[int], start: datetime, end: datetime) -> dict[int, list[Contact]]:
    """Calls of some stores that were not answered, or put off, and are to be tried again in this time."""
    found: dict[int, list[Contact]] = {}
    for row in _AGAIN.rows(conn, store_ids, start=start, end=end):
        found.setdefault(row[2], []).append(Contact(*row))
    return found


def values(conn: Connection, made: Contact, detail: str) -> dict[str, Any]:
    """The row of a contact; what she said is sealed."""
    said = keys_of(conn).seal("contacts.detail", made.id, detail, note=True) if detail else None
    plain = {name: getattr(made, name) for name in
             ("id", "customer_id", "store_id", "staff_id", "row_id", "outcome", "at", "again_at")}  # fmt: skip
    return {**plain, "detail": said}


def newest(found: Sequence[Contact]) -> Contact | None:
    """The last of her contacts."""
    return found[-1] if found else None
