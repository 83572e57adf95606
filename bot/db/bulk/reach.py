"""What orders open up: the stores in which a buyer may be seen, and how far the data reach."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, bindparam, or_, select, update

from bot.db.bulk.loading import Among, Insert
from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.customers import store_indexes
from bot.db.tables import chain, customer_stores, customers, stores


class Sale(Protocol):
    """Of an order, what is asked here."""

    @property
    def store_id(self) -> int: ...  # noqa: D102 — a column
    @property
    def customer_id(self) -> int | None: ...  # noqa: D102 — a column
    @property
    def ordered_at(self) -> datetime: ...  # noqa: D102 — a column


_SEEN = Among(select(customer_stores.c.store_id, customer_stores.c.customer_id), customer_stores.c.customer_id)
_PHONES = Among(select(customers.c.id, customers.c.phone), customers.c.id)
_SHOW = Insert(customer_stores, "keep")
_FIRST7 = Prepared(select(chain.c.first7))
_STORE_REACHES = Prepared(
    update(stores)
    .where(stores.c.id == bindparam("store"), or_(stores.c.data_at.is_(None), stores.c.data_at < bindparam("at")))
    .values(data_at=bindparam("at"))
)
_CHAIN_REACHES = Prepared(
    update(chain)
    .where(or_(chain.c.data_at.is_(None), chain.c.data_at < bindparam("at")))
    .values(data_at=bindparam("at"))
)


def show_buyers(conn: Connection, sales: Iterable[Sale]) -> None:
    """Let every buyer be seen where she bought, since her first order there."""
    since: dict[tuple[int, int], datetime] = {}
    for sale in sales:
        if sale.customer_id:
            pair = (sale.store_id, sale.customer_id)
            if pair not in since or sale.ordered_at < since[pair]:
                since[pair] = sale.ordered_at
    show(conn, since)


def show(conn: Connection, since: dict[tuple[int, int], datetime]) -> None:
    """Let customers be seen in stores, as (store id, customer id); where they already are nothing changes."""
    known = {(store_id, customer_id) for store_id, customer_id in _SEEN.rows(conn, {pair[1] for pair in since})}
    missing = sorted(pair for pair in since if pair not in known)
    if not missing:
        return
    keys = keys_of(conn)
    sealed = _PHONES.rows(conn, {customer_id for _, customer_id in missing})
    phones = {row_id: keys.unseal("customers.phone", row_id, blob) for row_id, blob in sealed}
    admit(conn, [(*pair, phones[pair[1]], since[pair]) for pair in missing])


def admit(conn: Connection, seen: Iterable[tuple[int, int, str, datetime]]) -> None:
    """Let customers be seen in stores where they are not yet: store id, customer id, E.164 phone or "", since."""
    keys, first7 = keys_of(conn), keeps_first7(conn)
    rows = []
    for store_id, customer_id, phone, at in seen:
        indexes = store_indexes(keys, store_id, phone, first7=first7)
        rows.append((store_id, customer_id, indexes["last4_index"], indexes["first7_index"], at))
    _SHOW.run(conn, rows)


def keeps_first7(conn: Connection) -> bool:
    """Whether the chain keeps an index of first seven digits."""
    rows = _FIRST7.rows(conn)
    return bool(rows and rows[0][0])


def extend_data(conn: Connection, sales: Sequence[Sale]) -> None:
    """Move on how far the data of the chain and of each store reach."""
    newest: dict[int, datetime] = {}
    for sale in sales:
        newest[sale.store_id] = max(sale.ordered_at, newest.get(sale.store_id, sale.ordered_at))
    for store_id, at in sorted(newest.items()):
        _STORE_REACHES.run(conn, store=store_id, at=at)
    if newest:
        _CHAIN_REACHES.run(conn, at=max(newest.values()))
