"""Customers by what files know of them, a number or a phone; and whoever is new added, many at once.

For loading only: nobody looks at anybody here, and nothing found is ever shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from bot.db.bulk import reach
from bot.db.bulk.loading import Among, Insert
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_ids
from bot.db.core.prepared import Prepared
from bot.db.customers import PHONE, sealed
from bot.db.segments import stale
from bot.db.tables import customers

_BY_NUMBER = Among(select(customers.c.customer_no, customers.c.id, customers.c.merged_into), customers.c.customer_no)
_BY_PHONE = Among(
    select(customers.c.phone_index, customers.c.id, customers.c.merged_into, customers.c.customer_no),
    customers.c.phone_index,
)
_MERGED = Among(select(customers.c.id, customers.c.merged_into), customers.c.id)
_ADD = Insert(customers)
_COLUMNS = [column.name for column in customers.columns]
_NUMBER = Prepared(
    update(customers)
    .where(customers.c.id == bindparam("customer"), customers.c.customer_no.is_(None))
    .values(customer_no=bindparam("number"))
)


@dataclass(slots=True)
class Known:
    """Ids by customer number and by phone, merges followed; `numbered` are those who have a number already."""

    by_number: dict[str, int]
    by_phone: dict[str, int]
    numbered: set[int]

    def learn(self, other: "Known") -> None:
        """Know what the other knows, too."""
        self.by_number |= other.by_number
        self.by_phone |= other.by_phone
        self.numbered |= other.numbered

    def meet(self, row_id: int, number: str, phone: str) -> None:
        """Know one more."""
        if number:
            self.by_number[number] = row_id
            self.numbered.add(row_id)
        if phone:
            self.by_phone[phone] = row_id


def find(conn: Connection, numbers: Iterable[str], phones: Iterable[str]) -> Known:
    """Whom these numbers and E.164 phones belong to, anywhere in the chain."""
    keys = keys_of(conn)
    merged: dict[int, int] = {}
    by_number = {}
    for number, row_id, into in _BY_NUMBER.rows(conn, sorted(set(numbers))):
        by_number[number] = row_id
        if into:
            merged[row_id] = into
    indexes = {index: phone for phone in sorted(set(phones)) for index in keys.blinds(PHONE, phone)}
    by_phone, numbered = {}, set(by_number.values())
    for index, row_id, into, number in _BY_PHONE.rows(conn, indexes):
        by_phone[indexes[bytes(index)]] = row_id
        if into:
            merged[row_id] = into
        if number:
            numbered.add(row_id)
    heirs = _heirs(conn, merged)
    return Known(
        {number: heirs.get(row_id) or row_id for number, row_id in by_number.items()},
        {phone: heirs.get(row_id) or row_id for phone, row_id in by_phone.items()},
        numbered | {heirs[row_id] for row_id in numbered if row_id in heirs},
    )


def _heirs(conn: Connection, merged: dict[int, int]) -> dict[int, int]:
    """Who stands for each merged customer in the end."""
    heirs = dict(merged)
    while further := {
        row_id: into for row_id, into in _MERGED.rows(conn, sorted(set(heirs.values()))) if into is not None
    }:
        heirs = {row_id: further.get(heir, heir) for row_id, heir in heirs.items()}
    return heirs


def add(conn: Connection, new: Sequence[dict[str, Any]], now: datetime) -> list[int]:
    """Add customers from plain columns (`store_id` among them), ids rising; each is seen in her own store."""
    keys, ids = keys_of(conn), new_ids(len(new))
    blank = dict.fromkeys(_COLUMNS) | {"state": "active", "created_at": now, "changed_at": now}
    rows = []
    for row_id, plain in zip(ids, new, strict=True):
        rows.append(tuple((blank | {"id": row_id} | sealed(keys, row_id, plain)).values()))
    _ADD.run(conn, rows)
    stale.mark(conn, ids)
    reach.admit(
        conn,
        [
            (plain["store_id"], row_id, plain.get("phone") or "", plain.get("created_at", now))
            for row_id, plain in zip(ids, new, strict=True)
        ],
    )
    return list(ids)


def give_number(conn: Connection, customer_id: int, number: str) -> None:
    """Give a customer who has none her number."""
    _NUMBER.run(conn, customer=customer_id, number=number)
