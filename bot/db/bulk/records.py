"""Rows of stores, staff and products as plain values by their code, for files that add or change many."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, select, update

from bot.db.bulk.loading import Among, Insert
from bot.db.core.engine import keys_of
from bot.db.tables import products, staff, stores


class Stored(NamedTuple):
    """A row that is there: its id and its plain values by column."""

    id: int
    values: Mapping[str, Any]


class Records:
    """One table with a column `code`; `sealed` columns are opened and sealed on the way."""

    def __init__(self, table: Table, sealed: Collection[str] = ()) -> None:
        """Prepare its statements."""
        self._table = table
        self._sealed = sealed
        self._names = [column.name for column in table.columns]
        self._find = Among(select(table), table.c.code)
        self._add = Insert(table)

    def find(self, conn: Connection, codes: Iterable[str]) -> dict[str, Stored]:
        """The rows of these codes."""
        keys, found = keys_of(conn), {}
        for row in self._find.rows(conn, codes):
            values = dict(zip(self._names, row, strict=True))
            row_id = values["id"]
            for name in self._sealed:
                values[name] = keys.unseal(f"{self._table.name}.{name}", row_id, values[name])
            found[values["code"]] = Stored(row_id, values)
        return found

    def add(self, conn: Connection, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
        """Add rows whose ids were chosen; columns they do not give are empty."""
        blank = dict.fromkeys(self._names)
        self._add.run(
            conn,
            [tuple((blank | {"id": row_id} | self._closed(conn, row_id, values)).values()) for row_id, values in rows],
        )

    def change(self, conn: Connection, row_id: int, values: Mapping[str, Any]) -> None:
        """Change some columns of a row."""
        conn.execute(update(self._table).where(self._table.c.id == row_id).values(**self._closed(conn, row_id, values)))

    def _closed(self, conn: Connection, row_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
        keys = keys_of(conn)
        return {
            name: keys.seal(f"{self._table.name}.{name}", row_id, value) if name in self._sealed else value
            for name, value in values.items()
        }


STORES = Records(stores)
STAFF = Records(staff, {"name"})
PRODUCTS = Records(products)
