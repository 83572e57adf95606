"""Customers as files keep them: rows read and changed many at once, with her numbers, facts and consents.

For loading only: nobody looks at anybody here, and nothing found is ever shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.db import facts
from bot.db.bulk import reach
from bot.db.bulk.edits import Edits, by_hand
from bot.db.bulk.loading import Among, Insert
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.customers import SEALED, sealed, store_indexes
from bot.db.segments import stale
from bot.db.tables import consents, customer_phones, customer_stores, customers
from bot.db.tables import facts as fact_rows

_NAMES = [column.name for column in customers.columns]
_ROWS = Among(select(customers), customers.c.id)
_FACTS = Among(select(fact_rows.c.customer_id, fact_rows.c.id, fact_rows.c.content), fact_rows.c.customer_id)
_CONSENTS = Among(
    select(consents.c.customer_id, consents.c.id, consents.c.kind, consents.c.given).where(
        consents.c.voided_at.is_(None)
    ),
    consents.c.customer_id,
)
_ADD_FACTS = Insert(fact_rows)
_ADD_CONSENTS = Insert(consents)
_HER_STORES = Prepared(select(customer_stores.c.store_id).where(customer_stores.c.customer_id == bindparam("customer")))
_INDEX = Prepared(
    update(customer_stores)
    .where(customer_stores.c.customer_id == bindparam("customer"), customer_stores.c.store_id == bindparam("store"))
    .values(last4_index=bindparam("last4_index"), first7_index=bindparam("first7_index"))
)
_OLD_NUMBER = Prepared(insert(customer_phones))


CONSENT_LIFE = timedelta(days=30)
"""What an old file told and she has not agreed to is dropped after that."""


class NewFact(NamedTuple):
    """Something a file says of a customer; `pending` waits for her yes."""

    kind: str
    value: str
    pending: bool = False


class Member(NamedTuple):
    """A customer who is there: plain columns, what is or was known of her, her consents by kind."""

    id: int
    values: Mapping[str, Any]
    facts: frozenset[tuple[str, str]]
    consents: Mapping[str, bool]


def read(conn: Connection, ids: Iterable[int]) -> dict[int, Member]:
    """These customers, opened. Facts that were struck out count as known: a file does not bring them back."""
    keys, wanted = keys_of(conn), sorted(set(ids))
    known: dict[int, set[tuple[str, str]]] = {}
    for customer_id, fact_id, content in _FACTS.rows(conn, wanted):
        said = keys.unseal_json("facts.content", fact_id, content)
        known.setdefault(customer_id, set()).add((said["kind"], said["value"]))
    agreed: dict[int, dict[str, bool]] = {}
    for customer_id, _, kind, given in sorted(_CONSENTS.rows(conn, wanted)):
        agreed.setdefault(customer_id, {})[kind] = bool(given)
    members = {}
    for row in _ROWS.rows(conn, wanted):
        values = dict(zip(_NAMES, row, strict=True))
        row_id = values["id"]
        for name in SEALED:
            values[name] = keys.unseal(f"customers.{name}", row_id, values[name])
        members[row_id] = Member(row_id, values, frozenset(known.get(row_id, ())), agreed.get(row_id, {}))
    return members


def free(conn: Connection, member: Member, wanted: Mapping[str, Any], edits: Edits) -> dict[str, Any]:
    """What a file may change of what it wants: not what staff wrote by hand."""
    changes = {name: value for name, value in wanted.items() if not _same(member.values[name], value)}
    if changes and member.id in edits:
        kept = by_hand(conn, edits, member.id, member.values)
        return {name: value for name, value in changes.items() if name not in kept}
    return changes


def _same(before: Any, after: Any) -> bool:  # noqa: ANN401 — a column's value
    """Whether two values mean the same; of when she joined only the day is known."""
    if isinstance(before, datetime) and isinstance(after, datetime):
        return abs(before - after) < timedelta(days=1)
    return bool(before == after)


def change(conn: Connection, member: Member, values: Mapping[str, Any], now: datetime) -> None:
    """Change some columns of a customer; a number she had stays on record, a store she moves to sees her."""
    keys = keys_of(conn)
    written = sealed(keys, member.id, {**values, "changed_at": now})
    conn.execute(update(customers).where(customers.c.id == member.id).values(**written))
    if "phone" in values:
        _renumber(conn, member, values["phone"], now)
    if "store_id" in values:
        reach.show(conn, {(values["store_id"], member.id): now})
    if not stale.FOLLOWED.isdisjoint(values):
        stale.mark(conn, [member.id])


def _renumber(conn: Connection, member: Member, phone: str, now: datetime) -> None:
    keys, before = keys_of(conn), member.values["phone"]
    first7 = reach.keeps_first7(conn)
    for (store_id,) in _HER_STORES.rows(conn, customer=member.id):
        _INDEX.run(conn, customer=member.id, store=store_id, **store_indexes(keys, store_id, phone, first7=first7))
    if before:
        row_id = new_id()
        _OLD_NUMBER.run(
            conn,
            id=row_id,
            customer_id=member.id,
            phone=keys.seal("customer_phones.phone", row_id, before),
            phone_index=member.values["phone_index"],
            until_at=now,
        )


def add_facts(conn: Connection, said: Sequence[tuple[int, NewFact]], now: datetime) -> None:
    """Add facts that a file tells, by customer id."""
    keys, rows = keys_of(conn), []
    blank = dict.fromkeys(column.name for column in fact_rows.columns)
    for customer_id, fact in said:
        row = facts.row(
            keys,
            new_id(),
            customer_id,
            {"kind": fact.kind, "value": fact.value},
            state="pending" if fact.pending else "live",
            source="import",
            said_at=now,
            expires_at=now + CONSENT_LIFE if fact.pending else None,
        )
        rows.append(tuple((blank | row).values()))
    _ADD_FACTS.run(conn, rows)


def add_consents(conn: Connection, said: Sequence[tuple[int, str, bool]], now: datetime) -> None:
    """Record what customers agreed to or refused: customer id, kind, yes or no."""
    _ADD_CONSENTS.run(
        conn, [(new_id(), customer_id, kind, given, None, now, None) for customer_id, kind, given in said]
    )
