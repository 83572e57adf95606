"""What was asked for and not there, of a store: rows of 缺, and what notes of customers say of the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, literal, literal_column, or_, select

from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.tables import customer_stores, demands, facts, products, staff
from bot.domain.text import normal


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody asked for something: a row of `demands`, or a fact (`is_fact`); no customer: she left no name."""

    id: int
    customer_id: int | None
    wanted: str
    at: datetime
    is_fact: bool = False


_ROWS = Prepared(
    select(demands.c.id, demands.c.customer_id, demands.c.wanted, demands.c.at)
    .where(
        demands.c.store_id == bindparam("store"),
        or_(demands.c.state == literal_column("'open'"), demands.c.state == bindparam("state")),
        demands.c.at >= bindparam("since"),
    )
    .order_by(demands.c.at, demands.c.id)
)
_FACTS = Prepared(
    select(facts.c.id, facts.c.customer_id, facts.c.content, facts.c.said_at)
    .select_from(
        customer_stores.join(facts, facts.c.customer_id == customer_stores.c.customer_id).outerjoin(
            staff, staff.c.id == facts.c.author_id
        )
    )
    .where(
        customer_stores.c.store_id == bindparam("store"),
        facts.c.state == literal_column("'live'"),
        facts.c.said_at >= bindparam("since"),
        or_(staff.c.store_id == bindparam("store"), staff.c.store_id.is_(None)),
    )
    .order_by(facts.c.said_at, facts.c.id)
)
_NAMED_IN = Prepared(
    select(products.c.name, products.c.ingredients).where(
        products.c.active,
        func.length(products.c.name) > 1,
        literal("").op("||")(bindparam("text")).contains(products.c.name),
    )
)


def asked(conn: Connection, store_id: int, since: datetime, *, told: bool) -> list[Asking]:
    """Everything asked for in a store since a moment, the oldest first; `told`: also what has arrived since."""
    state = "told" if told else "open"
    rows = [Asking(*row) for row in _ROWS.rows(conn, store=store_id, since=since, state=state)]
    return sorted([*rows, *_noted(conn, store_id, since)], key=lambda one: (one.at, one.id))


def _noted(conn: Connection, store_id: int, since: datetime) -> Iterable[Asking]:
    open_ = keys_of(conn).unseal_json
    for row_id, customer_id, content, said_at in _FACTS.rows(conn, store=store_id, since=since):
        said: dict[str, Any] = open_("facts.content", row_id, content)
        if said["kind"] == "demand":
            yield Asking(row_id, customer_id, said["value"], said_at, is_fact=True)


def alike(one: str, other: str) -> bool:
    """Whether two name the same thing: one within the other, written alike or not (无糖, 无糖版的)."""
    first, second = _plain(one), _plain(other)
    return bool(first and second) and (first in second or second in first)


def _plain(text: str) -> str:
    return normal(text).casefold().replace(" ", "").strip("的款")


def people(found: Iterable[Asking]) -> int:
    """How many persons asked: a customer counts once, however often and wherever it was written down."""
    everyone = list(found)
    return len({one.customer_id for one in everyone if one.customer_id}) + sum(
        one.customer_id is None for one in everyone
    )


def made_of(conn: Connection, goods: str) -> list[str]:
    """What the products named in some words are made of, with their names."""
    found = []
    for name, ingredients in _NAMED_IN.rows(conn, text=goods):
        found += [name, *filter(None, (ingredients or "").split("、"))]
    return found
