"""Who was in a store, when, and with what: the orders that a hint may mean."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, func, or_, select

from bot.db.tables import order_lines, orders, products
from bot.domain.ranking import Visit

_MOST_PRODUCTS = 300
_MOST_LINES = 4000


def products_like(conn: Connection, pieces: Sequence[str]) -> list[int]:
    """The products whose name or category has one of these pieces of words."""
    if not pieces:
        return []
    said = func.lower(products.c.name + " " + func.coalesce(products.c.category, ""))
    wanted = or_(*(said.contains(piece, autoescape=True) for piece in pieces[:12]))
    return [row.id for row in conn.execute(select(products.c.id).where(wanted).limit(_MOST_PRODUCTS))]


def visits(conn: Connection, store_id: int, since: date, until: date, among: Sequence[int] | None) -> list[Visit]:
    """The orders of known customers in a store between two local dates, newest first.

    `among` leaves only orders with one of these products, or none of them where it is empty; None takes every order.
    """
    lines = orders.outerjoin(order_lines, order_lines.c.order_id == orders.c.id)
    lines = lines.outerjoin(products, products.c.id == order_lines.c.product_id)
    query = (
        select(
            orders.c.id, orders.c.customer_id, orders.c.ordered_at, orders.c.ordered_on, orders.c.kind,
            products.c.name, products.c.category,
        )
        .select_from(lines)
        .where(orders.c.store_id == store_id, orders.c.ordered_on.between(since, until))
        .where(orders.c.customer_id.is_not(None))
        .order_by(orders.c.ordered_on.desc(), orders.c.ordered_at.desc(), orders.c.id.desc())
        .limit(_MOST_LINES)
    )  # fmt: skip
    if among is not None:
        query = query.where(order_lines.c.product_id.in_(among))
    found: dict[int, Visit] = {}
    for order_id, customer_id, at, on, kind, name, category in conn.execute(query):
        before = found.get(order_id) or Visit(customer_id, at, on, kind)
        found[order_id] = before._replace(things=(*before.things, *filter(None, (name, category))))
    return list(found.values())
