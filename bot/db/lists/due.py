"""Who may be due in some stores, as plain numbers and sealed days: by layer, by a date, by what was bought.

Of those whose home the store is, who are active and have a number; every answer is by store.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, bindparam, select, text, type_coerce

from bot.db.core.among import Of
from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.customers import BIRTHDAY
from bot.db.tables import customer_segments, customer_stats, customer_stores, customers
from bot.domain.stats import RecentLine, unpack


class Buyer(NamedTuple):
    """A customer in the numbers that decide, days as ordinals; `layer`, `f` and `m` are empty before a refresh."""

    id: int
    purchase_days: int
    first_on: int
    last_on: int
    gap_sum_days: int
    gap_square_sum: int
    spent_fen: int
    layer: str = ""
    f: int = 0
    m: int = 0


_BUYER = (
    customer_stats.c.customer_id, customer_stats.c.purchase_days, type_coerce(customer_stats.c.first_on, Integer),
    type_coerce(customer_stats.c.last_on, Integer), customer_stats.c.gap_sum_days, customer_stats.c.gap_square_sum,
    customer_stats.c.spent_fen,
)  # fmt: skip
_BOUGHT = customer_stats.c.purchase_days > 0
_REACHABLE = (customers.c.state == "active", customers.c.phone.is_not(None), _BOUGHT)
_LAYERED = Of(
    select(
        customer_segments.c.store_id, *_BUYER, customer_segments.c.layer, customer_segments.c.f, customer_segments.c.m
    )
    .select_from(
        customer_segments.join(customer_stats, customer_stats.c.customer_id == customer_segments.c.customer_id)
    )
    .where(customer_segments.c.layer == bindparam("layer"), _BOUGHT),
    customer_segments.c.store_id,
)
_at_home = customer_stores.join(
    customers, (customers.c.id == customer_stores.c.customer_id) & (customers.c.store_id == customer_stores.c.store_id)
).join(customer_stats, customer_stats.c.customer_id == customer_stores.c.customer_id)
_ALL = Of(
    select(customer_stores.c.store_id, *_BUYER).select_from(_at_home).where(*_REACHABLE), customer_stores.c.store_id
)


def of_layer(conn: Connection, store_ids: Iterable[int], layer: str) -> dict[int, list[Buyer]]:
    """Who the last refresh put into a layer, whether or not she can be called: of most nobody asks."""
    return _by_store(_LAYERED.rows(conn, store_ids, layer=layer))


def everyone(conn: Connection, store_ids: Iterable[int]) -> dict[int, list[Buyer]]:
    """All who ever bought: for a chain that no refresh has seen."""
    return _by_store(_ALL.rows(conn, store_ids))


def _by_store(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[Buyer]]:
    found: dict[int, list[Buyer]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(Buyer(*row[1:]))
    return found


# --- by a date -------------------------------------------------------------------------------------------------


_AMONG = {
    "sqlite": {
        "keys": "(SELECT unhex(value) FROM json_each(:days))",
        "days": "(SELECT value FROM json_each(:days))",
        "stores": "(SELECT value FROM json_each(:stores))",
    },
    "postgresql": {
        "keys": "(SELECT unnest(CAST(:days AS BYTEA[])))",
        "days": "(SELECT unnest(CAST(:days AS INTEGER[])))",
        "stores": "(SELECT unnest(CAST(:stores AS BIGINT[])))",
    },
}
_BORN = """
SELECT c.store_id, c.id, c.birthday FROM customers AS c
WHERE c.birthday_index IN {keys} AND c.store_id IN {stores} AND c.state = 'active'
"""
_DATED = """
SELECT c.store_id, c.id, f.id, f.content FROM facts AS f CROSS JOIN customers AS c
WHERE f.day_index IN {keys} AND f.state = 'live' AND c.id = f.customer_id
  AND c.store_id IN {stores} AND c.state = 'active'
"""


_SHOPPED = """
SELECT h.store_id, c.id, s.last_on FROM customer_stores AS h CROSS JOIN customers AS c CROSS JOIN customer_stats AS s
WHERE h.store_id IN {stores} AND c.id = h.customer_id AND c.store_id = h.store_id AND c.state = 'active'
  AND c.phone IS NOT NULL AND s.customer_id = c.id AND s.last_on IN {days}
"""


class _Days:
    """A query of the rows of some stores that have one of some days, or of their keys; both are one value each."""

    def __init__(self, query: str) -> None:
        self._queries = {name: Prepared(text(query.format(**words))) for name, words in _AMONG.items()}

    def rows(
        self, conn: Connection, store_ids: Iterable[int], days: Sequence[bytes] | Sequence[int]
    ) -> list[tuple[Any, ...]]:
        name, stores = conn.dialect.name, list(store_ids)
        if name == "sqlite":
            plain = [day.hex() if isinstance(day, bytes) else day for day in days]
            return self._queries[name].rows(conn, stores=json.dumps(stores), days=json.dumps(plain))
        return self._queries[name].rows(conn, stores=stores, days=list(days))


_BORN_ON, _DATED_ON, _BOUGHT_ON = _Days(_BORN), _Days(_DATED), _Days(_SHOPPED)


def indexes(conn: Connection, days: Iterable[str]) -> tuple[bytes, ...]:
    """What some month-day keys are found by, under every key still in use."""
    keys = keys_of(conn)
    return tuple(sorted({index for day in days for index in keys.blinds(BIRTHDAY, day, 8)}))


def born(conn: Connection, store_ids: Iterable[int], keys: Sequence[bytes]) -> dict[int, list[tuple[int, str]]]:
    """Customers whose birthday has one of these keys: id, birthday as kept."""
    unseal = keys_of(conn).unseal
    found: dict[int, list[tuple[int, str]]] = {}
    for store_id, row_id, birthday in _BORN_ON.rows(conn, store_ids, keys):
        found.setdefault(store_id, []).append((row_id, unseal("customers.birthday", row_id, birthday)))
    return found


def dated(
    conn: Connection, store_ids: Iterable[int], keys: Sequence[bytes]
) -> dict[int, list[tuple[int, Mapping[str, Any]]]]:
    """Dated facts of customers that have one of these keys: customer, what was said."""
    unseal = keys_of(conn).unseal_json
    found: dict[int, list[tuple[int, Mapping[str, Any]]]] = {}
    for store_id, row_id, fact_id, content in _DATED_ON.rows(conn, store_ids, keys):
        found.setdefault(store_id, []).append((row_id, unseal("facts.content", fact_id, content)))
    return found


# --- by what she bought ----------------------------------------------------------------------------------------

_LATELY = Of(
    select(customer_stores.c.store_id, customers.c.id, customer_stats.c.recent)
    .select_from(_at_home)
    .where(
        customer_stats.c.last_on >= bindparam("first", type_=customer_stats.c.last_on.type),
        customer_stats.c.last_on <= bindparam("last", type_=customer_stats.c.last_on.type),
        customer_stats.c.purchase_days >= bindparam("times"),
        *_REACHABLE,
    ),
    customer_stores.c.store_id,
)


def bought_between(
    conn: Connection, store_ids: Iterable[int], first: date, last: date, times: int
) -> dict[int, list[tuple[int, tuple[RecentLine, ...]]]]:
    """Who bought last in this time and on so many days at least: id, and her newest lines."""
    found: dict[int, list[tuple[int, tuple[RecentLine, ...]]]] = {}
    for store_id, row_id, recent in _LATELY.rows(conn, store_ids, first=first, last=last, times=times):
        found.setdefault(store_id, []).append((row_id, unpack(recent)))
    return found


def bought_on(conn: Connection, store_ids: Iterable[int], days: Sequence[date]) -> dict[int, list[tuple[int, date]]]:
    """Who bought last on one of these days: id, and the day."""
    found: dict[int, list[tuple[int, date]]] = {}
    for store_id, row_id, last_on in _BOUGHT_ON.rows(conn, store_ids, [day.toordinal() for day in days]):
        found.setdefault(store_id, []).append((row_id, date.fromordinal(last_on)))
    return found
