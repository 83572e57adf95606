"""A query of many stores, customers or keys at once, with further values: one statement, compiled once.

The keys travel as one value, a list in JSON or an array: as many binds as keys would be a statement for each count, and
compiling those costs a process more than a morning's reads.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Connection, Select, any_, bindparam, func, literal_column, select

from bot.db.core.prepared import Prepared

_AT_ONCE = 1000  # keys a statement: what it gives is held in memory
_KEYS = "among"


class Of:
    """A query by a key that is an id or a code."""

    def __init__(self, query: Select[Any], key: Column[Any], first: int | None = None) -> None:
        """Take a query without a limit; groups must be by the key first. Rows come in no order between keys.

        `first`: of each key only so many rows, in the order of their column `nth`, which counts from 1.
        """
        values = func.json_each(bindparam(_KEYS)).table_valued("value")
        self._json = _limited(query.where(key.in_(select(values.c.value))), first)
        self._array = _limited(query.where(key == any_(bindparam(_KEYS, type_=ARRAY(key.type)))), first)

    def rows(self, conn: Connection, keys: Iterable[Any], **values: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 — bind values
        """Every row of every key, with further values of the query."""
        rest = iter(dict.fromkeys(keys))
        while some := list(islice(rest, _AT_ONCE)):
            if conn.dialect.name == "sqlite":
                yield from self._json.rows(conn, **{_KEYS: json.dumps(some)}, **values)
            else:
                yield from self._array.rows(conn, **{_KEYS: some}, **values)


def _limited(query: Select[Any], first: int | None) -> Prepared:
    if first is None:
        return Prepared(query)
    whole = query.subquery()
    nth: ColumnElement[int] = whole.c.nth
    return Prepared(select(whole).where(nth <= literal_column(f"{first}")).order_by(nth))
