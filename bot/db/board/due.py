"""What is open in stores and when it is due, as counts; and the few matters that are told one by one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, case, cast, func, select

from bot.db.core.among import Of
from bot.db.core.engine import keys_of
from bot.db.core.types import Moment
from bot.db.tables import complaints, customers, followups
from bot.domain.board.days import Due

_UNTIL, _NOW = bindparam("until", type_=Moment()), bindparam("now", type_=Moment())


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.sum(case((condition, 1), else_=0)), BigInteger)


_FOLLOWUPS = Of(
    select(followups.c.store_id, followups.c.kind, func.count(), _count(followups.c.due_at < _NOW))
    .where(followups.c.state == "open", followups.c.due_at < _UNTIL)
    .group_by(followups.c.store_id, followups.c.kind),
    followups.c.store_id,
)
_COMPLAINTS = Of(
    select(
        complaints.c.store_id,
        func.count(),
        _count(complaints.c.due_at < _UNTIL),
        _count(complaints.c.due_at < _NOW),
    )
    .where(complaints.c.state == "open")
    .group_by(complaints.c.store_id),
    complaints.c.store_id,
)
NOTHING = Due()


def counts(conn: Connection, store_ids: Iterable[int], now: datetime, until: datetime) -> dict[int, Due]:
    """What is open in each store and due before a moment."""
    ids = list(store_ids)
    kinds: defaultdict[int, dict[str, int]] = defaultdict(dict)
    late: defaultdict[int, int] = defaultdict(int)
    for store_id, kind, many, over in _FOLLOWUPS.rows(conn, ids, now=now, until=until):
        kinds[store_id][kind] = many
        late[store_id] += over
    told = {row[0]: row[1:] for row in _COMPLAINTS.rows(conn, ids, now=now, until=until)}
    return {
        store_id: Due(kinds.get(store_id, {}), late.get(store_id, 0), *told.get(store_id, (0, 0, 0)))
        for store_id in {*kinds, *told}
    }


class Open(NamedTuple):
    """Something open, with whom it is with; `text` and `facets` are what was noted."""

    kind: str
    number: int | None
    customer_id: int
    text: str
    facets: tuple[str, ...]
    urgent: bool
    owner_id: int | None
    due_at: datetime | None
    name: str
    last4: str


_WHO = (customers.c.name, customers.c.alias, customers.c.phone)
_STILL_OPEN = Of(
    select(
        complaints.c.store_id, complaints.c.id, complaints.c.number, complaints.c.customer_id, complaints.c.content,
        complaints.c.urgent, complaints.c.owner_id, complaints.c.due_at, *_WHO,
    )
    .join(customers, customers.c.id == complaints.c.customer_id)
    .where(complaints.c.state == "open")
    .order_by(complaints.c.due_at, complaints.c.id),
    complaints.c.store_id,
)  # fmt: skip
_DUE = Of(
    select(
        followups.c.store_id, followups.c.id, followups.c.number, followups.c.customer_id, followups.c.content,
        followups.c.kind, followups.c.owner_id, followups.c.due_at, *_WHO,
    )
    .join(customers, customers.c.id == followups.c.customer_id)
    .where(followups.c.state == "open", followups.c.due_at < _UNTIL)
    .order_by(followups.c.due_at, followups.c.id),
    followups.c.store_id,
)  # fmt: skip


def open_complaints(conn: Connection, store_ids: Iterable[int], most: int) -> dict[int, list[Open]]:
    """The open complaints of each store, so many at most, the one due first at the top."""
    return {
        store_id: [
            _told(conn, "complaints", (*row[:4], "complaint", *row[5:]), urgent=bool(row[4])) for row in some[:most]
        ]
        for store_id, some in _by_store(_STILL_OPEN.rows(conn, store_ids)).items()
    }


def open_followups(conn: Connection, store_ids: Iterable[int], until: datetime, most: int) -> dict[int, list[Open]]:
    """Promises, holds and reminders of each store that are due before a moment, so many at most, the earliest first."""
    return {
        store_id: [_told(conn, "followups", row, urgent=False) for row in some[:most]]
        for store_id, some in _by_store(_DUE.rows(conn, store_ids, until=until)).items()
    }


def _by_store(rows: Iterable[Sequence[Any]]) -> dict[int, list[Sequence[Any]]]:
    found: defaultdict[int, list[Sequence[Any]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row[1:])
    return found


def _told(conn: Connection, table: str, row: Sequence[Any], *, urgent: bool) -> Open:
    row_id, number, customer_id, content, kind, owner_id, due_at, name, alias, phone = row
    keys = keys_of(conn)
    said = keys.unseal_json(f"{table}.content", row_id, content)
    opened = [
        keys.unseal(f"customers.{column}", customer_id, sealed)
        for column, sealed in (("name", name), ("alias", alias), ("phone", phone))
    ]
    return Open(
        str(kind),
        number,
        customer_id,
        said["text"],
        tuple(said.get("facets", ())),
        bool(urgent),
        owner_id,
        due_at,
        opened[0] or opened[1],
        opened[2][-4:],
    )
