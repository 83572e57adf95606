"""Promises, holds and reminders of a store: their numbers, which are open and which are due."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, literal_column, select, update

from bot.db.core.among import Of
from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.tables import customers, followups, job_runs, stores
from bot.domain.customers import Matter

KINDS = ("hold", "promise", "reminder")
_NEXT = Prepared(
    update(stores)
    .where(stores.c.id == bindparam("store"))
    .values(last_followup=stores.c.last_followup + 1)
    .returning(stores.c.last_followup)
)
_COLUMNS = (
    followups.c.id, followups.c.kind, followups.c.number, followups.c.customer_id, followups.c.store_id,
    followups.c.content, followups.c.owner_id, followups.c.opened_at, followups.c.due_at,
)  # fmt: skip
_OPEN = select(*_COLUMNS).where(followups.c.state == literal_column("'open'"))
_BY_NUMBER = Prepared(
    _OPEN.where(followups.c.store_id == bindparam("store"), followups.c.number == bindparam("number"))
)
_BY_ID = Prepared(_OPEN.where(followups.c.store_id == bindparam("store"), followups.c.id == bindparam("row")))
_OF_CUSTOMER = Of(_OPEN.order_by(followups.c.id), followups.c.customer_id)
_OF_STORE = Prepared(
    _OPEN.where(followups.c.store_id == bindparam("store")).order_by(
        followups.c.due_at.is_(None), followups.c.due_at, followups.c.id
    )
)


def next_number(conn: Connection, store_id: int) -> int:
    """The next number of the store's follow-ups; never given twice."""
    return int(_NEXT.rows(conn, store=store_id)[0][0])


def open_numbered(conn: Connection, store_id: int, number: int) -> Matter | None:
    """The open one of this number in a store."""
    return next((_matter(conn, row) for row in _BY_NUMBER.rows(conn, store=store_id, number=number)), None)


def open_one(conn: Connection, store_id: int, row_id: int) -> Matter | None:
    """An open one of a store by its row: the older ones have no number."""
    return next((_matter(conn, row) for row in _BY_ID.rows(conn, store=store_id, row=row_id)), None)


def open_of_store(conn: Connection, store_id: int, kinds: Collection[str] = KINDS) -> list[Matter]:
    """What is open in a store of some kinds, the one due first at the top."""
    return [_matter(conn, row) for row in _OF_STORE.rows(conn, store=store_id) if row[1] in kinds]


def open_of_customer(conn: Connection, customer_id: int) -> list[Matter]:
    """What is open with a customer, in any store, the oldest first."""
    return [_matter(conn, row) for row in _OF_CUSTOMER.rows(conn, [customer_id]) if row[1] in KINDS]


def _matter(conn: Connection, row: Sequence[Any]) -> Matter:
    row_id, kind, number, customer_id, store_id, content, owner_id, opened_at, due_at = row
    said = keys_of(conn).unseal_json("followups.content", row_id, content)
    return Matter(
        id=row_id,
        kind=kind,
        number=number,
        customer_id=customer_id,
        store_id=store_id,
        text=said["text"],
        facets=(),
        urgent=False,
        owner_id=owner_id,
        opened_at=opened_at,
        due_at=due_at,
    )


@dataclass(frozen=True, slots=True)
class Due:
    """One that is due, with whom it is for (her name and last digits, still whole) and whose customer she is."""

    matter: Matter
    name: str
    alias: str
    last4: str
    guide_id: int | None


_DUE = (
    select(*_COLUMNS, customers.c.name, customers.c.alias, customers.c.phone, customers.c.guide_id)
    .join(customers, customers.c.id == followups.c.customer_id)
    .where(
        followups.c.state == literal_column("'open'"),
        followups.c.due_at >= bindparam("start", type_=followups.c.due_at.type),
        followups.c.due_at < bindparam("end", type_=followups.c.due_at.type),
    )
)
_DUE_ANYWHERE, _DUE_IN = Prepared(_DUE), Of(_DUE, followups.c.store_id)


def due_between(
    conn: Connection, start: datetime, end: datetime, store_ids: Collection[int] | None = None
) -> list[Due]:
    """What is open and due from `start` to before `end`, of some stores or of the chain, the earliest first."""
    period = {"start": start, "end": end}
    rows: Iterable[tuple[Any, ...]] = (
        _DUE_ANYWHERE.rows(conn, **period) if store_ids is None else _DUE_IN.rows(conn, store_ids, **period)
    )
    keys, found = keys_of(conn), []
    for row in rows:
        name, alias, phone, guide_id = row[9:]
        customer_id = row[3]
        found.append(
            Due(
                _matter(conn, row[:9]),
                keys.unseal("customers.name", customer_id, name),
                keys.unseal("customers.alias", customer_id, alias),
                keys.unseal("customers.phone", customer_id, phone)[-4:],
                guide_id,
            )
        )
    return sorted(found, key=lambda one: (one.matter.due_at or end, one.matter.id))


_LAST_RUN = Of(
    select(job_runs.c.target, func.max(job_runs.c.slot, type_=job_runs.c.slot.type))
    .where(job_runs.c.job == bindparam("job"), job_runs.c.slot < bindparam("slot", type_=job_runs.c.slot.type))
    .group_by(job_runs.c.target),
    job_runs.c.target,
)


def last_runs(conn: Connection, job: str, targets: Iterable[str], slot: datetime) -> dict[str, datetime]:
    """The slot of a job's last run for each target before this one."""
    return dict(_LAST_RUN.rows(conn, targets, job=job, slot=slot))
