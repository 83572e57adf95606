"""Who was in a store, when, and with what: the orders that a hint may mean."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, bindparam, func, or_, select

from bot.db.core.prepared import Prepared
from bot.db.tables import order_lines, orders, products
from bot.domain.hints.ranking import Visit

_MOST_PRODUCTS = 300
_MOST_LINES = 1500
_MOST_ORDERS = 10_000

_HEAD = (orders.c.customer_id, orders.c.ordered_at, orders.c.ordered_on, orders.c.kind)
_BETWEEN = (
    orders.c.store_id == bindparam("store"),
    orders.c.ordered_on.between(bindparam("since"), bindparam("until")),
    orders.c.customer_id.is_not(None),
)
_ORDERS = Prepared(select(*_HEAD).where(*_BETWEEN).order_by(orders.c.ordered_on.desc()).limit(_MOST_ORDERS))
_LINES = (
    select(orders.c.id, *_HEAD, products.c.name, products.c.category)
    .select_from(orders.join(order_lines).join(products))
    .where(*_BETWEEN, order_lines.c.product_id.in_(bindparam("among", expanding=True)))
    .order_by(orders.c.ordered_on.desc())
    .limit(_MOST_LINES)
)


def products_like(conn: Connection, pieces: Sequence[str]) -> list[int]:
    """The products whose name or category has one of these pieces of words."""
    if not pieces:
        return []
    said = func.lower(products.c.name + " " + func.coalesce(products.c.category, ""))
    wanted = or_(*(said.contains(piece, autoescape=True) for piece in pieces[:12]))
    return [row.id for row in conn.execute(select(products.c.id).where(wanted).limit(_MOST_PRODUCTS))]


def visits(conn: Connection, store_id: int, since: date, until: date) -> list[Visit]:
    """The orders of known customers in a store between two local dates, newest day first, without what was bought."""
    return [Visit(*row) for row in _ORDERS.rows(conn, store=store_id, since=since, until=until)]


def visits_for(conn: Connection, store_id: int, since: date, until: date, among: Sequence[int]) -> list[Visit]:
    """The same, but only orders with one of these products, and with those of them that were bought."""
    found: dict[int, Visit] = {}
    values = {"store": store_id, "since": since, "until": until, "among": list(among)}
    for order_id, customer_id, at, on, kind, name, category in conn.execute(_LINES, values):
        before = found.get(order_id) or Visit(customer_id, at, on, kind)
        found[order_id] = before._replace(things=(*before.things, *filter(None, (name, category))))
    return list(found.values())
