"""Customers: found only with the name of who looks, written with their seals and blind indexes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, or_, select
from sqlalchemy.sql.selectable import FromClause

from bot.db.core.crypto import Keyring
from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.tables import customer_phones, customer_stats, customer_stores, customers, staff
from bot.domain import masks
from bot.domain.customers import Customer, Sight
from bot.domain.shop import Scope, Staff
from bot.domain.stats import Stats, unpack

SEALED = ("phone", "name", "alias", "birthday", "email", "address", "job")
LAST4, FIRST7, BIRTHDAY, PHONE = "last4", "first7", "birthday", "phone"

_CUSTOMER = tuple(
    column for column in customers.c if column.name not in ("phone_index", "birthday_index")
)  # in the order of Customer's fields
_STATS = tuple(column for column in customer_stats.c if column.name != "customer_id")


def phone_index(keys: Keyring, e164: str) -> bytes:
    """The unique index of a full number."""
    return keys.blind(PHONE, e164)


def store_indexes(keys: Keyring, store_id: int, e164: str, *, first7: bool) -> dict[str, bytes | None]:
    """What `customer_stores` keeps of a number: its last four digits within one store, its first seven if wanted."""
    if not e164:
        return {"last4_index": None, "first7_index": None}
    national = e164.removeprefix("+86")
    return {
        "last4_index": keys.blind(LAST4, f"{store_id}|{e164[-4:]}", 4),
        "first7_index": keys.blind(FIRST7, f"{store_id}|{national[:7]}", 4) if first7 else None,
    }


def birthday_key(birthday: str) -> str | None:
    """The month and day that a stored birthday is found by: `03-05`, or `L:08-02` for a lunar one."""
    if not birthday:
        return None
    day = birthday[-5:].removeprefix("闰")
    return f"L:{day}" if birthday.startswith("lunar:") else day


def birthday_index(keys: Keyring, birthday: str) -> bytes | None:
    """The keyed month and day of a birthday."""
    key = birthday_key(birthday)
    return keys.blind(BIRTHDAY, key, 8) if key else None


def sealed(keys: Keyring, row_id: int, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Column values for `plain` ones: personal texts sealed, the indexes that go with them added."""
    values = dict(plain)
    for name in SEALED:
        if name in values:
            values[name] = keys.seal(f"customers.{name}", row_id, values[name]) if values[name] else None
    if "phone" in plain:
        values["phone_index"] = phone_index(keys, plain["phone"]) if plain["phone"] else None
    if "birthday" in plain:
        values["birthday_index"] = birthday_index(keys, plain["birthday"] or "")
    return values


def opened(keys: Keyring, row: Sequence[Any]) -> Customer:
    """A customer from a row of `_CUSTOMER` columns."""
    row_id = row[0]
    open_ = keys.unseal
    return Customer(
        row_id,
        row[1],
        open_("customers.phone", row_id, row[2]),
        open_("customers.name", row_id, row[3]),
        open_("customers.alias", row_id, row[4]),
        row[5],
        open_("customers.birthday", row_id, row[6]),
        open_("customers.email", row_id, row[7]),
        open_("customers.address", row_id, row[8]),
        open_("customers.job", row_id, row[9]),
        *row[10:20],
    )


# --- looking: every way says who looks -------------------------------------------------------------------------


def _within(scope: Scope) -> tuple[FromClause, list[ColumnElement[bool]]]:
    """The tables to look in and the limits that a scope sets; parameters :store and :staff."""
    source = customers.outerjoin(customer_stats, customer_stats.c.customer_id == customers.c.id)
    source = source.outerjoin(staff, staff.c.id == customers.c.guide_id)
    here = and_(customer_stores.c.customer_id == customers.c.id, customer_stores.c.store_id == bindparam("store"))
    if scope == "chain":
        return source.outerjoin(customer_stores, here), []
    limits: list[ColumnElement[bool]] = []
    if scope == "own":
        limits.append(or_(customers.c.guide_id == bindparam("staff"), customers.c.guide_id.is_(None)))
    return source.join(customer_stores, here), limits


def _lookup(scope: Scope, wanted: ColumnElement[bool]) -> Prepared:
    source, limits = _within(scope)
    columns = (
        *_CUSTOMER,
        staff.c.name.label("guide_name"),
        customer_stores.c.store_id.label("here"),
        *_STATS,
    )
    return Prepared(select(*columns).select_from(source).where(wanted, customers.c.state != "merged", *limits))


_PAIR: tuple[ColumnElement[bytes], ...] = (bindparam("one"), bindparam("two"))


@cache
def _by_phone(scope: Scope) -> Prepared:
    return _lookup(scope, customers.c.phone_index.in_(_PAIR))


@cache
def _by_last4(scope: Scope) -> Prepared:
    narrow: Scope = "store" if scope == "chain" else scope  # four digits never sweep the chain
    return _lookup(
        narrow,
        and_(customer_stores.c.last4_index == bindparam("index"), customer_stores.c.store_id == bindparam("store")),
    )


@cache
def _by_first7(scope: Scope) -> Prepared:
    narrow: Scope = "store" if scope == "chain" else scope
    return _lookup(
        narrow,
        and_(customer_stores.c.first7_index == bindparam("index"), customer_stores.c.store_id == bindparam("store")),
    )


@cache
def _by_number(scope: Scope) -> Prepared:
    return _lookup(scope, customers.c.customer_no == bindparam("number"))


@cache
def _by_id(scope: Scope) -> Prepared:
    return _lookup(scope, customers.c.id == bindparam("id"))


Fits = Callable[[Customer], bool]


def _see(
    conn: Connection,
    query: Prepared,
    seen_by: Staff,
    fits: Fits = lambda _customer: True,
    **values: Any,  # noqa: ANN401 — bind values
) -> list[Sight]:
    """Those who fit, behind the asker's veil: whether they do is asked before it falls."""
    rows = query.rows(conn, store=seen_by.store_id or 0, staff=seen_by.id, **values)
    found = [sight for row in rows if fits((sight := _sight(keys_of(conn), row, seen_by)).customer)]
    return found if seen_by.veil == "none" else [_veiled(conn, one, seen_by) for one in found]


def _veiled(conn: Connection, sight: Sight, seen_by: Staff) -> Sight:
    """Her as the asker's channel may show her; words she is remembered by may name others, or herself."""
    left = sight.customer.behind(seen_by.veil)
    if left.alias:
        left = replace(left, alias=masks.scrub(left.alias, named_in(conn, left.alias, seen_by.store_id or 0)))
    return replace(sight, customer=left, veil=seen_by.veil)


def _see_each(conn: Connection, query: Prepared, seen_by: Staff, fits: Fits, indexes: Sequence[bytes]) -> list[Sight]:
    """One index after the other: asked for either at once, SQLite reads the whole store instead."""
    return [sight for index in dict.fromkeys(indexes) for sight in _see(conn, query, seen_by, fits, index=index)]


def _sight(keys: Keyring, row: Sequence[Any], seen_by: Staff) -> Sight:
    customer = opened(keys, row)
    guide_name, here, *numbers = row[len(_CUSTOMER) :]
    bought = numbers[0] is not None
    stats = Stats(*[customer.id, *numbers[:-1], unpack(numbers[-1])]) if bought else Stats(customer.id)
    return Sight(
        customer=customer,
        stats=stats,
        guide_name=keys.unseal("staff.name", customer.guide_id or 0, guide_name),
        mine=customer.guide_id == seen_by.id,
        here=here is not None,
    )


def by_phone(conn: Connection, e164: str, *, seen_by: Staff) -> Sight | None:
    """Whoever has this full number, if she is in scope."""
    one, two = keys_of(conn).blinds(PHONE, e164)
    found = _see(conn, _by_phone(seen_by.scope), seen_by, lambda c: c.phone == e164, one=one, two=two)
    return next(iter(found), None)


def by_last4(conn: Connection, last4: str, *, seen_by: Staff) -> list[Sight]:
    """Everyone of this store whose number ends so, and nobody else."""
    indexes = keys_of(conn).blinds(LAST4, f"{seen_by.store_id}|{last4}", 4)
    return _see_each(conn, _by_last4(seen_by.scope), seen_by, lambda c: c.last4 == last4, indexes)


def by_first7(conn: Connection, first7: str, *, seen_by: Staff) -> list[Sight]:
    """Everyone of this store whose number begins so; only where the chain keeps that index."""
    indexes = keys_of(conn).blinds(FIRST7, f"{seen_by.store_id}|{first7}", 4)
    return _see_each(
        conn, _by_first7(seen_by.scope), seen_by, lambda c: c.phone.removeprefix("+86").startswith(first7), indexes
    )


def by_number(conn: Connection, customer_no: str, *, seen_by: Staff) -> Sight | None:
    """Whoever has this customer number, if she is in scope."""
    return next(iter(_see(conn, _by_number(seen_by.scope), seen_by, number=customer_no)), None)


def by_id(conn: Connection, customer_id: int, *, seen_by: Staff) -> Sight | None:
    """This customer, if she is (still) in scope."""
    return next(iter(_see(conn, _by_id(seen_by.scope), seen_by, id=customer_id)), None)


_KNOWN_PHONE = Prepared(select(customers.c.id, customers.c.state).where(customers.c.phone_index.in_(_PAIR)))


def chain_knows(conn: Connection, e164: str) -> int | None:
    """The id of whoever has this number anywhere in the chain: for writing only, never to be shown."""
    one, two = keys_of(conn).blinds(PHONE, e164)
    rows = _KNOWN_PHONE.rows(conn, one=one, two=two)
    return int(rows[0][0]) if rows else None


def for_write(conn: Connection, customer_id: int) -> Customer:
    """A customer who has been found before in this transaction, without asking again who looks."""
    row = conn.execute(select(*_CUSTOMER).where(customers.c.id == customer_id)).one()
    return opened(keys_of(conn), row)


def whole(conn: Connection, sight: Sight) -> Sight:
    """Somebody seen in this transaction without the veil: to compare, to write and to file, never to be shown."""
    if sight.veil == "none":
        return sight
    return replace(sight, customer=for_write(conn, sight.customer.id), veil="none")


_NAMES_HERE = Prepared(
    select(customers.c.id, customers.c.name)
    .select_from(customer_stores.join(customers, customers.c.id == customer_stores.c.customer_id))
    .where(customer_stores.c.store_id == bindparam("store"), customers.c.name.is_not(None))
)


def named_in(conn: Connection, text: str, store_id: int) -> list[str]:
    """The full names of a store's customers that stand in a text."""
    open_ = keys_of(conn).unseal
    names = (open_("customers.name", row_id, name) for row_id, name in _NAMES_HERE.rows(conn, store=store_id))
    return [name for name in names if len(name) > 1 and name in text]


def store_rows(conn: Connection, customer_id: int) -> list[tuple[int, datetime]]:
    """The stores she may be seen in, and since when."""
    rows = conn.execute(
        select(customer_stores.c.store_id, customer_stores.c.since_at)
        .where(customer_stores.c.customer_id == customer_id)
        .order_by(customer_stores.c.since_at)
    )
    return [(row.store_id, row.since_at) for row in rows]


def add(conn: Connection, row_id: int, now: datetime, **plain: Any) -> None:  # noqa: ANN401 — columns of customers
    """Add a customer outside a chat (a file, the demo chain): the row and her store, nothing to undo."""
    keys = keys_of(conn)
    values = {"state": "active", "created_at": now, "changed_at": now, **plain}
    conn.execute(insert(customers).values(id=row_id, **sealed(keys, row_id, values)))
    conn.execute(
        insert(customer_stores).values(
            store_id=plain["store_id"],
            customer_id=row_id,
            since_at=now,
            **store_indexes(keys, plain["store_id"], plain.get("phone") or "", first7=False),
        )
    )


def old_numbers(conn: Connection, customer_id: int) -> list[str]:
    """Numbers she had before, newest first."""
    rows = conn.execute(
        select(customer_phones.c.id, customer_phones.c.phone)
        .where(customer_phones.c.customer_id == customer_id)
        .order_by(customer_phones.c.until_at.desc())
    )
    return [keys_of(conn).unseal("customer_phones.phone", row.id, row.phone) for row in rows]
