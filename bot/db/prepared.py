"""Statements of the message path: written in Core, compiled once, run on the driver's own cursor.

Core's execute costs a keyed read three times its raw price; a card needs ten statements. Compiled here once a
dialect, the columns' types still convert both ways.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect
from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any] | None


class Prepared:
    """One statement; `rows` and `run` take its bind parameters by name."""

    def __init__(self, statement: ClauseElement) -> None:
        """Take any Core statement without expanding parameters."""
        self._statement = statement
        self._ready: dict[str, _Compiled] = {}

    def rows(self, conn: Connection, **values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 — a row holds anything
        """Run a query; plain tuples, converted by their columns' types."""
        compiled = self._for(conn.dialect)
        found: list[tuple[Any, ...]] = self._cursor(conn, compiled, values).fetchall()
        if not compiled.converts or not found:
            return found
        return [compiled.convert(row) for row in found]

    def run(self, conn: Connection, **values: Any) -> int:  # noqa: ANN401 — a row holds anything
        """Run a write; gives how many rows it touched."""
        touched: int = self._cursor(conn, self._for(conn.dialect), values).rowcount
        return touched

    def run_many(self, conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Run a write once a row."""
        compiled = self._for(conn.dialect)
        driver: Any = conn.connection.driver_connection
        driver.cursor().executemany(compiled.sql, [compiled.bind(row) for row in rows])

    def _cursor(self, conn: Connection, compiled: "_Compiled", values: dict[str, Any]) -> Any:  # noqa: ANN401 — any DBAPI cursor
        driver: Any = conn.connection.driver_connection
        return driver.execute(compiled.sql, compiled.bind(values))

    def _for(self, dialect: Dialect) -> "_Compiled":
        ready = self._ready.get(dialect.name)
        if ready is None:
            ready = self._ready[dialect.name] = _Compiled(self._statement, dialect)
        return ready


class _Compiled:
    """The statement in one dialect's words."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 — tells the type checker; DDL never comes here
        self.sql = str(compiled)
        self._fixed = dict(compiled.params)
        self._order = list(compiled.positiontup) if compiled.positiontup is not None else None
        self._binds = {
            name: convert
            for name, bind in compiled.binds.items()
            if (convert := bind.type.dialect_impl(dialect).bind_processor(dialect))
        }
        columns: Sequence[Any] = getattr(statement, "selected_columns", ())
        self._results: list[Convert] = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
        ]
        self.converts = any(self._results)

    def bind(self, values: dict[str, Any]) -> Any:  # noqa: ANN401 — a tuple or a dict, as the driver likes it
        """Fixed and given values, converted, in the driver's order."""
        filled = {**self._fixed, **values}
        for name, convert in self._binds.items():
            filled[name] = convert(filled[name])
        return filled if self._order is None else tuple([filled[name] for name in self._order])

    def convert(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """One row through its columns' types."""
        return tuple([value if f is None else f(value) for f, value in zip(self._results, row, strict=True)])
