"""Statements of the message path: written in Core, compiled once, run on the driver's own cursor.

Core's execute costs a keyed read three times its raw price; a card needs ten statements. Compiled here once a
dialect, the columns' types still convert both ways. Fixed words are part of the text: SQLite plans a statement anew
each time a value is bound that decides whether a partial index may be used.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import BindParameter, ClauseElement, ColumnClause, Connection, Dialect, literal_column
from sqlalchemy.sql import visitors
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
        spelled = cast("ClauseElement", visitors.replacement_traverse(statement, {}, _spell))
        compiled = spelled.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 — tells the type checker; DDL never comes here
        self.sql = str(compiled)
        types = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
        fixed = compiled.params  # made anew each time it is asked for
        self._names = compiled.positiontup or list(fixed)
        self._by_place = compiled.positiontup is not None
        self._binds: list[tuple[str, Any, Convert]] = [
            (name, fixed[name], types[name].bind_processor(dialect)) for name in self._names
        ]
        as_given = not any(convert for *_, convert in self._binds) and not compiled.isinsert
        all_given = all(compiled.binds[name].required for name in self._names)
        self._pick: Callable[[Any], Any] | None = None
        if self._by_place and as_given and all_given and len(self._names) > 1:
            self._pick = itemgetter(*self._names)
        columns: Sequence[Any] = getattr(statement, "selected_columns", ())
        self.converts = [
            (place, convert)
            for place, column in enumerate(columns)
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]

    def bind(self, values: dict[str, Any]) -> Any:  # noqa: ANN401 — a tuple or a dict, as the driver likes it
        """Given values, else fixed ones, converted, as the driver names them."""
        if self._pick:  # hundreds of keys at once, mostly
            return self._pick(values)
        get = values.get
        found = [
            get(name, fixed) if convert is None else convert(get(name, fixed)) for name, fixed, convert in self._binds
        ]
        return tuple(found) if self._by_place else dict(zip(self._names, found, strict=True))

    def convert(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """One row through its columns' types."""
        values = list(row)
        for place, convert in self.converts:
            values[place] = convert(values[place])
        return tuple(values)


def _spell(element: object, **_: object) -> ColumnClause[Any] | None:
    """The literal that stands for a fixed word; None leaves anything else as it is."""
    if isinstance(element, BindParameter) and isinstance(element.value, str):
        word = element.value.replace("'", "''")
        return literal_column(f"'{word}'", element.type)
    return None
