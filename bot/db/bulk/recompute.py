"""The running statistics computed again, wholly in SQL and without a line of the code that keeps them.

First the net of every order is held against its definition; the statistics are then proved from the nets.
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
_WRONG_NETS = """
SELECT DISTINCT customer_id FROM (
  SELECT o.customer_id, o.kind, o.total_fen, o.net_fen,
         (SELECT COALESCE(SUM(r.total_fen), 0) FROM orders AS r
          WHERE r.refund_of = o.order_no AND r.kind = 'refund' AND r.total_fen < 0
            AND (r.customer_id = o.customer_id OR r.customer_id IS NULL)) AS back,
         EXISTS (SELECT 1 FROM orders AS s
                 WHERE s.order_no = o.refund_of AND s.kind = 'sale'
                   AND (s.customer_id = o.customer_id OR o.customer_id IS NULL)) AS counts
  FROM orders AS o WHERE {among}
) AS told WHERE net_fen IS DISTINCT FROM CASE
  WHEN kind = 'sale' AND total_fen + back < 0 THEN 0
  WHEN kind = 'sale' THEN total_fen + back
  WHEN counts THEN 0
  ELSE total_fen
END
"""
_HER_NETS = Prepared(text(_WRONG_NETS.format(among="o.customer_id > :low AND o.customer_id <= :high")))
_NOBODYS_NETS = Prepared(text(_WRONG_NETS.format(among="o.customer_id IS NULL")))
_SUMS = Prepared(
    text("""
SELECT customer_id,
       SUM(CASE WHEN bought THEN 1 ELSE 0 END),
       SUM(CASE WHEN kind = 'refund' THEN 1 ELSE 0 END),
       COUNT(DISTINCT CASE WHEN bought THEN ordered_on END),
       MIN(CASE WHEN bought THEN ordered_on END),
       MAX(CASE WHEN bought THEN ordered_on END),
       MAX(CASE WHEN bought THEN ordered_at END),
       COALESCE(SUM(net_fen), 0),
       COALESCE(MAX(CASE WHEN bought THEN net_fen END), 0)
FROM (
  SELECT customer_id, kind, ordered_on, ordered_at, net_fen,
         kind = 'sale' AND NOT (COALESCE(total_fen, 0) > 0 AND net_fen = 0) AS bought
  FROM orders WHERE customer_id > :low AND customer_id <= :high
) AS hers GROUP BY customer_id
""")
)
_GAPS = Prepared(
    text("""
SELECT customer_id, SUM(gap), SUM(gap * gap) FROM (
  SELECT customer_id, ordered_on - LAG(ordered_on) OVER (PARTITION BY customer_id ORDER BY ordered_on) AS gap
  FROM (SELECT DISTINCT customer_id, ordered_on FROM orders
        WHERE kind = 'sale' AND NOT (COALESCE(total_fen, 0) > 0 AND net_fen = 0)
          AND customer_id > :low AND customer_id <= :high) AS days
) AS gaps WHERE gap IS NOT NULL GROUP BY customer_id
""")
)
_LAST_STORES = Prepared(
    text("""
SELECT customer_id, store_id FROM (
  SELECT customer_id, store_id,
         ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY ordered_at DESC, id DESC) AS place
  FROM orders
  WHERE kind = 'sale' AND NOT (COALESCE(total_fen, 0) > 0 AND net_fen = 0)
    AND customer_id > :low AND customer_id <= :high
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
  WHERE kind = 'sale' AND NOT (COALESCE(total_fen, 0) > 0 AND net_fen = 0)
    AND o.customer_id > :low AND o.customer_id <= :high
) AS ranked WHERE place <= 24 ORDER BY customer_id, place
""")
)

Row = tuple[Any, ...]
_NONE: Row = (0, 0, 0, None, None, None, None, 0, 0, 0, 0, "")


def verify(conn: Connection) -> tuple[int, int]:
    """How many customers there are, and whose running statistics or nets are not what their orders say.

    Orders of nobody known, where the net of any is wrong, count as one more.
    """
    customers, different = 0, int(bool(_NOBODYS_NETS.rows(conn)) and bool(_NOBODYS_NETS.rows(conn)))
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
    return {row[0] for row in _HER_NETS.rows(conn, low=low, high=high)} | {
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
