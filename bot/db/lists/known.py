"""What decides whether customers may be listed and what is said of them, of many at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, literal_column, select, update

from bot.db.bulk.loading import Row
from bot.db.core.among import Of
from bot.db.core.engine import keys_of
from bot.db.lists import contacts
from bot.db.lists.contacts import Contact
from bot.db.tables import (
    chain,
    complaints,
    consents,
    coupons,
    customer_phones,
    customer_stats,
    customers,
    facts,
    outbox,
    products,
)
from bot.domain.customers import Fact
from bot.domain.shop import Product
from bot.domain.stats import products_of

_LIVE_FACTS = Of(
    select(facts.c.customer_id, facts.c.id, facts.c.content, facts.c.state, facts.c.source, facts.c.author_id,
           facts.c.said_at, facts.c.expires_at).where(facts.c.state != literal_column("'void'")),
    facts.c.customer_id,
)  # fmt: skip
_COMPLAINING = Of(
    select(complaints.c.customer_id).where(complaints.c.state == literal_column("'open'")), complaints.c.customer_id
)
_CONSENTS = Of(
    select(consents.c.customer_id, consents.c.id, consents.c.kind, consents.c.given).where(
        consents.c.voided_at.is_(None)
    ),
    consents.c.customer_id,
)
_PEOPLE = Of(
    select(
        customers.c.id, customers.c.name, customers.c.alias, customers.c.phone, customers.c.gender,
        customer_stats.c.recent,
    ).select_from(customers.outerjoin(customer_stats, customer_stats.c.customer_id == customers.c.id)),
    customers.c.id,
)  # fmt: skip
_OLD_NUMBERS = Of(select(customer_phones.c.customer_id, customer_phones.c.until_at), customer_phones.c.customer_id)
_COUPONS = Of(
    select(coupons.c.customer_id, coupons.c.nth, coupons.c.state, coupons.c.ends_on, coupons.c.offer_id),
    coupons.c.customer_id,
)
_PRODUCTS = Of(
    select(products.c.id, products.c.code, products.c.name, products.c.category, products.c.price_fen,
           products.c.ingredients, products.c.new_on, products.c.replaces_id).where(products.c.active),
    products.c.id,
)  # fmt: skip
_VARIANTS = Of(
    select(products.c.id, products.c.code, products.c.name, products.c.category, products.c.price_fen,
           products.c.ingredients, products.c.new_on, products.c.replaces_id).where(products.c.active),
    products.c.replaces_id,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one customer."""

    facts: tuple[Fact, ...] = ()
    complains: bool = False
    contact_refused: bool = False
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Who a customer is, for a line of a list; `bought` are the products of her newest lines, newest first."""

    id: int
    name: str
    alias: str
    last4: str
    gender: str | None
    bought: tuple[int, ...]


def of(conn: Connection, customer_ids: Iterable[int], now: datetime) -> dict[int, Known]:
    """What is known of some customers."""
    ids = list(customer_ids)
    said = _facts(conn, ids, now)
    complaining = {customer_id for (customer_id,) in _COMPLAINING.rows(conn, ids)}
    newest = {
        customer_id: bool(given)
        for customer_id, _, kind, given in sorted(_CONSENTS.rows(conn, ids), key=lambda row: row[1])
        if kind == "contact"
    }
    reached = _in_force(conn, contacts.of(conn, ids))
    return {
        one: Known(tuple(said.get(one, ())), one in complaining, newest.get(one) is False, tuple(reached.get(one, ())))
        for one in ids
    }


def _in_force(conn: Connection, found: dict[int, list[Contact]]) -> dict[int, list[Contact]]:
    """The contacts without the wrong numbers that were put right since."""
    wrong = {one for one, hers in found.items() if any(contact.outcome == "wrong_number" for contact in hers)}
    if not wrong:
        return found
    righted: dict[int, datetime] = {}
    for customer_id, until_at in _OLD_NUMBERS.rows(conn, wrong):
        righted[customer_id] = max(until_at, righted.get(customer_id, until_at))
    return {
        one: [
            contact
            for contact in hers
            if contact.outcome != "wrong_number" or one not in righted or righted[one] < contact.at
        ]
        for one, hers in found.items()
    }


def _facts(conn: Connection, ids: Sequence[int], now: datetime) -> dict[int, list[Fact]]:
    unseal = keys_of(conn).unseal_json
    found: dict[int, list[Fact]] = {}
    for row in sorted(_LIVE_FACTS.rows(conn, ids), key=lambda row: row[1]):
        customer_id, fact_id, content, state, source, author_id, said_at, expires_at = row
        if state == "pending" and expires_at is not None and expires_at <= now:
            continue
        said: dict[str, Any] = unseal("facts.content", fact_id, content)
        found.setdefault(customer_id, []).append(
            Fact(fact_id, customer_id, said["kind"], said["value"], said.get("facet"), said.get("of"),
                 state, source, author_id, "", said_at, expires_at)
        )  # fmt: skip
    return found


def people(conn: Connection, customer_ids: Iterable[int]) -> dict[int, Person]:
    """Who some customers are."""
    unseal = keys_of(conn).unseal
    return {
        row_id: Person(
            row_id,
            unseal("customers.name", row_id, name),
            unseal("customers.alias", row_id, alias),
            unseal("customers.phone", row_id, phone)[-4:],
            gender,
            products_of(recent or ""),
        )
        for row_id, name, alias, phone, gender, recent in _PEOPLE.rows(conn, customer_ids)
    }


def had(conn: Connection, customer_ids: Iterable[int]) -> dict[int, dict[int, list[tuple[Any, ...]]]]:
    """The coupons of some customers by offer: place, state and last day, as `coupons.place` takes them."""
    found: dict[int, dict[int, list[tuple[Any, ...]]]] = {}
    for customer_id, *one, offer_id in _COUPONS.rows(conn, customer_ids):
        found.setdefault(customer_id, {}).setdefault(offer_id, []).append(tuple(one))
    return found


def goods(conn: Connection, product_ids: Iterable[int]) -> dict[int, Product]:
    """Some products, and the newer variants of them."""
    ids = sorted(set(product_ids))
    rows = [*_PRODUCTS.rows(conn, ids), *_VARIANTS.rows(conn, ids)]
    return {row[0]: _product(row) for row in rows}


def _product(row: Row) -> Product:
    row_id, code, name, category, price_fen, ingredients, new_on, replaces_id = row
    made_of = tuple(word for word in (ingredients or "").split("、") if word)
    return Product(row_id, code, name, category, price_fen, made_of, new_on, replaces_id)


_TOLD = Of(select(outbox.c.key), outbox.c.key)
_GUIDES = Of(
    select(customers.c.id, customers.c.guide_id, customers.c.phone.is_not(None)).where(customers.c.state == "active"),
    customers.c.id,
)


def guides(conn: Connection, customer_ids: Iterable[int]) -> dict[int, tuple[int | None, bool]]:
    """The guides of some customers, and whether they have a number; who is none any more is left out."""
    return {row_id: (guide_id, bool(phone)) for row_id, guide_id, phone in _GUIDES.rows(conn, customer_ids)}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the chain decided of lists: the salt of the hold-out, how odd days are kept, the day the layers are of."""

    salt: str
    keeping: str
    segments_on: date | None


def settings(conn: Connection) -> Settings:
    """As they are."""
    row = conn.execute(select(chain.c.holdout_salt, chain.c.keeping, chain.c.segments_on)).one()
    return Settings(*row)


def counts_as_many(conn: Connection, least: int) -> bool:
    """Whether the chain has at least so many customers."""
    some = select(customers.c.id).limit(least).subquery()
    return bool(conn.execute(select(func.count()).select_from(some)).scalar_one() >= least)


def told_already(conn: Connection, keys: Iterable[str]) -> dict[str, bool]:
    """Those of some keys under which something was queued."""
    return {key: True for (key,) in _TOLD.rows(conn, keys)}


def draw_salt(conn: Connection, salt: str) -> str:
    """Keep a salt where there is none; gives the one that counts."""
    conn.execute(update(chain).where(chain.c.holdout_salt == "").values(holdout_salt=salt))
    return str(conn.execute(select(chain.c.holdout_salt)).scalar_one())
