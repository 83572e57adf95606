"""Products as a card and a sentence need them: names of a few, and the words the catalogue adds to a sentence."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select

from bot.db.core.prepared import Prepared
from bot.db.tables import order_lines, orders, products

_THREE: tuple[ColumnElement[int], ...] = tuple(bindparam(f"p{n}") for n in range(3))
_FEW = Prepared(
    select(
        products.c.id, products.c.name, products.c.category, products.c.ingredients, products.c.new_on,
        products.c.replaces_id,
    ).where(products.c.active, or_(products.c.id.in_(_THREE), products.c.replaces_id.in_(_THREE)))
)  # fmt: skip


class Item(NamedTuple):
    """A product as a card names it; `replaces_id` is what it is a new variant of."""

    id: int
    name: str
    category: str | None
    ingredients: str | None
    new_on: date | None
    replaces_id: int | None

    @property
    def holds(self) -> tuple[str, ...]:
        """All it is judged by where somebody must not have something: its name, ingredients and category."""
        return (self.name, *filter(None, (*(self.ingredients or "").split("、"), self.category)))


def few(conn: Connection, ids: Sequence[int]) -> list[Item]:
    """At most three products, with the newer variants of them."""
    padded = [*ids[:3], 0, 0, 0]
    return [Item(*row) for row in _FEW.rows(conn, p0=padded[0], p1=padded[1], p2=padded[2])]


def names(conn: Connection, limit: int = 2000) -> list[str]:
    """The names of the catalogue that a sentence may mention."""
    rows = conn.execute(
        select(products.c.name).where(products.c.active, func.length(products.c.name) >= 2).limit(limit)
    )
    return [row.name for row in rows]


def last_orders(conn: Connection, customer_id: int, limit: int = 3) -> list[tuple[date, str, int | None, str]]:
    """Her newest orders: day, kind, total and the first product's name."""
    rows = conn.execute(
        select(orders.c.id, orders.c.ordered_on, orders.c.kind, orders.c.total_fen)
        .where(orders.c.customer_id == customer_id)
        .order_by(orders.c.ordered_on.desc(), orders.c.ordered_at.desc(), orders.c.id.desc())
        .limit(limit)
    ).all()
    found = []
    for row in rows:
        name = conn.execute(
            select(products.c.name)
            .join(order_lines, order_lines.c.product_id == products.c.id)
            .where(order_lines.c.order_id == row.id)
            .order_by(order_lines.c.position)
            .limit(1)
        ).scalar()
        found.append((row.ordered_on, row.kind, row.total_fen, name or ""))
    return found
