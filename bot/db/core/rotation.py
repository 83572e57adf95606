"""Changing the master key while the shop works: every seal and index is written anew, a few rows a transaction.

A row somebody changes meanwhile is left to its own new seal (compare and swap). The old key opens what undo still
keeps for thirty days, and may be taken away after that.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Column, Connection, Table, and_, select, update

from bot.db.core.crypto import Keyring
from bot.db.core.engine import Database, keys_of
from bot.db.customers import FIRST7, LAST4, birthday_index, phone_index
from bot.db.facts import day_index
from bot.db.offers.coupons import indexes
from bot.db.tables import coupons, customer_phones, customer_stores, customers, facts, metadata, sealed_columns

_ROWS = 200
Progress = Callable[[str, int], None]


def reseal(database: Database, progress: Progress = lambda _table, _rows: None) -> dict[str, int]:
    """Bring every row to the current key; gives how many rows of each table were written. Safe to run again."""
    done = {}
    for table in metadata.sorted_tables:
        if sealed_columns(table) or table is customer_stores:
            done[table.name] = sum(_table(database, table, progress))
    return done


def _table(database: Database, table: Table, progress: Progress) -> Iterator[int]:
    after: tuple[Any, ...] = ()
    while True:
        last, written = database.transact(lambda conn, start=after: _batch(conn, table, start))  # type: ignore[misc]
        progress(table.name, written)
        yield written
        if last is None:
            return
        after = last


def _batch(conn: Connection, table: Table, after: tuple[Any, ...]) -> tuple[tuple[Any, ...] | None, int]:
    key = list(table.primary_key)
    query = select(table).order_by(*key).limit(_ROWS)
    if after:
        query = query.where(_beyond(key, after))
    rows = conn.execute(query).mappings().all()
    written = sum(_row(conn, table, dict(row)) for row in rows)
    return (tuple(rows[-1][c.name] for c in key) if rows else None), written


def _beyond(key: list[Column[Any]], after: tuple[Any, ...]) -> Any:  # noqa: ANN401 — a condition
    first, *rest = key
    if not rest:
        return first > after[0]
    return (first > after[0]) | and_(first == after[0], rest[0] > after[1])


def _row(conn: Connection, table: Table, row: dict[str, Any]) -> int:
    keys = keys_of(conn)
    old = {c.name: bytes(row[c.name]) for c in sealed_columns(table) if row[c.name] is not None}
    fresh: dict[str, bytes | None] = {}
    if any(blob[1] != keys.current for blob in old.values()):
        row_id = row.get("id") or row["staff_id"]
        fresh = {name: keys.again(f"{table.name}.{name}", row_id, blob) for name, blob in old.items()}
    fresh |= {n: v for n, v in _indexes(conn, keys, table, row).items() if v != row[n]}
    if not fresh:
        return 0
    same = [table.c[name] == value for name, value in old.items()]
    here = [column == row[column.name] for column in table.primary_key]
    return conn.execute(update(table).where(*here, *same).values(**fresh)).rowcount


def _indexes(conn: Connection, keys: Keyring, table: Table, row: dict[str, Any]) -> dict[str, bytes | None]:
    """The blind indexes a row should have under the current key."""
    if table is customers:
        phone = keys.unseal("customers.phone", row["id"], row["phone"])
        birthday = keys.unseal("customers.birthday", row["id"], row["birthday"])
        return {
            "phone_index": phone_index(keys, phone) if phone else None,
            "birthday_index": birthday_index(keys, birthday),
        }
    if table is customer_phones:
        return {"phone_index": phone_index(keys, keys.unseal("customer_phones.phone", row["id"], row["phone"]))}
    if table is coupons:
        return dict(indexes(keys, keys.unseal("coupons.code", row["id"], row["code"])))
    if table is facts:
        return {"day_index": day_index(keys, keys.unseal_json("facts.content", row["id"], row["content"]))}
    if table is customer_stores:
        sealed = conn.execute(select(customers.c.phone).where(customers.c.id == row["customer_id"])).scalar()
        phone = keys.unseal("customers.phone", row["customer_id"], sealed)
        store = row["store_id"]
        seven = phone.removeprefix("+86")[:7]
        return {
            "last4_index": keys.blind(LAST4, f"{store}|{phone[-4:]}", 4) if phone else None,
            "first7_index": keys.blind(FIRST7, f"{store}|{seven}", 4) if row["first7_index"] else None,
        }
    return {}
