"""What one customer bought, as her layers see it: measured now from her orders, by the index that covers them."""

from datetime import date

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from bot.db.core.prepared import Prepared
from bot.db.core.types import Day
from bot.db.tables import orders
from bot.domain.segments.measures import Bought

IS_LEFT = or_(orders.c.net_fen.is_(None), orders.c.net_fen != 0, orders.c.total_fen <= 0)
"""Of a sale: that something is left of it after its refunds, as far as anybody knows."""

COUNTS = or_(and_(orders.c.kind == "sale", IS_LEFT), and_(orders.c.kind == "refund", orders.c.net_fen < 0))
"""What counts: sales of which something is left, and refunds that name no sale."""

_HERS = Prepared(
    select(orders.c.ordered_on, orders.c.net_fen).where(
        orders.c.customer_id == bindparam("customer"), orders.c.ordered_on <= bindparam("today", type_=Day()), COUNTS
    )
)
_EMPTIED = Prepared(
    select(func.count()).where(orders.c.customer_id == bindparam("customer"), orders.c.kind == "sale", ~COUNTS)
)


def of(conn: Connection, customer_id: int, today: date) -> list[Bought]:
    """All her purchases up to a day, in no order."""
    return [Bought(on, net_fen) for on, net_fen in _HERS.rows(conn, customer=customer_id, today=today)]


def emptied(conn: Connection, customer_id: int) -> int:
    """How many of her purchases were refunded whole."""
    return int(_EMPTIED.rows(conn, customer=customer_id)[0][0])
