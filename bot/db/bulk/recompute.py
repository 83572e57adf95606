"""The running statistics computed again, wholly in SQL and without a line of the code that keeps them.

Customers are taken a range at a time, so that memory stays small; a range that differs is looked at twice,
because an order may have been stored between two of its statements.
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, text

from bot.db.core.prepared import Prepared

_RANGE = 1000

_NEXT = Prepared(text("SELECT id FROM customers WHERE id > :low ORDER BY id LIMIT :many"))
_KEPT = Prepared(
    text("""
SELECT customer_id, orders, refunds, purchase_days, first_on, last_on, last_at, last_store_id,
       spent_fen, best_ticket_fen, gap_sum_days, gap_square_sum, recent
FROM customer_stats WHERE customer_id > :low AND customer_id <= :high
""")
)
_SUMS = Prepared(
    text("""
SELECT customer_id,
       SUM(CASE WHEN kind = 'sale' THEN 1 ELSE 0 END),
       SUM(CASE WHEN kind = 'refund' THEN 1 ELSE 0 END),
       COUNT(DISTINCT CASE WHEN kind = 'sale' THEN ordered_on END),
       MIN(CASE WHEN kind = 'sale' THEN ordered_on END),
       MAX(CASE WHEN kind = 'sale' THEN ordered_on END),
       MAX(CASE WHEN kind = 'sale' THEN ordered_at END),
       COALESCE(SUM(total_fen), 0),
       COALESCE(MAX(CASE WHEN kind = 'sale' AND total_fen > 0 THEN total_fen END), 0)
FROM orders WHERE customer_id > :low AND customer_id <= :high
GROUP BY customer_id
""")
)
_GAPS = Prepared(
    text("""
SELECT customer_id, SUM(gap), SUM(gap * gap) FROM (
  SELECT customer_id, ordered_on - LAG(ordered_on) OVER (PARTITION BY customer_id ORDER BY ordered_on) AS gap
  FROM (SELECT DISTINCT customer_id, ordered_on FROM orders
        WHERE kind = 'sale' AND customer_id > :low AND customer_id <= :high) AS days
) AS gaps WHERE gap IS NOT NULL GROUP BY customer_id
""")
)
_LAST_STORES = Prepared(
    text("""
SELECT customer_id, store_id FROM (
  SELECT customer_id, store_id,
         ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY ordered_at DESC, id DESC) AS place
  FROM orders WHERE kind = 'sale' AND customer_id > :low AND customer_id <= :high
) AS ranked WHERE place = 1
""")
)
_RECENT = Prepared(
    text("""
SELECT customer_id, ordered_on, product_id, quantity_milli FROM (
  SELECT o.customer_id, o.ordered_on, COALESCE(l.product_id, 0) AS product_id,
         COALESCE(l.quantity_milli, 1000) AS quantity_milli,
         ROW_NUMBER() OVER (
           PARTITION BY o.customer_id ORDER BY o.ordered_at DESC, o.id DESC, l.position
         ) AS place
  FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id
  WHERE o.kind = 'sale' AND o.customer_id > :low AND o.customer_id <= :high
) AS ranked WHERE place <= 24 ORDER BY customer_id, place
""")
)

Row = tuple[Any, ...]
_NONE: Row = (0, 0, 0, None, None, None, None, 0, 0, 0, 0, "")


def verify(conn: Connection) -> tuple[int, int]:
    """How many customers there are, and whose running statistics are not what their orders say."""
    customers = different = 0
    for low, high, many in _ranges(conn):
        customers += many
        wrong = _different(conn, low, high)
        different += len(wrong & _different(conn, low, high) if wrong else wrong)
    return customers, different


def _ranges(conn: Connection) -> Iterator[tuple[int, int, int]]:
    low = -(1 << 62)
    while ids := [row[0] for row in _NEXT.rows(conn, low=low, many=_RANGE)]:
        yield low, ids[-1], len(ids)
        low = ids[-1]


def _different(conn: Connection, low: int, high: int) -> set[int]:
    kept = {row[0]: row[1:] for row in _KEPT.rows(conn, low=low, high=high)}
    right = _recomputed(conn, low, high)
    return {
        customer_id
        for customer_id in kept.keys() | right.keys()
        if kept.get(customer_id, _NONE) != right.get(customer_id, _NONE)
    }


def _recomputed(conn: Connection, low: int, high: int) -> dict[int, Row]:
    gaps = {row[0]: (int(row[1]), int(row[2])) for row in _GAPS.rows(conn, low=low, high=high)}
    stores = dict(_LAST_STORES.rows(conn, low=low, high=high))
    recent = {
        customer_id: " ".join(f"{on}:{product_id}:{milli}" for _, on, product_id, milli in lines)
        for customer_id, lines in groupby(_RECENT.rows(conn, low=low, high=high), itemgetter(0))
    }
    return {
        customer_id: (
            int(orders), int(refunds), days, first_on, last_on, last_at, stores.get(customer_id),
            int(spent), best, *gaps.get(customer_id, (0, 0)), recent.get(customer_id, ""),
        )
        for customer_id, orders, refunds, days, first_on, last_on, last_at, spent, best
        in _SUMS.rows(conn, low=low, high=high)
    }  # fmt: skip
