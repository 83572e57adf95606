"""What many tests begin with, made once a process and then copied row by row: making it costs ten times as much."""

from collections.abc import Callable, Hashable
from typing import Any

import psycopg
from sqlalchemy import Connection

from bot.db.core.crypto import Keyring
from bot.db.core.engine import keys_of
from bot.db.segments import away
from bot.db.tables import metadata

Rows = dict[str, list[tuple[object, ...]]]
_made: dict[Hashable, tuple[Keyring, Rows]] = {}


def fill(conn: Connection, make: Callable[[], None], *kind: Hashable) -> None:
    """Let `make` fill a fresh database, or copy what it made before for an equal `kind`, engine and keys."""
    keys = keys_of(conn)
    key = (*kind, conn.dialect.name, id(keys))
    away._known.cache_clear()  # it knows stores by their ids, which are now the same in another database
    has_begun = conn.exec_driver_sql("SELECT 1 FROM chain").first() is not None
    if key in _made and not has_begun:
        _copy(conn, _made[key][1])
        return
    was_empty = not has_begun and not _rows(conn)
    make()
    if was_empty:
        _made[key] = (keys, _rows(conn))  # the keys are kept, so that their id stays theirs


def _rows(conn: Connection) -> Rows:
    """Every row of every table as the driver gives it, less those of tables that have none."""
    names = [table.name for table in metadata.sorted_tables]
    found = {name: conn.exec_driver_sql(f'SELECT * FROM "{name}"').all() for name in names}  # noqa: S608 — our names
    return {name: list(map(tuple, rows)) for name, rows in found.items() if rows}


def _copy(conn: Connection, rows: Rows) -> None:
    """Write rows with the driver alone: a fresh engine compiles each statement anew, which costs most of the time."""
    driver: Any = conn.connection.driver_connection
    if conn.dialect.name == "postgresql":
        cursor = psycopg.ClientCursor(driver)
        cursor.execute(";".join(_insert(cursor, name, several) for name, several in rows.items()))
        return
    for name, several in rows.items():
        places = ",".join("?" * len(several[0]))
        driver.executemany(f'INSERT INTO "{name}" VALUES ({places})', several)  # noqa: S608 — our names


def _insert(cursor: psycopg.ClientCursor[Any], name: str, rows: list[tuple[object, ...]]) -> str:
    """One statement with its values in it, so that all of them go to the server together."""
    row = f"({','.join(['%s'] * len(rows[0]))})"
    values = [value for one in rows for value in one]
    return cursor.mogrify(f'INSERT INTO "{name}" VALUES {",".join([row] * len(rows))}', values)  # noqa: S608
