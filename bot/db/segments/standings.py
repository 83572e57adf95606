"""What the last refresh made of a customer, and the writing of it: rows that differ, and no others."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, select, text

from bot.db.core.prepared import Prepared
from bot.db.tables import chain, customer_segments
from bot.domain.segments.labels import Labels, Standing

_COLUMNS = [column.name for column in customer_segments.columns]
_LABELS = [customer_segments.c[name] for name in ("stage", "layer", "spend", "frequency", "r", "f", "m")]
_ONE = Prepared(
    select(
        customer_segments.c.customer_id,
        customer_segments.c.store_id,
        customer_segments.c.since_on,
        chain.c.segments_on,
        *_LABELS,
    ).where(customer_segments.c.customer_id == bindparam("customer"), chain.c.segments_on.is_not(None))
)
_AS_OF = Prepared(select(chain.c.segments_on))


# Who was removed since she was read gets no row.
_ADDING = "INSERT INTO customer_segments ({}) SELECT {} FROM customers WHERE id = :customer_id ON CONFLICT DO NOTHING"
_CHANGING = "UPDATE customer_segments SET {} WHERE customer_id = :customer_id"
_ADD = Prepared(text(_ADDING.format(", ".join(_COLUMNS), ", ".join(f":{name}" for name in _COLUMNS))))
_DROP = Prepared(text("DELETE FROM customer_segments WHERE customer_id = :customer_id"))


@cache
def _change(names: tuple[str, ...]) -> Prepared:
    """A statement for these columns alone: an index of a column that is not named costs nothing."""
    return Prepared(text(_CHANGING.format(", ".join(f"{name} = :{name}" for name in names))))


def of(conn: Connection, customer_id: int) -> Standing | None:
    """The labels of a customer; None before a refresh has seen her."""
    rows = _ONE.rows(conn, customer=customer_id)
    if not rows:
        return None
    her, store_id, since_on, as_of, *labels = rows[0]
    return Standing(her, store_id, Labels(*labels), since_on, as_of)


def forget(conn: Connection, customer_id: int) -> None:
    """Drop the labels of a customer who is to be removed."""
    _DROP.run(conn, customer_id=customer_id)


def as_of(conn: Connection) -> date | None:
    """The day the layers are of."""
    rows = _AS_OF.rows(conn)
    return rows[0][0] if rows else None


def add(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows, a value a column, days as ordinals; who has one already keeps it."""
    _ADD.run_many(conn, rows)


def change(conn: Connection, names: tuple[str, ...], rows: Sequence[dict[str, Any]]) -> None:
    """Change these columns of rows; `customer_id` says whose."""
    _change(names).run_many(conn, rows)


def drop(conn: Connection, customer_ids: Iterable[int]) -> None:
    """Remove the rows of these customers."""
    _DROP.run_many(conn, [{"customer_id": customer_id} for customer_id in customer_ids])
