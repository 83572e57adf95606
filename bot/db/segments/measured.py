"""What a refresh reads, as plain numbers: days are ordinals, an unknown amount is 0, nobody's name is touched.

Either of all customers, page by page in the sequence of their ids, or of those named. Each statement sees its own
moment: who changes meanwhile is marked (bot/db/segments/stale.py), and looked at again the next time.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, text

from bot.db.core.prepared import Prepared
from bot.db.tables import chain

Row = tuple[Any, ...]
PAGE = 5_000
_KEYS = {
    "sqlite": "(SELECT value AS id FROM json_each(:ids))",
    "postgresql": "(SELECT unnest(CAST(:ids AS BIGINT[])) AS id)",
}
CHECKED = 1_000_003

# An emptied sale counts for nothing, nor does a refund whose sale is known: that one is worth less instead.
_WORDS = {
    "checked": str(CHECKED),
    "order": "o.customer_id, o.ordered_on, COALESCE(o.net_fen, 0), CASE WHEN o.kind = 'sale' THEN 1 ELSE 0 END",
    "counts": """o.ordered_on <= :today AND CASE
        WHEN o.kind = 'refund' THEN COALESCE(o.net_fen, 0) < 0
        ELSE o.net_fen IS NULL OR o.net_fen <> 0 OR o.total_fen <= 0
    END""",
    "row": "s.customer_id, s.store_id, s.stage, s.layer, s.spend, s.frequency, s.r, s.f, s.m, s.since_on",
}


def _prepared(query: str, **words: str) -> Prepared:
    return Prepared(text(query.format(**_WORDS, **words)))


class _Named:
    """A query of the rows of many ids, the ids as one value."""

    def __init__(self, query: str) -> None:
        self._queries = {name: _prepared(query, keys=keys) for name, keys in _KEYS.items()}

    def rows(self, conn: Connection, ids: Sequence[int], **values: int) -> list[Row]:
        name = conn.dialect.name
        return self._queries[name].rows(conn, ids=json.dumps(ids) if name == "sqlite" else list(ids), **values)


_CHAIN = Prepared(select(chain.c.timezone, chain.c.data_at))
_CENSUS = _prepared("SELECT COUNT(*), COALESCE(SUM(id % {checked}), 0) FROM customers")
_LATER = _prepared("SELECT id FROM customers WHERE id > :after ORDER BY id")
_PAGE = _prepared("SELECT id, store_id, state FROM customers WHERE id > :after ORDER BY id LIMIT :many")
_AHEAD = _prepared("SELECT DISTINCT customer_id FROM orders WHERE store_id = :store AND ordered_on > :today")
_ORDERS = _prepared(
    "SELECT {order} FROM orders AS o WHERE o.customer_id > :after AND o.customer_id <= :upto AND {counts}"
)
_ROWS = _prepared("SELECT {row} FROM customer_segments AS s WHERE s.customer_id > :after AND s.customer_id <= :upto")

# The ids lead: CROSS keeps SQLite from beginning at the large table.
_CUSTOMERS_OF = _Named("SELECT c.id, c.store_id, c.state FROM {keys} AS k CROSS JOIN customers AS c WHERE c.id = k.id")
_ROWS_OF = _Named("SELECT {row} FROM {keys} AS k CROSS JOIN customer_segments AS s WHERE s.customer_id = k.id")
_STATS_OF = _Named(
    "SELECT s.customer_id, s.purchase_days, COALESCE(s.first_on, 0), COALESCE(s.last_on, 0), s.gap_sum_days,"
    " s.gap_square_sum, s.spent_fen FROM {keys} AS k CROSS JOIN customer_stats AS s WHERE s.customer_id = k.id"
)
_ORDERS_OF = _Named(
    "SELECT {order} FROM {keys} AS k CROSS JOIN orders AS o"
    " WHERE o.customer_id = k.id AND o.ordered_on >= :since AND {counts}"
)


@dataclass(frozen=True, slots=True)
class Reach:
    """The chain's time zone, and how far its orders reach."""

    timezone: str
    data_at: datetime | None


def frugally(conn: Connection) -> None:
    """Read through a connection with little memory: hardly a page is asked for twice."""
    if conn.dialect.name == "sqlite":
        driver: Any = conn.connection.driver_connection
        driver.execute("PRAGMA cache_size=-16384")


def reach(conn: Connection) -> Reach | None:
    """What is said of the whole chain; None before there is one."""
    rows = _CHAIN.rows(conn)
    return Reach(*rows[0]) if rows else None


def census(conn: Connection) -> tuple[int, int]:
    """How many customers there are, and the sum of what is left of their ids by CHECKED: others have another."""
    count, check = _CENSUS.rows(conn)[0]
    return int(count), int(check)


def later(conn: Connection, after: int) -> list[int]:
    """The ids of customers above an id."""
    return [row_id for (row_id,) in _LATER.rows(conn, after=after)]


def page(conn: Connection, after: int, many: int = PAGE) -> list[Row]:
    """The next customers by id: id, home store, state."""
    return _PAGE.rows(conn, after=after, many=many)


def orders(conn: Connection, after: int, upto: int, today: int) -> list[Row]:
    """Orders that count, up to a day: customer, day, what is left of it, 1 for a sale."""
    return _ORDERS.rows(conn, after=after, upto=upto, today=today)


def standings(conn: Connection, after: int, upto: int) -> list[Row]:
    """The rows of customer_segments of a range of customers."""
    return _ROWS.rows(conn, after=after, upto=upto)


def customers_of(conn: Connection, ids: Sequence[int]) -> list[Row]:
    """As `page`, of those named who are there."""
    return _CUSTOMERS_OF.rows(conn, ids)


def standings_of(conn: Connection, ids: Sequence[int]) -> list[Row]:
    """As `standings`, of those named."""
    return _ROWS_OF.rows(conn, ids)


def stats_of(conn: Connection, ids: Sequence[int]) -> list[Row]:
    """From the running statistics: customer, purchase days, first, last, gap sums, spent."""
    return _STATS_OF.rows(conn, ids)


def orders_of(conn: Connection, ids: Sequence[int], since: int, today: int) -> list[Row]:
    """As `orders`, of those named and from a day on."""
    return _ORDERS_OF.rows(conn, ids, since=since, today=today)


def ahead(conn: Connection, stores: Iterable[int], today: int) -> set[int]:
    """Customers with orders after a day."""
    return {
        customer_id
        for store_id in stores
        for (customer_id,) in _AHEAD.rows(conn, store=store_id, today=today)
        if customer_id
    }
