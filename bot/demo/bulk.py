"""A plain chain of any size in little time, to measure on: sealed customers, three orders each, true statistics.

Customers are sealed here; what refers to them is made inside the database from their running number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, insert, update

from bot.db import people as staff_db
from bot.db.bulk.loading import Insert, Row
from bot.db.core.engine import Database, keys_of
from bot.db.core.ids import new_ids
from bot.db.customers import sealed, store_indexes
from bot.db.offers import offers
from bot.db.tables import chain, customer_stores, customers, products, stores
from bot.demo import invent, rising
from bot.demo.dice import stream
from bot.demo.rising import Batch

_BATCH = 20_000
_BIG_STORE = 10_000
_NAMES = tuple(column.name for column in customers.columns)
_ADD_CUSTOMERS, _ADD_SEEN = Insert(customers), Insert(customer_stores)


@dataclass(frozen=True, slots=True)
class Filled:
    """What was made; any customer's phone and store can be told again from her number, counted from 0."""

    customers: int
    stores: tuple[int, ...]
    seed: int

    def phone_of(self, number: int) -> str:
        """The phone (E.164) of a customer."""
        return invent.phone_of(self.seed, number)

    def store_of(self, number: int) -> int:
        """The id of her store: the first holds ten thousand (or half), the others share the rest evenly."""
        big = min(_BIG_STORE, self.customers // 2) if len(self.stores) > 1 else self.customers
        if number < big:
            return self.stores[0]
        return self.stores[1 + (number - big) % (len(self.stores) - 1)]


def fill(  # noqa: PLR0913 — the options of a measurement
    database: Database,
    customers: int,
    stores: int,
    seed: int,
    *,
    at: datetime,
    over_days: int = 60,
    progress: Callable[[int, int], None] | None = None,
) -> Filled:
    """Fill an empty database; store `001` (the big one) has the guide `guide001`, and so on.

    The last purchases are spread over so many days.
    """
    ids, goods = database.transact(lambda conn: _open(conn, stores, at))
    filled = Filled(customers, ids, seed)
    for start in range(0, customers, _BATCH):
        numbers = range(start, min(start + _BATCH, customers))
        database.transact(partial(_write, filled=filled, numbers=numbers, goods=goods, at=at, over_days=over_days))
        if progress:
            progress(numbers.stop, customers)
    return filled


def _open(conn: Connection, how_many: int, at: datetime) -> tuple[tuple[int, ...], int]:
    """The chain, its stores with a guide each, and the goods; gives the stores' ids and the first good's."""
    staff_db.make_chain(conn, "压测连锁", "tea", "store", "Asia/Shanghai")
    offers.seed(conn, "tea", at)
    conn.execute(update(chain).values(data_at=at - timedelta(hours=1)))
    ids = []
    for number in range(1, how_many + 1):
        store = staff_db.add_store(conn, f"{number:03}", f"{number:03}店")
        staff_db.add_staff(
            conn, code=f"guide{number:03}", name=f"导购{number}", role="guide", store_id=store.id, now=at
        )
        ids.append(store.id)
    conn.execute(update(stores).values(data_at=at - timedelta(hours=1)))
    goods = new_ids(rising.GOODS)
    for number, good in enumerate(goods):
        conn.execute(
            insert(products).values(
                id=good, code=f"P{number}", name=f"压测茶{number}", price_fen=rising.PRICE_FEN, active=True
            )
        )
    return tuple(ids), goods[0]


def _write(  # noqa: PLR0913 — as `fill`
    conn: Connection, *, filled: Filled, numbers: range, goods: int, at: datetime, over_days: int
) -> None:
    """Some customers, sealed here, and from them their orders and statistics."""
    ids = new_ids(len(numbers))
    people, seen = _customers(conn, filled, numbers, ids, at)
    _ADD_CUSTOMERS.run(conn, people)
    _ADD_SEEN.run(conn, seen)
    first_order = new_ids(rising.ORDERS * len(numbers))[0]
    rising.write(conn, Batch(ids[0], len(ids), numbers.start, first_order, goods, over_days), at)


def _customers(
    conn: Connection, filled: Filled, numbers: range, ids: range, at: datetime
) -> tuple[list[Row], list[Row]]:
    keys, dice = keys_of(conn), stream(filled.seed, "bulk", numbers.start)
    joined_at = at - timedelta(days=400)
    people, seen = [], []
    for number, customer_id in zip(numbers, ids, strict=True):
        phone, store_id = filled.phone_of(number), filled.store_of(number)
        gender = "female" if number % 4 else "male"
        values = sealed(keys, customer_id, {"phone": phone, "name": invent.name(dice, gender)})
        values |= {"id": customer_id, "customer_no": f"B{number:07}", "gender": gender, "store_id": store_id}
        values |= {"state": "active", "created_at": joined_at, "changed_at": joined_at}
        people.append(tuple([values.get(name) for name in _NAMES]))
        last4 = store_indexes(keys, store_id, phone, first7=False)["last4_index"]
        seen.append((store_id, customer_id, last4, None, joined_at))
    return people, seen
