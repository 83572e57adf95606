"""The chain's settings, stores and staff codes, as whoever sets the shop up reads and changes them."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, bindparam, select, update

from bot.db import people
from bot.db.core.engine import Database, keys_of
from bot.db.core.prepared import Prepared
from bot.db.customers import store_indexes
from bot.db.tables import chain, customer_stores, customers, staff, stores
from bot.domain.calendar import keeping
from bot.domain.calendar.keeping import Kept, Setting
from bot.domain.shop import Scope, Store

_PAGE = 500  # customers a transaction: the write lock is held for some milliseconds


@dataclass(frozen=True, slots=True)
class Chain:
    """The settings of the whole chain; `data_at` is how far its orders reach."""

    name: str
    vertical: str
    scope: Scope
    timezone: str
    first7: bool
    data_at: datetime | None
    keeping: Kept


def chain_settings(conn: Connection) -> Chain | None:
    """The chain's settings; None before there is a chain."""
    row = conn.execute(
        select(
            chain.c.name,
            chain.c.vertical,
            chain.c.scope,
            chain.c.timezone,
            chain.c.first7,
            chain.c.data_at,
            chain.c.keeping,
        )
    ).first()
    return Chain(*row[:-1], keeping.read(row[-1])) if row else None


def keep_birthdays(conn: Connection, setting: Setting, value: str) -> None:
    """Change how odd birthdays are kept, or how early all are told; raises ValueError where that cannot be."""
    kept = conn.execute(select(chain.c.keeping)).scalar() or ""
    people.change_chain(conn, keeping=keeping.changed(kept, setting, value))


def all_stores(conn: Connection) -> list[Store]:
    """Every store, by code."""
    rows = conn.execute(
        select(stores.c.id, stores.c.code, stores.c.name, stores.c.city, stores.c.opened_on, stores.c.data_at).order_by(
            stores.c.code
        )
    )
    return [Store(*row) for row in rows]


_SOME = select(customers.c.id).where(customers.c.id > bindparam("after")).order_by(customers.c.id).limit(_PAGE)
_PHONES = (
    select(customers.c.id, customers.c.phone, customer_stores.c.store_id)
    .join(customer_stores, customer_stores.c.customer_id == customers.c.id)
    .where(customers.c.id.between(bindparam("first"), bindparam("last")), customers.c.phone.is_not(None))
)
_INDEX = Prepared(
    update(customer_stores)
    .where(
        customer_stores.c.customer_id == bindparam("customer"),
        customer_stores.c.store_id == bindparam("store"),
    )
    .values(first7_index=bindparam("index"))
)


def keep_first7(database: Database, *, wanted: bool) -> None:
    """Switch the index of first seven digits on, for all customers there are, or off and away."""
    database.transact(lambda conn: people.change_chain(conn, first7=wanted))
    if not wanted:
        database.transact(lambda conn: conn.execute(update(customer_stores).values(first7_index=None)))
        return
    after = 0
    while last := database.transact(partial(_index_page, after=after)):
        after = last


def _index_page(conn: Connection, after: int) -> int:
    """Index the next customers; gives the last one's id, 0 when there is none left."""
    keys = keys_of(conn)
    ids: list[int] = list(conn.execute(_SOME, {"after": after}).scalars())
    if not ids:
        return 0
    for customer_id, sealed, store_id in conn.execute(_PHONES, {"first": ids[0], "last": ids[-1]}).all():
        phone = keys.unseal("customers.phone", customer_id, sealed)
        index = store_indexes(keys, store_id, phone, first7=True)["first7_index"]
        _INDEX.run(conn, customer=customer_id, store=store_id, index=index)
    return ids[-1]


def staff_code_taken(conn: Connection, code: str) -> bool:
    """Whether anybody has, or had, this staff code."""
    return conn.execute(select(staff.c.id).where(staff.c.code == code)).first() is not None


def set_webhook(conn: Connection, store_id: int, url: str | None) -> None:
    """Keep the address of the webhook of a store's group, sealed: whoever has it may post there."""
    sealed = keys_of(conn).seal("stores.webhook", store_id, url, note=True) if url else None
    conn.execute(update(stores).where(stores.c.id == store_id).values(webhook=sealed))


def webhooks(conn: Connection) -> dict[str, str]:
    """The webhook of each store that has one, by the store's code."""
    rows = conn.execute(select(stores.c.id, stores.c.code, stores.c.webhook).where(stores.c.webhook.is_not(None)))
    return {row.code: keys_of(conn).unseal("stores.webhook", row.id, row.webhook) for row in rows}
