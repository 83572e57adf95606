"""What an import would cost if it were nothing but its INSERTs: the measure that `zhanggui bench` holds it against."""

import time
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from bot.db.core.crypto import Keyring
from bot.db.core.engine import open_database, sqlite_module
from bot.db.tables import (
    chain,
    customer_stats,
    customer_stores,
    customers,
    metadata,
    order_lines,
    orders,
    products,
    stale_segments,
    stores,
)

_TABLES: tuple[Table, ...] = (
    chain, stores, products, customers, customer_stores, orders, order_lines, customer_stats,
    stale_segments,
)  # fmt: skip


def raw_probe(imported: Path, fresh: Path) -> float:
    """Seconds for the rows of an imported SQLite database, ready as they are, into a fresh file by plain executemany.

    The same tables, indexes and durability, one commit, the rows in the sequence of their keys, which is the
    quickest; reading them is not counted. `fresh` must not exist yet.
    """
    database = open_database(f"sqlite:///{fresh}", Keyring({1: bytes(32)}))
    source = sqlite_module().connect(f"file:{imported}?mode=ro", uri=True)
    try:
        database.transact(metadata.create_all)
        with database.reading() as conn:
            return _copied(source, conn.connection.driver_connection)
    finally:
        source.close()
        database.close()


def _copied(source: Any, target: Any) -> float:  # noqa: ANN401 — two driver connections
    seconds = 0.0
    target.execute("BEGIN IMMEDIATE")
    for table in _TABLES:
        keys = ", ".join(column.name for column in table.primary_key)
        names = ", ".join(column.name for column in table.columns)  # a migrated table has them in another sequence
        wanted = f"SELECT {names} FROM {table.name} ORDER BY {keys}"  # noqa: S608 — our own names
        rows = source.execute(wanted).fetchall()
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            began = time.perf_counter()
            into = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 — our own names
            target.executemany(into, rows)
            seconds += time.perf_counter() - began
    began = time.perf_counter()
    target.commit()
    return seconds + time.perf_counter() - began
