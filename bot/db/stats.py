"""Running statistics, written in the transaction that stores the orders they count.

Newer orders are added by the rule of bot/domain/stats.py; whatever is late, changed, refunded or moved is rebuilt
from the customer's orders. Whoever is counted here has her layers looked at again (bot/db/segments/stale.py).
`bot/db/bulk/recompute.py` proves both, and shares nothing with this file.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, delete, or_, select

from bot.db.bulk import refunds
from bot.db.bulk.loading import Among, Insert, Row
from bot.db.core.prepared import Prepared
from bot.db.segments import stale
from bot.db.tables import customer_stats, order_lines, orders
from bot.domain.stats import RECENT_LINES, Line, Purchase, Stats, extend, pack, seen_as, unpack

_ONE = Prepared(select(customer_stats).where(customer_stats.c.customer_id == bindparam("customer")))
_MANY = Among(select(customer_stats), customer_stats.c.customer_id)
_WRITE = Insert(customer_stats, "replace")
_FORGET = Prepared(delete(customer_stats).where(customer_stats.c.customer_id == bindparam("customer")))

_ORDERS = Among(
    select(
        orders.c.customer_id, orders.c.ordered_at, orders.c.id, orders.c.ordered_on, orders.c.store_id,
        orders.c.kind, orders.c.total_fen, orders.c.net_fen,
    ),
    orders.c.customer_id,
)  # fmt: skip
_NEWEST_LINES = Prepared(
    select(orders.c.id, order_lines.c.product_id, order_lines.c.quantity_milli, order_lines.c.amount_fen)
    .select_from(orders.join(order_lines, order_lines.c.order_id == orders.c.id))
    .where(
        orders.c.customer_id == bindparam("customer"),
        orders.c.kind == "sale",
        or_(orders.c.net_fen.is_(None), orders.c.net_fen != 0, orders.c.total_fen <= 0),  # not emptied
    )
    .order_by(orders.c.ordered_at.desc(), orders.c.id.desc(), order_lines.c.position)
    .limit(RECENT_LINES)
)


def get(conn: Connection, customer_id: int) -> Stats:
    """The running statistics of a customer; empty ones where she never bought."""
    rows = _ONE.rows(conn, customer=customer_id)
    return _stats(rows[0]) if rows else Stats(customer_id)


def record(conn: Connection, bought: Mapping[int, Sequence[Purchase]], moved: Collection[int] = ()) -> None:
    """Count new orders, by customer, oldest first and equal times by id; `moved` customers are rebuilt instead."""
    again = set(moved)
    fresh = [customer_id for customer_id in sorted(bought) if customer_id not in again]
    known = {row[0]: _stats(row) for row in _MANY.rows(conn, fresh)}
    rows = []
    for customer_id in fresh:
        after = extend(known.get(customer_id) or Stats(customer_id), bought[customer_id])
        if after is None:
            again.add(customer_id)
        else:
            rows.append(_row(after))
    _WRITE.run(conn, rows)
    _count(conn, again)
    stale.mark(conn, again.union(bought))


def rebuild(conn: Connection, customer_ids: Iterable[int]) -> None:
    """Count customers again whose orders went from one to the other; who has none has no row.

    Which refunds name a sale of the same customer changes with that: the nets are settled first.
    """
    wanted = set(customer_ids)
    wanted |= refunds.settle_of(conn, wanted)
    _count(conn, wanted)
    stale.mark(conn, wanted)


def _count(conn: Connection, customer_ids: Iterable[int]) -> None:
    wanted = sorted(customer_ids)
    found = sorted(_ORDERS.rows(conn, wanted), key=itemgetter(0, 1, 2))
    rows = []
    for customer_id, its in groupby(found, itemgetter(0)):
        stats = extend(Stats(customer_id), _purchases(conn, customer_id, list(its)))
        if stats is not None:
            rows.append(_row(stats))
    _WRITE.run(conn, rows)
    for customer_id in sorted(set(wanted) - {row[0] for row in rows}):
        _FORGET.run(conn, customer=customer_id)


def _purchases(conn: Connection, customer_id: int, found: list[Row]) -> list[Purchase]:
    """All her orders; only the newest lines are read, no others count."""
    lines: dict[int, list[Line]] = {}
    for order_id, *line in _NEWEST_LINES.rows(conn, customer=customer_id):
        lines.setdefault(order_id, []).append(Line(*line))
    return [
        Purchase(at, on, store_id, seen_as(kind, total_fen, net_fen), net_fen, lines.get(order_id, ()))
        for _, at, order_id, on, store_id, kind, total_fen, net_fen in found
    ]


def _stats(row: Row) -> Stats:
    values: list[Any] = [*row[:-1], unpack(row[-1])]
    return Stats(*values)


def _row(stats: Stats) -> tuple[Any, ...]:
    return (
        stats.customer_id, stats.orders, stats.refunds, stats.purchase_days, stats.first_on, stats.last_on,
        stats.last_at, stats.last_store_id, stats.spent_fen, stats.best_ticket_fen, stats.gap_sum_days,
        stats.gap_square_sum, pack(stats.recent),
    )  # fmt: skip
