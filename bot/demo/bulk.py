"""A plain chain of any size in little time, to measure on: sealed customers, three orders each, true statistics.

Customers are sealed here; what refers to them is made inside the database from their running number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    String,
    cast,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.sql.expression import Subquery

from bot.db import customers as customer_db
from bot.db import people as staff_db
from bot.db.engine import Database, keys_of
from bot.db.ids import new_ids
from bot.db.loading import Insert
from bot.db.orders import digest_of
from bot.db.tables import (
    chain,
    customer_stats,
    customer_stores,
    customers,
    order_lines,
    orders,
    products,
    stores,
)
from bot.db.types import Day, Id, Moment
from bot.demo import invent
from bot.demo.preset import people

_BATCH = 20_000
_BIG_STORE = 10_000
_GOODS, _PRICE_FEN = 8, 1800
_ORDERS = 3
_DAY_MS = 86_400_000

_CUSTOMERS, _SEEN = Insert(customers), Insert(customer_stores)


@dataclass(frozen=True, slots=True)
class Filled:
    """What was made: any customer's phone and store can be told again from her number."""

    customers: int
    stores: tuple[int, ...]
    seed: int

    def phone_of(self, number: int) -> str:
        """The phone (E.164) of customer `number`, from 0."""
        return invent.phone_of(self.seed, number)

    def store_of(self, number: int) -> int:
        """The id of her store: the first holds ten thousand (or half), the others share the rest evenly."""
        big = min(_BIG_STORE, self.customers // 2) if len(self.stores) > 1 else self.customers
        if number < big:
            return self.stores[0]
        return self.stores[1 + (number - big) % (len(self.stores) - 1)]


def fill(
    database: Database, customers: int, stores: int, seed: int = 7, progress: Callable[[int, int], None] | None = None
) -> Filled:
    """Fill an empty database and tell what is in it; each store has the guide `guide001`, `guide002` …"""
    now = datetime.now().astimezone()
    filled, goods = database.transact(lambda conn: _open(conn, customers, stores, seed))
    for start in range(0, customers, _BATCH):
        numbers = range(start, min(start + _BATCH, customers))
        database.transact(lambda conn: _write(conn, filled, numbers, goods, now))  # noqa: B023 — run before the next turn
        if progress:
            progress(numbers.stop, customers)
    return filled
