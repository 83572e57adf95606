"""Many rows at once: whole rows in with one statement, and rows found by many keys.

Rows are tuples in the order of the table's columns; only columns whose type converts cost anything.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import islice
from typing import Any, Literal

from sqlalchemy import Column, Connection, Dialect, Select, Table, bindparam
from sqlalchemy.types import TypeDecorator

from bot.db.core.prepared import Prepared

Row = tuple[Any, ...]
Convert = Callable[[Any], Any]
_SIZES = (4, 30, 250)  # keys a statement: few statement texts, below the parameter limit of both engines


class Insert:
    """INSERT of whole rows; a row that is already there fails, is kept, or is replaced."""

    def __init__(self, table: Table, present: Literal["fail", "keep", "replace"] = "fail") -> None:
        """Prepare nothing but words; the dialect is known at the first use."""
        self._table = table
        self._present = present
        self._ready: dict[str, tuple[str, list[tuple[int, Convert]]]] = {}

    def run(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Insert all the rows."""
        if not rows:
            return
        sql, converts = self._for(conn.dialect)
        driver: Any = conn.connection.driver_connection
        if conn.dialect.name == "postgresql" and self._present == "fail":
            _copy(driver, sql, self._converted(rows, converts))
        else:
            driver.cursor().executemany(sql, self._converted(rows, converts))

    @staticmethod
    def _converted(rows: Sequence[Row], converts: list[tuple[int, Convert]]) -> Iterable[Row]:
        if not converts:
            return rows
        return _convert(rows, converts)

    def _for(self, dialect: Dialect) -> tuple[str, list[tuple[int, Convert]]]:
        if dialect.name not in self._ready:
            converts: list[tuple[int, Convert]] = [
                (place, partial(column.type.process_bind_param, dialect=dialect))
                for place, column in enumerate(self._table.columns)
                if isinstance(column.type, TypeDecorator)  # only our own types convert, to plain integers
            ]
            self._ready[dialect.name] = (self._words(dialect.name), converts)
        return self._ready[dialect.name]

    def _words(self, dialect: str) -> str:
        names = [column.name for column in self._table.columns]
        into = f"{self._table.name} ({', '.join(names)})"
        if dialect == "postgresql" and self._present == "fail":
            return f"COPY {into} FROM STDIN"
        mark = "%s" if dialect == "postgresql" else "?"
        words = f"INSERT INTO {into} VALUES ({', '.join([mark] * len(names))})"  # noqa: S608 — our own names only
        if self._present == "keep":
            words += " ON CONFLICT DO NOTHING"
        elif self._present == "replace":
            keys = [column.name for column in self._table.primary_key]
            rest = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
            words += f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {rest}"
        return words


def _convert(rows: Iterable[Row], converts: list[tuple[int, Convert]]) -> Iterator[Row]:
    for row in rows:
        values = list(row)
        for place, convert in converts:
            values[place] = convert(values[place])
        yield tuple(values)


def _copy(driver: Any, sql: str, rows: Iterable[Row]) -> None:  # noqa: ANN401 — psycopg's connection
    with driver.cursor() as cursor, cursor.copy(sql) as copy:
        for row in rows:
            copy.write_row(row)


class Among:
    """A query of the rows whose `key` is among many values."""

    def __init__(self, query: Select[Any], key: Column[Any]) -> None:
        """Take a query without a limit; its rows come in no particular order."""
        self._queries = {}
        for size in _SIZES:
            wanted = tuple(bindparam(name, type_=key.type) for name in _names(size))
            self._queries[size] = Prepared(query.where(key.in_(wanted)))

    def rows(self, conn: Connection, keys: Iterable[Any]) -> Iterator[Row]:
        """Every row of every key, a few hundred keys a statement."""
        rest = iter(keys)
        while some := list(islice(rest, _SIZES[-1])):
            size = next(size for size in _SIZES if size >= len(some))
            some += [some[-1]] * (size - len(some))
            yield from self._queries[size].rows(conn, **dict(zip(_names(size), some, strict=True)))


@cache
def _names(size: int) -> list[str]:
    return [f"key{number}" for number in range(size)]
